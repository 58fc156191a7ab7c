"""The lease: one instance has it, by the database's clock, and who was relieved writes nothing."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from adapters.store import Lease, LeaseLost, SqlStore, Tenure, Terms
from adapters.store.engine import create_engine
from core.ids import ConversationId
from core.ports import Changes
from tests.support.builders import ManualClock
from tests.support.postgres import Cluster
from tests.support.stored import a_conversation, a_message, keep
from tests.support.waiting import PATIENCE, until

SHORT = Terms(lasts=0.6)
LASTING = Terms(lasts=2.4)
"""Renewed so often that a test can wait for it, and no short stop of the machine ends it."""
LONG = Terms(lasts=18)


class Instance:
    """A store of its own, as a process has one, and what it knows of the lease."""

    def __init__(
        self, store: SqlStore, name: str, terms: Terms, monotonic: Callable[[], float]
    ) -> None:
        lease = store.lease(holder=name, terms=terms, monotonic=monotonic)
        assert lease is not None
        self.store = store
        self.lease: Lease = lease

    async def takes(self) -> Tenure:
        """Take the lease, which is free."""
        tenure = await self.lease.take()
        assert tenure is not None
        return tenure


class House:
    """Instances on one database, and an operator who looks into it."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self._url = url
        self._stack = stack
        self.engine = create_engine(url)
        stack.push_async_callback(self.engine.dispose)

    async def instance(
        self, name: str, terms: Terms = LONG, monotonic: Callable[[], float] = time.monotonic
    ) -> Instance:
        """Start one."""
        store = await SqlStore.open(self._url)
        self._stack.push_async_callback(store.close)
        return Instance(store, name, terms, monotonic)

    async def reads(self, question: str) -> object:
        """Ask the database for one value."""
        async with self.engine.connect() as connection:
            return await connection.scalar(text(question))

    async def says(self, question: str, wanted: object) -> None:
        """Return when the database gives this value."""

        async def is_said() -> bool:
            return await self.reads(question) == wanted

        await until(is_said)

    async def is_renewed(self) -> None:
        """Return when the lease has been renewed once more."""
        until = await self.reads("SELECT until FROM leases")
        async with asyncio.timeout(PATIENCE):
            while await self.reads("SELECT until FROM leases") == until:
                pass


pytestmark = pytest.mark.postgres


@pytest.fixture
async def house(cluster: Cluster) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        yield House(cluster.empty_database(), stack)


async def has_message(store: SqlStore) -> bool:
    """Whether the message that these tests write is there."""
    async with store.transaction() as tx:
        return bool(await tx.messages_in(ConversationId("of-ana")))


async def test_one_has_it_and_the_other_does_not_get_it(house: House) -> None:
    """For longer than it lasts, for it is renewed; the token stays, nothing flaps."""
    first, second = await house.instance("first", LASTING), await house.instance("second")
    async with await first.takes() as tenure:
        for _ in range(5):
            await house.is_renewed()
            assert await second.lease.take() is None
        assert tenure.is_sure()
        assert await house.reads("SELECT holder FROM leases") == "first"
        assert await house.reads("SELECT token FROM leases") == tenure.token


async def test_all_ask_at_once_and_one_gets_it(house: House) -> None:
    """However many start together."""
    instances = [await house.instance(f"{number}") for number in range(5)]
    taken = await asyncio.gather(*(each.lease.take() for each in instances))
    assert len([each for each in taken if each is not None]) == 1


async def test_it_is_given_up_at_the_end(house: House) -> None:
    """Who stops in order lets the next one work at once, under a token of its own."""
    first, second = await house.instance("first"), await house.instance("second")
    async with await first.takes() as before:
        pass
    after = await second.takes()
    assert after.token == before.token + 1
    assert not before.is_sure()


async def test_one_who_is_dead_is_relieved(house: House) -> None:
    """Nobody renews it, so it runs out: no connection need break, no word need arrive."""
    first, second = await house.instance("first", SHORT), await house.instance("second", SHORT)
    before = await first.takes()
    after = await asyncio.wait_for(second.lease.wait(), PATIENCE)
    assert after.token == before.token + 1


async def test_one_who_wakes_after_being_relieved_writes_nothing(house: House) -> None:
    """The token in its hands is an old one; it learns so from the first refusal."""
    first, second = await house.instance("first", SHORT), await house.instance("second")
    asleep = await first.takes()
    awake = await asyncio.wait_for(second.lease.wait(), PATIENCE)

    with pytest.raises(LeaseLost):
        await keep(first.store.during(asleep), a_conversation(), a_message("late"))
    assert asleep.lost.is_set()
    assert not await has_message(second.store)
    await keep(second.store.during(awake), a_conversation(), a_message("in time"))
    assert await has_message(second.store)


async def test_one_who_wakes_is_not_ready(house: House) -> None:
    """What it writes to see whether the database is well keeps others from their own as little."""
    first, second = await house.instance("first", SHORT), await house.instance("second")
    asleep = await first.takes()
    await first.store.during(asleep).ping()
    awake = await asyncio.wait_for(second.lease.wait(), PATIENCE)
    with pytest.raises(LeaseLost):
        await first.store.during(asleep).ping()
    await second.store.during(awake).ping()


