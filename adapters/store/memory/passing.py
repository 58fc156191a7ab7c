"""Passes: hashes of what lets somebody in."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from adapters.store.memory.part import Part
from core.passes_port import Pass, Purpose


class Passing(Part):
    """The part of a transaction that keeps passes."""

    async def keep_pass(self, pass_: Pass) -> bool:
        """Keep a pass, and return whether it is a new one: a known hash stays as it is."""
        if pass_.hash in self._tables.passes:
            return False
        self._tables.put(self._tables.passes, pass_.hash, pass_)
        return True

    async def pass_of(self, hash_: str, purpose: Purpose, at: datetime) -> Pass | None:
        """Return the pass with this hash if it is valid at that moment."""
        found = self._tables.passes.get(hash_)
        if found is None or found.purpose is not purpose or found.used_at is not None:
            return None
        return found if found.expires_at is None or found.expires_at > at else None

    async def use_pass(self, hash_: str, purpose: Purpose, at: datetime) -> Pass | None:
        """Use a valid pass up, and return it; None for everybody but the first."""
        found = await self.pass_of(hash_, purpose, at)
        if found is None:
            return None
        used = replace(found, used_at=at)
        self._tables.put(self._tables.passes, hash_, used)
        return used

    async def extend_pass(self, hash_: str, until: datetime) -> None:
        """Let a pass expire at another time, if it is there."""
        if (found := self._tables.passes.get(hash_)) is not None:
            self._tables.put(self._tables.passes, hash_, replace(found, expires_at=until))

    async def revoke_passes(self, purpose: Purpose, subject: str) -> int:
        """Forget every pass of a subject for this purpose; return how many there were."""
        return self._drop(each for each in await self.passes(purpose) if each.subject == subject)

    async def passes(self, purpose: Purpose) -> list[Pass]:
        """Return the passes for this purpose that were not revoked, those made first first."""
        found = (each for each in self._tables.passes.values() if each.purpose is purpose)
        return sorted(found, key=lambda each: (each.made_at, each.hash))

    async def forget_passes(self, expired_before: datetime) -> int:
        """Forget what expired before then, used up or not; return how many there were."""
        everything = list(self._tables.passes.values())
        return self._drop(
            each for each in everything if each.expires_at and each.expires_at < expired_before
        )

    def _drop(self, passes: Iterable[Pass]) -> int:
        gone = [each.hash for each in passes]
        for each in gone:
            self._tables.drop(self._tables.passes, each)
        return len(gone)
