"""Where SQLite's statements are executed: nothing that may wait keeps the event loop waiting."""

import asyncio
import threading
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.engine import create_engine

COUNT = text(
    "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < :most)"
    " SELECT thread() FROM counted ORDER BY n DESC LIMIT 1"
)
SLOWLY = 300_000


async def is_done_at_once(connection: AsyncConnection, most: int) -> bool:
    """Count that far; return whether it was done in the event loop's thread."""
    thread: int = await connection.scalar(COUNT, {"most": most})
    return thread == threading.get_ident()


async def test_what_was_slow_is_not_done_in_the_event_loop(tmp_path: Path) -> None:
    """It goes to a thread, as does what nobody knows yet; what is quick takes no trip to it."""
    engine = create_engine(f"sqlite:///{tmp_path}/desk.db")
    try:
        async with engine.begin() as connection:
            raw = await connection.get_raw_connection()
            driver = raw.driver_connection
            assert driver is not None
            await driver.create_function("thread", 0, threading.get_ident)

            assert not await is_done_at_once(connection, 1)
            async with asyncio.timeout(10):
                while not await is_done_at_once(connection, 1):
                    pass  # on a busy machine even this may have seemed slow
            await is_done_at_once(connection, SLOWLY)
            assert not await is_done_at_once(connection, SLOWLY)
            assert not await is_done_at_once(connection, SLOWLY)
    finally:
        await engine.dispose()
