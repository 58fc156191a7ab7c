"""Whose turn it is: the lane that was served least recently."""

from collections.abc import Iterable

from core.outbox import Head

_REMEMBERED = 10_000


class Turns:
    """Which lanes were served, and in which order."""

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        """Remember that many lanes; one that is forgotten counts as never served."""
        self._remembered = remembered
        self._served: dict[str, int] = {}
        self._count = 0

    def serve(self, lane: str) -> None:
        """Remember that a lane was served just now."""
        self._count += 1
        self._served.pop(lane, None)
        self._served[lane] = self._count
        if len(self._served) > self._remembered:
            del self._served[next(iter(self._served))]

    def in_turn(self, heads: Iterable[Head]) -> list[Head]:
        """Return the heads of lanes that were never served, and then those of the others.

        Who was served longest ago comes first among those; equals keep their order. So one lane's
        flood keeps nobody waiting for more than its next post.
        """
        return sorted(heads, key=lambda each: self._served.get(each.lane, 0))
