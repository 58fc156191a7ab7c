"""How fast a platform may be spoken to: rates with a burst, and pauses that it demands.

The generic cell rate algorithm: for each key one number, the moment at which its bucket would be
full again. All times are seconds on a monotonic clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Toll:
    """A rate that a call uses up: *per_second*, with up to *burst* at once, counted by *key*."""

    key: str
    per_second: float
    burst: int = 1


class Pace:
    """What has been used up so far."""

    def __init__(self, hurry: float = 1.0) -> None:
        """*hurry*: how many times faster than the tolls say, where time is made to run faster."""
        self._hurry = hurry
        self._full_at: dict[str, float] = {}
        self._held_until: dict[str, float] = {}

    def free_at(self, tolls: Iterable[Toll], now: float) -> float:
        """Return the first moment at which a call with these tolls is allowed; *now* if it is."""
        moment = now
        for toll in tolls:
            room = (toll.burst - 1) / (toll.per_second * self._hurry)
            moment = max(moment, self._full_at.get(toll.key, now) - room)
            moment = max(moment, self._held_until.get(toll.key, now))
        return moment

    def spend(self, tolls: Iterable[Toll], now: float) -> None:
        """Count a call with these tolls, made *now*."""
        for toll in tolls:
            full_at = max(self._full_at.get(toll.key, now), now)
            self._full_at[toll.key] = full_at + 1 / (toll.per_second * self._hurry)

    def hold(self, key: str, until: float) -> None:
        """Allow nothing with this key before *until*."""
        self._held_until[key] = max(self._held_until.get(key, until), until)

    def forget(self, now: float) -> None:
        """Drop what no longer limits anything, so that memory does not grow with the customers."""
        self._full_at = {key: at for key, at in self._full_at.items() if at > now}
        self._held_until = {key: at for key, at in self._held_until.items() if at > now}
