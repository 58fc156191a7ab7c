"""The portal, over real HTTP, from the real desk: links by mail, own tickets, and nobody else's."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.mail_customer import MailCustomer
from sandbox.slack import Agent, Room
from tests.support.portal_browser import Browser, browser, link_in
from tests.support.real_world import World, world

LOGIN = "link to log in"
FILED = "received your request"
HELP = "My shop shows error 503 since this morning"
SOON = 15.0


class Office:
    """The world with a portal, and who is in it."""

    def __init__(self, there: World) -> None:
        self.there = there
        self.marko: Agent = there.slack.agent("Marko", display_name="Marko")
        self.room: Room = there.slack.room("support", members=[self.marko])
        self.ana: MailCustomer = there.mail.customer("ana@example.net", "Ana Anić", "en")

    async def log_in(self, who: Browser, customer: MailCustomer | None = None) -> None:
        """Have somebody log in by a link."""
        customer = customer or self.ana
        await who.asks_for_link(customer.address)
        await who.opens(await customer.receives(LOGIN, SOON))
        assert who.page.path == "/portal/tickets", who.page.words


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[Office]:
    """Open the office, with a portal."""
    async with world(folder, start=False) as there:
        there.settings["PUBLIC_URL"] = there.url
        opened = Office(there)
        await there.start()
        yield opened


@pytest.fixture
async def begun(tmp_path: Path) -> AsyncIterator[Office]:
    """Begin at ten o'clock on an ordinary Tuesday."""
    async with office(tmp_path) as opened:
        yield opened


async def test_a_request_from_link_to_end(begun: Office) -> None:
    """Log in, ask, read the answer, reply, close: both sides see the same in one thread."""
    async with browser(begun.there.url) as ana:
        page = await ana.asks_for_link("ana@example.net")
        assert "on its way to ana@example.net" in page.words
        mail = await begun.ana.receives(LOGIN, SOON)
        assert mail.header("Auto-Submitted") == "auto-generated"
        await ana.get(link_in(mail))
        assert "Log in as ana@example.net" in ana.page.words
        page = await ana.press("")
        assert page.path == "/portal/tickets"
        assert "There is nothing here yet" in page.words

        await ana.get("/portal/new")
        filled = {"name": "Ana Anić", "subject": "The shop is down", "text": HELP}
        page = await ana.press("/portal/new", filled, [("screen.png", b"\x89PNG\r\n\x1a\n....")])
        assert re.fullmatch(r"/portal/tickets/[0-9a-f]{32}", page.path), page.words
        assert HELP in page.words
        assert "The shop is down" in page.words
        assert "Open" in page.words
        ticket = page.path

        card = await begun.room.sees("The shop is down", timeout=SOON)
        await begun.room.sees(HELP, thread=card, timeout=SOON)
        filed = await begun.ana.receives("The shop is down", SOON)
        assert "/portal/ticket/" in filed.text
        await begun.marko.reply(card, "We are looking at it.")
        await begun.ana.receives("The shop is down", SOON)
        page = await ana.get(ticket)
        assert "Marko" in page.words
        assert "We are looking at it." in page.words
        assert "Answered" in page.words

        page = await ana.press(ticket, {"text": "It works again, thank you!"})
        assert "It works again, thank you!" in page.words
        await begun.room.sees("It works again", thread=card, timeout=SOON)
        page = await ana.press(f"{ticket}/close")
        assert "This request is closed." in page.words
        await begun.there.settled()
        assert any("closed the conversation" in each.shown for each in begun.room.thread(card))
        page = await ana.press(f"{ticket}/reopen")
        assert "Waiting for our answer" in page.words
        page = await ana.get("/portal/tickets")
        assert "The shop is down" in page.words
