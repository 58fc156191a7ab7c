"""The setting of incoming mail, read: which folder of which mailbox is the desk's."""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from adapters.mail.address import Encryption
from adapters.networks import is_this_machine

_IMAP = 143
_IMAPS = 993  # TLS from the first byte (RFC 8314)
_ENCODED = "a / ? # or @ in the password is written %2F %3F %23 %40"


@dataclass(frozen=True, kw_only=True)
class ImapServer:
    """Where incoming mail is found."""

    host: str
    port: int
    encryption: Encryption
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"

    @property
    def mailbox(self) -> str:
        """What the desk calls the folder, to know it again."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"


def parse_imap_url(url: str) -> ImapServer:
    """Return the folder that `IMAP_URL` names; without a path it is INBOX.

    `imap://` stands for STARTTLS (port 143, if none is given), and `imaps://` for TLS from the
    first byte (993). Raises ValueError, which says what is expected and never repeats the URL.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise _bad_url(f"the host or the port cannot be read; {_ENCODED}") from None
    if parts.scheme not in ("imap", "imaps"):
        raise _bad_url("it does not begin with imap:// or imaps://")
    if not parts.hostname:
        raise _bad_url("no host is named")
    if parts.query or parts.fragment:
        raise _bad_url(f"something follows the folder; {_ENCODED}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not user or not password:
        raise _bad_url("user and password are needed")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if not (user + password + folder).isprintable():
        raise _bad_url("there are control characters in it")
    return ImapServer(
        host=parts.hostname,
        port=port or (_IMAPS if parts.scheme == "imaps" else _IMAP),
        encryption=_encryption(parts),
        user=user,
        password=password,
        folder=folder,
    )


def _encryption(parts: SplitResult) -> Encryption:
    if parts.scheme == "imaps":
        return Encryption.TLS
    return Encryption.IF_OFFERED if is_this_machine(parts.hostname or "") else Encryption.STARTTLS


def _bad_url(problem: str) -> ValueError:
    return ValueError(
        f"IMAP_URL: {problem}. Expected: imaps://user:password@host/INBOX or "
        "imap://user:password@host:143/INBOX"
    )
