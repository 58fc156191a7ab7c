"""The desk's process: its real engine on a store in memory, started and killed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

from adapters.store.memory import MemoryStore
from bots.simulation.identifiers import SeededIds
from bots.simulation.ledger import Ledger
from core.attempt import Attempt
from core.channel_port import Channel
from core.delivery import Dispatcher
from core.desk import Desk
from core.known import Rules
from core.policy import Policy
from core.ports import Changes, Clock, Incoming

_LOOKS_EVERY = timedelta(hours=1)
"""How often the store is looked into although nobody called: nobody else writes, no clock jumps."""
_STARTS_WITHIN = 1.0
"""Seconds between a crash and the next life."""


class Engine:
    """What would be `podrska run`, without the listeners: platforms call `tell`."""

    def __init__(
        self,
        *,
        store: MemoryStore,
        clock: Clock,
        ids: SeededIds,
        channels: Mapping[str, Channel],
        chance: Callable[[], float],
        ledger: Ledger,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._channels = channels
        self._chance = chance
        self._ledger = ledger
        self._life = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin a life: what was under way is in doubt, what was set aside is looked at again."""
        self._life += 1
        self._woken = asyncio.Event()
        rules = Rules(
            language="en",
            fits={name: each.fits for name, each in self._channels.items()},
            patience=Policy(departments=()),
        )
        self._desk = Desk(
            store=self._store,
            clock=self._clock,
            ids=self._ids,
            rules=rules,
            committed=self._committed,
            begin=lambda tx: self._dispatcher.begin(tx),
        )
        self._dispatcher = Dispatcher(
            store=self._store,
            clock=self._clock,
            desk=self._desk,
            channels=self._channels,
            chance=self._chance,
            report=partial(self._report, self._life),
            look_every=_LOOKS_EVERY.total_seconds(),
        )
        await self._desk.recover()
        await self._dispatcher.recover()
        self._tasks = [
            asyncio.create_task(self._dispatcher.run()),
            asyncio.create_task(self._ring()),
        ]

    async def crash(self) -> None:
        """End at once; calls under way reach their platforms, and nobody hears how they end."""
        for each in self._tasks:
            each.cancel()
        await asyncio.wait(self._tasks)
        self._life += 1
        self._ledger.died()
        await asyncio.sleep(_STARTS_WITHIN)
        await self.start()

    async def stop(self) -> None:
        """End in peace."""
        for each in self._tasks:
            each.cancel()
        await asyncio.wait(self._tasks)

    async def tell(self, incoming: Incoming) -> None:
        """Have the desk take an event in; as platforms do, again until it was acknowledged."""
        while True:
            life = self._life
            await self._desk.receive([incoming])
            if life == self._life:
                return
            await asyncio.sleep(2 * _STARTS_WITHIN)

    def check(self) -> None:
        """Raise what has ended a part of the desk that should not have ended."""
        for each in self._tasks:
            if each.done() and not each.cancelled():
                each.result()

    def _report(self, life: int, attempt: Attempt) -> None:
        if life == self._life:  # the dead hear nothing
            self._ledger.reported(attempt)

    def _committed(self, changes: Changes) -> None:
        self._ledger.committed(changes)
        self._woken.set()

    async def _ring(self) -> None:
        """Wake the conversations whose time has come; the real alarm goes by the machine's time."""
        while True:
            await self._desk.tick()
            self._woken.clear()
            async with self._store.transaction() as tx:
                upcoming = await tx.next_wake()
            now = self._clock.now()
            self._ledger.rung(now, upcoming)
            pause = _LOOKS_EVERY if upcoming is None else min(upcoming - now, _LOOKS_EVERY)
            await _first(self._woken.wait, pause.total_seconds())


async def _first(happens: Callable[[], Awaitable[object]], seconds: float) -> None:
    """Return when it *happens*, and after so many seconds in any case."""
    try:
        async with asyncio.timeout(seconds):
            await happens()
    except TimeoutError:
        return
