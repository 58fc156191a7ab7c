"""One room and nothing else: the dispatcher itself, its pace and its joining, under load.

Conversations begin as a Poisson process. Each has 1 + ⌊X⌋ messages, X exponential with mean 5: five
and a half on average, and now and then thirty. Between them lie exponential gaps with a mean of
6 seconds. The room takes a post a second, with no burst, at once. What is measured is the time
from a customer's word to the post that carries it.
"""

import asyncio
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from statistics import median

from adapters.store.memory import MemoryStore
from bots.simulation import virtual_time
from bots.simulation.figures import percentile
from bots.simulation.identifiers import SeededIds
from bots.simulation.virtual_time import VirtualClock
from core.channel_port import Delivered
from core.contact import Contact, Identity
from core.conversation import Conversation, Stage
from core.delivery import Dispatcher
from core.desk import Desk
from core.effects import Relay
from core.hours import WorkingHours
from core.ids import ContactId, ConversationId, MessageId, Receipt
from core.known import Rules
from core.message import Message, Part, Side
from core.outbox import AGENTS, Delivery, Fits, Outgoing, plan
from core.pace import Toll
from core.policy import Department, Policy
from core.ports import Audit, Changes
from core.richtext import plain

MEAN_MORE = 5.0
MEAN_GAP = 6.0
"""Seconds."""
_START = datetime(2026, 1, 5, tzinfo=UTC)
_DEPARTMENT = Department(
    key="support", name="Support", room="C1", hours=WorkingHours(week="24/7", zone="UTC")
)


@dataclass(frozen=True, kw_only=True)
class Load:
    """What the room is given."""

    conversations: float
    """So many begin in a second."""
    joins: int
    """How many messages may share a post."""
    seconds: float = 7200.0
    """For how long conversations begin; then the room is left to come to rest."""
    seed: int = 1


@dataclass(frozen=True, kw_only=True)
class Delays:
    """What came of it; times in seconds."""

    messages: float
    """So many in a second, on average."""
    p95: float
    p99: float
    per_post: float
    """Messages."""


def measure(load: Load) -> Delays:
    """Run *load* in virtual time through the real dispatcher."""
    return virtual_time.run(_run(load))


def typical(load: Load, seeds: range) -> Delays:
    """Return the median of each figure over *seeds*: one run says little of a clumped arrival."""
    runs = [measure(replace(load, seed=seed)) for seed in seeds]
    return Delays(
        messages=median(each.messages for each in runs),
        p95=median(each.p95 for each in runs),
        p99=median(each.p99 for each in runs),
        per_post=median(each.per_post for each in runs),
    )


def arrivals(load: Load) -> list[tuple[float, int]]:
    """Return when a message is written (seconds from the start), and in which conversation."""
    dice = random.Random(load.seed)
    written: list[tuple[float, int]] = []
    begins = dice.expovariate(load.conversations)
    for number in count():
        if begins > load.seconds:
            return sorted(written)
        at = begins
        for _ in range(1 + int(dice.expovariate(1 / MEAN_MORE))):
            written.append((at, number))
            at += dice.expovariate(1 / MEAN_GAP)
        begins += dice.expovariate(load.conversations)
    raise AssertionError("counting does not end")


@dataclass
class _Room:
    """A room that takes whatever it is sent, at once."""

    fits: Fits
    expected: int
    """How many messages are to come."""
    name: str = AGENTS
    posts: int = 0
    delays: list[float] = field(default_factory=list)
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    def tolls(self, delivery: Delivery) -> tuple[Toll, ...]:
        return (Toll(f"{AGENTS}:{delivery.place}", per_second=1.0),)

    async def deliver(self, outgoing: Outgoing) -> Delivered:
        now = asyncio.get_running_loop().time()
        alone = (outgoing.message,) if outgoing.message else ()
        for message in outgoing.with_messages or alone:
            self.delays.append(now - (message.at - _START).total_seconds())
        self.posts += 1
        if len(self.delays) == self.expected:
            self.complete.set()
        return Delivered(Receipt(str(self.posts)))


async def _run(load: Load) -> Delays:
    clock, store, ids = VirtualClock(_START), MemoryStore(), SeededIds(load.seed)
    written = arrivals(load)
    room = _Room(Fits(text=40_000, file=0, joins=load.joins), expected=len(written))
    async with store.transaction() as tx:
        audit = Audit(at=_START, who="", what="", before="", after="")
        await tx.save_department(_DEPARTMENT, audit)
    rules = Rules(language="en", fits={AGENTS: room.fits}, patience=Policy(departments=()))
    dispatcher = Dispatcher(
        store=store,
        clock=clock,
        desk=Desk(store=store, clock=clock, ids=ids, rules=rules),
        channels={AGENTS: room},
        chance=random.Random(load.seed).random,
    )
    delivering = asyncio.create_task(dispatcher.run())
    for at, number in written:
        await asyncio.sleep(at - clock.monotonic())
        async with store.transaction() as tx:
            await tx.save(_relayed(number, clock.now(), ids))
        dispatcher.wake()
    await room.complete.wait()
    dispatcher.stop()
    await delivering
    return Delays(
        messages=len(written) / load.seconds,
        p95=percentile(room.delays, 95),
        p99=percentile(room.delays, 99),
        per_post=len(written) / room.posts,
    )


def _relayed(number: int, at: datetime, ids: SeededIds) -> Changes:
    """Return that the customer of a running conversation wrote, and that it is to be relayed."""
    conversation = Conversation(
        id=ConversationId(f"c{number}"),
        contact=Contact(id=ContactId(f"c{number}"), language="en"),
        identity=Identity("chat", f"c{number}"),
        opened_at=_START,
        stage=Stage.ACTIVE,
        handed_over=True,
    )
    delivery_id = ids.delivery()
    message = Message(
        id=MessageId(f"m{delivery_id}"),
        conversation_id=conversation.id,
        side=Side.CUSTOMER,
        author="",
        at=at,
        part=Part.TALK,
        text=plain("And another thing."),
    )
    deliveries = plan(
        [Relay(to=Side.AGENTS, message_id=message.id)],
        conversation,
        {message.id: message},
        _DEPARTMENT,
        {AGENTS: Fits(text=40_000, file=0)},
        at=at,
        new_id=lambda: delivery_id,
        pieces_before={},
    )
    return Changes(
        conversations={conversation.id: conversation},
        messages={message.id: message},
        deliveries=deliveries,
    )
