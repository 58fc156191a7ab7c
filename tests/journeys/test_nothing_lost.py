"""The first promise: what was written is stored before anybody is told that it arrived."""

import asyncio
from pathlib import Path

import pytest

from tests.support.real_world import world

BACKLOG = 500
CUSTOMERS = 50


@pytest.mark.timeout(180)
async def test_a_kill_with_a_backlog_loses_no_update(tmp_path: Path) -> None:
    """Killed in the middle of 500 updates, the desk has every word after its return."""
    async with world(tmp_path, start=False) as there:
        marko = there.slack.agent("Marko", display_name="Marko")
        room = there.slack.room("support", members=[marko])
        people = [
            there.telegram.customer(f"Customer {number}", language_code="en")
            for number in range(CUSTOMERS)
        ]
        for number in range(BACKLOG):
            people[number % CUSTOMERS].write(f"word {number}.")
        for _ in range(3):
            await there.start()
            await there.kill()
        await there.start()
        for each in people:
            await each.sees("What is your name?", timeout=30)
            each.press(each.messages[-1].buttons[0][0].text)
            await each.sees("e-mail", timeout=30)
            each.write(f"c{each.chat_id}@example.com")
        await room.sees("word", timeout=30)
        async with asyncio.timeout(60):
            while missing := _missing(room.transcript()):
                await room.sees(missing[0], timeout=60)

        shown = room.transcript()
        doubled = [number for number in range(BACKLOG) if shown.count(f"word {number}.") > 1]
        assert doubled == []


async def test_an_event_that_slack_repeats_five_times_is_one_message(tmp_path: Path) -> None:
    """However often and under whatever id Slack tells it, the customer reads it once."""
    async with world(tmp_path) as there:
        marko = there.slack.agent("Marko", display_name="Marko")
        room = there.slack.room("support", members=[marko])
        ana = there.telegram.customer("Ana", language_code="en")
        ana.write("My site is down")
        await ana.sees("name")
        ana.press("Ana")
        await ana.sees("e-mail")
        ana.write("ana@example.com")
        card = await room.sees("My site is down")

        await marko.reply(card, "I look at it")
        await ana.sees("I look at it")
        there.slack.events.repeat(5, same_id=True)
        there.slack.events.repeat(5, same_id=False)
        await there.slack.events.settled()
        await marko.reply(card, "Done")
        await ana.sees("Done")

        assert ana.transcript().count("I look at it") == 1


def _missing(shown: str) -> list[str]:
    return [f"word {number}." for number in range(BACKLOG) if f"word {number}." not in shown]
