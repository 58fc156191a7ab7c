"""An event loop whose clock jumps: whoever sleeps is woken at once, and it is later then.

The loop asks its selector to wait for events until the next timer; this one has no events to wait
for, so it lets the time pass instead. Everything else, from the order of callbacks to the order of
timers, is asyncio's own: the same program does the same again.
"""

import asyncio
import math
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class NothingWillHappen(RuntimeError):
    """Everybody waits for somebody else, and no timer is set: in real time it would hang."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop for programs that talk to nobody outside: no sockets, no threads, no signals.

    Raises `NothingWillHappen` where nothing is ready and no timer is set.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        # How exact asyncio takes its clock to be. After months of virtual time a nanosecond, its
        # own value, is less than what the number of seconds can show: timers would never be due.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        """Return the seconds since the loop was made."""
        return self._jumping.now


class _JumpingSelector(selectors.SelectSelector):
    """Waits by making it later."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Let *timeout* seconds pass, and find nothing."""
        if timeout is None:
            raise NothingWillHappen("nothing is ready and no timer is set")
        if timeout > 0:
            # At least one step of the clock: what a sum cannot show would be waited for for ever.
            self.now = max(self.now + timeout, math.nextafter(self.now, math.inf))
        return []


class VirtualClock:
    """The desk's clock, as the running loop has it."""

    def __init__(self, start: datetime) -> None:
        """*start*: the time of day (UTC) when the loop was made."""
        self._start = start.astimezone(UTC)
        self._loop = asyncio.get_running_loop()

    def now(self) -> datetime:
        """Return the time of day in UTC."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return the seconds since the loop was made."""
        return self._loop.time()


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run *main* to its end in a virtual time of its own, and return what it returns."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
