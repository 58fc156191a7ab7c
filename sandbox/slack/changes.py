"""Waiting for something to become true, without looking again and again."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class Changes:
    """Tells whoever waits or watches that the workspace has changed."""

    def __init__(self) -> None:
        self._next = asyncio.Event()
        self._watchers: list[Callable[[], None]] = []

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call *watcher* after every change."""
        self._watchers.append(watcher)

    def announce(self) -> None:
        """Say that something has changed."""
        reached, self._next = self._next, asyncio.Event()
        reached.set()
        for watcher in self._watchers:
            watcher()

    async def until(self, find: Callable[[], Found | None], timeout: float) -> Found:
        """Return what *find* finds (anything true), now or after one of the changes to come.

        Raises TimeoutError after *timeout* seconds.
        """
        async with asyncio.timeout(timeout):
            while not (found := find()):
                await self._next.wait()
        return found
