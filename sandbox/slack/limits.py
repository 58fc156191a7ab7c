"""How often a method may be called (docs: "Rate limits")."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass


class LimitError(Exception):
    """The call came too early; `seconds` is when to come back."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"come back in {seconds} s")
        self.seconds = seconds


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class Limits:
    """Token buckets on the real, monotonic clock: waiting costs callers real time."""

    def __init__(
        self, *, post_rate: float | None, post_burst: int, per_minute: Mapping[str, int]
    ) -> None:
        self._post_rate = post_rate
        self._post_burst = post_burst
        self._per_minute = per_minute
        self._buckets: dict[str, _Bucket] = {}

    def post(self, room_id: str) -> None:
        """Count one chat.postMessage into a room; raises LimitError."""
        if self._post_rate is not None:
            self._take(f"post {room_id}", self._post_rate, self._post_burst)

    def call(self, method: str) -> None:
        """Count one call against its method's tier; raises LimitError."""
        if (calls := self._per_minute.get(method)) is not None:
            self._take(method, calls / 60, calls)

    def _take(self, name: str, rate: float, burst: int) -> None:
        now = time.monotonic()
        bucket = self._buckets.setdefault(name, _Bucket(tokens=burst, filled_at=now))
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.filled_at) * rate)
        bucket.filled_at = now
        if bucket.tokens < 1:
            raise LimitError(max(1, math.ceil((1 - bucket.tokens) / rate)))
        bucket.tokens -= 1
