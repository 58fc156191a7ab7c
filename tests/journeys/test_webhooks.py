"""The house's programs are told by the real desk: in order, at least once, with one id each."""

import asyncio
from datetime import datetime
from pathlib import Path

from sandbox.telegram import Customer
from tests.support.real_world import BELGRADE, World, world
from tests.support.receiver import SECRET, program

A_SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=BELGRADE)
PROBLEM = "My site is down"
OPENED = ("opened open", f"message customer: {PROBLEM}")


async def files(there: World, name: str = "Ana", problem: str = PROBLEM) -> Customer:
    """Let a customer write when nobody is there, and get a ticket."""
    who = there.telegram.customer(name, language_code="en")
    who.write(problem)
    await who.sees("What is your name?")
    who.write(name)
    await who.sees("e-mail")
    who.write(f"{name.lower()}@example.com")
    await who.sees("saved as ticket MNT-")
    return who


async def test_from_a_ticket_to_its_end(tmp_path: Path) -> None:
    """Opened, asked, answered, closed: each told once, signed; notes stay in the house."""
    async with (
        program() as house,
        world(tmp_path, at=A_SUNDAY, WEBHOOK_URL=house.url, WEBHOOK_SECRET=SECRET) as there,
    ):
        marko = there.slack.agent("Marko", display_name="Marko")
        room = there.slack.room("support", members=[marko])
        await there.slack.connected(1)
        ana = await files(there)
        card = await room.sees(PROBLEM)
        await marko.reply(card, "// he pays late")
        await marko.reply(card, "Try again now")
        await ana.sees("Try again now")
        ana.write("It works")
        await room.sees("It works", thread=card)
        await marko.press(card, "Resolve")

        await house.until(
            *OPENED,
            "message agents: Try again now",
            "status answered",
            "message customer: It works",
            "status customer-reply",
            "status closed",
        )
        assert all(each.is_signed for each in house.calls)
        ticket = house.told[0].content["data"]["ticket"]
        assert ticket["id"].startswith("MNT-")
        assert ticket["customer"] == {"name": "Ana", "email": "ana@example.com"}
        await there.settled()
        assert 'channel="webhook",end="delivered"' in await there.metrics()


async def test_a_receiver_in_trouble_hears_all_of_it_in_order(tmp_path: Path) -> None:
    """It fails, cuts the line, is slow: told again, by the same id, in order."""
    async with (
        program() as house,
        world(tmp_path, at=A_SUNDAY, WEBHOOK_URL=house.url, WEBHOOK_SECRET=SECRET) as there,
    ):
        house.answers = [500, 0]
        marko = there.slack.agent("Marko", display_name="Marko")
        room = there.slack.room("support", members=[marko])
        await there.slack.connected(1)
        ana = await files(there)
        card = await room.sees(PROBLEM)
        house.patience = asyncio.Event()
        await marko.reply(card, "Try again now")
        await ana.sees("Try again now")  # whoever is slow is slow alone
        house.patience.set()
        house.patience = None

        await house.until(*OPENED, "message agents: Try again now", "status answered")
        failed = [each for each in house.calls if each.answer >= 300]
        assert {each.id for each in failed} <= {each.id for each in house.told}
        bodies = {(each.id, each.body) for each in house.calls}
        assert len(bodies) == len(house.told)
        told = [each.shown for each in room.messages]
        assert not [each for each in told if "webhook" in each.lower()]


async def test_what_was_not_told_survives_a_kill(tmp_path: Path) -> None:
    """The desk dies in the middle of a call; the receiver hears it again by the same id."""
    async with (
        program() as house,
        world(tmp_path, at=A_SUNDAY, WEBHOOK_URL=house.url, WEBHOOK_SECRET=SECRET) as there,
    ):
        there.slack.room("support")
        house.patience = asyncio.Event()
        await files(there)
        await there.kill()
        house.patience.set()
        house.patience = None
        await there.start()

        await house.until(*OPENED)
