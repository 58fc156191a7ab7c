"""Working hours: when a department answers, in its time zone, across holidays and clock changes.

Two rules hold everywhere. An exception beats a public holiday, and a holiday beats the week; all
three speak of the day on which a range begins, so the shift that began on the eve of a holiday is
worked to its end. And a time of day comes at the first moment at which the clocks show it or have
skipped it: a shift over the autumn night is an hour longer, one over the spring night an hour
shorter, and neither is ever torn in two.

All moments are aware; those that are returned are in UTC.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from core.hours_notation import (
    DAY_FIELDS,
    REASONS,
    Day,
    HoursError,
    HoursException,
    Week,
    format_day,
    format_exceptions,
    format_rules,
    parse_day,
    parse_exceptions,
    parse_rules,
)
from core.public_holidays import is_known, public_holidays

__all__ = [
    "LOOK_AHEAD",
    "REASONS",
    "HoursError",
    "HoursException",
    "WorkingHours",
    "add_working_time",
    "as_json",
    "closes_at",
    "format_exceptions",
    "from_json",
    "holiday_name",
    "is_open",
    "next_opening",
    "parse_exceptions",
    "parse_week",
    "week_by_day",
    "week_from_days",
    "working_time",
]

LOOK_AHEAD: Final = timedelta(days=400)
"""How far ahead an opening or a closing is looked for."""

_Interval = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class WorkingHours:
    """A weekly schedule in a time zone, with public holidays and exceptions.

    Whatever is understood is kept in the canonical notation, exceptions in order of their days, so
    that equal schedules are equal values. Raises `HoursError`.
    """

    week: str
    """Such as "Mo-Fr 08:00-16:00; Sa 09:00-13:00", "24/7", or "off" for never."""
    zone: str
    """An IANA time zone, such as "Europe/Belgrade"."""
    holidays: str | None = None
    """Whose public holidays are days off: an ISO 3166 code such as "RS" or "DE-BY", or nobody's."""
    exceptions: tuple[HoursException, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "week", parse_week(self.week))
        ordered = tuple(sorted(self.exceptions, key=lambda exception: exception.day))
        object.__setattr__(self, "exceptions", ordered)
        for first, second in pairwise(ordered):
            if first.day == second.day:
                raise HoursError("exceptions", "duplicate_day", value=first.day.isoformat())
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):  # an unknown name, a path, a folder of zones
            raise HoursError("zone", "unknown_zone", value=self.zone) from None
        if self.holidays is not None and not is_known(self.holidays):
            raise HoursError("holidays", "unknown_country", value=self.holidays)


def as_json(hours: WorkingHours) -> dict[str, Any]:
    """Return *hours* as what `json.dumps` takes."""
    return {
        "week": hours.week,
        "zone": hours.zone,
        "holidays": hours.holidays,
        "exceptions": [[e.day.isoformat(), e.hours, e.note] for e in hours.exceptions],
    }


def from_json(data: Mapping[str, Any]) -> WorkingHours:
    """Return the hours that `as_json` wrote down."""
    exceptions = (HoursException(date.fromisoformat(d), h, n) for d, h, n in data["exceptions"])
    return WorkingHours(**{**data, "exceptions": tuple(exceptions)})


# What is asked of working hours


def is_open(hours: WorkingHours, at: datetime) -> bool:
    """Say whether *at* lies in working hours; the closing moment itself does not."""
    at = _utc(at)
    return bisect_right(_boundaries(hours, at.year), at) % 2 == 1


def next_opening(hours: WorkingHours, at: datetime) -> datetime | None:
    """Return the first moment from *at* on that lies in working hours: *at* itself, if it does.

    None if there is none within `LOOK_AHEAD`.
    """
    at = _utc(at)
    return next((opens for opens, _ in _intervals(hours, at, at + LOOK_AHEAD)), None)


def closes_at(hours: WorkingHours, at: datetime) -> datetime | None:
    """Return when the working hours in which *at* lies end.

    None if *at* lies in none, or if they do not end within `LOOK_AHEAD` ("24/7").
    """
    at = _utc(at)
    opens, closes = next(_intervals(hours, at, at + LOOK_AHEAD), (None, None))
    return closes if opens == at and closes != at + LOOK_AHEAD else None


def working_time(hours: WorkingHours, start: datetime, end: datetime) -> timedelta:
    """Return how much real time from *start* to *end* lies in working hours; 0 if end < start."""
    spans = (closes - opens for opens, closes in _intervals(hours, _utc(start), _utc(end)))
    return sum(spans, timedelta())


