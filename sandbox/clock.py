"""A clock that can be moved, so that deadlines and closing times can be watched."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """The time of day in the sandbox: the real one, moved by as much as it was told."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._watchers: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Return the sandbox's time, in UTC."""
        return datetime.now(UTC) + self._offset

    @property
    def offset(self) -> timedelta:
        """How far the sandbox's time is from the real one."""
        return self._offset

    def move(self, by: timedelta) -> None:
        """Move the clock, forwards or backwards, and tell everybody who watches it."""
        self._offset += by
        for watcher in self._watchers:
            watcher()

    def move_to(self, moment: datetime) -> None:
        """Set the clock to *moment* (aware); it goes on from there."""
        self.move(moment - self.now())

    def on_move(self, watcher: Callable[[], None]) -> None:
        """Call *watcher* after every move."""
        self._watchers.append(watcher)
