"""`podrska deliveries`: what could not be delivered, tried again or given up."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.store import SqlStore
from core.ids import DeliveryId
from core.outbox import MAIL
from core.outbox_port import Failed
from tests.support.command_line import Typed, command_line
from tests.support.stored import a_conversation, a_delivery, a_message, keep, relay

SECRET = "my password is hunter2"


@pytest.fixture
def podrska(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Typed]:
    """Give a command line on a database with four failed deliveries, of which two are one post.

    The fifth has waited for an hour, and the sixth has only just come.
    """
    with command_line(tmp_path, monkeypatch, capsys) as typed:
        asyncio.run(fill())
        yield typed


async def fill() -> None:
    now = datetime.now(UTC)
    hours = [timedelta(hours=each) for each in (75, 30, 30, 3, 1, 0)]
    ages: list[dict[str, Any]] = [
        {"created_at": now - each, "due_at": now - each} for each in hours
    ]
    store = await SqlStore.open("sqlite:///desk.db")
    try:
        await keep(store, a_conversation(), *(a_message(each) for each in (SECRET, "m", "n")))
        await keep(
            store,
            a_delivery("d1", channel=MAIL, lane="mail:x", place="ana@example.com", **ages[0]),
            relay("d2", SECRET, **ages[1]),
            relay("d3", "m", **ages[2]),
            a_delivery("d4", **ages[3]),
            relay("d5", "n", lane="agents:other", **ages[4]),
            a_delivery("d6", lane="agents:new", **ages[5]),
        )
        async with store.transaction() as tx:
            await tx.join([[DeliveryId("d2"), DeliveryId("d3")]])
            failed = (("d1", "[b]no such mailbox"), ("d2", "is_archived"), ("d4", "is_archived"))
            await tx.fail([Failed(id=DeliveryId(id_), reason=why) for id_, why in failed])
    finally:
        await store.close()


def states() -> str:
    """Return the deliveries' states, in order."""
    with closing(sqlite3.connect("desk.db")) as database:
        rows = database.execute("SELECT state FROM deliveries ORDER BY seq")
        return " ".join(state for (state,) in rows)


def audited() -> list[tuple[str, str]]:
    """Return what the audit log says was done, and how it ended."""
    with closing(sqlite3.connect("desk.db")) as database:
        rows = database.execute("SELECT what, after FROM audit WHERE what LIKE 'deliver%'")
        return [(what, after) for what, after in rows]


def test_what_failed_or_is_overdue_is_listed(podrska: Typed) -> None:
    """With what it takes to judge it, and not a word that a customer wrote."""
    told = podrska("deliveries", "list")

    lines = [line.replace("│", " ").split() for line in told.splitlines() if "│" in line]
    assert [line[:5] for line in lines] == [
        ["d1", "failed", "mail", "ana@example.com", "3"],
        ["d2", "failed", "agents", "C1", "30"],
        ["d4", "failed", "agents", "C1", "3"],
        ["d5", "pending", "agents", "C1", "60"],
    ]
    assert "[b]no such mailbox" in told
    assert "hunter2" not in told


def test_a_channel_is_listed_on_its_own(podrska: Typed) -> None:
    """And no more than was asked for; where there is nothing, that is said."""
    told = podrska("deliveries", "list", "--channel", "agents", "--most", "1")
    assert "d2" in told
    assert "d1" not in told
    assert "d4" not in told
    assert "Nothing has failed" in podrska("deliveries", "list", "--channel", "telegram")


def test_named_deliveries_are_tried_again(podrska: Typed) -> None:
    """With what shares a post with them; the audit log says so."""
    assert "2 deliveries are tried again." in podrska("deliveries", "retry", "d3")

    assert states() == "failed pending pending failed pending pending"
    assert audited() == [("deliveries d2, d3", "tried again")]


def test_what_has_not_failed_is_left_as_it_is(podrska: Typed) -> None:
    """It is said which; the others are tried again all the same."""
    told = podrska("deliveries", "retry", "d1", "d5", "nonsense", fails=1)

    assert "none of them has failed: d5, nonsense" in told
    assert states() == "pending failed failed failed pending pending"


def test_everything_is_tried_again(podrska: Typed) -> None:
    """On one channel, or on all of them."""
    told = podrska("deliveries", "retry", "--all", "--channel", "mail")
    assert "1 delivery is tried again." in told
    assert states() == "pending failed failed failed pending pending"

    assert "3 deliveries are tried again." in podrska("deliveries", "retry", "--all")
    assert states() == " ".join(["pending"] * 6)
    assert "0 deliveries are tried again." in podrska("deliveries", "retry", "--all")
    assert len(audited()) == 2


def test_deliveries_are_dropped(podrska: Typed) -> None:
    """What failed and what waits; the audit log says so, and they are not tried again."""
    assert "3 deliveries are dropped." in podrska("deliveries", "drop", "d2", "d5")

    assert states() == "failed dropped dropped failed dropped pending"
    assert audited() == [("deliveries d2, d3, d5", "dropped")]
    assert "none of them has failed" in podrska("deliveries", "retry", "d2", fails=1)
    assert "hunter2" not in podrska("deliveries", "list")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("retry",), "or say --all"),
        (("retry", "d1", "--all"), "or say --all"),
        (("retry", "d1", "--channel", "mail"), "--channel goes with --all"),
        (("drop",), "Name the deliveries"),
    ],
)
def test_what_is_meant_must_be_said(podrska: Typed, words: tuple[str, ...], why: str) -> None:
    """Nothing is done on a guess."""
    assert why in podrska("deliveries", *words, fails=1)
    assert states() == "failed failed failed failed pending pending"