def add_working_time(hours: WorkingHours, at: datetime, span: timedelta) -> datetime | None:
    """Return the first moment from *at* on before which *span* of working time has passed.

    None if that is not within `LOOK_AHEAD`. Raises `ValueError` for a negative span.
    """
    if span < timedelta():
        raise ValueError("working time cannot be taken back")
    at = _utc(at)
    if not span:
        return at
    for opens, closes in _intervals(hours, at, at + LOOK_AHEAD):
        if span <= closes - opens:
            return opens + span
        span -= closes - opens
    return None


def holiday_name(hours: WorkingHours, day: date, language: str) -> str | None:
    """Return the name of the public holiday that *day* is, or None.

    In *language* ("sr" is in Cyrillic) where there is a translation, else in English. It
    is what the calendar says, whether or not an exception gives the day hours of its own.
    """
    if hours.holidays is None:
        return None
    return public_holidays(hours.holidays, day.year, language).get(day)


# How they are worked out: a year's openings and closings in UTC, once, and then looked up


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC)


def _intervals(hours: WorkingHours, start: datetime, end: datetime) -> Iterator[_Interval]:
    """Yield the open time between *start* and *end*, whole across the turn of the year."""
    held: _Interval | None = None
    for year in range(start.year, end.year + 1):
        bounds = _boundaries(hours, year)
        first = bisect_right(bounds, start) // 2 * 2  # the interval around *start*, or the next one
        for opens, closes in zip(bounds[first::2], bounds[first + 1 :: 2], strict=True):
            if opens >= end:
                break
            if held and held[1] == opens:
                held = held[0], min(closes, end)
            else:
                if held:
                    yield held
                held = max(opens, start), min(closes, end)
    if held:
        yield held


@lru_cache(maxsize=64)
def _boundaries(hours: WorkingHours, year: int) -> tuple[datetime, ...]:
    """Return when it opens and closes in a year (of UTC), by turns, cut at the year's ends."""
    new_year, next_year = (datetime(y, 1, 1, tzinfo=UTC) for y in (year, year + 1))
    bounds: list[datetime] = []
    for opens, closes in _shifts(hours, new_year.date(), next_year.date()):
        opens, closes = max(opens, new_year), min(closes, next_year)
        if bounds and opens <= bounds[-1]:
            bounds[-1] = max(bounds[-1], closes)
        elif opens < closes:
            bounds += opens, closes
    return tuple(bounds)


def _shifts(hours: WorkingHours, first: date, last: date) -> Iterator[_Interval]:
    """Yield each range of each day that reaches into the days (of UTC) from *first* to *last*."""
    zone = ZoneInfo(hours.zone)
    week = parse_rules(hours.week)
    special: dict[date, Day] = {}
    if hours.holidays is not None:
        for year in range(first.year - 1, last.year + 1):
            special |= dict.fromkeys(public_holidays(hours.holidays, year), ())
    special |= {e.day: parse_day(e.hours, "exceptions") for e in hours.exceptions}
    for number in range(first.toordinal() - 2, last.toordinal() + 2):
        day = date.fromordinal(number)
        midnight = datetime.combine(day, time())
        for start, end in special.get(day, week[day.weekday()]):
            yield (
                _moment(midnight + timedelta(minutes=start), zone),
                _moment(midnight + timedelta(minutes=end), zone),
            )


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment at which the clocks of *zone* show *wall* or have skipped it."""
    moment = wall.replace(tzinfo=zone).astimezone(UTC)  # the first of two, in autumn: fold is 0
    if _wall(moment, zone) == wall:
        return moment
    # PEP 495: of a skipped time, fold 1 makes a moment before the change, and fold 0 one after it.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    seconds = range(int((moment - before).total_seconds()))
    change = bisect_left(
        seconds, wall, key=lambda second: _wall(before + timedelta(seconds=second), zone)
    )
    return before + timedelta(seconds=change)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


# How people edit them


def parse_week(text: str) -> str:
    """Return the canonical notation of a week that somebody typed, such as "mo - fr 8-16".

    Raises `HoursError` for the field "week".
    """
    return format_rules(parse_rules(text))


def week_by_day(hours: WorkingHours) -> dict[int, str]:
    """Return what the form shows for each day, Monday = 0: "08:00-12:00, 13:00-20:00", or ""."""
    days = enumerate(parse_rules(hours.week))
    return {weekday: format_day(day).replace(",", ", ") for weekday, day in days}


def week_from_days(days: Mapping[int, str]) -> str:
    """Return the week, in canonical notation, from what the form has for each day, Monday = 0.

    A day that is not mentioned is closed. Raises `HoursError` for the field "monday" and so on.
    """

    def day(weekday: int) -> Day:
        return parse_day(days.get(weekday, ""), DAY_FIELDS[weekday])

    week: Week = day(0), day(1), day(2), day(3), day(4), day(5), day(6)
    return format_rules(week)
