"""Work that goes on until it is stopped, even if its task is cancelled by mistake."""

import asyncio
from collections.abc import Callable, Coroutine

import structlog

log = structlog.get_logger()

PAUSE = 1.0
"""Seconds before it is begun anew."""


class Lasting:
    """A task, and the one that follows it should it end."""

    def __init__(self, work: Callable[[], Coroutine[None, None, None]], name: str) -> None:
        self._work = work
        self._name = name
        self._task: asyncio.Task[None] | None = None
        self._again: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._work(), name=self._name)
        self._task.add_done_callback(self._on_end)

    def cancel(self) -> None:
        """Call it off; `ended` waits for that."""
        if self._again is not None:
            self._again.cancel()
        if self._task is not None:
            self._task.remove_done_callback(self._on_end)
            self._task.cancel()

    async def ended(self) -> None:
        """Return when it has ended, after `cancel`."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        cause = "cancelled" if task.cancelled() else type(task.exception()).__name__
        log.error("slack.task_died", task=self._name, cause=cause)
        self._again = asyncio.get_running_loop().call_later(PAUSE, self.start)
