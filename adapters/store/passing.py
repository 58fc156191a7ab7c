"""Passes: hashes of what lets somebody in."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, or_, select, update

from adapters.store.loading import Part
from adapters.store.saving import inserting
from adapters.store.tables import passes
from core.passes_port import Pass, Purpose

# Executed for whatever anybody wants: they are built once.
_VALID = and_(
    passes.c.hash == bindparam("shown"),
    passes.c.purpose == bindparam("for_what"),
    passes.c.used_at.is_(None),
    or_(passes.c.expires_at.is_(None), passes.c.expires_at > bindparam("now")),
)
_VALID_PASS = select(passes).where(_VALID)
_USE = update(passes).where(_VALID).returning(passes)


class Passing(Part):
    """The part of a transaction that keeps passes."""

    async def keep_pass(self, pass_: Pass) -> bool:
        """Keep a pass, and return whether it is a new one: a known hash stays as it is."""
        row = {each: getattr(pass_, each) for each in passes.c.keys()}  # noqa: SIM118
        statement = inserting(self._connection, passes).on_conflict_do_nothing()
        kept = await self._connection.execute(statement.returning(passes.c.hash), row)
        return kept.one_or_none() is not None

    async def pass_of(self, hash_: str, purpose: Purpose, at: datetime) -> Pass | None:
        """Return the pass with this hash if it is valid at that moment."""
        named = {"shown": hash_, "for_what": purpose, "now": at}
        row = (await self._connection.execute(_VALID_PASS, named)).one_or_none()
        return None if row is None else _pass(row)

    async def use_pass(self, hash_: str, purpose: Purpose, at: datetime) -> Pass | None:
        """Use a valid pass up, and return it; None for everybody but the first."""
        used = await self._connection.execute(
            _USE, {"shown": hash_, "for_what": purpose, "now": at, "used_at": at}
        )
        row = used.one_or_none()
        return None if row is None else _pass(row)

    async def extend_pass(self, hash_: str, until: datetime) -> None:
        """Let a pass expire at another time, if it is there."""
        await self._connection.execute(
            update(passes).where(passes.c.hash == hash_).values(expires_at=until)
        )

    async def revoke_passes(self, purpose: Purpose, subject: str) -> int:
        """Forget every pass of a subject for this purpose; return how many there were."""
        gone = await self._connection.execute(
            delete(passes).where(passes.c.subject == subject, passes.c.purpose == purpose)
        )
        return gone.rowcount

    async def passes(self, purpose: Purpose) -> list[Pass]:
        """Return the passes for this purpose that were not revoked, those made first first."""
        rows = await self._connection.execute(
            select(passes)
            .where(passes.c.purpose == purpose)
            .order_by(passes.c.made_at, passes.c.hash)
        )
        return [_pass(row) for row in rows]

    async def forget_passes(self, expired_before: datetime) -> int:
        """Forget what expired before then, used up or not; return how many there were."""
        gone = await self._connection.execute(
            delete(passes).where(passes.c.expires_at < expired_before)
        )
        return gone.rowcount


def _pass(row: Row[Any]) -> Pass:
    values: dict[str, Any] = row._asdict()
    return Pass(**values | {"purpose": Purpose(row.purpose)})
