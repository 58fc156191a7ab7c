"""How long a message is held, so that one written before it may still come first. Pure.

Slack tells of messages in any order: 1, 2, 3, 4 have been seen as 4, 2, 1, 3. Each is let through a
fixed time after it was written, so that what comes late is held less, and order is restored. That
time is the least delay seen lately, and the hold: what the lateness seen lately needs. Only
differences of delays count, for Slack's clock and this machine's may stand anywhere.
"""

import math
from collections import deque
from dataclasses import dataclass

FIRST_HOLD = 0.7
"""Seconds: for the first message that is heard, as long as nothing is known of the line."""
LONGEST_HOLD = 1.0
"""Seconds: for any message."""

_ENOUGH = 50  # messages after which the line is known
_LATELY = 600.0  # seconds; by then clocks have not drifted apart
_MARGIN = 1.5  # whoever was late once may be later the next time
_NOT_JITTER = 2.0  # seconds; later than that is a clock that jumped, or more than holding can mend


@dataclass(frozen=True, kw_only=True)
class _Heard:
    delay: float
    at: float


class Jitter:
    """What has been seen of a line's delays. Its moments are seconds on a monotonic clock."""

    def __init__(self, first_hold: float = FIRST_HOLD) -> None:
        self._first_hold = first_hold
        self._heard: deque[_Heard] = deque(maxlen=_ENOUGH)

    def heard(self, written: float, at: float) -> None:
        """Take note of a message: *written* on Slack's clock (Unix seconds), heard *at*."""
        while self._heard and self._heard[0].at < at - _LATELY:
            self._heard.popleft()
        self._heard.append(_Heard(delay=at - written, at=at))

    def due(self, written: float) -> float:
        """Return the moment until which to hold a message; one that is late is not held at all."""
        return written + self._least() + self.hold() if self._heard else -math.inf

    def hold(self) -> float:
        """Return how many seconds a message is held that comes as promptly as any.

        As long as little was heard, nothing is known: then it is long, and shrinks with each.
        """
        least = self._least() if self._heard else 0.0
        lateness = (each.delay - least for each in self._heard)
        needed = max((late for late in lateness if late < _NOT_JITTER), default=0.0)
        unknown = self._first_hold * (1 - len(self._heard) / _ENOUGH)
        return min(max(_MARGIN * needed, unknown), LONGEST_HOLD)

    def _least(self) -> float:
        return min(each.delay for each in self._heard)
