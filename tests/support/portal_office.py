"""The world with a portal in it, and who works and writes there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from sandbox.mail_customer import MailCustomer
from sandbox.slack import Agent, Room
from tests.support.portal_browser import Browser
from tests.support.real_world import A_TUESDAY, World, world
from tests.support.waiting import PATIENCE

LOGIN = "link to log in"
"""What the mail with a login link is about."""
SOON = PATIENCE


class Office:
    """The world with a portal, Marko, who answers, and Ana, who asks."""

    def __init__(self, there: World) -> None:
        self.there = there
        self.marko: Agent = there.slack.agent("Marko", display_name="Marko")
        self.room: Room = there.slack.room("support", members=[self.marko])
        self.ana: MailCustomer = there.mail.customer("ana@example.net", "Ana Anić", "en")

    async def log_in(self, who: Browser, customer: MailCustomer | None = None) -> None:
        """Log somebody in by a link."""
        customer = customer or self.ana
        await who.asks_for_link(customer.address)
        await who.opens(await customer.receives(LOGIN, SOON))
        assert who.page.path == "/portal/tickets", who.page.words

    async def open_ticket(self, who: Browser, subject: str, text: str) -> str:
        """Open a ticket in a browser that is logged in, and return where it is."""
        await who.get("/portal/new")
        filled = {"subject": subject, "text": text}
        if any("name" in form.values for form in who.page.forms):
            filled["name"] = "Ana Anić"
        page = await who.press("/portal/new", filled)
        assert page.path.startswith("/portal/tickets/"), page.words
        return page.path


@asynccontextmanager
async def office(folder: Path, *, at: datetime = A_TUESDAY) -> AsyncIterator[Office]:
    """Open the office, with the portal."""
    async with world(folder, at=at, start=False) as there:
        there.settings["PUBLIC_URL"] = there.url
        opened = Office(there)
        await there.start()
        yield opened
