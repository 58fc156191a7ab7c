"""Visitors share transactions, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.store import SqlStore
from adapters.web.together import Together
from core.ports import Store, Transaction
from core.web_port import Frame

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Counting:
    """A store that counts what is begun."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.begun = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        self.begun += 1
        async with self._store.transaction() as tx:
            yield tx


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Counting]:
    store = await SqlStore.open(f"sqlite:///{tmp_path / 'desk.db'}")
    yield Counting(store)
    await store.close()


async def test_what_is_asked_at_once_is_done_in_one_transaction(store: Counting) -> None:
    """Each gets what they asked for."""
    together = Together(store)

    frames = await asyncio.gather(*(together.do(_adding(f"visitor-{n}")) for n in range(20)))

    assert [each.visitor for each in frames] == [f"visitor-{n}" for n in range(20)]
    assert store.begun == 1


async def test_what_is_asked_meanwhile_waits_and_is_done_then(store: Counting) -> None:
    """Nobody is forgotten who comes while a transaction is under way."""
    together = Together(store)
    has_begun = asyncio.Event()

    async def begins(tx: Transaction) -> None:
        has_begun.set()
        await tx.visit("visitor-1")

    first = asyncio.create_task(together.do(begins))
    await has_begun.wait()
    late = await together.do(_adding("visitor-2"))

    await first
    assert late.seq == 1


async def test_who_fails_fails_alone(store: Counting) -> None:
    """The others' words are written down, once."""
    together = Together(store)

    async def fails(tx: Transaction) -> None:
        await tx.add_frame("visitor-2", "key", "{}", NOW)
        raise LookupError("nothing of it is to be kept")

    found = await asyncio.gather(
        together.do(_adding("visitor-1")),
        together.do(fails),
        together.do(_adding("visitor-3")),
        return_exceptions=True,
    )

    assert isinstance(found[1], LookupError)
    async with store.transaction() as tx:
        assert [(await tx.visit(f"visitor-{n}")).last for n in (1, 2, 3)] == [1, 0, 1]


async def test_what_was_asked_is_done_even_if_nobody_waits_any_more(store: Counting) -> None:
    """A browser that leaves takes nobody's transaction with it."""
    together = Together(store)
    leaving = asyncio.create_task(together.do(_adding("visitor-1")))
    staying = asyncio.create_task(together.do(_adding("visitor-2")))
    await asyncio.sleep(0)

    leaving.cancel()

    assert (await staying).seq == 1
    assert (await together.do(lambda tx: tx.visit("visitor-1"))).last == 1


def _adding(visitor: str) -> Callable[[Transaction], Awaitable[Frame]]:
    async def add(tx: Transaction) -> Frame:
        return await tx.add_frame(visitor, "key", "{}", NOW)

    return add
