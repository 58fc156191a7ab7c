"""A customer who writes faster than Slack takes posts: agents keep up, and read each word once."""

import re
from pathlib import Path

from sandbox.faults import Fault, FaultKind
from sandbox.slack import Message, Room
from sandbox.telegram import Customer
from tests.support.real_world import World, world
from tests.support.waiting import PATIENCE


async def opens(there: World) -> tuple[Customer, Room, Message]:
    """Let Ana open a conversation, and return when there is nothing left to say."""
    room = there.slack.room("support", members=[there.slack.agent("Marko", display_name="Marko")])
    ana = there.telegram.customer("Ana", language_code="en")
    ana.write("My site is down")
    await ana.sees("What is your name?")
    ana.press("Ana")
    await ana.sees("e-mail")
    ana.write("ana@example.com")
    card = await room.sees("My site is down")
    await ana.sees("Our people have been told")
    await there.settled()
    return ana, room, card


def words(room: Room, card: Message) -> list[str]:
    """Return the customer's words in the thread, in order."""
    return re.findall(r"word \d+\.", "\n".join(each.shown for each in room.thread(card)))


async def test_thirty_messages_at_once_arrive_in_a_few_posts(tmp_path: Path) -> None:
    """In order and each once, where posts alone would take half a minute; each can be edited."""
    async with world(tmp_path, post_rate=1) as there:
        ana, room, card = await opens(there)
        said = [ana.write(f"word {number}.") for number in range(30)]
        await room.sees("word 29.", thread=card, timeout=PATIENCE)
        everything = [f"word {number}." for number in range(30)]
        assert words(room, card) == everything
        posts = len(room.thread(card))
        assert posts <= 10

        ana.edit(said[17], "word 1700.")
        await room.sees("word 1700.", thread=card)

        everything[17] = "word 1700."
        assert words(room, card) == everything
        assert len(room.thread(card)) == posts


async def test_a_joined_post_whose_answer_was_lost_is_not_posted_again(tmp_path: Path) -> None:
    """Even if the desk is killed before it could ask, and more has come since."""
    async with world(tmp_path, post_rate=1) as there:
        ana, room, card = await opens(there)
        await there.stop()
        for number in range(8):
            ana.write(f"word {number}.")
        there.slack.faults.plan("chat.postMessage", Fault(kind=FaultKind.CUT_AFTER))
        await there.start()
        await room.sees("word 7.", thread=card)
        assert len(room.thread(card)) == 1
        await there.kill()
        for number in range(8, 10):
            ana.write(f"word {number}.")

        await there.start()
        there.pass_time(minutes=1)
        await room.sees("word 9.", thread=card, timeout=PATIENCE)
        await there.settled()

        assert words(room, card) == [f"word {number}." for number in range(10)]
        assert len(room.thread(card)) <= 3
