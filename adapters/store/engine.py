"""Connections: to a file of this machine (SQLite), or to a server (PostgreSQL)."""

import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, AsyncAdaptedQueuePool, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.store.one_hop import BEGIN, OneHopConnection

_FORMS = "write sqlite:///podrska.db or postgresql://user:password@host/database"


class CannotOpen(Exception):
    """The database cannot be used; the text says why, without the password."""


def create_engine(url: str) -> AsyncEngine:
    """Return an engine for a DATABASE_URL; nothing is connected yet.

    It must be disposed of: a connection that is left open keeps the process from ending. Raises
    `CannotOpen`.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise CannotOpen(f"the database's address is not understood: {_FORMS}") from None
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed)
        case "postgresql" | "postgres":
            return _postgresql(parsed)
        case other:
            raise CannotOpen(f"{other} is not a database the desk can use: {_FORMS}")


def _sqlite(url: URL) -> AsyncEngine:
    """Return an engine with one connection, which takes its transactions in turn.

    More than one could lose a database to a bug in SQLite before 3.51.3: sqlite.org/wal.html, "The
    WAL-reset bug".
    """
    if url.database and url.database != ":memory:":
        file = Path(url.database)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)  # it holds what customers wrote: for its owner alone
        except OSError as error:
            raise CannotOpen(f"{file} cannot be made: {error}") from error
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        connect_args={"async_creator_fn": _connect},
    )
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_immediately)
    return engine


def _connect(database: str, **arguments: Any) -> OneHopConnection:
    """Return a connection that is to be awaited."""
    connection = OneHopConnection(
        partial(sqlite3.connect, database, **{**arguments, "check_same_thread": False}),
        iter_chunk_size=64,
    )
    connection._thread.daemon = True  # as SQLAlchemy has it for the connections it makes
    return connection


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # else the driver begins on its own, and too late
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout=5000",
        "journal_mode=WAL",
        "synchronous=FULL",  # anything less may forget a commit when the power fails
        "foreign_keys=ON",
        "secure_delete=ON",
        "busy_timeout=0",  # who begins waits for the lock without keeping the event loop
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediately(connection: Connection) -> None:
    # A transaction that starts by reading and writes later would lose what others wrote between.
    connection.exec_driver_sql(BEGIN)


def _postgresql(url: URL) -> AsyncEngine:
    query = dict(url.query)
    if "sslmode" in query:  # what every other PostgreSQL program calls it
        query["ssl"] = query.pop("sslmode")
    try:
        return create_async_engine(
            url.set(drivername="postgresql+asyncpg", query=query),
            pool_pre_ping=True,
            connect_args={"server_settings": {"timezone": "UTC", "application_name": "podrska"}},
        )
    except ModuleNotFoundError as error:
        raise CannotOpen("PostgreSQL needs one more package: install podrska[postgres]") from error
