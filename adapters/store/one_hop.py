"""SQLite's connection, with one trip to its thread for a statement instead of four.

The driver runs each statement's parts (make a cursor, execute, fetch, close) in its thread one by
one. Each is a switch of threads and back, which costs more than most of the statements themselves.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import aiosqlite


class OneHopConnection(aiosqlite.Connection):
    """A connection whose cursors take one trip for a statement."""

    def cursor(self) -> "Cursor":  # type: ignore[override]  # SQLAlchemy awaits nothing here
        """Return a cursor; nothing is done for it yet."""
        return Cursor(self)

    async def run(self, work: Callable[..., None], *arguments: object) -> None:
        """Have *work* done in the connection's thread."""
        await self._execute(work, *arguments)  # type: ignore[no-untyped-call]


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
        await self._connection.run(self._run, "execute", statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> Self:
        """Execute once for each of *parameters*."""
        await self._connection.run(self._run, "executemany", statement, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        """Return the rows."""
        return self._rows

    async def close(self) -> None:
        """Do nothing: a cursor whose rows have all been fetched holds nothing."""

    def _run(self, how: str, statement: str, parameters: Any) -> None:
        """Do it, in the connection's thread."""
        cursor = getattr(self._connection._conn, how)(statement, parameters)
        self._rows = cursor.fetchall() if cursor.description else []
        self.description, self.rowcount = cursor.description, cursor.rowcount
        self.lastrowid = cursor.lastrowid
        cursor.close()
