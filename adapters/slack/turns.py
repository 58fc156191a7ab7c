"""Lets what was heard in a thread through in the order in which it was written."""

import asyncio
from bisect import insort
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial

from adapters.slack.jitter import Jitter
from adapters.slack.places import Place, moment
from core.ports import Clock


class Turns:
    """A queue for each thread, in which a message stands by its `ts`, not by when it came."""

    def __init__(self, clock: Clock, jitter: Jitter) -> None:
        self._clock = clock
        self._jitter = jitter
        self._queues: defaultdict[Place, list[tuple[int, int]]] = defaultdict(list)
        self._left = asyncio.Event()

    def heard(self, ts: str) -> None:
        """Take note of a message that was told for the first time: how prompt is the line?"""
        self._jitter.heard(float(ts), self._clock.monotonic())

    @contextmanager
    def queued(self, thread: Place, ts: str) -> Iterator[Callable[[], Awaitable[None]]]:
        """Let a message stand in its thread's queue; inside the block later ones wait for it.

        What is yielded is to be called and awaited for its turn: when nothing written before it is
        expected any more, nor under way.
        """
        queue, mine = self._queues[thread], moment(ts)
        insort(queue, mine)
        try:
            yield partial(self._turn, thread, ts)
        finally:
            queue.remove(mine)
            if not queue:
                self._queues.pop(thread, None)
            left, self._left = self._left, asyncio.Event()
            left.set()

    async def none_waits_before(self, thread: Place, ts: str) -> None:
        """Return when all that has been heard in a thread and was written before is through."""
        while (queue := self._queues.get(thread)) and queue[0] < moment(ts):
            await self._left.wait()

    async def _turn(self, thread: Place, ts: str) -> None:
        while (wait := self._jitter.due(float(ts)) - self._clock.monotonic()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(wait)  # meanwhile the line may prove worse, or better
        while self._queues[thread][0] < moment(ts):
            await self._left.wait()
