"""Taking turns: when an instance works, when it stands by, and when it ends."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from adapters.store import SqlStore, Tenure, Terms
from adapters.web.server import take
from bots.instances import Work, take_turns
from tests.support.postgres import Cluster
from tests.support.waiting import PATIENCE

SHORT = Terms(lasts=2)


class Turns:
    """An instance whose work is to say that it works."""

    def __init__(self, store: SqlStore, listening: socket.socket) -> None:
        self.store = store
        self.works = asyncio.Event()
        self.tenures: list[Tenure | None] = []
        self.fails: Exception | None = None
        """How its parts end when they are stopped."""
        self._listening = listening
        self._stop = asyncio.Event()

    @asynccontextmanager
    async def working(
        self, door: socket.socket, store: SqlStore, tenure: Tenure | None
    ) -> AsyncIterator[None]:
        self.tenures.append(tenure)
        async with store.transaction() as tx:
            await tx.departments()
        self.works.set()
        yield
        if self.fails is not None:
            raise self.fails

    @asynccontextmanager
    async def taken(self, working: Work | None = None) -> AsyncIterator[asyncio.Task[None]]:
        """Let it take its turns inside the block; yield what ends when it ends."""
        turns = take_turns(
            self.store,
            self._listening,
            working or self.working,
            self._stop,
            terms=SHORT,
            monotonic=time.monotonic,
        )
        task = asyncio.create_task(turns)
        try:
            yield task
        finally:
            self._stop.set()
            await asyncio.wait([task], timeout=PATIENCE)


@asynccontextmanager
async def instance(url: str) -> AsyncIterator[Turns]:
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(take("127.0.0.1", 0))
        store = await SqlStore.open(url)
        stack.push_async_callback(store.close)
        yield Turns(store, listening)


async def soon(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), PATIENCE)


async def test_on_a_file_it_works_at_once_and_until_the_end(tmp_path: Path) -> None:
    """There is nobody to take turns with."""
    async with instance(f"sqlite:///{tmp_path}/desk.db") as only, only.taken():
        await soon(only.works)
        assert only.tenures == [None]


@pytest.mark.postgres
async def test_a_start_that_fails_ends_it_and_leaves_the_lease_to_others(cluster: Cluster) -> None:
    """An operator must read what is wrong, while another instance may do better."""
    url = cluster.empty_database()

    @asynccontextmanager
    async def fails(*_: object) -> AsyncIterator[None]:
        raise LookupError("Slack does not accept the token")
        yield

    async with instance(url) as first, instance(url) as second:
        async with first.taken(fails) as ended:
            await asyncio.wait([ended], timeout=PATIENCE)
        with pytest.raises(LookupError, match="the token"):
            ended.result()
        async with second.taken():
            await soon(second.works)


@pytest.mark.postgres
async def test_what_fails_because_the_lease_is_lost_is_no_end(cluster: Cluster) -> None:
    """The instance stands by, and works again when it may, under a new token."""
    async with instance(cluster.empty_database()) as only, only.taken() as ended:
        await soon(only.works)
        only.works.clear()
        only.fails = ConnectionError("the database is gone")
        with cluster.away():
            before = only.tenures[-1]
            assert before is not None
            await soon(before.lost)
            assert not ended.done()
        await soon(only.works)
        only.fails = None
        after = only.tenures[-1]
        assert after is not None
        assert after.token > before.token


@pytest.mark.postgres
async def test_one_that_stands_by_stops_when_it_is_told(cluster: Cluster) -> None:
    """It need not work before it may end."""
    url = cluster.empty_database()
    async with instance(url) as first, first.taken():
        await soon(first.works)
        async with instance(url) as second:
            async with second.taken() as ended:
                pass
            assert ended.done()
            assert second.tenures == []
