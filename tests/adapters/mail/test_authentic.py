"""Whom our own mail server vouches for, and that nobody else can."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.authentic import Verdict, is_authentic
from adapters.mail.head import raw_head

OURS = "mx.example.com"
ANA = "ana@gmail.com"
GOOGLES = (
    "dkim=pass header.i=@gmail.com header.s=20230601 header.b=ab/c+d==; "
    "spf=pass (google.com: domain of ana@gmail.com designates 192.0.2.1 as permitted sender) "
    "smtp.mailfrom=ana@gmail.com; dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=gmail.com"
)


def verdict(*values: str, sender: str = ANA, authserv_id: str = OURS) -> Verdict:
    headers = {"authentication-results": values}
    return is_authentic(headers, authserv_id=authserv_id, sender=sender)


@pytest.mark.parametrize(
    "value",
    [
        f"{OURS}; {GOOGLES}",
        f"{OURS}; dmarc=pass header.from=gmail.com",
        f"{OURS}; dmarc=pass header.from=gmail.com;",
        f"{OURS} 1; dmarc=pass header.from=GMail.com",
        "MX.Example.COM (ours) ; DMARC=Pass (really) header.from=gmail.com",
        f"{OURS}; dmarc=pass action=none header.from=gmail.com; compauth=pass reason=100",
        f"{OURS}; dkim=pass header.d=gmail.com",
        f"{OURS}; dkim=fail header.d=lists.example.org; dkim=pass header.d=gmail.com",
        f"{OURS}; dkim=pass (2048-bit key; unprotected) header.d=gmail.com header.i=@x.gmail.com",
        f"{OURS}; dmarc=none header.from=gmail.com; spf=pass smtp.mailfrom=ana@gmail.com",
        f"{OURS}; spf=pass smtp.mailfrom=gmail.com",
        f'{OURS}; spf=pass smtp.mailfrom="odd; dmarc=fail"@gmail.com',
    ],
)
def test_our_server_vouches(value: str) -> None:
    """DMARC passed, or a signature or an envelope of the sender's own domain."""
    assert verdict(value) is Verdict.PASS


@pytest.mark.parametrize(
    "value",
    [
        f"{OURS}; dmarc=fail (p=NONE) header.from=gmail.com",
        f"{OURS}; dmarc=fail header.from=gmail.com; dkim=pass header.d=gmail.com",
        f"{OURS}; dmarc=fail",
        f"{OURS}; dmarc=pass header.from=gmail.com; dmarc=fail header.from=gmail.com",
        f"{OURS}; spf=fail smtp.mailfrom=ana@gmail.com",
        f"{OURS}; spf=hardfail smtp.mailfrom=ana@gmail.com; dkim=pass header.d=evil.example",
        f"{OURS}; dkim=fail (body hash did not verify) header.d=gmail.com",
    ],
)
def test_our_server_warns(value: str) -> None:
    """What failed for the sender's own domain tells against the mail."""
    assert verdict(value) is Verdict.FAIL


@pytest.mark.parametrize(
    "value",
    [
        "",
        OURS,
        f"{OURS}; none",
        f"{OURS}; dkim=none; spf=softfail smtp.mailfrom=ana@gmail.com",
        f"{OURS}; dmarc=none header.from=gmail.com",
        f"{OURS}; dmarc=temperror header.from=gmail.com",
        f"{OURS}; dmarc=bestguesspass header.from=gmail.com",
        f"{OURS}; dmarc=pass",
        f"{OURS}; dmarc=pass header.from=evil.example",
        f"{OURS}; dmarc=pass header.from=evil.example; dkim=pass header.d=gmail.com",
        f"{OURS}; dmarc=pass header.from=gmail.com.evil.example",
        f"{OURS}; dmarc=pass header.from=gmail.com header.from=evil.example",
        f"{OURS}; dkim=pass header.d=evil.example header.i=@gmail.com",
        f"{OURS}; dkim=pass header.d=evil.example header.d=gmail.com",
        f"{OURS}; dkim=pass header.d=notgmail.com",
        f"{OURS}; dkim=pass header.d=mail.gmail.com",
        f"{OURS}; dkim=pass header.d=com",
        f"{OURS}; dkim=pass",
        f"{OURS}; spf=pass smtp.helo=gmail.com",
        f"{OURS}; spf=pass smtp.mailfrom=gmail.com@evil.example",
        f'{OURS}; spf=pass smtp.mailfrom="x; dmarc=pass header.from=gmail.com"@evil.example',
        f"{OURS}; (dmarc=pass header.from=gmail.com) dkim=none",
        f"{OURS} (; dmarc=pass header.from=gmail.com); none",
        f"{OURS}; iprev=pass policy.iprev=192.0.2.1; auth=pass smtp.auth=ana@gmail.com",
        f"{OURS}; x-dmarc=pass header.from=gmail.com",
        f"{OURS} 2; dmarc=pass header.from=gmail.com",
        f"{OURS}; dmarc=pass header.from=gmail.com; (((",
        f"{OURS}; dmarc=pass header.from=gmail.com {'x' * 8000}",
        "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=gmail.com; dkim=pass header.d=gmail.com",
    ],
)
def test_nothing_is_known(value: str) -> None:
    """Neither proof nor failure; and whatever cannot be read is never proof."""
    assert verdict(value) is Verdict.UNKNOWN


