"""A measure of how much somebody may send."""

import time


class Pail:
    """How much may still be sent: so much at once, and so much more each second."""

    def __init__(self, *, a_second: float, at_once: float) -> None:
        self._a_second = a_second
        self._at_once = at_once
        self._left = at_once
        self._at = time.monotonic()

    def takes(self, amount: int = 1) -> bool:
        """Count so much, and say whether it was within the rate."""
        now = time.monotonic()
        self._left = min(self._at_once, self._left + (now - self._at) * self._a_second)
        self._at = now
        self._left -= amount
        return self._left >= 0
