"""Slack repeats an event for a few minutes only: what is lost then is found in the threads."""

from pathlib import Path

from sandbox.faults import Fault, FaultKind
from sandbox.slack import Agent, Message
from sandbox.telegram import Customer
from tests.support.real_world import World, world
from tests.support.waiting import PATIENCE

ANSWERS = ("First,", "second.", "third.")


async def a_talk(there: World) -> tuple[Customer, Agent, Message]:
    """Return a customer and an agent in the middle of a talk, and its card."""
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
    return ana, marko, card


async def says_what_is_lost(there: World, marko: Agent, card: Message) -> None:
    """Let the agent answer while nobody listens, until Slack has given up telling."""
    there.slack.events.retry_after = ()
    for answer in ("First,", "second,", "third."):
        await marko.reply(card, answer)
    await there.slack.events.settled()
    assert len(there.slack.events.lost) >= 3


async def reads_it_once(ana: Customer) -> None:
    """Check that the customer reads each answer, in order, and none twice."""
    for answer in ("First,", "second,", "third."):
        await ana.sees(answer, timeout=PATIENCE)
    for answer in ("I look at it", "First,", "second,", "third."):
        assert ana.transcript().count(answer) == 1


async def test_what_agents_wrote_while_the_line_was_down_is_read(tmp_path: Path) -> None:
    """The connection breaks, and comes back by itself."""
    async with world(tmp_path) as there:
        ana, marko, card = await a_talk(there)
        there.slack.sockets.cut()
        await says_what_is_lost(there, marko, card)
        await reads_it_once(ana)


async def test_what_agents_wrote_while_the_desk_was_away_is_read(tmp_path: Path) -> None:
    """The desk was down for longer than Slack has patience."""
    async with world(tmp_path) as there:
        ana, marko, card = await a_talk(there)
        await there.stop()
        await says_what_is_lost(there, marko, card)
        await there.start()
        await reads_it_once(ana)
        await marko.reply(card, "Done")
        await ana.sees("Done")


async def test_what_was_told_before_a_kill_is_not_overtaken_after_it(tmp_path: Path) -> None:
    """Slack tells it again in a minute, and what came later at once; reading the thread is slow."""
    async with world(tmp_path) as there:
        ana, marko, card = await a_talk(there)
        await there.kill()
        there.slack.events.retry_after = (6.0,)
        await marko.reply(card, "First,")
        slow = Fault(kind=FaultKind.SLOW, seconds=1)
        there.slack.faults.plan("conversations.history", slow)
        there.slack.faults.plan("conversations.replies", slow)
        await there.start()
        await marko.reply(card, "second.")
        await ana.sees("second.", timeout=PATIENCE)
        await there.slack.events.settled()
        await marko.reply(card, "third.")
        await ana.sees("third.", timeout=PATIENCE)

        said = [word for each in ana.messages for word in each.text.split()]
        assert [word for word in said if word in ANSWERS] == list(ANSWERS)
