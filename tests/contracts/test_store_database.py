"""The database itself: its tables, its indexes, its file, and what is refused."""

import asyncio
import os
import shutil
import sqlite3
import stat
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.store import CannotOpen, SqlStore
from adapters.store.engine import create_engine
from adapters.store.tables import metadata
from core.ids import ConversationId, DeliveryId, MessageId, Receipt, Thread
from core.outbox_port import Failed
from core.ports import Transaction
from core.ticket import TicketStatus
from tests.support.postgres import Cluster
from tests.support.stored import (
    NOON,
    SUPPORT,
    a_conversation,
    a_delivery,
    a_message,
    add_department,
    an_identity,
    an_incoming,
    keep,
    later,
    relay,
)
from tests.support.waiting import PATIENCE


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlStore]:
    """Open the database of `database_url`: here it matters which one it is."""
    opened = await SqlStore.open(database_url)
    yield opened
    await opened.close()


async def differences(engine: AsyncEngine) -> list[Any]:
    """Return in what a database differs from the tables that the code expects."""

    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with engine.connect() as connection:
        return await connection.run_sync(compare)


@pytest.mark.filterwarnings("ignore:.*expression-based index.*ix_contacts_email")
async def test_the_migrations_make_the_tables(store: SqlStore, database_url: str) -> None:
    """A database that was migrated is the one that the code expects."""
    await store.close()
    engine = create_engine(database_url)
    try:
        assert await differences(engine) == []
    finally:
        await engine.dispose()


async def test_what_was_kept_is_there_after_reopening(store: SqlStore, database_url: str) -> None:
    """Migrating again changes nothing."""
    await add_department(store)
    await keep(store, a_conversation(), a_message("1"), a_delivery("1"))
    async with store.transaction() as tx:
        await tx.admit([an_incoming("1")], NOON)
    await store.close()
    again = await SqlStore.open(database_url)
    try:
        await again.ping()
        async with again.transaction() as tx:
            assert await tx.departments() == (SUPPORT,)
            assert await tx.latest_conversations([an_identity()]) == {
                an_identity(): a_conversation()
            }
            assert await tx.messages_in(ConversationId("of-ana")) == [a_message("1")]
            assert await tx.claim([DeliveryId("1")]) == [a_delivery("1")]
            assert await tx.admit([an_incoming("1")], NOON) == []
    finally:
        await again.close()


async def test_many_who_start_at_once_migrate_once(database_url: str) -> None:
    """Several instances started together on one empty database."""
    stores = await asyncio.gather(*(SqlStore.open(database_url) for _ in range(3)))
    try:
        async with stores[0].transaction() as tx:
            assert await tx.departments() == ()
    finally:
        for each in stores:
            await each.close()


async def test_a_database_of_a_newer_release_is_refused(store: SqlStore, database_url: str) -> None:
    """Rather than written to by code that does not know it."""
    await store.close()
    engine = create_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    with pytest.raises(CannotOpen, match="newer release"):
        await SqlStore.open(database_url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "not understood"),
        ("nonsense", "not understood"),
        ("mysql://user:hush@host/db", "mysql is not a database the desk can use"),
        ("postgresql://desk:hush@127.0.0.1:1/desk", "cannot be opened"),
        ("sqlite:////proc/nowhere/desk.db", "cannot be made"),
    ],
)
async def test_an_address_that_leads_nowhere_is_refused(url: str, why: str) -> None:
    """In words that say what is wrong, and never with the password."""
    with pytest.raises(CannotOpen, match=why) as refused:
        await SqlStore.open(url)
    assert "hush" not in str(refused.value)


@pytest.mark.postgres
async def test_a_server_that_does_not_know_the_database_is_named(cluster: Cluster) -> None:
    """An operator reads which database was meant."""
    url = make_url(cluster.empty_database()).set(database="nowhere")
    with pytest.raises(CannotOpen, match=r"nowhere.* cannot be opened: .*does not exist"):
        await SqlStore.open(url.render_as_string(hide_password=False))


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """And left as it is."""
    file = tmp_path / "desk.db"
    file.write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(CannotOpen, match="not a database"):
        await SqlStore.open(f"sqlite:///{file}")
    assert file.read_bytes() == b"Dear diary, " * 1000


async def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """Before anything is read from it that could be wrong."""
    file = tmp_path / "desk.db"
    store = await SqlStore.open(f"sqlite:///{file}")
    await keep(store, a_conversation(), *(a_message(f"{n}") for n in range(500)))
    await store.close()
    with file.open("r+b") as damaged:
        damaged.seek(4096)
        damaged.write(os.urandom(file.stat().st_size - 4096))
    with pytest.raises(CannotOpen, match=r"damaged|malformed"):
        await SqlStore.open(f"sqlite:///{file}")


async def test_damage_is_looked_for_after_a_crash(tmp_path: Path) -> None:
    """Also where the start itself would not come upon it."""
    file, as_left = tmp_path / "desk.db", tmp_path / "left.db"
    store = await SqlStore.open(f"sqlite:///{file}")
    await keep(store, a_conversation(), *(a_message(f"{n}") for n in range(500)))
    await store.close()
    shutil.copy(file, as_left)
    tmp_path.joinpath("left.db-wal").touch()  # what a process leaves behind that is killed
    with closing(sqlite3.connect(file)) as other:
        (page,) = other.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_messages_conversation_id_seq'"
        ).fetchone()
        (size,) = other.execute("PRAGMA page_size").fetchone()
    with as_left.open("r+b") as damaged:
        damaged.seek((page - 1) * size)
        damaged.write(bytes(size))
    with pytest.raises(CannotOpen, match="damaged"):
        await SqlStore.open(f"sqlite:///{as_left}")


