"""The chat without a WebSocket: the same, by requests that wait."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.events import CustomerAsked, CustomerSaw
from tests.support.chat_world import ChatWorld, chat_world, talking
from tests.support.visitor import a_visitor
from tests.support.waiting import until

AT_ONCE = 20.0
"""Seconds: many times as long as it takes, and less than a poll waits for."""
FORM = {
    "type": "ask",
    "id": "12345678-1234",
    "name": "Ana",
    "email": "ana@example.com",
    "text": "My site is down",
    "files": [],
}


def without_state(frames: list[Any]) -> list[Any]:
    return [each for each in frames if each["type"] != "state"]


async def listen(there: ChatWorld, browsers: int) -> None:
    """Return when so many browsers listen."""
    await until(lambda: len(there.visitors.listeners()) == browsers)


async def test_what_is_sent_with_a_poll_is_answered_with_it(tmp_path: Path) -> None:
    """Taken, and shown; told once more, the same."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as ana:
        await ana.comes()
        first = await ana.polls(FORM)
        assert first[0]["type"] == "state"
        taken, shown = without_state(first)
        assert taken == {"type": "taken", "id": FORM["id"], "seq": 1}
        assert (shown["seq"], shown["by"]) == (1, "you")
        assert without_state(await ana.polls(FORM)) == [taken]
        (event,) = there.desk.events
        assert isinstance(event, CustomerAsked)


async def test_a_poll_shows_what_a_socket_shows(tmp_path: Path) -> None:
    """Entry by entry, the same; so it goes for what is refused."""
    async with (
        chat_world(tmp_path) as there,
        talking(there) as (ana, visitor),
        a_visitor(there.url) as tab,
    ):
        await ana.says("one")
        await there.answers(visitor, "two")
        await ana.sees("two")
        tab.token = ana.token
        await tab.polls(after=0)
        assert tab.log == ana.log

        wrong = {"type": "say", "id": "12345678", "text": " ", "files": []}
        (refused,) = without_state(await tab.polls(wrong))
        await ana.sends(**wrong)
        assert await ana.is_answered("12345678") == refused


async def test_a_poll_waits_for_news_and_no_longer(tmp_path: Path) -> None:
    """It is answered at once when there is something."""
    async with (
        chat_world(tmp_path) as there,
        talking(there) as (ana, visitor),
        a_visitor(there.url) as tab,
    ):
        tab.token = ana.token
        waiting = asyncio.create_task(tab.polls(after=1, wait=True))
        await listen(there, 2)
        assert not waiting.done()
        await there.answers(visitor, "two")
        (frame,) = without_state(await asyncio.wait_for(waiting, AT_ONCE))
        assert frame["seq"] == 2


async def test_a_poll_that_waits_in_vain_is_answered_with_nothing(tmp_path: Path) -> None:
    """But how the desk stands."""
    async with chat_world(tmp_path, wait=0.05) as there, talking(there) as (ana, _):
        found = await ana.polls(after=1, wait=True)
        assert [each["type"] for each in found] == ["state"]


async def test_polls_are_let_go_when_the_desk_stops(tmp_path: Path) -> None:
    """Nobody waits for the rest of the half minute."""
    async with (
        chat_world(tmp_path) as there,
        talking(there) as (ana, _),
        a_visitor(there.url) as tab,
    ):
        tab.token = ana.token
        waiting = asyncio.create_task(tab.polls(after=1, wait=True))
        await listen(there, 2)
        there.polls.stop()
        found = await asyncio.wait_for(waiting, AT_ONCE)
        assert [each["type"] for each in found] == ["state"]


async def test_what_was_seen_can_be_said_by_poll(tmp_path: Path) -> None:
    """The desk is told as over a socket."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, visitor):
        await there.answers(visitor, "two")
        await ana.polls({"type": "seen", "seq": 2})
        assert isinstance(there.desk.events[-1], CustomerSaw)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"after": -1},
        {"after": "1"},
        {"after": 0, "frames": "x"},
        {"after": 0, "frames": ["x"]},
        {"after": 0, "frames": [{"type": "fly"}]},
        {"after": 0, "frames": [FORM] * 21},
    ],
)
async def test_what_no_browser_of_ours_asks_is_refused(
    tmp_path: Path, body: dict[str, Any]
) -> None:
    """And nothing of it is taken."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as ana:
        await ana.comes()
        answer = await ana.post("/chat/poll", json=body, headers=ana.bearer)
        assert answer.status == 400
        assert there.desk.events == []


async def test_many_things_come_with_one_poll(tmp_path: Path) -> None:
    """In the order in which they were written."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as ana:
        await ana.comes()
        more = [
            {"type": "say", "id": str(uuid4()), "text": f"word {number}", "files": []}
            for number in range(10)
        ]
        await ana.polls(FORM, *more)
        assert list(ana.log) == list(range(1, 12))
        assert ana.text.splitlines()[1:] == [f"word {number}" for number in range(10)]
