"""The alarm rings when a conversation's wake time has come, whatever clocks and rings do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.alarm import Alarm
from adapters.store import SqlStore
from core.conversation import Wake, WakeFor
from core.desk import MOST_AT_ONCE
from sandbox.clock import Clock
from tests.support.stored import a_conversation, keep
from tests.support.waiting import PATIENCE

NEVER = timedelta(hours=1)
"""So seldom does the alarm look by itself where it is to ring for a reason."""
SOON = timedelta(milliseconds=20)


class MachineClock(Clock):
    """The machine's clock, which may jump."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class Rings:
    """Counts how often it rang, and may fail."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.at: list[datetime] = []
        self.fails = 0
        self.wakes: list[int] = []
        """How many conversations the next rings wake."""
        self._rang = asyncio.Condition()

    async def __call__(self) -> int:
        self.at.append(self.clock.now())
        async with self._rang:
            self._rang.notify_all()
        if self.fails:
            self.fails -= 1
            raise OSError("the database is full")
        return self.wakes.pop(0) if self.wakes else 0

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE), self._rang:
            await self._rang.wait_for(lambda: len(self.at) >= count)

    async def again(self) -> None:
        await self.until(len(self.at) + 1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(f"sqlite:///{tmp_path}/desk.db")
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> MachineClock:
    return MachineClock()


@pytest.fixture
def rings(clock: MachineClock) -> Rings:
    return Rings(clock)


@asynccontextmanager
async def alarm(store: SqlStore, rings: Rings, every: timedelta = NEVER) -> AsyncIterator[Alarm]:
    clock = rings.clock
    assert isinstance(clock, MachineClock)
    alarm = Alarm(store=store, clock=clock, ring=rings, at_least_every=every)
    alarm.start()
    try:
        yield alarm
    finally:
        await alarm.stop()


async def wants(store: SqlStore, at: datetime) -> None:
    """Keep a conversation that wants attention at that time."""
    await keep(store, a_conversation(wake=Wake(at=at, reason=WakeFor.REMINDER)))


async def test_it_rings_at_the_start_for_what_is_overdue(store: SqlStore, rings: Rings) -> None:
    """What came due while the desk was down is handled at once."""
    await wants(store, datetime.now(UTC) - timedelta(days=3))

    async with alarm(store, rings):
        await rings.until(1)


async def test_it_rings_at_a_time_that_the_database_knows(store: SqlStore, rings: Rings) -> None:
    """A wake time written before the start is kept, and nobody is woken early."""
    at = rings.clock.now() + timedelta(seconds=0.3)
    await wants(store, at)

    async with alarm(store, rings):
        await rings.until(2)

    assert at <= rings.at[1]


async def test_it_rings_at_the_earliest_time_that_it_is_told(store: SqlStore, rings: Rings) -> None:
    """A later one does not put off an earlier one, and no time at all changes nothing."""
    async with alarm(store, rings) as set_alarm:
        await rings.until(1)
        await asyncio.sleep(0)
        at = rings.clock.now() + timedelta(seconds=0.2)
        set_alarm.no_later_than(rings.clock.now() + timedelta(hours=2))
        set_alarm.no_later_than(at)
        set_alarm.no_later_than(rings.clock.now() + timedelta(hours=1))
        set_alarm.no_later_than(None)
        await rings.until(2)

    assert at <= rings.at[1]


async def test_it_rings_at_once_for_a_time_that_has_passed(store: SqlStore, rings: Rings) -> None:
    """However long ago: nothing is dropped because it is late."""
    async with alarm(store, rings) as set_alarm:
        await rings.until(1)
        set_alarm.no_later_than(rings.clock.now() - timedelta(days=1))
        await rings.until(2)


async def test_it_rings_soon_after_the_clock_has_jumped(store: SqlStore, rings: Rings) -> None:
    """Forwards: what has become due is not slept over. Backwards: it goes on looking."""
    await wants(store, rings.clock.now() + timedelta(days=1))

    async with alarm(store, rings, every=SOON):
        await rings.until(1)
        rings.clock.move(timedelta(days=2))
        await rings.again()
        rings.clock.move(timedelta(days=-4))
        await rings.again()
        await rings.again()


async def test_a_ring_that_fails_is_not_the_last(store: SqlStore, rings: Rings) -> None:
    """A full or locked database is waited for."""
    rings.fails = 3

    async with alarm(store, rings, every=SOON):
        await rings.until(5)


async def test_what_cannot_be_handled_does_not_keep_it_busy(store: SqlStore, rings: Rings) -> None:
    """A conversation that stays overdue after a ring is tried again, but only in the next round."""
    await wants(store, rings.clock.now() - timedelta(hours=1))

    async with alarm(store, rings, every=timedelta(seconds=0.2)):
        await rings.until(4)

    assert rings.at[3] - rings.at[0] > timedelta(seconds=0.5)


async def test_more_than_one_ring_can_wake_is_woken_at_once(store: SqlStore, rings: Rings) -> None:
    """After a long time away the alarm rings on until all have been woken."""
    rings.wakes = [MOST_AT_ONCE, MOST_AT_ONCE, 3]

    async with alarm(store, rings):
        await rings.until(3)


async def test_after_a_failure_it_still_keeps_a_time(store: SqlStore, rings: Rings) -> None:
    """The failure of one ring does not make the alarm forget how to be set."""
    rings.fails = 1

    async with alarm(store, rings) as set_alarm:
        await rings.until(1)
        set_alarm.no_later_than(rings.clock.now() + timedelta(seconds=0.1))
        await rings.until(2)


async def test_a_ring_under_way_is_let_end(store: SqlStore, rings: Rings) -> None:
    """Called off in the middle of a transaction, it would keep the database from being closed."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    ended = []

    async def ring() -> int:
        async with store.transaction() as tx:
            begun.set()
            await go_on.wait()
            ended.append(await tx.next_wake())
        return 0

    alarm = Alarm(store=store, clock=MachineClock(), ring=ring, at_least_every=SOON)
    alarm.start()
    await begun.wait()
    stopping = asyncio.create_task(alarm.stop())
    go_on.set()
    await stopping

    assert ended
    async with store.transaction() as tx:
        assert await tx.next_wake() is None


async def test_stopped_it_rings_no_more(store: SqlStore, rings: Rings) -> None:
    """Setting it does nothing then, and nothing before it has started."""
    alarm = Alarm(store=store, clock=MachineClock(), ring=rings, at_least_every=SOON)
    alarm.no_later_than(rings.clock.now())
    alarm.start()
    await rings.until(2)

    await alarm.stop()
    rung = len(rings.at)
    alarm.no_later_than(rings.clock.now())
    await asyncio.sleep(0.1)  # nothing tells that nothing happens

    assert len(rings.at) == rung
