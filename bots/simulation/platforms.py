"""Models of the platforms: they carry out what the desk asks, late, not always, and sometimes
without a word; and they show people what they carried out.

Rates, and what is answered when they are overstepped, are those of the real ones: docs.slack.dev,
"Rate limits"; core.telegram.org/bots/faq, "My bot is hitting limits".
"""

import asyncio
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from bots.simulation.ledger import Ledger
from bots.simulation.measures import Measures
from bots.simulation.scenario import Trouble
from core.channel_port import Delivered
from core.effects import OpenThread, RelayEdit, UpdateCard, Words
from core.errors import GiveUp, InDoubt, Retry
from core.ids import DeliveryId, Receipt, Thread
from core.outbox import AGENTS, MAIL, Delivery, Fits, Outgoing
from core.pace import Pace, Toll
from core.phrases import Phrase

CHAT = "telegram"
LATENCY = 0.1
"""Seconds that a call takes there and back."""
TIME_OUT = 10.0
"""Seconds after which a call without an answer is broken off."""

_ROOMS = Fits(text=2900, file=0, joins=10)
_CHATS = Fits(text=3900, file=0)
_MAILS = Fits(text=100_000, file=0)

Show = Callable[[Outgoing, Delivered], None]
"""Tells people what now stands before them."""


@dataclass(kw_only=True)
class Wire:
    """The way to a platform: how long a call takes, and what befalls it."""

    ledger: Ledger
    dice: random.Random
    trouble: Trouble
    outages: tuple[tuple[float, float], ...] = ()
    can_find: bool = False
    """Whether the platform can be asked what it has; otherwise a doubt excuses a copy."""

    async def call(self, outgoing: Outgoing, take: Callable[[], Delivered]) -> Delivered:
        """Have the platform *take* it. Raises `Retry`, `GiveUp` or `InDoubt`."""
        self.ledger.called(outgoing)
        try:
            return await self._call(outgoing, take)
        finally:
            self.ledger.over(outgoing)

    def check_open(self) -> None:
        """Raise `Retry` while the platform takes no calls."""
        now = asyncio.get_running_loop().time()
        if any(start <= now < start + length for start, length in self.outages):
            raise Retry("no connection")

    async def _call(self, outgoing: Outgoing, take: Callable[[], Delivered]) -> Delivered:
        await asyncio.sleep(LATENCY / 2)
        self.check_open()
        if self.dice.random() < self.trouble.error:
            self._excuse(outgoing)
            raise InDoubt("internal error")
        delivered = take()
        if self.dice.random() < self.trouble.lost_answer:
            self._excuse(outgoing)
            await asyncio.sleep(TIME_OUT)
            raise InDoubt("no answer")
        await asyncio.sleep(LATENCY / 2)
        return delivered

    def _excuse(self, outgoing: Outgoing) -> None:
        if not self.can_find:
            self.ledger.excuse(outgoing)


@dataclass(kw_only=True)
class Rooms:
    """The agents' rooms: a post a second in each; what is in doubt can be found, a little later."""

    wire: Wire
    measures: Measures
    show: Show
    name: str = AGENTS
    fits: Fits = _ROOMS
    _pace: Pace = field(default_factory=Pace)
    _posts: dict[DeliveryId, tuple[float, Delivered]] = field(default_factory=dict)
    """What was posted, and from when on it is found."""

    def tolls(self, delivery: Delivery) -> tuple[Toll, ...]:
        """Return the rates by which the desk goes: those of the real channel."""
        if isinstance(delivery.effect, UpdateCard | RelayEdit):
            return (Toll(f"{AGENTS}:update", 50 / 60, 10),)
        return (Toll(f"{AGENTS}:{delivery.place}", 1.0, 3),)

    async def deliver(self, outgoing: Outgoing) -> Delivered:
        """Post it."""
        return await self.wire.call(outgoing, lambda: self._take(outgoing))

    async def find(self, outgoing: Outgoing) -> Delivered | None:
        """Return what was posted, once it can be seen."""
        await asyncio.sleep(LATENCY)
        try:
            self.wire.check_open()
        except Retry as error:
            raise InDoubt(error.reason) from error
        found_from, delivered = self._posts.get(outgoing.delivery.id, (math.inf, None))
        return delivered if found_from <= asyncio.get_running_loop().time() else None

    def _take(self, outgoing: Outgoing) -> Delivered:
        delivery = outgoing.delivery
        now = asyncio.get_running_loop().time()
        if isinstance(delivery.effect, UpdateCard):
            return Delivered(Receipt(""))
        limit = (Toll(delivery.place, 1.0, self.wire.trouble.real_burst),)
        if (free_at := self._pace.free_at(limit, now)) > now:
            self.measures.refused += 1
            raise Retry("ratelimited", after=math.ceil(free_at - now))
        self._pace.spend(limit, now)
        delivered = _stands(delivery, now)
        visible = now + self.wire.dice.uniform(0, self.wire.trouble.visible_after)
        self._posts[delivery.id] = visible, delivered
        self.wire.ledger.took(outgoing)
        self.measures.posted(outgoing, now)
        self.show(outgoing, delivered)
        return delivered


