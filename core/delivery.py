"""The dispatcher: carries deliveries out, lane by lane, in order, many lanes at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence, Sized
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from core.attempt import Attempt, attempt
from core.channel_port import Channel
from core.desk import Desk
from core.joining import join
from core.outbox import Delivery, Fits, Head, Outgoing
from core.pace import Pace
from core.ports import Clock, Store, Transaction
from core.settling import LONGEST_PAUSE, Settled, Settling
from core.turns import Turns

LONGEST_SLEEP = 15.0
"""As long as a clock may have jumped before the outbox is looked into again (seconds)."""

_MOST_LANES = 1000
"""How many lanes are looked at together."""
_ROUNDS = 4
"""How often in one turn the outbox is asked for lanes besides those that must wait."""
_FEW = 8
"""How many calls may be under way before turns are followed by a rest.

Under load more is said meanwhile, which then goes in fewer posts: those cost more than turns do.
"""
_REST = 3.0
"""How many times as long as a turn the rest after it is."""
_LONGEST_REST = 0.25
"""Seconds between two turns under load, at most."""
_SLIP = timedelta(seconds=5)
"""A clock that goes back by less makes what waits for a time wait a little longer, no more."""


class Dispatcher:
    """Takes deliveries from the outbox and has them carried out."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        desk: Desk,
        channels: Mapping[str, Channel],
        chance: Callable[[], float],
        pace: Pace | None = None,
        at_once: int = 64,
        report: Callable[[Attempt], None] = lambda attempt: None,
        look_every: float = LONGEST_SLEEP,
        may_call: Callable[[], bool] = lambda: True,
    ) -> None:
        """Take *chance*, numbers from 0 to 1 for jitter, and *report*, told how calls ended.

        *look_every*: seconds after which the outbox is looked into although nobody asked.
        *may_call* is asked right before each call: another instance may be at work by now.
        """
        self._store = store
        self._clock = clock
        self._desk = desk
        self._channels = channels
        self._at_once = at_once
        self._report = report
        self._may_call = may_call
        self._look_every = look_every
        self._pace = pace or Pace()
        self._settling = Settling(channels=channels, chance=chance, pace=self._pace)
        self._turns = Turns()
        self._closed: dict[str, float] = {}
        """Tolls that are used up, by key, and until when (seconds, monotonic)."""
        self._ended: list[Attempt] = []
        self._calls: dict[str, asyncio.Task[None]] = {}
        """The calls under way, by lane."""
        self._under_way: dict[str, str] = {}
        """Their channels."""
        self._woken = asyncio.Event()
        self._stopping = False
        self._nothing_waits = False
        """Whether it sleeps, and no delivery is to go at a time to come."""
        self._begins_along = False
        """Whether deliveries are begun in a transaction that is not over, or has failed."""
        self._zero = _zero(clock)
        """When the monotonic clock was at zero, as the other one had it in the last turn."""
        self.turned_at = clock.monotonic()
        """When it last looked into the outbox (seconds, monotonic): for the health check."""

    def wake(self) -> None:
        """Look into the outbox now."""
        self._woken.set()

    @property
    def rests(self) -> bool:
        """Whether it runs, and waits for nothing but being woken."""
        return self._nothing_waits and not self._woken.is_set()

    async def recover(self) -> None:
        """Before the first turn: what was being sent when the process ended is in doubt.

        What waits longer than anything is made to wait was postponed by a clock that was ahead.
        """
        now = self._clock.now()
        async with self._store.transaction() as tx:
            await tx.doubt_unfinished(now)
            await tx.hasten(now, beyond=now + timedelta(seconds=LONGEST_PAUSE))

    async def run(self) -> None:
        """Deliver until `stop`; the calls under way then go on, see `drain`."""
        while not self._stopping:
            self._woken.clear()
            begun_at = self._clock.monotonic()
            pause = await self.turn()
            if len(self._calls) > _FEW:
                took = self._clock.monotonic() - begun_at
                await asyncio.sleep(min(_REST * took, _LONGEST_REST))
            await self._wait(pause)

    def stop(self) -> None:
        """Let `run` return after its turn; cancelled in the middle, it would leave doubts."""
        self._stopping = True
        self.wake()

    async def drain(self, seconds: float) -> None:
        """After `run`: let the calls under way end, at most *seconds*, and write down how.

        What has not ended by then is in doubt when the desk starts again.
        """
        if self._calls:
            await asyncio.wait(self._calls.values(), timeout=seconds)
        for call in self._calls.values():
            call.cancel()
        async with self._ends() as settled, self._store.transaction() as tx:
            await settled.write(tx)

    async def begin(self, tx: Transaction) -> Callable[[], None]:
        """Begin in *tx*, which has written deliveries, what can go; return what then has it called.

        That is to be called once *tx* is committed. It spares a word that comes alone a transaction
        of its own; where others wait, or much is under way, a turn serves all of them instead.
        """
        if not self.rests or self._begins_along or len(self._calls) > _FEW:
            return self.wake
        self._begins_along = True  # until a turn if this fails: it must not keep out what is told
        begun, pause = await self._begin(tx)

        def go() -> None:
            self._begins_along = False
            self._start(begun)
            if pause is not None:
                self.wake()

        return go

    async def turn(self) -> float | None:
        """Write down what has ended and begin what can; return the seconds until the next turn.

        None: nothing waits for a time, only for being woken.
        """
        self.turned_at = self._clock.monotonic()
        async with self._ends() as settled:
            async with self._store.transaction() as tx:
                await settled.write(tx)
                await self._mind_the_clock(tx)
                begun, pause = await self._begin(tx)
            self._start(begun)
        self._begins_along = False
        return pause

    @asynccontextmanager
    async def _ends(self) -> AsyncIterator[Settled]:
        """Give what is to be written down of calls that have ended; if that fails, next time."""
        ended = self._ended.copy()
        settled = self._settling.settle(ended, self._clock.now(), self._clock.monotonic())
        await self._desk.receive(settled.told)
        yield settled
        del self._ended[: len(ended)]
        if settled.threads:
            await self._desk.take_up(settled.threads.values())

    async def _mind_the_clock(self, tx: Transaction) -> None:
        """Where the clock went back, let nothing wait until it gets where it was before.

        Pauses that platforms demand are kept all the same: those are on the monotonic clock.
        """
        zero = _zero(self._clock)
        if zero < self._zero - _SLIP:
            now = self._clock.now()
            await tx.hasten(now, beyond=now)
        self._zero = zero

    async def _wait(self, pause: float | None) -> None:
        self._nothing_waits = pause is None and not self._stopping
        try:
            async with asyncio.timeout(
                self._look_every if pause is None else min(pause, self._look_every)
            ):
                await self._woken.wait()
        except TimeoutError:
            return
        finally:
            self._nothing_waits = False

    async def _begin(self, tx: Transaction) -> tuple[list[Outgoing], float | None]:
        """Choose what may go now, at most one delivery of each lane."""
        monotonic = self._clock.monotonic()
        self._pace.forget(monotonic)
        self._closed = {key: at for key, at in self._closed.items() if at > monotonic}
        chosen, pauses = await self._choose(tx)
        followed = [each for head, each in chosen.items() if head.is_followed]
        await join(tx, followed, self._fits, self._clock.now())
        begun = await tx.begin([head.id for head in chosen]) if chosen else []
        pauses += [at - monotonic for at in self._closed.values()]
        return begun, min(pauses, default=None)

    async def _choose(self, tx: Transaction) -> tuple[dict[Head, Delivery], list[float]]:
        """Return what may go now, and in how many seconds something else may."""
        now = self._clock.now()
        chosen: dict[Head, Delivery] = {}
        pauses: list[float] = []
        for _ in range(_ROUNDS):
            if self._room(chosen) <= 0:
                break
            heads = await tx.heads(now, _MOST_LANES, _places(self._closed))
            if heads.next_due is not None:
                pauses.append((heads.next_due - now).total_seconds())
            busy = {*self._calls, *(each.lane for each in chosen)}
            shut = len(self._closed)
            free = [each for each in heads.due if each.lane not in busy]
            pauses += await self._take(tx, self._turns.in_turn(free), chosen)
            if len(heads.due) < _MOST_LANES or len(self._closed) == shut:
                break
        return chosen, pauses

    async def _take(
        self, tx: Transaction, heads: Sequence[Head], chosen: dict[Head, Delivery]
    ) -> list[float]:
        """Add to *chosen* those of *heads* that may go; return in how many seconds others may."""
        pauses: list[float] = []
        while (room := self._room(chosen)) > 0:
            heads = [each for each in heads if not self._is_closed(each)]
            if not heads:
                break
            looked_at, heads = {each.id: each for each in heads[:room]}, heads[room:]
            for each in await tx.claim(list(looked_at)):
                if pause := self._pay(each, chosen):
                    pauses.append(pause)
                else:
                    chosen[looked_at[each.id]] = each
        return pauses

    def _room(self, chosen: Sized) -> int:
        """Return how many more calls may be under way."""
        return self._at_once - len(self._calls) - len(chosen)

    def _is_closed(self, head: Head) -> bool:
        """Whether nothing may go to its place now, or to no place of its channel."""
        return not self._closed.keys().isdisjoint((head.channel, f"{head.channel}:{head.place}"))

    def _is_crowded(self, channel: str, chosen: Mapping[Head, Delivery]) -> bool:
        """Whether as many calls to a channel are under way as it may have at once."""
        most = self._channels[channel].fits.at_once
        if most is None:
            return False
        calls = (*self._under_way.values(), *(each.channel for each in chosen.values()))
        return calls.count(channel) >= most

    def _pay(self, delivery: Delivery, chosen: Mapping[Head, Delivery]) -> float:
        """Pay what sending it costs if it may go now; else return in how many seconds it may.

        Where it is the place that must wait, or all of the channel, the rest is not even looked at.
        """
        now = self._clock.monotonic()
        if self._is_crowded(delivery.channel, chosen):
            self._closed[delivery.channel] = now + LONGEST_SLEEP  # or until one of its calls ends
            return LONGEST_SLEEP
        tolls = self._channels[delivery.channel].tolls(delivery)
        free_at = self._pace.free_at(tolls, now)
        if free_at <= now:
            self._pace.spend(tolls, now)
            self._turns.serve(delivery.lane, self._clock.now())
            return 0.0
        for toll in tolls:
            if (open_at := self._pace.free_at([toll], now)) > now:
                self._closed[toll.key] = open_at
        return free_at - now

    def _fits(self, delivery: Delivery) -> Fits:
        return self._channels[delivery.channel].fits

    def _start(self, begun: Iterable[Outgoing]) -> None:
        for outgoing in begun:
            call = asyncio.create_task(self._call(outgoing))
            self._calls[outgoing.delivery.lane] = call
            self._under_way[outgoing.delivery.lane] = outgoing.delivery.channel

    async def _call(self, outgoing: Outgoing) -> None:
        delivery = outgoing.delivery
        ended = await attempt(self._channels[delivery.channel], outgoing, self._may_call)
        self._ended.append(ended)
        self._calls.pop(delivery.lane, None)
        self._under_way.pop(delivery.lane, None)
        if self._fits(delivery).at_once is not None:
            self._closed.pop(delivery.channel, None)  # where it was crowded, there is room now
        self._report(ended)
        self.wake()


def _zero(clock: Clock) -> datetime:
    """Return when the monotonic clock was at zero, as the time of day says."""
    return clock.now() - timedelta(seconds=clock.monotonic())


def _places(keys: Iterable[str]) -> list[tuple[str, str]]:
    """Return the places, each with its channel, whose tolls have these keys; "" for all of it."""
    split = (key.partition(":") for key in keys)
    return [(channel, place) for channel, _, place in split]
