"""What people do in a run: customers come by chat, site or mail, both sides talk, all at once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TypeVar

from sandbox.mail_customer import MailCustomer
from sandbox.slack import Agent, Message, NoAnswerError
from sandbox.telegram import Customer
from tests.faults.browser import Browser
from tests.faults.plan import Plan, Talk, Visit, Who
from tests.support.real_world import SUPPORT, World
from tests.support.visitor import text_of

PATIENCE = 90.0
"""Seconds until what has not been seen counts as lost: many kills may come meanwhile."""

_AT_ONCE = 32
"""How many talks go on at a time."""
_LOOK_EVERY = 0.05
_TOLD = "Our people have been told"

Found = TypeVar("Found")


def desk_address(room: int) -> str:
    """Return where mail goes that is meant for a room's department; it all is one mailbox."""
    local, _, domain = SUPPORT.partition("@")
    return f"{local}+d{room}@{domain}" if room else SUPPORT


def on_page(number: int, page: int) -> str:
    """Return the way to a page of a visitor's, counted from 0."""
    return f"{number} to {'customer' if not page else 'their other page'}"


def own_words(number: int) -> str:
    """Return the way of what a visitor wrote back to the page that shows it."""
    return f"{number} to own page"


class People:
    """The customers, the agent, and what they have said so far."""

    def __init__(
        self,
        there: World,
        plan: Plan,
        *,
        hurried: Callable[[], bool],
        shown: Callable[[str], None],
    ) -> None:
        """*hurried*: whether so much is under way that nobody should say more for now.

        *shown* is called with what comes to a page of the website.
        """
        self.in_chat: dict[int, Customer] = {}
        """The customers who use Telegram, by their talk's number."""
        self.on_the_site: dict[int, Browser] = {}
        """Those who use the website's chat, likewise."""
        self._by_mail: dict[int, MailCustomer] = {}
        self.said: defaultdict[str, list[str]] = defaultdict(list)
        """The words, by the way they go."""
        self.messages = 0
        """How many messages have been said."""
        self.agent: Agent = there.slack.agent("Marko", display_name="Marko")
        self.rooms = [
            there.slack.room("support" if not number else f"room-{number}", members=[self.agent])
            for number in range(plan.rooms)
        ]
        self._there = there
        self._plan = plan
        self._hurried = hurried
        self._shown = shown
        self.in_vain: list[str] = []
        """What somebody waited for until their patience ended; the others talk on."""
        self.are_done = False
        """Whether nobody will say more."""
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def talk(self) -> None:
        """Say all that is planned."""
        async with asyncio.TaskGroup() as tasks:
            for number, talk in enumerate(self._plan.talks):
                tasks.create_task(self._talk(number, talk))
        self.are_done = True

    async def leave(self) -> None:
        """Close the pages that are open."""
        for each in self.on_the_site.values():
            await each.closes()

    def address(self, number: int) -> str:
        """Return a customer's address."""
        return f"ana{number}@example.com"

    async def _talk(self, number: int, talk: Talk) -> None:
        async with self._free:
            try:
                await self._say_all(number, talk)
            except (AssertionError, TimeoutError) as vain:
                self.in_vain.append(f"{number}: {vain!r}")

    async def _say_all(self, number: int, talk: Talk) -> None:
        if talk.by_mail:
            await self._begin_by_mail(number, talk)
        elif talk.visit:
            await self._ask_on_the_site(number, talk, talk.visit)
        else:
            await self._introduce(number, talk)
        card = await self._card(number)
        if talk.files_ticket:
            await self._press(card, "File ticket")
        for index, line in enumerate(talk.lines, start=1):
            await asyncio.sleep(line.after)
            await self._until_calmer()
            await self._say_line(number, index, line.who, card, talk)

    async def _until_calmer(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while self._hurried():  # noqa: ASYNC110, two servers change it
                await asyncio.sleep(_LOOK_EVERY)

    async def _say_line(self, number: int, index: int, who: Who, card: Message, talk: Talk) -> None:
        if who is Who.CUSTOMER:
            self._say(f"{number} to agents", word := f"c{number}x{index}")
            if talk.visit:
                self._write_on_the_site(number, word)
            elif talk.by_mail:
                self._by_mail[number].replies(self._by_mail[number].inbox.mails[-1], word)
            else:
                self.in_chat[number].write(word)
            return
        word = f"a{number}x{index}"
        self._say(f"{number} {'by mail' if talk.by_mail else 'to customer'}", word)
        if talk.visit:
            for other in range(1, talk.visit.pages):
                self.said[on_page(number, other)].append(word)
        elif talk.files_ticket:
            self.said[f"{number} by mail"].append(word)
        await self.agent.reply(card, word)

    async def _begin_by_mail(self, number: int, talk: Talk) -> None:
        """Let a customer mail the problem, and wait for the first answer, to which they reply."""
        customer = self._there.mail.customer(self.address(number), f"Ana {number}")
        self._by_mail[number] = customer
        self._say(f"{number} to agents", word := f"c{number}x0")
        customer.writes(desk_address(talk.room), "My site", f"My site is down {word}")
        await customer.receives("received your request", timeout=PATIENCE)

    async def _ask_on_the_site(self, number: int, talk: Talk, visit: Visit) -> None:
        """Let a visitor fill in the form, and wait until the desk has it."""
        browser = self.on_the_site[number] = Browser(
            self._there.url,
            pages=visit.pages,
            polls=visit.polls,
            looks=visit.looks,
            shown=lambda frame: self._shown(text_of(frame)),
        )
        for each in browser.pages:
            each.opens()
        form = {"name": f"Ana {number}", "email": self.address(number)}
        if talk.room:
            form["department"] = f"d{talk.room}"
        self._say(f"{number} to agents", word := f"c{number}x0")
        self.said[own_words(number)].append(word)
        browser.asks(f"My site is down {word}", **form)
        if not talk.room:
            await browser.chooses("Support", unless=_TOLD, timeout=PATIENCE)
        await browser.all_taken(PATIENCE)

    def _write_on_the_site(self, number: int, word: str) -> None:
        self.said[own_words(number)].append(word)
        self.on_the_site[number].says(word)

    async def _introduce(self, number: int, talk: Talk) -> None:
        """Let a customer tell the problem, and answer what the desk asks."""
        customer = self._there.telegram.customer(f"Ana {number}", language_code="en")
        self.in_chat[number] = customer
        self._say(f"{number} to agents", word := f"c{number}x0")
        customer.write(f"My site is down {word}")
        await customer.sees("What is your name?", timeout=PATIENCE)
        customer.press(f"Ana {number}")
        await customer.sees("e-mail", timeout=PATIENCE)
        customer.write(self.address(number))
        # A clock that jumps ahead by hours ends the patience with a question: agents are told then.
        asked = await customer.sees_any("Who should look at it?", _TOLD, timeout=PATIENCE)
        if _TOLD not in asked.shown():
            customer.press(f"Desk {talk.room}" if talk.room else "Support")

    async def _card(self, number: int) -> Message:
        word = f"c{number}x0"
        async with asyncio.timeout(PATIENCE):
            while True:
                for each in self._latest_cards():
                    if word in each.shown.split():
                        return each
                await asyncio.sleep(_LOOK_EVERY)

    def _latest_cards(self) -> Iterator[Message]:
        for room in self.rooms:
            yield from reversed(room.state.roots)

    async def _press(self, card: Message, button: str) -> None:
        """Press until it is taken, as people do who see a warning."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await self.agent.press(card, button)
                except NoAnswerError:
                    await asyncio.sleep(0.2)
                except LookupError:  # taken, though its answer was lost: the card shows it already
                    return
                else:
                    return

    def _say(self, way: str, word: str) -> None:
        self.said[way].append(word)
        self.messages += 1
