"""How long a message is held, so that one written before it may still come first. Pure.

Slack tells of messages in any order: 1, 2, 3, 4 have been seen as 4, 2, 1, 3. Each is let through a
fixed time after it was written, so that what comes late is held less, and order is restored. That
time is the least delay seen lately, and the hold: what the lateness seen lately needs. Only
differences of delays count, for Slack's clock and this machine's may stand anywhere. Lateness needs
no hold where it has put nothing out of order, as far as that can be told.
"""

import math
from collections import deque
from typing import NamedTuple

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
_UNNOTICED = 0.005  # seconds; two messages of which nobody can say which was written first
_HARMLESS = 0.05  # seconds; less than lies between two messages of a person
_JUST_NOW = 5  # messages
_NOT_JITTER = 2.0  # seconds; later than that is a clock that jumped, or more than holding can mend


class _Late(NamedTuple):
    """A message that came late: when it was heard, by how much it was late, when written."""

    at: float
    late: float
    written: float


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
        self._overtaken: deque[_Late] = deque()
        """What came after something written later, unless one since was as late; worst first."""
        self._unsure: deque[_Late] = deque(maxlen=_SEEN)
        """What was late, and may have kept up all that was written after it, as a queue does."""
        self._newest = -math.inf
        """When the latest one that was heard had been written."""
        self._last = -math.inf
        """When the last one was heard."""
        self._hold = first_hold

    def heard(self, written: float, at: float) -> None:
        """Take note of a message: *written* on Slack's clock (Unix seconds), heard *at*."""
        if self._began is None:
            self._began = at
        while self._delays and self._delays[0][0] < at - _LATELY:
            self._delays.popleft()
        self._delays.append((at, at - written))
        self._least = min(delay for _, delay in self._delays)
        self._note(_Late(at, at - written - self._least, written))
        self._newest, self._last = max(self._newest, written), at
        unknown = self._first_hold * (1 - (at - self._began) / _KNOWN_AFTER)
        self._hold = min(max(_MARGIN * self._needed(), unknown, _LEAST_HOLD), LONGEST_HOLD)

    def due(self, written: float) -> float:
        """Return the moment until which to hold a message; one that is late is not held at all."""
        return written + self._least + self._hold if self._delays else -math.inf

    def _note(self, heard: _Late) -> None:
        for late in (self._overtaken, self._unsure):
            while late and late[0].at <= heard.at - _REMEMBERED_FOR:
                late.popleft()
        if heard.late >= _NOT_JITTER:
            return
        self._just_now.append(heard.late if _UNNOTICED < heard.late <= _HARMLESS else 0.0)
        self._acquit(heard)
        if heard.late <= _HARMLESS:
            return
        if heard.written > self._newest:
            if heard.at - self._last > _HARMLESS:  # else it stood in a queue behind the last one
                self._unsure.append(heard)
            return
        while self._overtaken and self._overtaken[-1].late <= heard.late:
            self._overtaken.pop()
        self._overtaken.append(heard)

    def _acquit(self, heard: _Late) -> None:
        """Forget what was late if this one, written meanwhile, has not overtaken it.

        The line stood still then, as when this machine is busy: it kept its order.
        """
        if any(0 < heard.written - each.written <= each.late for each in self._unsure):
            left = [
                each for each in self._unsure if not 0 < heard.written - each.written <= each.late
            ]
            self._unsure = deque(left, maxlen=_SEEN)

    def _needed(self) -> float:
        """Return the most by which a message has been late.

        A little counts for a moment only: nobody writes two messages so quickly that it could
        confuse them, except where the line has just been interrupted.
        """
        worst = self._overtaken[0].late if self._overtaken else 0.0
        return max(worst, *self._just_now, *(each.late for each in self._unsure), 0.0)