async def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    """In a folder made for it: what is committed is on the disk, and references hold."""
    engine = create_engine(f"sqlite:///{tmp_path}/new/folder/desk.db")
    try:
        async with engine.connect() as connection:
            settings = {
                name: await connection.scalar(text(f"PRAGMA {name}"))
                for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
            }
    finally:
        await engine.dispose()
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 0,
        "foreign_keys": 1,
    }


async def use_everything(tx: Transaction) -> None:
    """Ask what the desk asks for each message and each delivery."""
    await tx.latest_conversations([an_identity("1"), an_identity("2")])
    await tx.contacts([an_identity("1")])
    await tx.conversations([ConversationId("of-1")])
    await tx.conversations_in([Thread("C1:1"), Thread("C1:2")])
    await tx.messages([MessageId("m1"), MessageId("m2")])
    await tx.pieces_of([MessageId("m1"), MessageId("m2")])
    await tx.take_up(["thread:1", "message:2"])
    await tx.due(later(days=1), 100)
    await tx.next_wake()
    await tx.heads(NOON, 50, [("agents", "C9")])
    await tx.claim([DeliveryId("d1"), DeliveryId("d2")])
    await tx.behind([DeliveryId("d1"), DeliveryId("d2")], 9)
    await tx.join([[DeliveryId("d1"), DeliveryId("d3")]])
    await tx.begin([DeliveryId("d1"), DeliveryId("d2")])
    await tx.set_threads({ConversationId("of-1"): Thread("C1:1")})
    await tx.finish({DeliveryId("d1"): Receipt("1")})
    await tx.fail([Failed(id=DeliveryId("d1"), reason="refused")])
    await tx.failed_with([DeliveryId("d1"), DeliveryId("d2")])
    await tx.undelivered(NOON, "agents", 9)
    await tx.retry([DeliveryId("d1"), DeliveryId("d3")], NOON)
    await tx.retry_all(None, NOON)
    await tx.drop([DeliveryId("d4")])
    await tx.doubt_unfinished(NOON)
    await tx.typical_answer("support", later(days=-28), 12)
    await tx.tickets([TicketStatus.OPEN], 10)
    await tx.messages_in(ConversationId("of-1"))
    await tx.open_threads(later(days=-7))
    await tx.mark_read({Thread("C1:1"): "17.000001"})


async def test_no_question_reads_the_whole_history(tmp_path: Path) -> None:
    """What a message costs does not grow with what was kept before: SQLite's plans tell."""
    url = f"sqlite:///{tmp_path}/desk.db"
    await (await SqlStore.open(url)).close()
    engine = create_engine(url)
    try:
        store = SqlStore(engine)
        await add_department(store)
        await fill(store, 10_000)
        asked: list[tuple[str, Any]] = []
        hear = partial(_note, asked)
        event.listen(engine.sync_engine, "before_cursor_execute", hear)
        async with store.transaction() as tx:
            await use_everything(tx)
        event.remove(engine.sync_engine, "before_cursor_execute", hear)
        asked = [each for each in asked if each[0] != "BEGIN IMMEDIATE"]
        assert len(asked) >= 18
        async with engine.connect() as connection:
            for statement, values in asked:
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                steps = [row.detail for row in plan]
                scans = [each for each in steps if each.startswith("SCAN") and not is_small(each)]
                assert not scans, statement
    finally:
        await engine.dispose()


def _note(asked: list[tuple[str, Any]], *call: Any) -> None:
    _connection, _cursor, statement, values, *_ = call
    asked.append((statement, values))


def is_small(detail: str) -> bool:
    """Whether a scan reads little: a list in the question, settings, or the lanes that wait."""
    return any(
        small in detail
        for small in (
            "departments",
            "ix_deliveries_unfinished",
            "CONSTANT ROW",
            "SCAN lanes",
            "SCAN head",
            "(subquery-",
            "ix_conversations_wake",
        )
    )


async def fill(store: SqlStore, number: int) -> None:
    """Keep *number* conversations, each with a message and a delivery that waits."""

    def of(each: int) -> Iterable[Any]:
        yield a_conversation(f"{each}", thread=Thread(f"C1:{each}"))
        yield a_message(f"m{each}", f"of-{each}")
        yield relay(f"d{each}", f"m{each}", conversation=f"of-{each}")

    await keep(store, *(thing for each in range(number) for thing in of(each)))


async def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Customers' words are not for every user of the machine."""
    store = await SqlStore.open(f"sqlite:///{tmp_path}/desk.db")
    await store.close()
    mode = stat.S_IMODE((tmp_path / "desk.db").stat().st_mode)
    assert mode & 0o077 == 0


async def test_who_begins_waits_for_another_program_that_writes(tmp_path: Path) -> None:
    """And everything else in the desk goes on meanwhile."""
    file = tmp_path / "desk.db"
    store = await SqlStore.open(f"sqlite:///{file}")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(store.ping())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not waiting.done()
        other.execute("ROLLBACK")
        await asyncio.wait_for(waiting, PATIENCE)
    await store.close()
