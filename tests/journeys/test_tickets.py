"""A ticket in the real process: its menu on the card, its forms, and the command line beside it."""

from datetime import datetime
from pathlib import Path

from adapters.clock import SystemClock
from adapters.store import SqlStore
from core.tickets import Tickets
from tests.support.real_world import BELGRADE, world
from tests.support.waiting import PATIENCE

A_SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=BELGRADE)
PROBLEM = "My site shows error 503 since this morning"


async def test_a_ticket_is_held_renamed_and_closed(tmp_path: Path) -> None:
    """What agents choose is on the card at once; an operator's wish is done by the running desk."""
    async with world(tmp_path, at=A_SUNDAY) as there:
        marko = there.slack.agent("Marko", display_name="Marko")
        room = there.slack.room("support", members=[marko])
        ana = there.telegram.customer("Ana", language_code="en")
        await there.slack.connected(1)
        ana.write(PROBLEM)
        await ana.sees("What is your name?")
        ana.write("Ana")
        await ana.sees("e-mail")
        ana.write("ana@example.com")
        card = await room.sees(PROBLEM)
        await ana.sees("saved as ticket MNT-")

        await marko.press(card, "ticket", "On hold")
        await room.sees("on hold")
        await marko.press(card, "ticket", "Priority: high")
        await room.sees("Priority: high")
        await marko.press(card, "ticket", "Change the subject…")
        form = await marko.sees_view("Only agents see it.")
        assert await marko.submit(form, {"typed": "DNS of example.com"}) == {}
        await room.sees("Subject: DNS of example.com")
        await room.sees("Marko changed the subject", thread=card)

        store = await SqlStore.open(f"sqlite:///{there.database}")
        try:
            tickets = Tickets(store, SystemClock())
            name = card.shown[card.shown.index("MNT-") :][:9]
            found = await tickets.find(name)
            assert found is not None
            await tickets.close(found, who="command line: root")
        finally:
            await store.close()
        await ana.sees("marked this as resolved", timeout=PATIENCE)
        assert PROBLEM in (await room.sees("Resolved")).shown
