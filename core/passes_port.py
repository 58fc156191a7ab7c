"""Passes: what lets somebody in who shows the secret that belongs to it.

A visitor's browser, a link in a mail, a session of the portal, a program with the house's token:
each shows a random secret. Only its hash is kept, so that whoever reads the database gets in
nowhere.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Purpose(StrEnum):
    """What a pass is good for, and for nothing else."""

    VISITOR = "visitor"
    """A browser in the website's chat."""
    LOGIN = "login"
    """A link in a mail that logs in to the portal, once."""
    PROOF = "proof"
    """A link in the mail of a ticket: who has it reads what is sent to that address."""
    SESSION = "session"
    """A browser that is logged in to the portal."""
    API = "api"
    """A program of the house's."""
    NONCE = "nonce"
    """What was shown once and must not be shown again."""


@dataclass(frozen=True, kw_only=True)
class Pass:
    """What is known of a pass."""

    hash: str = field(repr=False)
    """Of its secret, as `adapters.passes.hash_of` makes it; no two passes have the same."""
    purpose: Purpose
    subject: str
    """Whom or what it lets in: a visitor, an address. All passes of one are revoked together."""
    name: str = ""
    """What else belongs to it, such as what people call it, or the origin it was made for."""
    made_at: datetime
    expires_at: datetime | None = None
    """None: not before it is revoked."""
    used_at: datetime | None = None
    """When it was used up."""


class Passes(Protocol):
    """The part of a transaction that keeps passes.

    A pass is valid at a moment if it is for that purpose, neither used up nor revoked, and does
    not expire until later.
    """

    async def keep_pass(self, pass_: Pass) -> bool:
        """Keep a pass, and return whether it is a new one: a known hash stays as it is."""
        ...

    async def pass_of(self, hash_: str, purpose: Purpose, at: datetime) -> Pass | None:
        """Return the pass with this hash if it is valid at that moment."""
        ...

    async def use_pass(self, hash_: str, purpose: Purpose, at: datetime) -> Pass | None:
        """Use a valid pass up, and return it; None for everybody but the first."""
        ...

    async def extend_pass(self, hash_: str, until: datetime) -> None:
        """Let a pass expire at another time, if it is there."""
        ...

    async def revoke_passes(self, purpose: Purpose, subject: str) -> int:
        """Forget every pass of a subject for this purpose; return how many there were."""
        ...

    async def passes(self, purpose: Purpose) -> list[Pass]:
        """Return the passes for this purpose that were not revoked, those made first first."""
        ...

    async def forget_passes(self, expired_before: datetime) -> int:
        """Forget what expired before then, used up or not; return how many there were."""
        ...
