"""The engine: one way in, one transaction for all that waits, and only then the word "received"."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta

from core.batch import Batch
from core.conversation import Stage
from core.events import TimerFired
from core.flood import Floodgate, Judged
from core.habits import Habits
from core.ids import Ids, Thread
from core.known import Rules
from core.placing import of_thread
from core.ports import About, Changes, Clock, Incoming, Store, Transaction

WENT_BACK = timedelta(seconds=5)
"""By how much a clock must go back for anybody to care."""
MOST_AT_ONCE = 500
"""How many events share one transaction at most."""


async def begins_nothing(_: Transaction) -> Callable[[], None]:
    """Leave all deliveries to whoever looks for them."""
    return lambda: None


class Desk:
    """Receives events and decides them; what must be said about them goes to the outbox."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        ids: Ids,
        rules: Rules,
        committed: Callable[[Changes], None] = lambda changes: None,
        begin: Callable[[Transaction], Awaitable[Callable[[], None]]] = begins_nothing,
    ) -> None:
        """Take *committed*, called after every commit with what it changed.

        *begin* is asked, in each transaction that has changed something, to begin the deliveries
        that can go; what it returns is called after the commit.
        """
        self._store = store
        self._clock = clock
        self._ids = ids
        self._rules = rules
        self._habits = Habits()
        self._gate = Floodgate(rules.patience)
        self._committed = committed
        self._begin = begin
        self._waiting: list[_Waiting] = []
        self._turn = asyncio.Lock()
        self._turns: set[asyncio.Task[None]] = set()
        self._looked: tuple[datetime, float] | None = None
        """When was looked for what is due: by the clock, and in seconds that never jump."""

    async def receive(self, incoming: Sequence[Incoming]) -> None:
        """Take events in; return once they are stored and decided.

        What a customer brings over the limits is declined: they are told so, and it is not stored.
        Events that wait while others are decided share the next transaction. Raises what the store
        raises: then nothing of them is stored, and they must be told again.
        """
        if incoming:
            await self._take(incoming)

    async def _take(self, incoming: Sequence[Incoming]) -> None:
        mine = _Waiting(incoming)
        self._waiting.append(mine)
        # On its own, because whoever tells may be cancelled, and a transaction must not be: its
        # connection would be left behind in the middle of it.
        turn = asyncio.create_task(self._turn_of(mine))
        self._turns.add(turn)
        turn.add_done_callback(self._turns.discard)
        await asyncio.shield(turn)
        if mine.error is not None:
            raise mine.error

    async def finish(self) -> None:
        """Return when what has been told is stored and decided, whoever still waits for it."""
        while self._turns:
            await asyncio.wait(self._turns)

    async def tick(self) -> int:
        """Wake the conversations whose time has come, so many at once; return how many.

        Floods that are over are said to be, and events that an operator wants handled once more
        are.
        """
        now = self._clock.now()
        strays = self._may_stray(now)
        async with self._store.transaction() as tx:
            due = await tx.due(now, MOST_AT_ONCE)
            over = await tx.waits_over()
            ahead = await tx.wakes_ahead(now, strays) if strays else []
        if over:
            await self._take_up(over)
        wakes = [
            Incoming(
                key=f"wake:{each}:{now.isoformat()}", origin=About(each), event=TimerFired(at=now)
            )
            for each in (*due, *ahead)
        ]
        if wakes or self._gate.has_news(now):
            await self._take(wakes)
        return len(due)

    def _may_stray(self, now: datetime) -> tuple[Stage, ...]:
        """Return in which stages wake times may lie ahead because the clock was.

        None, as a rule. After a start, those in which somebody waits: the clock may have been put
        right meanwhile. When it goes back while the desk runs, all.
        """
        before, monotonic = self._looked, self._clock.monotonic()
        self._looked = now, monotonic
        if before is None:
            return (Stage.ASKING, Stage.WAITING)
        passed = timedelta(seconds=monotonic - before[1])
        return tuple(Stage) if now - before[0] < passed - WENT_BACK else ()

    async def recover(self) -> None:
        """Decide what was set aside for something that has come, before the process ended."""
        async with self._store.transaction() as tx:
            over = await tx.waits_over()
        if over:
            await self._take_up(over)

    async def take_up(self, threads: Iterable[Thread]) -> None:
        """Decide what agents wrote in these threads before the desk knew them."""
        await self._take_up([of_thread(each) for each in threads])

    async def _take_up(self, waited_for: Sequence[str]) -> None:
        async with self._turn:
            await self._decide((), waited_for)

    async def _turn_of(self, mine: "_Waiting") -> None:
        async with self._turn:
            if not mine.done:
                await self._take_turn()

    async def _take_turn(self) -> None:
        together = _first(self._waiting, MOST_AT_ONCE)
        del self._waiting[: len(together)]
        try:
            await self._decide([each for waiting in together for each in waiting.incoming])
        except BaseException as error:
            cut_off = RuntimeError("the desk was ended before this was stored")
            for waiting in together:
                waiting.error = error if isinstance(error, Exception) else cut_off
            if not isinstance(error, Exception):
                raise
        finally:
            for waiting in together:
                waiting.done = True

    async def _decide(self, incoming: Sequence[Incoming], waited_for: Sequence[str] = ()) -> None:
        at = self._clock.now()
        batch: Batch | None = None
        async with self._store.transaction() as tx:
            judged = await self._judge(tx, incoming, at)
            admitted = await tx.admit(judged.happened, at) if judged.happened else []
            waited = await tx.take_up(waited_for) if waited_for else []
            if happened := [*admitted, *waited]:
                batch = Batch(tx=tx, at=at, rules=self._rules, ids=self._ids, habits=self._habits)
                await batch.handle(happened)
                await tx.save(batch.changes)
                go = await self._begin(tx)
        # Only now: what could not be stored is told again, and must find the room that it had.
        self._gate.count(judged, admitted, at)
        if batch is not None:
            go()
            self._committed(batch.changes)

    async def _judge(self, tx: Transaction, incoming: Sequence[Incoming], at: datetime) -> Judged:
        """Return what is taken of these; what is told once more uses up nothing."""
        judged = self._gate.judge(incoming, at)
        if not judged.declined:
            return judged
        told = {each.key: each for each in incoming}
        known = await tx.recorded(told)
        return self._gate.judge([each for key, each in told.items() if key not in known], at)


class _Waiting:
    """Events whose teller waits for the word that they are stored."""

    def __init__(self, incoming: Sequence[Incoming]) -> None:
        self.incoming = incoming
        self.done = False
        self.error: Exception | None = None


def _first(waiting: Sequence[_Waiting], limit: int) -> list[_Waiting]:
    """Return the first ones that together have at most *limit* events; at least one."""
    taken: list[_Waiting] = []
    count = 0
    for each in waiting:
        count += len(each.incoming)
        if taken and count > limit:
            break
        taken.append(each)
    return taken
