"""Keeps what visitors write in order when some of it cannot be taken yet."""

from collections import OrderedDict
from dataclasses import dataclass
from math import ceil

from core.ports import Clock

_MOST = 10_000
"""How many visitors are remembered who have to wait."""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """What is to be repeated first, and until when it is waited for."""

    id: str
    why: str
    until: float
    """Seconds, monotonic."""


class Holding:
    """What waits goes first: what was on its way behind it waits as well, and does not overtake."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._holds: OrderedDict[str, Hold] = OrderedDict()

    def begin(self, visitor: str, id_: str, why: str, seconds: float) -> None:
        """Hold up a visitor until *id_* has been taken, or so many seconds are over."""
        until = self._clock.monotonic() + seconds
        self._holds[visitor] = Hold(id=id_, why=why, until=until)
        self._holds.move_to_end(visitor)
        if len(self._holds) > _MOST:
            self._holds.popitem(last=False)

    def on(self, visitor: str, id_: str) -> Hold | None:
        """Return what a visitor's *id_* has to wait for, if it has to."""
        hold = self._holds.get(visitor)
        if hold is None or hold.id == id_ or hold.until <= self._clock.monotonic():
            return None
        return hold

    def left(self, hold: Hold) -> int:
        """Return after how many seconds it may be tried again; not less than one."""
        return max(1, ceil(hold.until - self._clock.monotonic()))

    def end(self, visitor: str) -> None:
        """Let a visitor go on."""
        self._holds.pop(visitor, None)
