"""What a store promises is tested on every store there is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.store import SqlStore
from adapters.store.memory import MemoryStore
from core.ports import Store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres), "memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store without anything in it, on both engines and in memory."""
    if request.param == "memory":
        yield MemoryStore()
        return
    url = f"sqlite:///{tmp_path}/desk.db"
    if request.param == "postgres":
        url = request.getfixturevalue("cluster").empty_database()
    opened = await SqlStore.open(url)
    yield opened
    await opened.close()
