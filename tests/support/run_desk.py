"""The desk's real process, on a clock that a test moves.

`python -m tests.support.run_desk FILE [LASTS]`: FILE holds the seconds between this clock and the
machine's; the lease lasts so many seconds. `FILE.steps`, if a test writes it and sends SIGUSR1,
holds the number of steps after which the process kills itself.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Coroutine, Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import CoroutineType
from typing import Any

from adapters.store import Terms
from bots import desk, logs
from bots.settings import read_settings, secrets_of
from bots.tuning import Tuning

_ROOT = Path(__file__).parents[2]
_OURS = tuple(f"{_ROOT / each}{os.sep}" for each in ("core", "adapters", "bots"))

USUAL = Tuning(look_every=timedelta(seconds=0.2))
"""The desk as operators run it, but for what would make a test wait."""


class FileClock:
    """The machine's clock, moved by what a file says."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=float(self._path.read_text()))

    def monotonic(self) -> float:
        """Return seconds on a clock that never jumps."""
        return time.monotonic()


class Fuse:
    """Kills the process at the n-th step of the desk's own tasks: between any two awaits."""

    def __init__(self, steps: Path) -> None:
        self._steps = steps
        self._left: int | None = None

    def install(self) -> None:
        """Count the steps of every task that the running loop begins from now on."""
        loop = asyncio.get_running_loop()
        loop.set_task_factory(self._task)
        loop.add_signal_handler(signal.SIGUSR1, self._light)

    def burn(self) -> None:
        """Count a step."""
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def _light(self) -> None:
        self._left = int(self._steps.read_text())

    def _task(
        self,
        loop: asyncio.AbstractEventLoop,
        coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
        **more: Any,
    ) -> asyncio.Task[Any]:
        if isinstance(coro, CoroutineType) and coro.cr_code.co_filename.startswith(_OURS):
            coro = _Burning(coro, self)
        return asyncio.Task(coro, loop=loop, **more)


class _Burning(Coroutine[Any, Any, Any]):
    """A coroutine whose steps are counted."""

    def __init__(self, inner: Coroutine[Any, Any, Any], fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def send(self, value: Any) -> Any:
        self._fuse.burn()
        return self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        self._fuse.burn()
        return self._inner.throw(*error)

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner.__await__()


def run_desk(offset: Path, tuning: Tuning = USUAL) -> int:
    """Run the desk, as the environment sets it up, until it is told to stop; return its code."""
    settings = read_settings()
    logs.set_up(form=settings.log_format, level=settings.log_level, secrets=secrets_of(settings))

    async def run() -> int:
        Fuse(offset.with_suffix(".steps")).install()
        return await desk.run(settings, FileClock(offset), tuning)

    return asyncio.run(run())


if __name__ == "__main__":
    lasts = Terms(lasts=float(sys.argv[2])) if sys.argv[2:] else Terms()
    sys.exit(run_desk(Path(sys.argv[1]), replace(USUAL, terms=lasts)))
