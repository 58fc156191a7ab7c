"""Where SQLite's statements are executed: nothing that may wait keeps the event loop waiting."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import LargeBinary, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.engine import create_engine
from tests.support.waiting import PATIENCE

COUNT = text(
    "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < :most)"
    " SELECT thread() FROM counted ORDER BY n DESC LIMIT 1"
)
SLOWLY = 300_000
TAKE_IN = text("SELECT thread() WHERE length(:value) >= 0").bindparams(
    bindparam("value", type_=LargeBinary)
)


async def is_done_at_once(connection: AsyncConnection, most: int) -> bool:
    """Count that far; return whether it was done in the event loop's thread."""
    thread: int = await connection.scalar(COUNT, {"most": most})
    return thread == threading.get_ident()


@asynccontextmanager
async def connected(folder: Path) -> AsyncIterator[AsyncConnection]:
    """Give a connection in a transaction, whose SQL can tell in which thread it is."""
    engine = create_engine(f"sqlite:///{folder}/desk.db")
    try:
        async with engine.begin() as connection:
            raw = await connection.get_raw_connection()
            driver = raw.driver_connection
            assert driver is not None
            await driver.create_function("thread", 0, threading.get_ident)
            yield connection
    finally:
        await engine.dispose()


async def test_what_was_slow_is_not_done_in_the_event_loop(tmp_path: Path) -> None:
    """It goes to a thread, as does what nobody knows yet; what is quick takes no trip to it."""
    async with connected(tmp_path) as connection:
        assert not await is_done_at_once(connection, 1)
        async with asyncio.timeout(PATIENCE):
            while not await is_done_at_once(connection, 1):
                pass  # on a busy machine even this may have seemed slow
        await is_done_at_once(connection, SLOWLY)
        assert not await is_done_at_once(connection, SLOWLY)
        assert not await is_done_at_once(connection, SLOWLY)


async def test_a_large_value_is_not_taken_in_in_the_event_loop(tmp_path: Path) -> None:
    """However quick the same statement was with a small one: a mail may have 25 MB."""
    async with connected(tmp_path) as connection:

        async def is_at_once(value: bytes) -> bool:
            thread: int = await connection.scalar(TAKE_IN, {"value": value})
            return thread == threading.get_ident()

        async with asyncio.timeout(PATIENCE):
            while not await is_at_once(b"small"):
                pass
        assert not await is_at_once(b"x" * 1_000_000)
