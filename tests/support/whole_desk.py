"""A whole desk for tests: the real engine on a real database, and a clock that is moved by hand."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path

from adapters.store import SqlStore
from core.contact import Identity
from core.conversation import Conversation
from core.desk import Desk, begins_nothing
from core.effects import OpenThread
from core.events import (
    AgentEdited,
    AgentFiledTicket,
    AgentHeld,
    AgentMerged,
    AgentPrioritised,
    AgentRenamed,
    AgentResolved,
    AgentRetried,
    AgentTook,
    AgentWrote,
    CustomerProved,
    CustomerReopened,
    CustomerReplied,
    DeliveryFailed,
    Event,
    TimerFired,
)
from core.ids import ConversationId, DeliveryId, Receipt, Thread
from core.known import Rules
from core.outbox import AGENTS, MAIL, Fits
from core.policy import Policy
from core.ports import About, Audit, FromCustomer, FromThread, Incoming, Origin, Transaction
from tests.support.builders import ANA, CountingIds, ManualClock
from tests.support.play import Happens, Line, Passes, in_words, read


class WholeDesk:
    """A desk on a real database, with a clock that is moved by hand.

    Each step has a desk of its own, so everything that is known of the last step was read back;
    one that never *restarts* also keeps what it has in memory.
    """

    def __init__(
        self, store: SqlStore, clock: ManualClock, patience: Policy, *, restarts: bool = True
    ) -> None:
        self.store = store
        self.clock = clock
        self.ids = CountingIds()
        self._fits = {name: Fits(text=4000, file=10**8) for name in ("chat", AGENTS, MAIL)}
        self._rules = Rules(language="en", fits=self._fits, patience=patience)
        self._told = 0
        self.begin: Callable[[Transaction], Awaitable[Callable[[], None]]] = begins_nothing
        """What its desks ask to begin what can go."""
        self._only = None if restarts else self._started()

    def desk(self) -> Desk:
        """Return a desk that has just been started, or the only one."""
        return self._only or self._started()

    def _started(self) -> Desk:
        return Desk(
            store=self.store,
            clock=self.clock,
            ids=self.ids,
            rules=self._rules,
            begin=lambda tx: self.begin(tx),
        )

    def carries(self, **fits: Fits) -> None:
        """Let channels carry that much from now on."""
        self._fits |= fits

    async def play(self, *script: Line, who: Identity = ANA) -> Conversation:
        """Play a talk with one customer; return their newest conversation at its end."""
        for number, line in enumerate(script, start=1):
            steps, expected = read(line)
            happens = [each for each in steps if not isinstance(each, Passes)]
            await self.tell(*happens, who=who)
            done = await self.carry_out()
            for each in steps:
                if isinstance(each, Passes):
                    done += await self._pass(each)

            assert done == expected, f"line {number}: the desk did {done}"
        return await self.conversation(who)

    async def tell(self, *steps: Happens, who: Identity = ANA) -> None:
        """Have all this happen at once."""
        newest = await self._newest(who)
        told = []
        for step in steps:
            self._told += 1
            event = step(self.clock.now())
            origin = _origin(event, who, newest)
            told.append(Incoming(key=f"e{self._told}", origin=origin, event=event))
        await self.desk().receive(told)

    def repeat_last(self) -> None:
        """Let the platform tell the last event once more, with whatever is told next."""
        self._told -= 1

    async def conversation(self, who: Identity = ANA) -> Conversation:
        """Return the customer's newest conversation."""
        newest = await self._newest(who)
        assert newest is not None
        return newest

    async def _newest(self, who: Identity) -> Conversation | None:
        async with self.store.transaction() as tx:
            return (await tx.latest_conversations([who])).get(who)

    async def _pass(self, step: Passes) -> list[str]:
        end = self.clock.now() + step.span
        done: list[str] = []
        while not step.asleep and (wake := await self._next_wake()) is not None and wake <= end:
            self.clock.go_to(wake)
            await self.desk().tick()
            done += await self.carry_out()
        self.clock.go_to(end)
        await self.desk().tick()
        return done + await self.carry_out()

    async def _next_wake(self) -> datetime | None:
        async with self.store.transaction() as tx:
            return await tx.next_wake()

    async def carry_out(self) -> list[str]:
        """Deliver everything; return it in words, in the order in which it was decided."""
        done: dict[DeliveryId, str] = {}
        while True:
            opened: list[Thread] = []
            async with self.store.transaction() as tx:
                heads = (await tx.heads(self.clock.now(), 100, ())).due
                if not heads:
                    break
                for each in await tx.begin([head.id for head in heads]):
                    done[each.delivery.id] = in_words(each.delivery.effect)
                    await tx.finish({each.delivery.id: Receipt(each.delivery.id)})
                    if isinstance(each.delivery.effect, OpenThread):
                        thread = thread_of(each.conversation.id)
                        await tx.set_threads({each.conversation.id: thread})
                        opened.append(thread)
            await self.desk().take_up(opened)
        in_order = [done[each] for each in sorted(done, key=lambda id: int(id.split("-")[1]))]
        return [each for each, _ in groupby(in_order)]


def thread_of(conversation: ConversationId) -> Thread:
    """Return the thread that these tests give a conversation."""
    return Thread(f"thread of {conversation}")


def _origin(event: Event, who: Identity, newest: Conversation | None) -> Origin:
    match event:
        case AgentWrote() | AgentEdited():
            assert newest is not None
            return FromThread(thread_of(newest.id))
        case (
            AgentTook()
            | AgentResolved()
            | AgentFiledTicket()
            | AgentHeld()
            | AgentRenamed()
            | AgentPrioritised()
            | AgentMerged()
            | AgentRetried()
            | CustomerReplied()
            | CustomerReopened()
            | CustomerProved()
            | DeliveryFailed()
            | TimerFired()
        ):
            assert newest is not None
            return About(newest.id)
        case _:
            return FromCustomer(identity=who, name="Ana A.", language="en")


@asynccontextmanager
async def whole_desk(
    folder: Path, rules: Policy, at: datetime, *, restarts: bool = True
) -> AsyncIterator[WholeDesk]:
    """Set up a desk with the departments of *rules*, on a database in *folder*."""
    clock = ManualClock(at)
    store = await SqlStore.open(f"sqlite:///{folder}/desk.db")
    try:
        async with store.transaction() as tx:
            for each in rules.departments:
                audit = Audit(at=at, who="test", what=each.key, before="", after="")
                await tx.save_department(each, audit)
        yield WholeDesk(store, clock, rules, restarts=restarts)
    finally:
        await store.close()
