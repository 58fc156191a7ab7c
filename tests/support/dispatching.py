"""A dispatcher on channels made for tests: platforms that do as they are told."""

import asyncio
from dataclasses import dataclass, field, replace

from core.channel_port import Delivered
from core.contact import Identity
from core.delivery import Dispatcher
from core.effects import OpenThread, TellAgents, UpdateCard
from core.ids import DeliveryId, Receipt
from core.outbox import AGENTS, MAIL, WEBHOOK, Delivery, Fits, Outgoing
from core.pace import Toll
from tests.support.play import customer, in_words, passes
from tests.support.whole_desk import WholeDesk, thread_of

BOB = Identity("chat", "bob")
FAST = Toll("everything", per_second=1e6, burst=1000)
ROOMY = Fits(text=4000, file=10**8)


@dataclass
class FakeChannel:
    """A platform that does as it is told, and remembers what it was asked to do."""

    name: str
    fits: Fits = ROOMY
    ends: list[Exception] = field(default_factory=list)
    """How the next calls end badly, one after the other; then all is well."""
    seen: list[str] = field(default_factory=list)
    rate: Toll = FAST
    cards: Toll | None = None
    """What updates of cards are counted by, where they are counted apart."""
    held_up: dict[str, asyncio.Event] = field(default_factory=dict)
    """Places whose calls end only when something has happened."""
    buttons: list[DeliveryId] = field(default_factory=list)
    """The failed deliveries beside which agents were shown a button."""
    together: list[list[str]] = field(default_factory=list)
    """The joined posts that were sent: what each message in them says."""

    def tolls(self, delivery: Delivery) -> tuple[Toll, ...]:
        if self.cards is not None and isinstance(delivery.effect, UpdateCard):
            return (self.cards,)
        return (replace(self.rate, key=f"{self.name}:{delivery.place}"), FAST)

    async def deliver(self, outgoing: Outgoing) -> Delivered:
        match outgoing.delivery.effect:
            case TellAgents(retry=str(failed)):
                self.buttons.append(failed)
        self.seen.append(in_words(outgoing.delivery.effect))
        if outgoing.with_messages:
            self.together.append([each.text.text for each in outgoing.with_messages])
        if (event := self.held_up.get(outgoing.delivery.place)) is not None:
            await event.wait()
        if self.ends:
            raise self.ends.pop(0)
        opens = isinstance(outgoing.delivery.effect, OpenThread)
        thread = thread_of(outgoing.conversation.id) if opens else None
        return Delivered(Receipt(outgoing.delivery.id), thread)


@dataclass
class AskableChannel(FakeChannel):
    """A platform that can be asked whether it has something."""

    has: bool = False
    finds_end: list[Exception] = field(default_factory=list)

    async def find(self, outgoing: Outgoing) -> Delivered | None:
        self.seen.append("looked for")
        if self.finds_end:
            raise self.finds_end.pop(0)
        return Delivered(Receipt("found")) if self.has else None


class Post:
    """A desk whose deliveries are carried out by a dispatcher, on channels made for tests."""

    def __init__(self, desk: WholeDesk) -> None:
        self.desk = desk
        self.chat = FakeChannel("chat")
        self.agents = AskableChannel(AGENTS)
        self.mail = FakeChannel(MAIL)
        self.programs = FakeChannel(WEBHOOK)
        self.may_call = True
        self.dispatcher = self.restarted()

    def restarted(self) -> Dispatcher:
        """Return a dispatcher that knows nothing but what is stored."""
        return Dispatcher(
            store=self.desk.store,
            clock=self.desk.clock,
            desk=self.desk.desk(),
            channels={each.name: each for each in self._channels()},
            chance=lambda: 1.0,
            may_call=lambda: self.may_call,
        )

    async def turn(self) -> float | None:
        """Have one turn, and let its calls end; return the seconds until the next one."""
        pause = await self.dispatcher.turn()
        await self.dispatcher.drain(10)
        return pause

    async def empty(self) -> None:
        """Have turns until nothing is left that may go now."""
        calls = -1
        while calls != (calls := self._calls()):
            await self.turn()

    async def wait(self) -> float:
        """Go on to the moment at which something may go, and let it go; return the seconds."""
        pause = await self.dispatcher.turn()
        assert pause is not None
        self.desk.clock.go_on(pause)
        await self.turn()
        return pause

    def _calls(self) -> int:
        return sum(len(each.seen) for each in self._channels())

    def _channels(self) -> tuple[FakeChannel, ...]:
        return (self.chat, self.agents, self.mail, self.programs)


async def meet(desk: WholeDesk, who: Identity) -> None:
    """Let a customer open a conversation, and be told that the agents know."""
    await desk.play(
        (customer(f"{who.address}'s site is down"),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
        (customer("Ana", id=f"{who.address}'s name"), "desk: ASK_EMAIL [BUTTON_CHANGE_NAME]"),
        (
            customer(f"{who.address}@example.com"),
            "agents: card",
            "desk: AGENTS_TOLD",
        ),
        who=who,
    )
