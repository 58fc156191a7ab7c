"""What is looked after now and then: whether the desk is open, and who has gone without looking."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import structlog

from adapters.web.chat import Receive
from adapters.web.parse import CHANNEL
from adapters.web.standing import Standing
from adapters.web.visitors import Visitors
from core.contact import Identity
from core.events import CustomerAway
from core.ports import Clock, FromCustomer, Incoming, Store

_AT_ONCE = 200
_TIDY_EVERY = 3600.0
"""Seconds between two times that what nobody needs is deleted."""
_KEPT = timedelta(days=2)
"""How long passes are kept that have expired: a clock that was ahead for a while ends nothing."""

_log = structlog.get_logger()


class Rounds:
    """Goes round every few seconds; begins with what became due while the desk was away."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        receive: Receive,
        visitors: Visitors,
        standing: Standing,
        tidy: Callable[[], Awaitable[None]],
        every: timedelta,
        grace: timedelta,
    ) -> None:
        self._store = store
        self._clock = clock
        self._receive = receive
        self._visitors = visitors
        self._standing = standing
        self._tidy = tidy
        self._every = every.total_seconds()
        self._grace = grace
        self._shown: dict[str, tuple[Any, ...]] = {}
        self._tidied_at = -_TIDY_EVERY
        self._task: asyncio.Task[None] | None = None
        self._going = asyncio.Lock()
        self.went_at = clock.monotonic()
        """When the last round ended well (seconds, monotonic)."""

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="web rounds")

    async def stop(self) -> None:
        """End between two rounds: in the middle of one the database may be in use."""
        if self._task is not None:
            async with self._going:
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                async with self._going:
                    await self.go()
                self.went_at = self._clock.monotonic()
            except Exception as error:  # the next one may do better
                _log.warning("web.round_failed", error=type(error).__name__)
            await asyncio.sleep(self._every)

    async def go(self) -> None:
        """Look after everything once."""
        await self._tell_state()
        await self._tell_who_is_away()
        monotonic = self._clock.monotonic()
        if monotonic - self._tidied_at >= _TIDY_EVERY:
            self._tidied_at = monotonic
            await self._tidy()
            async with self._store.transaction() as tx:
                await tx.forget_passes(self._clock.now() - _KEPT)

    async def _tell_state(self) -> None:
        """Tell those who are here, when the desk opens or closes; each in their language."""
        listeners = self._visitors.listeners()
        for language in {each.language for each in listeners}:
            state = await self._standing.now(language)
            shows = (state["open"], state["says"])
            before = self._shown.get(language)
            self._shown[language] = shows
            if before is None or before == shows:
                continue
            for each in listeners:
                if each.language == language:
                    each.tell({"type": "state", **state})

    async def _tell_who_is_away(self) -> None:
        """Tell the desk what visitors have not seen who left; who is still here is waited for."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            due = await tx.unseen(now, _AT_ONCE)
            here = [each for each in due if self._visitors.is_here(each.visitor)]
            for each in here:
                await tx.await_until(each.visitor, now + self._grace)
        gone = [each for each in due if each not in here]
        if not gone:
            return
        await self._receive(
            [
                Incoming(
                    key=f"{CHANNEL}:away:{each.visitor}:{each.last}",
                    origin=FromCustomer(identity=Identity(CHANNEL, each.visitor)),
                    event=CustomerAway(at=now, unread=each.messages),
                )
                for each in gone
            ]
        )
        async with self._store.transaction() as tx:
            for each in gone:
                await tx.mark_told(each.visitor, each.last)
        _log.info("web.away", visitors=len(gone))
