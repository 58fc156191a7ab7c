"""IMAP_URL: what it may say, and that it is never repeated."""

import pytest

from adapters.mail.address import Encryption
from adapters.mail.imap_url import ImapServer, parse_imap_url


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "imaps://desk:pw@mail.example.com",
            ImapServer(
                host="mail.example.com",
                port=993,
                encryption=Encryption.TLS,
                user="desk",
                password="pw",
            ),
        ),
        (
            " imap://desk%40example.com:p%40ss%2Fword@mail.example.com/Support%2F%D0%9F ",
            ImapServer(
                host="mail.example.com",
                port=143,
                encryption=Encryption.STARTTLS,
                user="desk@example.com",
                password="p@ss/word",
                folder="Support/П",
            ),
        ),
        (
            "imap://desk:pw@127.0.0.1:10143/INBOX/",
            ImapServer(
                host="127.0.0.1",
                port=10143,
                encryption=Encryption.IF_OFFERED,
                user="desk",
                password="pw",
            ),
        ),
    ],
)
def test_a_folder_is_named(url: str, server: ImapServer) -> None:
    """With what is usual where nothing is said; unencrypted only on this machine."""
    assert parse_imap_url(url) == server
    assert "pw" not in repr(parse_imap_url(url))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "does not begin with"),
        ("smtp://desk:canary@host", "does not begin with"),
        ("imaps://desk:canary@", "no host"),
        ("imaps://host/INBOX", "user and password"),
        ("imaps://canary@host", "user and password"),
        ("imaps://desk:ca#nary@host", "cannot be read"),
        ("imaps://desk:canary@host:port", "cannot be read"),
        ("imaps://desk:canary@host/INBOX?x", "follows the folder"),
        ("imaps://desk:canary%0D%0A@host", "control characters"),
    ],
)
def test_what_is_wrong_is_said_without_the_url(url: str, why: str) -> None:
    """And what is expected."""
    with pytest.raises(ValueError, match=why) as refused:
        parse_imap_url(url)
    assert "canary" not in str(refused.value)
    assert "imaps://user:password@host/INBOX" in str(refused.value)
