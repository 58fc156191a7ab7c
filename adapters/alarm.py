"""The alarm clock: wakes the desk at the earliest wake time, and now and then in any case.

APScheduler holds nothing that matters: what is due is asked of the database each time. Its one-shot
jobs are dropped when a second late unless told otherwise (`misfire_grace_time`), hence None.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from core.desk import MOST_AT_ONCE
from core.ports import Clock, Store

log = structlog.get_logger()

_NEXT = "next"


class Alarm:
    """Calls *ring* when a conversation's wake time has come."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        ring: Callable[[], Awaitable[int]],
        at_least_every: timedelta = timedelta(seconds=5),
    ) -> None:
        """Ring *at_least_every* so often: a clock may jump, another process may write.

        *ring* returns how many it woke: `MOST_AT_ONCE` of them mean that there may be more.
        """
        self._store = store
        self._clock = clock
        self._ring = ring
        self._every = at_least_every
        self._next: datetime | None = None
        self._ringing = asyncio.Lock()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True}
        )

    def start(self) -> None:
        """Begin; what is overdue rings at once."""
        self._scheduler.add_job(
            self._wake,
            "interval",
            seconds=self._every.total_seconds(),
            next_run_time=datetime.now(UTC),
            max_instances=1,
        )
        self._scheduler.start()

    async def stop(self) -> None:
        """Ring no more; return when the ring under way has ended.

        Called off in the middle of a transaction, it would keep the database from being closed.
        """
        async with self._ringing:
            self._scheduler.shutdown(wait=False)

    def no_later_than(self, at: datetime | None) -> None:
        """Ring at *at* (UTC) or before; None changes nothing."""
        if at is None or not self._scheduler.running:
            return
        if self._next is None or at < self._next:
            self._set(at)

    def _set(self, at: datetime) -> None:
        self._next = at
        self._scheduler.add_job(
            self._wake,
            "date",
            run_date=datetime.now(UTC) + max(at - self._clock.now(), timedelta()),
            id=_NEXT,
            replace_existing=True,
        )

    async def _wake(self) -> None:
        async with self._ringing:
            await self._ring_and_set()

    async def _ring_and_set(self) -> None:
        try:
            self._next = None
            while await self._ring() >= MOST_AT_ONCE:
                pass
            async with self._store.transaction() as tx:
                upcoming = await tx.next_wake()
            # What is still due has not been handled: not again at once, but with the next round.
            if upcoming is not None and upcoming > self._clock.now():
                self.no_later_than(upcoming)
        except Exception:
            log.exception("alarm.failed")
