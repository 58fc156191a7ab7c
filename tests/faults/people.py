"""What people do in a run: customers introduce themselves or mail, both sides talk, all at once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TypeVar

from sandbox.mail_customer import MailCustomer
from sandbox.slack import Agent, Message, NoAnswerError
from sandbox.telegram import Customer
from tests.faults.plan import Plan, Talk, Who
from tests.support.real_world import SUPPORT, World

PATIENCE = 40.0
"""Seconds until what has not been seen counts as lost."""

_AT_ONCE = 32
"""How many talks go on at a time."""
_LOOK_EVERY = 0.05
_TOLD = "Our people have been told"

Found = TypeVar("Found")


def desk_address(room: int) -> str:
    """Return where mail goes that is meant for a room's department; it all is one mailbox."""
    local, _, domain = SUPPORT.partition("@")
    return f"{local}+d{room}@{domain}" if room else SUPPORT


class People:
    """The customers, the agent, and what they have said so far."""

    def __init__(self, there: World, plan: Plan, *, hurried: Callable[[], bool]) -> None:
        """*hurried*: whether so much is under way that nobody should say more for now."""
        self.in_chat: dict[int, Customer] = {}
        """The customers who use Telegram, by their talk's number."""
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
            if talk.by_mail:
                self._by_mail[number].replies(self._by_mail[number].inbox.mails[-1], word)
            else:
                self.in_chat[number].write(word)
            return
        word = f"a{number}x{index}"
        self._say(f"{number} {'by mail' if talk.by_mail else 'to customer'}", word)
        if talk.files_ticket:
            self.said[f"{number} by mail"].append(word)
        await self.agent.reply(card, word)

    async def _begin_by_mail(self, number: int, talk: Talk) -> None:
        """Let a customer mail the problem, and wait for the first answer, to which they reply."""
        customer = self._there.mail.customer(self.address(number), f"Ana {number}")
        self._by_mail[number] = customer
        self._say(f"{number} to agents", word := f"c{number}x0")
        customer.writes(desk_address(talk.room), "My site", f"My site is down {word}")
        await customer.receives("received your request", timeout=PATIENCE)

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
