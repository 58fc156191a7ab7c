"""The store itself: one transaction at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.store.memory.delivering import Delivering
from adapters.store.memory.mailing import Mailing
from adapters.store.memory.mending import Mending
from adapters.store.memory.passing import Passing
from adapters.store.memory.portal import Portal
from adapters.store.memory.receiving import Receiving
from adapters.store.memory.tables import Tables
from adapters.store.memory.visiting import Visiting


class MemoryTransaction(Receiving, Delivering, Mending, Mailing, Passing, Visiting, Portal):
    """One transaction: all of it happens, or none. Reads see its own writes."""


class MemoryStore:
    """Keeps everything for as long as it lives; what a call costs does not grow with it.

    The journal, which nobody asks the store for, is not kept.
    """

    def __init__(self) -> None:
        self._tables = Tables()
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryTransaction]:
        """Begin a transaction that may write; commit at the end, roll back on an exception."""
        async with self._turn:
            try:
                yield MemoryTransaction(self._tables)
            except BaseException:
                self._tables.roll_back()
                raise
            self._tables.commit()
