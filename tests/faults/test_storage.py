"""A disk that takes nothing, and a database that another program holds, are waited for."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from sandbox.slack import Agent, Message, Room
from sandbox.telegram import Customer
from tests.support.real_world import World, world


async def talking(there: World) -> tuple[Customer, Room, Agent, Message]:
    """Let a customer open a conversation; return them, the room, an agent there and the card."""
    marko = there.slack.agent("Marko", display_name="Marko")
    room = there.slack.room("support", members=[marko])
    ana = there.telegram.customer("Ana", language_code="en")
    ana.write("My site is down")
    await ana.sees("What is your name?")
    ana.press("Ana")
    await ana.sees("e-mail")
    ana.write("ana@example.com")
    await ana.sees("Our people have been told")
    card = await room.sees("My site is down")
    await there.settled()
    return ana, room, marko, card


def polls(there: World) -> int:
    """Return how often the desk has asked Telegram for updates."""
    return sum(call.method == "getUpdates" for call in there.telegram.calls)


async def test_what_cannot_be_stored_is_not_confirmed(tmp_path: Path) -> None:
    """Telegram offers it again and again until the disk has room; then the desk goes on alone."""
    async with world(tmp_path) as there:
        ana, room, marko, card = await talking(there)
        there.fill_disk()
        before = polls(there)
        ana.write("Is anybody there?")
        await marko.reply(card, "We look at it")
        async with asyncio.timeout(20):
            while polls(there) < before + 2:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert "Is anybody there?" not in room.transcript()
        there.free_disk()

        await room.sees("Is anybody there?", thread=card, timeout=20)
        await ana.sees("We look at it", timeout=20)


async def test_a_locked_database_is_waited_for(tmp_path: Path) -> None:
    """Longer than a transaction waits for the lock; meanwhile the desk is not ready."""
    async with world(tmp_path) as there:
        ana, room, marko, card = await talking(there)
        with closing(sqlite3.connect(there.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            ana.write("Is anybody there?")
            await marko.reply(card, "We look at it")
            assert not await there.ready()
            other.execute("ROLLBACK")

        await room.sees("Is anybody there?", thread=card, timeout=20)
        await ana.sees("We look at it", timeout=20)
        assert await there.ready()