def test_only_the_topmost_of_ours_counts() -> None:
    """What a sender has put in with our name stands below what our server has put on top."""
    passed, failed = f"{OURS}; {GOOGLES}", f"{OURS}; dmarc=fail header.from=gmail.com"

    assert verdict(failed, passed) is Verdict.FAIL
    assert verdict(passed, failed) is Verdict.PASS
    assert verdict(f"{OURS}; none", passed) is Verdict.UNKNOWN


def test_other_servers_are_not_asked() -> None:
    """A header of another name is passed over, above ours and below it, and proves nothing."""
    others = f"mx.evil.example; {GOOGLES}", f"{OURS}.evil.example; {GOOGLES}", f"x{OURS}; {GOOGLES}"

    assert verdict(*others) is Verdict.UNKNOWN
    assert verdict(*others, f"{OURS}; dmarc=fail header.from=gmail.com") is Verdict.FAIL


def test_what_cannot_be_read_could_be_ours() -> None:
    """Below a header that makes no sense nothing is believed: it may be our server's own."""
    assert verdict(f"spf=pass smtp.mailfrom=x; {OURS}", f"{OURS}; {GOOGLES}") is Verdict.UNKNOWN


def test_ours_is_not_looked_for_below_any_number_of_others() -> None:
    """Our server's is on top; to read thousands of forged ones first would take minutes."""
    others = [f"mx.evil.example; {'a=b;' * 200}a=b"] * 100

    assert verdict(*others[:2], f"{OURS}; {GOOGLES}") is Verdict.PASS
    assert verdict(*others, f"{OURS}; {GOOGLES}") is Verdict.UNKNOWN


def test_without_a_trusted_server_nothing_passes() -> None:
    """Then only bad news is believed, and of the topmost header."""
    failed = "mx.provider.example; dmarc=fail header.from=gmail.com"

    assert verdict(f"mx.provider.example; {GOOGLES}", authserv_id="") is Verdict.UNKNOWN
    assert verdict(failed, authserv_id="") is Verdict.FAIL
    assert verdict("mx.provider.example; none", failed, authserv_id="") is Verdict.UNKNOWN
    assert verdict(authserv_id="") is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("sender", "domain", "expected"),
    [
        ("ana@mail.example.org", "example.org", Verdict.PASS),
        ("ana@example.org", "mail.example.org", Verdict.UNKNOWN),
        ("ana@example.org", "badexample.org", Verdict.UNKNOWN),
        ("ana@пример.срб", "xn--e1afmkfd.xn--90a3ac", Verdict.PASS),
        ("ana@gmаil.com", "gmail.com", Verdict.UNKNOWN),
        ("ana@gmail.com.", "gmail.com", Verdict.UNKNOWN),
        ("gmail.com", "gmail.com", Verdict.UNKNOWN),
        ("", "gmail.com", Verdict.UNKNOWN),
    ],
)
def test_a_domain_vouches_for_itself_and_those_below(
    sender: str, domain: str, expected: Verdict
) -> None:
    """Not for those above, beside, or that only look like it."""
    assert verdict(f"{OURS}; dkim=pass header.d={domain}", sender=sender) is expected


@given(st.text(st.characters(max_codepoint=255), max_size=300))
def test_no_header_is_too_odd(value: str) -> None:
    """Whatever stands there, the answer is a verdict, and made-up text is no proof."""
    assert verdict(value) is not Verdict.PASS
    assert verdict(f"{OURS}; {value}", f"{OURS}; {GOOGLES}") is not Verdict.PASS


def test_the_head_of_a_mail_is_read_as_it_came() -> None:
    """Nothing is decoded, and nothing hides: neither after a bare CR nor behind a broken line."""
    head = raw_head(
        b"Authentication-Results: mx.example.com;\r\n\tdmarc=fail\r\n"
        b"FROM : =?utf-8?q?ana=40example.org?=\r\nno header\r\n folded\r\nX: a\rFrom:b\r\n\r\nX: c"
    )

    assert head == {
        "authentication-results": ("mx.example.com;\tdmarc=fail",),
        "from": ("=?utf-8?q?ana=40example.org?=", "b"),
        "x": ("a",),
    }


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n\r\nFrom: a", b"x" * 300_000, b"From: a\n" * 40_000, b"a:\n" * 6_000]
)
def test_a_head_that_is_none_is_empty(raw: bytes) -> None:
    """No mail, no head, and nothing of one that goes on for ever."""
    assert raw_head(raw) == {}
