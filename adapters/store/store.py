"""The store, in SQLite or PostgreSQL: the same statements, the same promises."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.store.delivering import Delivering
from adapters.store.engine import CannotOpen, create_engine
from adapters.store.lease import Lease, Tenure, Terms
from adapters.store.looking import Looking
from adapters.store.mailing import Mailing
from adapters.store.mending import Mending
from adapters.store.migrate import migrate
from adapters.store.passing import Passing
from adapters.store.portal import Portal
from adapters.store.receiving import Receiving
from adapters.store.tables import pulse
from adapters.store.visiting import Visiting


class SqlTransaction(Receiving, Delivering, Mending, Mailing, Passing, Visiting, Portal, Looking):
    """One transaction: all of it happens, or none. Reads see its own writes."""


class SqlStore:
    """Where everything is kept. It must be closed, or the process does not end."""

    def __init__(self, engine: AsyncEngine, tenure: Tenure | None = None) -> None:
        """*tenure*: without it a transaction fails, for another instance works."""
        self._engine = engine
        self._tenure = tenure

    @classmethod
    async def open(cls, url: str) -> Self:
        """Open the database that a DATABASE_URL names, and bring its tables up to this release.

        Raises `CannotOpen`.
        """
        engine = create_engine(url)
        was_cut_off = _was_cut_off(engine)
        try:
            async with engine.begin() as connection:
                if was_cut_off:
                    await _check(connection)
                await connection.run_sync(migrate)
        except BaseException as error:
            await engine.dispose()
            if isinstance(error, DBAPIError | OSError):
                cause = error.orig if isinstance(error, DBAPIError) else error
                raise CannotOpen(f"{engine.url!r} cannot be opened: {cause}") from error
            raise
        return cls(engine)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlTransaction]:
        """Begin a transaction that may write; commit at the end, roll back on an exception.

        Raises `LeaseLost` if this is the store of a tenure that is over.
        """
        async with self._begun() as connection:
            yield SqlTransaction(connection)

    def lease(self, *, holder: str, terms: Terms, monotonic: Callable[[], float]) -> Lease | None:
        """Return the lease by which instances take turns; None for a file, which has one user."""
        if self._engine.dialect.name == "sqlite":
            return None
        return Lease(self._engine, holder=holder, terms=terms, monotonic=monotonic)

    def during(self, tenure: Tenure) -> "SqlStore":
        """Return this store as it may be used as long as the lease is ours; it is not closed."""
        return SqlStore(self._engine, tenure)

    async def ping(self) -> None:
        """Return when the database has written something. Raises what `transaction` raises."""
        async with self._begun() as connection:
            await connection.execute(update(pulse).values(beat=pulse.c.beat + 1))

    async def close(self) -> None:
        """Close every connection; none may be in use."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _begun(self) -> AsyncIterator[AsyncConnection]:
        async with self._engine.begin() as connection:
            if self._tenure is not None:
                await self._tenure.check(connection)
            yield connection


def _was_cut_off(engine: AsyncEngine) -> bool:
    """Whether the file was not closed the last time, or is in use; not so for a server.

    To be asked before it is opened. Who closes a database last removes its -wal file:
    sqlite.org/wal.html, "The WAL File".
    """
    file = engine.url.database
    return engine.dialect.name == "sqlite" and bool(file) and Path(f"{file}-wal").exists()


async def _check(connection: AsyncConnection) -> None:
    """Raise `CannotOpen` for a damaged file: what it still answers could be wrong.

    It reads the whole file, which takes seconds with a long history.
    """
    found = await connection.scalar(text("PRAGMA quick_check(1)"))
    if found != "ok":
        raise CannotOpen(f"{connection.engine.url!r} is damaged ({found}); restore a backup")
