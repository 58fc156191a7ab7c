"""Stopping: soon, in order, and nothing that was under way is lost or done twice."""

from pathlib import Path

from sandbox.faults import Fault, FaultKind
from sandbox.slack import Message, Room
from sandbox.telegram import Customer
from tests.support.real_world import World, world

FEW, MANY = 3, 20


async def stops(there: World) -> None:
    """Stop the desk as systemd does, and see that it ends well and soon."""
    assert await there.stop() == 0


async def opens(there: World, room: Room) -> tuple[Customer, Message]:
    """Let Ana tell everything; return her and her card."""
    ana = there.telegram.customer("Ana", language_code="en")
    ana.write("My site is down")
    await ana.sees("name")
    ana.press("Ana")
    await ana.sees("e-mail")
    ana.write("ana@example.com")
    await ana.sees("Our people have been told")
    return ana, await room.sees("My site is down")


async def test_what_is_under_way_is_let_end(tmp_path: Path) -> None:
    """Telegram answers slowly, a poll is open, Slack goes on telling: each word is read once."""
    async with world(tmp_path) as there:
        marko = there.slack.agent("Marko", display_name="Marko")
        room = there.slack.room("support", members=[marko])
        ana, card = await opens(there, room)
        await there.settled()

        there.telegram.faults.plan("sendMessage", Fault(kind=FaultKind.SLOW, seconds=1))
        await marko.reply(card, "It is up again")
        await ana.sees("It is up again")
        for number in range(FEW):
            await marko.reply(card, f"point {number}.")
        await stops(there)
        ana.write("Thank you")
        await there.start()
        await room.sees("Thank you", thread=card)
        await ana.sees(f"point {FEW - 1}.")
        await there.settled()

        said = [each.text for each in ana.messages if "point" in each.text]
        assert [each.partition("point ")[2] for each in said] == [f"{n}." for n in range(FEW)]
        assert ana.transcript().count("It is up again") == 1


async def test_a_rush_is_interrupted_and_goes_on(tmp_path: Path) -> None:
    """Many are being answered, more have not been read: after the start each is asked once."""
    async with world(tmp_path) as there:
        there.slack.room("support")
        people = [there.telegram.customer(f"C{n}", language_code="en") for n in range(MANY)]
        slow = Fault(kind=FaultKind.SLOW, seconds=0.5)
        there.telegram.faults.plan("sendMessage", slow, times=MANY)
        for each in people[: MANY // 2]:
            each.write("My site is down")
        await people[0].sees("What is your name?")
        for each in people[MANY // 2 :]:
            each.write("My site is down")
        await stops(there)
        await there.start()
        for each in people[1:]:
            await each.sees("What is your name?")
        await there.settled()

        asked = [each.transcript().count("What is your name?") for each in people]
        assert asked == [1] * MANY
        assert "Traceback" not in there.log.read_text()
