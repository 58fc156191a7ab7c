"""SQLite's connection: what is quick is done at once, what may wait is done in a thread.

The driver runs each statement's parts (make a cursor, execute, fetch, close) in its thread one by
one. Each is a switch of threads and back, which costs more than most of the statements themselves.
Here a statement is one part. Within a transaction, one that was quick the last time takes no trip
to the thread at all: see docs/adr/0013-quick-statements-in-the-loop.md.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from time import perf_counter
from typing import Any, Self

import aiosqlite

BEGIN = "BEGIN IMMEDIATE"
COMMIT = "COMMIT"
LONGEST_WAIT = 5.0
"""Seconds to wait for another program that has the lock; it is the only thing that can."""
QUICK = 0.003
"""Seconds that a statement may keep everybody else waiting."""
_REMEMBERED = 5000
LARGE = 65_536
"""Bytes in one value: how long it takes to write them says nothing about the next ones."""


class OneHopConnection(aiosqlite.Connection):
    """A connection whose cursors take at most one trip for a statement.

    The connector must allow other threads (`check_same_thread=False`): the connection is used in
    two, but never in both at once.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # Each is written by one thread alone. They differ while work waits or is done in the
        # thread, also such that nobody awaits any more.
        self._sent, self._done = 0, 0
        self._quick: set[str] = set()
        self._version = 0
        self._kept: dict[str, Any] = {}

    def cursor(self) -> "Cursor":  # type: ignore[override]  # SQLAlchemy awaits nothing here
        """Return a cursor; nothing is done for it yet."""
        return Cursor(self)

    async def commit(self) -> None:
        """Commit; where the disk was quick the last time, that takes no trip either."""
        await self.run(COMMIT, self._conn.commit)

    def kept(self, what: str) -> Any:
        """Return what was kept under this name, if nobody can have changed the file since.

        None, too, while that cannot be asked: sqlite.org/pragma.html, "PRAGMA data_version".
        """
        if not self._is_idle():
            return None
        (version,) = self._conn.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version, self._kept = version, {}
        return self._kept.get(what)

    def keep(self, what: str, value: Any) -> None:
        """Keep what was read in this transaction, until another connection writes to the file.

        Who changes it over this connection must keep None instead.
        """
        self._kept[what] = value

    async def rollback(self) -> None:
        """Roll back; where nothing was begun, that takes no trip."""
        self._kept = {}
        if not self._is_idle() or self._conn.in_transaction:
            await super().rollback()

    async def run(
        self, statement: str, work: Callable[[], None], parameters: Sequence[Any] = ()
    ) -> None:
        """Do *work*, which executes *statement*: at once, or in the connection's thread."""
        # In a transaction, for that has the lock already: only to commit it waits for the disk.
        if statement == BEGIN and self._is_idle():
            await self._begin(statement, work)
        elif (
            statement in self._quick
            and self._is_idle()
            and self._conn.in_transaction
            and not _is_large(parameters)
        ):
            self._timed(statement, work)
        else:
            await self._execute(self._timed, statement, work)

    async def _begin(self, statement: str, work: Callable[[], None]) -> None:
        """Begin at once, or when whoever has the lock gives it back. Raises what SQLite raises."""
        pause, waited = 0.001, 0.0
        while True:
            try:
                return self._timed(statement, work)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or waited > LONGEST_WAIT:
                    raise
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, 0.1)

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Do it in the thread; whatever the driver does comes through here."""
        self._sent += 1
        work = partial(self._counted, fn, *args, **kwargs)
        return await super()._execute(work)  # type: ignore[no-untyped-call]

    def _counted(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        try:
            return work(*arguments, **named)
        finally:
            self._done += 1

    def _is_idle(self) -> bool:
        """Whether nothing is done in the thread, nor waits for it."""
        return self._sent == self._done

    def _timed(self, statement: str, work: Callable[[], None]) -> None:
        began = perf_counter()
        work()
        if perf_counter() - began > QUICK:
            self._quick.discard(statement)
        elif len(self._quick) < _REMEMBERED:
            self._quick.add(statement)


class Cursor:
    """What SQLAlchemy needs of a cursor. All rows are fetched with the statement itself."""

    arraysize = 1

    def __init__(self, connection: OneHopConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Sequence[Any] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        """Return itself: it is open already."""
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        """Execute, and fetch every row."""
        work = partial(self._run, "execute", statement, parameters)
        await self._connection.run(statement, work, parameters)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> Self:
        """Execute once for each of *parameters*."""
        await self._connection.run(
            statement, lambda: self._run("executemany", statement, parameters)
        )
        return self

    async def fetchall(self) -> list[Any]:
        """Return the rows."""
        return self._rows

    async def close(self) -> None:
        """Do nothing: a cursor whose rows have all been fetched holds nothing."""

    def _run(self, how: str, statement: str, parameters: Any) -> None:
        cursor = getattr(self._connection._conn, how)(statement, parameters)
        self._rows = cursor.fetchall() if cursor.description else []
        self.description, self.rowcount = cursor.description, cursor.rowcount
        self.lastrowid = cursor.lastrowid
        cursor.close()


def _is_large(parameters: Sequence[Any]) -> bool:
    return any(isinstance(each, bytes | memoryview) and len(each) > LARGE for each in parameters)