async def test_one_who_wakes_learns_from_its_renewal(house: House) -> None:
    """Also where it has nothing to write."""
    clock = ManualClock()
    first = await house.instance("first", SHORT, clock.monotonic)
    second = await house.instance("second")
    asleep = await first.takes()
    await asyncio.wait_for(second.lease.wait(), PATIENCE)
    async with asleep:
        await asyncio.wait_for(asleep.lost.wait(), PATIENCE)
    assert await house.reads("SELECT holder FROM leases") == "second"


async def test_a_renewal_waits_for_no_transaction(house: House) -> None:
    """Nor does a transaction wait for it: under load the lease is as safe as at rest."""
    first = await house.instance("first", SHORT)
    async with await first.takes() as tenure, first.store.during(tenure).transaction() as tx:
        until = await house.reads("SELECT until FROM leases")
        while await house.reads("SELECT until FROM leases") == until:
            await tx.departments()


async def test_a_takeover_undoes_what_was_begun_and_not_finished(house: House) -> None:
    """Stopped in the middle of a transaction, an instance is in nobody's way."""
    first, second = await house.instance("first", SHORT), await house.instance("second")
    asleep = await first.takes()
    with pytest.raises(DBAPIError):
        async with first.store.during(asleep).transaction() as tx:
            await tx.save(_changes())
            await asyncio.wait_for(second.lease.wait(), PATIENCE)
            await house.says(_AT_WORK, 0)
    assert not await has_message(second.store)


async def test_nor_does_half_a_statement_keep_anybody_from_taking_over(house: House) -> None:
    """The server waits for the rest of it, which is no idleness that it would end itself."""
    first, second = await house.instance("first", SHORT), await house.instance("second")
    asleep = await first.takes()
    with pytest.raises(DBAPIError):
        async with house.engine.begin() as connection:
            await asleep.check(connection)
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None
            await raw.driver_connection.prepare("SELECT 1")
            await house.says(_HALF_SAID, 1)
            await asyncio.wait_for(second.lease.wait(), PATIENCE)


async def test_who_works_is_not_disturbed_by_those_who_ask(house: House) -> None:
    """Only what an expired lease has let in is ended."""
    first, second = await house.instance("first"), await house.instance("second")
    async with await first.takes() as tenure:
        async with first.store.during(tenure).transaction() as tx:
            assert await second.lease.take() is None
            await tx.save(_changes())
        assert await has_message(second.store)


async def test_a_blip_of_the_database_does_no_harm(house: House, cluster: Cluster) -> None:
    """Away for less than the lease lasts, and back: the same tenure goes on."""
    first, second = await house.instance("first", LONG), await house.instance("second")
    async with await first.takes() as tenure:
        with cluster.away():
            assert await second.lease.take() is None
            assert not second.lease.is_answered
        await house.is_renewed()
        assert not tenure.lost.is_set()
        assert await has_message(first.store.during(tenure)) is False
        assert await house.reads("SELECT token FROM leases") == tenure.token


async def test_a_long_absence_of_the_database_ends_it(house: House, cluster: Cluster) -> None:
    """Who cannot renew it cannot know who works; when the database is back, anybody may take it."""
    first, second = await house.instance("first", SHORT), await house.instance("second", SHORT)
    async with await first.takes() as tenure:
        with cluster.away():
            await asyncio.wait_for(tenure.lost.wait(), PATIENCE)
            assert not tenure.is_sure()
    await asyncio.wait_for(second.lease.wait(), PATIENCE)


async def test_nobody_is_sure_until_the_very_end(house: House) -> None:
    """Calls begin only while no other clock, however it goes, can have the lease run out."""
    clock = ManualClock()
    first = await house.instance("first", LONG, clock.monotonic)
    tenure = await first.takes()
    clock.go_on(LONG.sure_for - 1)
    assert tenure.is_sure()
    clock.go_on(1)
    assert not tenure.is_sure()
    assert LONG.sure_for < LONG.lasts


async def test_with_the_usual_terms_a_takeover_is_there_in_time() -> None:
    """Of the fifteen seconds after a kill, a fifth is left to start the parts."""
    usual = Terms()
    assert usual.lasts + usual.tried_every <= 12


async def test_a_file_has_no_lease(tmp_path: Path) -> None:
    """One process has it to itself, for it has the port."""
    store = await SqlStore.open(f"sqlite:///{tmp_path}/desk.db")
    assert store.lease(holder="alone", terms=Terms(), monotonic=time.monotonic) is None
    await store.close()


def _changes() -> Changes:
    conversation, message = a_conversation(), a_message("begun")
    return Changes(conversations={conversation.id: conversation}, messages={message.id: message})


_AT_WORK = "SELECT count(*) FROM pg_locks WHERE mode = 'RowShareLock'"
_HALF_SAID = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND wait_event = 'ClientRead'
"""
