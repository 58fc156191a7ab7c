"""The right to work on a shared database: one instance has it at a time, the others stand by.

A row says who holds it and until when, by the database's clock. Its token grows with each takeover;
every transaction of an instance that works begins by looking at it, so that one who slept through
being relieved can write nothing any more.
"""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import structlog
from sqlalchemy import TextClause, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

log = structlog.get_logger()

_NAME = "desk"
_UNTIL = "clock_timestamp() + make_interval(secs => :lasts)"
_UNREACHABLE = (SQLAlchemyError, OSError)

# Only a row that has expired is touched: to ask is not to be in the way of who works.
_TAKE = text(
    f"UPDATE leases SET holder = :holder, token = token + 1, until = {_UNTIL}"  # noqa: S608
    " WHERE name = :name AND until < clock_timestamp() RETURNING token"
)
# Whose process has been stopped in the middle of a transaction keeps its locks. No time-out of the
# server's ends that if it waits for the rest of a statement: drivers send one in several parts.
# What was begun later is the next holder's, who may have been faster than this.
_END_WHAT_HAS_BEGUN = text(
    "SELECT pg_terminate_backend(pid) FROM leases, pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE name = :name AND until < clock_timestamp() AND xact_start < until"
    " AND relation = CAST('leases' AS regclass) AND mode = 'RowShareLock'"
    " AND datname = current_database()"
)
# By the token alone: late, but before anybody else, is early enough.
_RENEW = text(
    f"UPDATE leases SET until = {_UNTIL} WHERE name = :name AND token = :token"  # noqa: S608
)
_GIVE_UP = text("UPDATE leases SET until = clock_timestamp() WHERE name = :name AND token = :token")
# The lock keeps the token from changing before this transaction has ended: a takeover waits for
# that, a renewal, which changes no column of a key, does not (postgresql.org/docs, "Row-Level
# Locks").
_CHECK = text("SELECT token FROM leases WHERE name = :name AND token = :token FOR KEY SHARE")


class LeaseLost(Exception):
    """Another instance works now: what this one wanted to read or write was refused."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How long a lease lasts unless it is renewed, in seconds; all else follows from that."""

    lasts: float = 10.0

    @property
    def renewed_every(self) -> float:
        """After how many seconds its holder renews it."""
        return self.lasts / 4

    @property
    def tried_every(self) -> float:
        """After how many seconds one who stands by asks for it again."""
        return self.lasts / 12

    @property
    def sure_for(self) -> float:
        """For how many seconds after asking for a renewal a call to a platform may begin."""
        return self.lasts * 2 / 3


class Lease:
    """What one instance knows of the lease that all instances want."""

    def __init__(
        self, engine: AsyncEngine, *, holder: str, terms: Terms, monotonic: Callable[[], float]
    ) -> None:
        """*holder* names this instance for operators; *monotonic* is a clock that never jumps."""
        # Each statement is a transaction: one stopped in the middle of it leaves no lock behind.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._holder = holder
        self._terms = terms
        self._monotonic = monotonic
        self.is_answered = True
        """Whether the database answered when it was asked last."""

    async def take(self) -> "Tenure | None":
        """Take the lease if nobody holds it; None if somebody does, or nobody can tell.

        What its last holder has begun to write, and not finished, is undone before.
        """
        asked_at = self._monotonic()
        try:
            async with self._engine.connect() as connection:
                await connection.execute(_END_WHAT_HAS_BEGUN, {"name": _NAME})
                token = await connection.scalar(
                    _TAKE, {"name": _NAME, "holder": self._holder, "lasts": self._terms.lasts}
                )
        except _UNREACHABLE as error:
            if self.is_answered:
                log.warning("lease.not_asked", error=type(error).__name__)
            self.is_answered = False
            return None
        self.is_answered = True
        if token is None:
            return None
        return Tenure(self._engine, token, asked_at, self._terms, self._monotonic)

    async def wait(self) -> "Tenure":
        """Stand by, and return the lease once it is taken."""
        while True:
            if (tenure := await self.take()) is not None:
                return tenure
            await asyncio.sleep(self._terms.tried_every)


class Tenure:
    """The lease in the hands of this instance: renewed inside a block, given up at its end.

    It ends before that if another instance has taken it, or may have because the database could
    not be reached for as long as it lasts. A shorter absence does no harm.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        token: int,
        asked_at: float,
        terms: Terms,
        monotonic: Callable[[], float],
    ) -> None:
        """*asked_at* is when it was asked for, in seconds of *monotonic*."""
        self._engine = engine
        self._asked_at = asked_at
        self._terms = terms
        self._monotonic = monotonic
        self._tasks: list[asyncio.Task[None]] = []
        self.token = token
        self.lost = asyncio.Event()
        """Set when another instance works, or may."""

    def is_sure(self) -> bool:
        """Whether certainly nobody else works, now and for a while."""
        return not self.lost.is_set() and self._age() < self._terms.sure_for

    async def check(self, connection: AsyncConnection) -> None:
        """Hold the token until the end of the connection's transaction. Raises `LeaseLost`."""
        if self.lost.is_set() or await connection.scalar(_CHECK, self._names()) is None:
            self._lose()
            raise LeaseLost(f"lease {self.token} is no longer this instance's")

    async def __aenter__(self) -> Self:
        """Begin to renew it."""
        self._tasks = [asyncio.create_task(self._renew()), asyncio.create_task(self._expire())]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give it up, so that another instance need not wait."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks, timeout=1)  # a database that hangs is not waited for
        if self.lost.is_set():
            return
        self._asked_at = -math.inf
        try:
            async with asyncio.timeout(1):
                await self._write(_GIVE_UP)
        except _UNREACHABLE as error:
            log.warning("lease.not_given_up", error=type(error).__name__)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._terms.renewed_every)
            asked_at = self._monotonic()
            try:
                is_ours = await self._write(_RENEW, lasts=self._terms.lasts)
            except _UNREACHABLE as error:
                log.warning("lease.not_renewed", error=type(error).__name__)
                continue
            if not is_ours:
                self._lose()
                return
            self._asked_at = asked_at

    async def _expire(self) -> None:
        while True:
            left = self._terms.lasts - self._age()
            if left <= 0:
                self._lose()
                return
            await asyncio.sleep(left)

    def _lose(self) -> None:
        if not self.lost.is_set():
            log.warning("lease.lost", token=self.token)
            self.lost.set()

    def _age(self) -> float:
        """Return the seconds since it was asked for, the last time that it was granted."""
        return self._monotonic() - self._asked_at

    async def _write(self, statement: TextClause, **values: Any) -> bool:
        """Return whether the row was there to be written, still with our token."""
        async with self._engine.connect() as connection:
            written = await connection.execute(statement, self._names(**values))
            return written.rowcount == 1

    def _names(self, **values: Any) -> dict[str, Any]:
        return {"name": _NAME, "token": self.token, **values}