@dataclass(kw_only=True)
class Chats:
    """The customers' chats: one message a second in each, 30 in all; nothing can be looked up."""

    wire: Wire
    measures: Measures
    show: Show
    name: str = CHAT
    fits: Fits = _CHATS
    blocked: set[str] = field(default_factory=set)
    """Chats whose customers have blocked the bot."""
    _pace: Pace = field(default_factory=Pace)

    def tolls(self, delivery: Delivery) -> tuple[Toll, ...]:
        """Return the rates by which the desk goes: those of the real channel."""
        return (Toll(f"{CHAT}:{delivery.place}", 1.0, 4), Toll(CHAT, 30.0, 30))

    async def deliver(self, outgoing: Outgoing) -> Delivered:
        """Send it."""
        return await self.wire.call(outgoing, lambda: self._take(outgoing))

    def _take(self, outgoing: Outgoing) -> Delivered:
        delivery = outgoing.delivery
        now = asyncio.get_running_loop().time()
        if delivery.place in self.blocked:
            why = Words(phrase=Phrase.WHY_BLOCKED)
            raise GiveUp("bot was blocked by the user", why=why, gone=True)
        limits = (Toll(delivery.place, 1.0, 6), Toll(CHAT, 30.0, 60))
        if (free_at := self._pace.free_at(limits, now)) > now:
            self.measures.refused += 1
            raise Retry("Too Many Requests", after=math.ceil(free_at - now))
        self._pace.spend(limits, now)
        self._pace.forget(now)
        delivered = Delivered(Receipt(delivery.id))
        self.wire.ledger.took(outgoing)
        self.measures.answered(outgoing, now)
        self.show(outgoing, delivered)
        return delivered


@dataclass(kw_only=True)
class Mailboxes:
    """The customers' mailboxes: a mail sent again has the same id, and is the same mail."""

    wire: Wire
    name: str = MAIL
    fits: Fits = _MAILS
    _there: set[DeliveryId] = field(default_factory=set)

    def tolls(self, delivery: Delivery) -> tuple[Toll, ...]:
        """Return the rates by which the desk goes: those of the real channel."""
        return (Toll(f"{MAIL}:{delivery.place}", 1.0, 5), Toll(MAIL, 10.0))

    async def deliver(self, outgoing: Outgoing) -> Delivered:
        """Send it."""
        return await self.wire.call(outgoing, lambda: self._take(outgoing))

    def _take(self, outgoing: Outgoing) -> Delivered:
        if outgoing.delivery.id not in self._there:
            self._there.add(outgoing.delivery.id)
            self.wire.ledger.took(outgoing)
        return Delivered(Receipt(outgoing.delivery.id))


def _stands(delivery: Delivery, now: float) -> Delivered:
    """Return where a post stands: one that opens a thread is one."""
    ts = f"{delivery.place}:{now:.6f}:{delivery.id}"
    opens = isinstance(delivery.effect, OpenThread)
    return Delivered(Receipt(ts), Thread(ts) if opens else None)
