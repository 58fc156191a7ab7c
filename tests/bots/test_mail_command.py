"""`podrska mail`: what could not be read, looked at without harm and tried again."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.store import SqlStore
from bots.commands.mail import harmless
from core.mail_port import Cursor, Extent, KeptMail, MailRecord, MailState
from tests.support.command_line import Typed, command_line
from tests.support.stored import NOON

ROOT = Path(__file__).parents[2]
MAILBOX = "desk@mail.example.com:993/INBOX"
EVIL = (
    b"Subject: hi\r\nFrom: \x1b[2J\x1b]0;owned\x07ana\r\n\r\n"
    b"[bold]Zdravo \xc4\x8d\xff \xe2\x80\xae\r\n"
)


def a_mail(key: str, state: MailState, raw: bytes = EVIL, error: str = "") -> KeptMail:
    extent = Extent.WHOLE if raw else Extent.NOTHING
    record = MailRecord(
        key=key,
        fingerprint=key,
        mailbox=MAILBOX,
        uid_validity=7,
        uid=17,
        size=2048,
        extent=extent,
        received_at=NOON,
        state=state,
        error=error,
    )
    return KeptMail(record, raw)


async def fill() -> None:
    store = await SqlStore.open("sqlite:///desk.db")
    try:
        async with store.transaction() as tx:
            await tx.keep_mails(
                [
                    a_mail("m1", MailState.TAKEN),
                    a_mail("m2", MailState.UNREADABLE, error="KeyError\x1b[1m"),
                    a_mail("m3", MailState.SKIPPED, b"x" * 30_000),
                    a_mail("m4", MailState.SKIPPED, b"", "the connection broke off"),
                ]
            )
            await tx.set_cursor(MAILBOX, Cursor(uid_validity=7, last_uid=99))
    finally:
        await store.close()


async def states() -> dict[str, str]:
    store = await SqlStore.open("sqlite:///desk.db")
    try:
        async with store.transaction() as tx:
            return {each.key: each.state for each in await tx.list_mails(list(MailState), 9)}
    finally:
        await store.close()


@pytest.fixture
def podrska(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Typed]:
    """Give a command line on a database with four mails, of which one was taken."""
    with command_line(tmp_path, monkeypatch, capsys) as typed:
        asyncio.run(fill())
        yield typed


def test_what_could_not_be_read_is_listed(podrska: Typed) -> None:
    """With what it takes to find it in the mailbox, and not a word of it."""
    told = podrska("mail", "list")
    lines = [line.replace("│", " ").split() for line in told.splitlines() if "│" in line]
    assert [line[0] for line in lines] == ["m2", "m3", "m4"]
    assert lines[0][3:] == ["unreadable", "2", "whole", "17", r"KeyError\x1b[1m"]
    assert "Zdravo" not in told
    assert "m1" in podrska("mail", "list", "--all")
    assert "m3" not in podrska("mail", "list", "--most", "1")


def test_where_there_is_none_that_is_said(podrska: Typed) -> None:
    """In words."""
    Path("desk.db").unlink()
    assert "Every mail that came could be read." in podrska("mail", "list")
    assert "No mail has come yet." in podrska("mail", "list", "--all")


def test_a_mail_is_shown_without_harm(podrska: Typed) -> None:
    """What would command the terminal is spelled out, and what could be markup is text."""
    told = podrska("mail", "show", "m2")
    assert "\x1b" not in told
    assert "\x07" not in told
    assert r"From: \x1b[2J\x1b]0;owned\x07ana" in told
    assert r"[bold]Zdravo č\xff \u202e" in told
    assert "unreadable" in told
    assert "UID 17 in desk@mail.example.com:993/INBOX" in told


def test_a_long_mail_is_shown_in_part(podrska: Typed) -> None:
    """The whole of it is for a file."""
    assert "and 10000 bytes more" in podrska("mail", "show", "m3")


def test_a_mail_is_given_out_byte_for_byte(podrska: Typed) -> None:
    """For whoever wants to look into it with other tools."""
    code = "from bots.command import main; main(['mail', 'show', 'm2', '--raw'])"
    command = [sys.executable, "-c", code]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    assert subprocess.check_output(command, env=environment) == EVIL


def test_mails_are_read_once_more(podrska: Typed) -> None:
    """Those that are named, or all."""
    assert "1 will be read once more." in podrska("mail", "retry", "m2")
    assert asyncio.run(states()) == {"m1": "taken", "m2": "new", "m3": "skipped", "m4": "skipped"}
    assert "2 will be read once more." in podrska("mail", "retry", "--all")
    assert asyncio.run(states()) == {"m1": "taken", "m2": "new", "m3": "new", "m4": "skipped"}


def test_what_is_not_here_is_fetched_once_more(podrska: Typed) -> None:
    """The mailbox is read from there on."""
    assert "1 will be read once more." in podrska("mail", "retry", "m4")
    with closing(sqlite3.connect("desk.db")) as database:
        assert database.execute("SELECT last_uid FROM mailboxes").fetchall() == [(16,)]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("retry",), "or say --all"),
        (("retry", "m2", "--all"), "or say --all"),
        (("retry", "m1", "m9"), "could be read: m1, m9"),
        (("show", "m9"), "no such mail"),
    ],
)
def test_what_is_meant_must_be_said(podrska: Typed, words: tuple[str, ...], why: str) -> None:
    """And what cannot be done is named."""
    assert why in podrska("mail", *words, fails=1)


def test_harmless_text_stays_as_it_is() -> None:
    """Lines, tabs and every script."""
    assert harmless("Здраво\r\n\tsvete ✓") == "Здраво\n\tsvete ✓"
