"""The same mail is known again wherever it was put, and no two mails are taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.fingerprint import fingerprint
from core.message import MEGABYTE
from tests.support.receiving import a_mail

MAIL = a_mail("Sajt ne radi")


def put_into(address: str, raw: bytes = MAIL) -> bytes:
    """Return a mail as it is after it was delivered to an address."""
    lines = [f"Return-Path: <ana@example.org>\r\nDelivered-To: {address}"]
    lines += [f"Received: from mx.example.org by {address};\r\n\tMon, 23 Nov 2026 12:00:01 +0100"]
    return "\r\n".join([*lines, ""]).encode() + raw


def test_copies_in_two_mailboxes_are_one_mail() -> None:
    """Whatever the servers on its way wrote above it."""
    copies = [MAIL, put_into("desk@example.com"), put_into("help@example.com")]
    assert len({fingerprint(each) for each in copies}) == 1


@pytest.mark.parametrize(
    "same",
    [
        MAIL.replace(b"Subject: Sajt ne", b"subject:\tSajt\r\n ne"),
        MAIL.replace(b"\r\nSubject", b"\r\nX-Spam: no\r\nsubject"),
    ],
    ids=["folded", "more"],
)
def test_what_servers_change_does_not_matter(same: bytes) -> None:
    """They fold lines, and add some of their own."""
    assert fingerprint(same) == fingerprint(MAIL)


@pytest.mark.parametrize(
    "other",
    [
        MAIL.replace(b"Hello", b"Hello!"),
        MAIL.replace(b"12:00:00", b"12:00:01"),
        MAIL.replace(b"ana@", b"ivo@"),
        MAIL.replace(b"ne radi", b"radi"),
        MAIL.replace(b"<Sajt ne radi@", b"<another@"),
        MAIL.replace(b"From: ", b"From: Ivo <ivo@example.org>\r\nFrom: "),
    ],
    ids=["text", "date", "sender", "subject", "message-id", "two senders"],
)
def test_another_mail_is_another_mail(other: bytes) -> None:
    """Also where its Message-ID is the same: some programs know only one."""
    assert fingerprint(other) != fingerprint(MAIL)


def test_the_same_words_without_a_date_are_said_twice() -> None:
    """Only the first server on the way knows when; the later ones differ by mailbox."""
    first = b"Received: by mx; Mon, 23 Nov 2026 12:00:00 +0100\r\nFrom: a@example.org\r\n\r\nhelp"
    second = first.replace(b"12:00:00", b"12:30:00")
    copies = [put_into(each, first) for each in ("desk@example.com", "help@example.com")]
    assert len({fingerprint(each) for each in copies}) == 1
    assert fingerprint(second) != fingerprint(first)


def test_the_parts_cannot_be_shifted() -> None:
    """What ends one part and begins the next makes a difference."""
    one = b"From: a\r\nSubject: bc\r\nDate: x\r\n\r\n"
    assert fingerprint(one) != fingerprint(b"From: ab\r\nSubject: c\r\nDate: x\r\n\r\n")


@given(st.binary(), st.binary())
def test_any_bytes_have_a_fingerprint(first: bytes, second: bytes) -> None:
    """Nothing is so broken that it has none, and what has no headers counts as it is."""
    assert len(fingerprint(first)) == 64
    if first != second and b"\n" not in first + second:
        assert fingerprint(first) != fingerprint(second)


def test_headers_without_an_end_take_no_time_without_an_end() -> None:
    """However they are made: the test's own time-out is the limit."""
    for nasty in (b"From:" + b" " * MEGABYTE, b"From:\r\n " * MEGABYTE, b"\r\n" * 2 * MEGABYTE):
        assert fingerprint(b"X: y\r\n" + nasty)
        assert fingerprint(b"X: y\r\n" + nasty + b"x\r\n\r\nHello")
