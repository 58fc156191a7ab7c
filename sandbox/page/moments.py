"""The moments to which the demo's clock can be set by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/Belgrade")
SUNDAY: Final = 6


@dataclass(frozen=True)
class Moment:
    """An hour of the day in Belgrade, on any day or on one day of the week (Monday is 0)."""

    hour: int
    weekday: int | None = None

    def after(self, now: datetime) -> datetime:
        """Return the first such moment after *now* (aware), in UTC."""
        today = now.astimezone(ZONE).replace(hour=self.hour, minute=0, second=0, microsecond=0)
        # A week and a day: today's may be over.
        days = (today + timedelta(days=days) for days in range(9))
        fitting = (day for day in days if self.weekday in (None, day.weekday()) and day > now)
        return next(fitting).astimezone(UTC)


MOMENTS: Final[Mapping[str, Moment]] = {
    "closing": Moment(20),
    "sunday": Moment(12, SUNDAY),
    "monday": Moment(8, 0),
}
