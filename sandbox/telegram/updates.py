"""The updates that wait for the bot."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from ..bell import Bell
from ..clock import Clock
from .wire import Json

UPDATE_LIFETIME = timedelta(hours=24)
"""How long an update waits ("Getting updates")."""
CALLBACK_LIFETIME = timedelta(seconds=150)
"""How long the press of a button waits, in the open-source Bot API server."""

KINDS = frozenset({"message", "edited_message", "callback_query", "my_chat_member"})
"""What a bot gets that did not choose: not reactions ("getUpdates", allowed_updates)."""


@dataclass(frozen=True, kw_only=True)
class Pending:
    """An update that was not confirmed yet."""

    update_id: int
    kind: str
    chat_id: int
    content: Json
    expires_at: float
    """In Unix seconds."""
    again: bool = False
    """A copy, which is handed out once even though its id was confirmed before."""

    def body(self) -> Json:
        """Return the update as the Bot API sends it."""
        return {"update_id": self.update_id, self.kind: self.content}

    @property
    def lane(self) -> tuple[str, int]:
        """The updates that a webhook gets one after the other: others may overtake them."""
        return ("message" if self.kind == "edited_message" else self.kind, self.chat_id)


class UpdateQueue:
    """Keeps updates, in order, until they are confirmed or too old."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next_id = 100_000_000 + secrets.randbelow(800_000_000)
        self._pending: list[Pending] = []
        self._last: Pending | None = None
        self.allowed = KINDS
        self.bell = Bell()
        """Rung whenever something came in."""

    def timestamp(self) -> int:
        """Return the sandbox's time in Unix seconds."""
        return int(self._clock.now().timestamp())

    def allow(self, kinds: Any) -> None:
        """Choose what is queued from now on: None changes nothing, an empty list is the default."""
        if isinstance(kinds, list):
            self.allowed = frozenset(kinds) or KINDS

    def add(self, kind: str, chat_id: int, content: Json) -> None:
        """Queue an update, if the bot wants its kind."""
        if kind not in self.allowed:
            return
        lifetime = CALLBACK_LIFETIME if kind == "callback_query" else UPDATE_LIFETIME
        expires_at = (self._clock.now() + lifetime).timestamp()
        self._last = Pending(
            update_id=self._next_id,
            kind=kind,
            chat_id=chat_id,
            content=content,
            expires_at=expires_at,
        )
        self._next_id += 1
        self._pending.append(self._last)
        self.bell.ring()

    def repeat_last(self) -> None:
        """Deliver the latest update once more, under its own id."""
        if self._last is None:
            raise LookupError("there was no update yet")
        self._pending.append(replace(self._last, again=True))
        self.bell.ring()

    def waiting(self) -> list[Pending]:
        """Return what waits and is not too old."""
        now = self._clock.now().timestamp()
        self._pending = [update for update in self._pending if update.expires_at > now]
        return list(self._pending)

    def confirm(self, offset: int) -> None:
        """Forget what lies below *offset*; a negative one keeps the latest -offset updates."""
        if offset < 0:
            self._pending = self.waiting()[offset:]
        elif offset > 0:
            self._pending = [
                update for update in self._pending if update.update_id >= offset or update.again
            ]

    def hand_out(self, limit: int) -> list[Json]:
        """Return the first *limit* updates; they stay until they are confirmed."""
        batch = self.waiting()[:limit]
        self._pending[:limit] = [replace(update, again=False) for update in batch]
        return [update.body() for update in batch]

    def forget(self, taken: Pending) -> None:
        """Forget an update that a webhook has taken."""
        self._pending = [update for update in self._pending if update is not taken]

    def clear(self) -> None:
        """Forget everything that waits."""
        self._pending.clear()
