"""A database server that fails over in the middle of a commit: nobody knows whether it was done."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from adapters.store import SqlStore
from core.desk import Desk
from core.known import Rules
from core.outbox import AGENTS, Fits
from core.policy import Policy
from tests.support.builders import CountingIds, ManualClock
from tests.support.cut_line import CutLine, cut_line
from tests.support.postgres import Cluster
from tests.support.stored import NOON, SUPPORT, add_department, an_incoming


@pytest.fixture
async def line(cluster: Cluster, tmp_path: Path) -> AsyncIterator[tuple[CutLine, str]]:
    """Return a line to an empty database that can be cut, and the address at its near end."""
    url = make_url(cluster.empty_database())
    server = Path(str(url.query["host"]))
    async with cut_line(server, tmp_path) as line:
        near = url.update_query_dict({"host": str(tmp_path)})
        yield line, near.render_as_string(hide_password=False)


@pytest.mark.postgres
async def test_a_connection_that_dies_at_commit(line: tuple[CutLine, str]) -> None:
    """The platform is told "not received", tells it again, and it is there once."""
    wire, url = line
    store = await SqlStore.open(url)
    await add_department(store)
    fits = {name: Fits(text=4000, file=0) for name in ("telegram", AGENTS)}
    desk = Desk(
        store=store,
        clock=ManualClock(NOON),
        ids=CountingIds(),
        rules=Rules(language="en", fits=fits, patience=Policy(departments=(SUPPORT,))),
    )
    wire.cuts = 1
    with pytest.raises(Exception, match="connection"):
        await desk.receive([an_incoming("once")])
    await desk.receive([an_incoming("once")])

    async with store.transaction() as tx:
        counts = await tx.counts()
        assert len(await tx.recorded({"once"})) == 1
    assert sum(count for what, count in counts.items() if what.startswith("conversations")) == 1
    await store.close()
