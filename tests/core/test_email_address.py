"""E-mail addresses: found among words, judged by their form, corrected where a slip is likely."""

import pytest

from core.email_address import (
    COMMON_DOMAINS,
    Accepted,
    Doubtful,
    Refused,
    read_email,
    says_more,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ana@example.com", "ana@example.com"),
        ("  ana@example.com \n", "ana@example.com"),
        ("my mail is ana@example.com.", "ana@example.com"),
        ("<ana@example.com>", "ana@example.com"),
        ("mailto:ana@example.com", "ana@example.com"),
        ("Ana@Example.COM", "Ana@example.com"),
        ("ana+desk@example.com, thanks!", "ana+desk@example.com"),
        ("ana@пример.срб", "ana@пример.срб"),
        ("@ana on Telegram, ana@example.com by mail", "ana@example.com"),
    ],
)
def test_an_address_is_found_among_words(text: str, address: str) -> None:
    """People write more than the address alone."""
    assert read_email(text) == Accepted(address)


@pytest.mark.parametrize("domain", COMMON_DOMAINS)
def test_no_common_domain_is_taken_for_another(domain: str) -> None:
    """Nobody whose address is right is asked whether it is."""
    assert read_email(f"ana@{domain}") == Accepted(f"ana@{domain}")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gamil.com", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("yaho.com", "yahoo.com"),
        ("outlok.com", "outlook.com"),
    ],
)
def test_a_likely_slip_is_doubted(typed: str, meant: str) -> None:
    """The address as typed is kept, for it could be right."""
    assert read_email(f"ana@{typed}") == Doubtful(f"ana@{typed}", f"ana@{meant}")


@pytest.mark.parametrize("domain", ["example.com", "firma.rs", "mail.ru", "mycompany.co.uk"])
def test_an_unlike_domain_is_not_doubted(domain: str) -> None:
    """Most domains are somebody's own."""
    assert read_email(f"ana@{domain}") == Accepted(f"ana@{domain}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ana at example.com", "no_at"),
        ("", "no_at"),
        ("@", "no_local"),
        ("@example.com", "no_local"),
        ("ana@", "no_domain"),
        ("ana@example", "bad_domain"),
        ("ana@@example.com", "not_an_address"),
        ("ana..ana@example.com", "not_an_address"),
        ("аna@example.com", "not_an_address"),  # the first letter is Cyrillic
        (f"ana@{'a' * 300}.com", "too_long"),
    ],
)
def test_an_impossible_address_is_refused(text: str, reason: str) -> None:
    """Each with its own reason."""
    assert read_email(text) == Refused(reason)


def test_words_that_introduce_an_address_say_no_more_than_it() -> None:
    """But a sentence beside it does."""
    assert not says_more("my e-mail address is ana@example.com")
    assert says_more("ana@example.com and by the way my shop has been down since noon")
