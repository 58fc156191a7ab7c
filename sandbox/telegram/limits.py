"""How fast a bot may speak."""

import time
from collections import defaultdict
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The pace that Telegram's FAQ names ("My bot is hitting limits"), with room for bursts."""

    chat_per_second: float = 1
    chat_burst: int = 20
    overall_per_second: float = 30
    overall_burst: int = 60


UNLIMITED = Limits(
    chat_per_second=1_000_000,
    chat_burst=1_000_000,
    overall_per_second=1_000_000,
    overall_burst=1_000_000,
)
"""No limit that a test could reach."""


class Bucket:
    """Holds up to *burst* permissions, and gets *per_second* new ones in real time."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        self._level = burst
        self._at = time.monotonic()

    def wait(self) -> float:
        """Return the seconds until a permission is there: 0 if there is one now."""
        now = time.monotonic()
        self._level = min(self._burst, self._level + (now - self._at) * self._per_second)
        self._at = now
        return max(0.0, (1 - self._level) / self._per_second)

    def take(self) -> None:
        """Use up one permission."""
        self._level -= 1


class Pace:
    """Counts what is said in each chat and in all of them."""

    def __init__(self, limits: Limits) -> None:
        self._overall = Bucket(limits.overall_burst, limits.overall_per_second)
        self._chats: defaultdict[str, Bucket] = defaultdict(
            lambda: Bucket(limits.chat_burst, limits.chat_per_second)
        )

    def seconds_to_wait(self, chat_id: str) -> float:
        """Count one call for *chat_id*, or return in how many seconds it may be made."""
        buckets = (self._chats[chat_id], self._overall)
        wait = max(bucket.wait() for bucket in buckets)
        if not wait:
            for bucket in buckets:
                bucket.take()
        return wait
