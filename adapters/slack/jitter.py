"""How long a message is held, so that one written before it may still come first. Pure.

Slack tells of messages in any order: 1, 2, 3, 4 have been seen as 4, 2, 1, 3. Each is let through a
fixed time after it was written, so that what comes late is held less, and order is restored. That
time is the least delay seen lately, and the hold: what the lateness seen lately needs. Only
differences of delays count, for Slack's clock and this machine's may stand anywhere.
"""

import math
from collections import deque

FIRST_HOLD = 0.7
"""Seconds: for the first message that is heard, as long as nothing is known of the line."""
LONGEST_HOLD = 1.0
"""Seconds: for any message."""

_KNOWN_AFTER = 30.0  # seconds from the first message on
_SEEN = 200  # messages, of which the promptest one is what the others are compared with
_LATELY = 600.0  # seconds; by then clocks have not drifted apart
_REMEMBERED_FOR = 60.0  # seconds; a line that was bad is soon bad again
_MARGIN = 1.5  # whoever was late once may be later the next time
_LEAST_HOLD = 0.001  # seconds; costs nobody anything
_HARMLESS = 0.05  # seconds; less than lies between two messages of a person
_JUST_NOW = 5  # messages
_NOT_JITTER = 2.0  # seconds; later than that is a clock that jumped, or more than holding can mend


class Jitter:
    """What has been seen of a line's delays. Its moments are seconds on a monotonic clock."""

    def __init__(self, first_hold: float = FIRST_HOLD) -> None:
        self._first_hold = first_hold
        self._began: float | None = None
        """When the first message was heard."""
        self._delays: deque[tuple[float, float]] = deque(maxlen=_SEEN)
        """When something was heard lately, and how long after it was written."""
        self._least = math.inf
        """The least of these delays."""
        self._just_now: deque[float] = deque(maxlen=_JUST_NOW)
        """By how much the latest messages were later than the promptest one."""
        self._late: deque[tuple[float, float]] = deque()
        """When one was late, and by how much, unless a later one was as late: the worst first."""
        self._hold = first_hold

    def heard(self, written: float, at: float) -> None:
        """Take note of a message: *written* on Slack's clock (Unix seconds), heard *at*."""
        if self._began is None:
            self._began = at
        while self._delays and self._delays[0][0] < at - _LATELY:
            self._delays.popleft()
        self._delays.append((at, at - written))
        self._least = min(delay for _, delay in self._delays)
        self._note(at, at - written - self._least)
        unknown = self._first_hold * (1 - (at - self._began) / _KNOWN_AFTER)
        self._hold = min(max(_MARGIN * self._needed(), unknown, _LEAST_HOLD), LONGEST_HOLD)

    def due(self, written: float) -> float:
        """Return the moment until which to hold a message; one that is late is not held at all."""
        return written + self._least + self._hold if self._delays else -math.inf

    def _note(self, at: float, late: float) -> None:
        while self._late and self._late[0][0] <= at - _REMEMBERED_FOR:
            self._late.popleft()
        if late >= _NOT_JITTER:
            return
        self._just_now.append(late)
        if late > _HARMLESS:
            while self._late and self._late[-1][1] <= late:
                self._late.pop()
            self._late.append((at, late))

    def _needed(self) -> float:
        """Return the most by which a message has been late.

        A little counts for a moment only: nobody writes two messages so quickly that it could
        confuse them, except where the line has just been interrupted.
        """
        worst = self._late[0][1] if self._late else 0.0
        return max(worst, *self._just_now) if self._just_now else worst
