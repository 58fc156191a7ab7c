"""The first promise: what was written is stored before anybody is told that it arrived."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.real_world import World, world
from tests.support.waiting import PATIENCE

BACKLOG = 500


@pytest.mark.timeout(600)
async def test_a_kill_with_a_backlog_loses_no_update(tmp_path: Path) -> None:
    """Killed again and again in the middle of 500 updates, the desk has every word, once."""
    async with world(tmp_path, start=False) as there:
        there.slack.room("support")
        people = [
            there.telegram.customer(f"Customer {number}", language_code="en")
            for number in range(BACKLOG)
        ]
        for number, each in enumerate(people):
            each.write(f"word {number}.")
        for _ in range(3):
            await there.start()
            await there.kill()
        await there.start()
        for each in people:
            await each.sees("What is your name?", timeout=PATIENCE)
        await there.stop()

        assert stored(there) == Counter(f"word {number}." for number in range(BACKLOG))


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


def stored(there: World) -> Counter[str]:
    """Return the texts in the desk's database, and how often each is there."""
    with closing(sqlite3.connect(there.database)) as database:
        rows = database.execute("SELECT json_extract(body, '$.text.text') FROM messages")
        return Counter(text for (text,) in rows)
