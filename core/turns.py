"""Whose turn it is: the lane that has waited longest since it was served last."""

from collections.abc import Iterable
from datetime import datetime

from core.outbox import Head

_REMEMBERED = 10_000


class Turns:
    """Which lanes were served, and when."""

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        """Remember that many lanes; one that is forgotten counts as never served."""
        self._remembered = remembered
        self._served: dict[str, tuple[datetime, int]] = {}
        """When, and as the how-manieth: much can happen at one moment."""
        self._count = 0

    def serve(self, lane: str, at: datetime) -> None:
        """Remember that a lane was served at *at*."""
        self._count += 1
        self._served.pop(lane, None)
        self._served[lane] = at, self._count
        if len(self._served) > self._remembered:
            del self._served[next(iter(self._served))]

    def in_turn(self, heads: Iterable[Head]) -> list[Head]:
        """Return the heads of lanes that have waited longest first; equals keep their order.

        A lane waits since its first delivery was decided, and at the earliest since it was served
        last. So one lane's flood keeps nobody waiting for more than its next post; and who comes
        new queues behind those who wait, or under a rush of newcomers nobody would be served twice.
        """
        return sorted(heads, key=self._waits_since)

    def _waits_since(self, head: Head) -> tuple[datetime, int]:
        decided = head.created_at, 0
        return max(decided, self._served.get(head.lane, decided))
