"""Has what was heard in a thread stored in the order in which it was written.

In each thread one hand-over to the desk follows the other's outcome, and takes along all that has
become due meanwhile: a burst costs a thread a few hand-overs, however long it is. The outcome is
waited for because what fails must not be overtaken by what was already on its way behind it.
Whatever leaves without having been stored opens a gap, before anything behind it may go.
"""

import asyncio
from bisect import insort
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from operator import attrgetter

from adapters.slack.gaps import Gaps
from adapters.slack.jitter import Jitter
from adapters.slack.places import Place, moment
from core.ports import Clock, Incoming

Receive = Callable[[Sequence[Incoming]], Awaitable[None]]

_LONGEST_WAIT = 2.5  # seconds for a gap to be closed; Slack waits three for its answer


class NotNow(Exception):
    """It cannot be stored at present; Slack is to tell it again."""


@dataclass(eq=False)
class _Heard:
    """A message on its way to the store."""

    written: tuple[int, int]
    incoming: Incoming | None = None
    """What it brings, once nothing is expected any more that was written before it."""
    storing: asyncio.Task[None] | None = None
    """The hand-over that took it along."""

    @property
    def waits(self) -> bool:
        """Whether it is due, and has not been handed over."""
        return self.incoming is not None and self.storing is None


@dataclass(eq=False)
class _Line:
    """What has been heard in one thread and is not stored yet, in the order of writing."""

    heard: list[_Heard] = field(default_factory=list)
    shortened: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and replaced by a new one, when something leaves."""

    def waiting(self) -> list[_Heard]:
        """Return what nothing keeps from being handed over."""
        return list(takewhile(lambda each: each.waits, self.heard))


class Turns:
    """A line for each thread, in which a message stands by its `ts`, not by when it came."""

    def __init__(self, clock: Clock, jitter: Jitter, gaps: Gaps, receive: Receive) -> None:
        """*receive* returns when the events are stored, and raises when they are not."""
        self._clock = clock
        self._jitter = jitter
        self._gaps = gaps
        self._receive = receive
        self._lines: dict[Place, _Line] = {}

    def heard(self, ts: str) -> None:
        """Take note of a message that was told for the first time: how prompt is the line?"""
        self._jitter.heard(float(ts), self._clock.monotonic())

    async def take(self, thread: Place, ts: str, reading: Awaitable[Incoming | None]) -> None:
        """Have what is read stored, after what was written before it; return once it is.

        Raises what *reading* and the store raise, and `NotNow` where something may have been missed
        that does not turn up within 2.5 seconds.
        """
        with self._standing(thread, ts) as mine:
            incoming = await reading
            if incoming is None:
                return
            await self._until_due(ts)
            mine.incoming = incoming
            await asyncio.shield(await self._handed_over(thread, mine))

    async def none_waits_before(self, thread: Place, ts: str) -> None:
        """Return when all that has been heard in a thread and was written before is through."""
        while (line := self._lines.get(thread)) and line.heard[0].written < moment(ts):
            await line.shortened.wait()

    @contextmanager
    def _standing(self, thread: Place, ts: str) -> Iterator[_Heard]:
        """Let a message stand in its thread's line, until it leaves it or is handed over."""
        mine = _Heard(moment(ts))
        insort(self._lines.setdefault(thread, _Line()).heard, mine, key=attrgetter("written"))
        try:
            yield mine
        except BaseException:
            if mine.storing is None:
                self._gaps.opened_in(thread)
            raise
        finally:
            if mine.storing is None:
                self._leave(thread, [mine])

    async def _until_due(self, ts: str) -> None:
        while (wait := self._jitter.due(float(ts)) - self._clock.monotonic()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(wait)  # meanwhile the line may prove worse, or better

    async def _handed_over(self, thread: Place, mine: _Heard) -> asyncio.Task[None]:
        """Return the hand-over that takes a message along; begin it when nobody else does."""
        line = self._lines[thread]
        while mine.storing is None:
            await self._until_nothing_is_missed(thread)
            if mine in (together := line.waiting()):
                self._hand_over(thread, together)
            else:
                await line.shortened.wait()
        return mine.storing

    async def _until_nothing_is_missed(self, thread: Place) -> None:
        try:
            async with asyncio.timeout(_LONGEST_WAIT):
                await self._gaps.until_closed_in(thread)
        except TimeoutError:
            raise NotNow from None

    def _hand_over(self, thread: Place, together: Sequence[_Heard]) -> None:
        # On its own, because whoever tells may be cancelled, and others wait for the outcome.
        storing = asyncio.create_task(self._store(thread, together))
        for each in together:
            each.storing = storing

    async def _store(self, thread: Place, together: Sequence[_Heard]) -> None:
        try:
            await self._receive([each.incoming for each in together if each.incoming])
        except BaseException:
            self._gaps.opened_in(thread)
            raise
        finally:
            self._leave(thread, together)

    def _leave(self, thread: Place, leaving: Sequence[_Heard]) -> None:
        line, gone = self._lines[thread], set(leaving)
        line.heard = [each for each in line.heard if each not in gone]
        if not line.heard:
            del self._lines[thread]
        shortened, line.shortened = line.shortened, asyncio.Event()
        shortened.set()
