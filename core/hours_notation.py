"""Hours as people write them, and as the settings keep them.

The notation is the part of OpenStreetMap's `opening_hours` that a week needs: rules parted by
semicolons, each with its days and its ranges ("Mo-Fr 08:00-12:00,13:00-20:00; Sa 09:00-13:00"), a
later rule replacing an earlier one for the days it names. Read generously, written in one way only.

A range belongs to the day on which it begins: "Mo-Fr 20:00-04:00" lasts until Saturday morning, and
goes on when Saturday has hours of its own. (OpenStreetMap's evaluators cut it at midnight then.)
"""

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Final

Range = tuple[int, int]
"""Opening and closing, in minutes from the midnight that begins the day; past 1440 = next day."""

Day = tuple[Range, ...]
"""A day's ranges, in order, apart from each other; none = closed."""

Week = tuple[Day, Day, Day, Day, Day, Day, Day]
"""The days from Monday to Sunday."""

DAY_FIELDS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""What the form calls the days."""

REASONS: Final = MappingProxyType(
    {
        "bad_range": "“{value}” is not understood: write hours such as 08:00-16:00",
        "bad_rule": "“{value}” is not understood: write rules such as Mo-Fr 08:00-16:00",
        "empty_range": "{value} ends when it begins: write 00:00-24:00 for the whole day",
        "overlap": "these overlap: {value}",
        "bad_line": "“{value}” is not understood: write lines such as 2026-12-31 08:00-12:00",
        "duplicate_day": "{value} is listed twice",
        "unknown_zone": "there is no time zone “{value}”: write a name such as Europe/Belgrade",
        "unknown_country": "no public holidays are known for “{value}”: write a code such as RS",
    }
)
"""Why hours are refused, in English, by the key under which a translation is found."""

MIDNIGHT: Final = 24 * 60
WHOLE_DAY: Final[Day] = ((0, MIDNIGHT),)

_NAMES: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DASHES = "-‐‑‒–—−"  # what telephones and word processors make of a hyphen, too
_CLOSED: Final = frozenset({"", "off", "closed", "zatvoreno", "затворено", *_DASHES})

_TO = rf"\s*[{_DASHES}]\s*"
_TIME = r"(\d{1,2})(?:[:.](\d{2}))?h?"
_RANGE: Final = re.compile(_TIME + _TO + _TIME)

_DAY = "(?:mo|tu|we|th|fr|sa|su)"
_DAYS = rf"{_DAY}(?:{_TO}{_DAY})?"
_RULE: Final = re.compile(rf"(?:({_DAYS}(?:\s*,\s*{_DAYS})*)(?=\s|$))?\s*(.*)", re.IGNORECASE)

_DATE = r"\d{4}-\d\d-\d\d|\d\d?\.\s*\d\d?\.\s*\d{4}\.?"
_SPAN = rf"[\d:.h]+{_TO}[\d:.h]+"
_RANGES = rf"{_SPAN}(?:\s*[,;]\s*{_SPAN})*"
# A dash before a digit does not mean "closed": it is the middle of a period, which is not offered.
_CLOSING = rf"off|closed|zatvoreno|затворено|[{_DASHES}](?!\s*\d)"
_LINE: Final = re.compile(rf"({_DATE})\s+(24/7|{_CLOSING}|{_RANGES})(?:\s+(.*))?", re.IGNORECASE)


class HoursError(ValueError):
    """Hours that cannot be: which field of the form is wrong, and why.

    `reason` is a key of `REASONS`, and `params` are what its text mentions (and `line`, the number
    of the wrong line of a field that has several), so that it can be said in any language.
    """

    def __init__(self, field: str, reason: str, **params: str | int) -> None:
        self.field: Final = field
        self.reason: Final = reason
        self.params: Final = params
        place = f"line {params['line']}: " if "line" in params else ""
        super().__init__(place + REASONS[reason].format(**params))


def parse_day(text: str, field: str) -> Day:
    """Read one day's hours: "08:00-12:00, 13:00-20:00", "8-16", "24/7", or "" for closed.

    Raises `HoursError` for *field* where a part is no range, is empty, or overlaps another.
    """
    text = text.strip()
    if text.casefold() in _CLOSED:
        return ()
    if text == "24/7":
        return WHOLE_DAY
    day = tuple(sorted(_parse_range(part.strip(), field) for part in re.split("[,;]", text)))
    for first, second in pairwise(day):
        if second[0] < first[1]:
            raise HoursError(field, "overlap", value=format_day((first, second)))
    return day


def _parse_range(text: str, field: str) -> Range:
    parts = _RANGE.fullmatch(text)
    if not parts:
        raise HoursError(field, "bad_range", value=text)
    hour, minute, end_hour, end_minute = (int(part or 0) for part in parts.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if max(minute, end_minute) > 59 or start >= MIDNIGHT or end > MIDNIGHT:
        raise HoursError(field, "bad_range", value=text)
    if start == end:
        raise HoursError(field, "empty_range", value=text)
    return start, end if end > start else end + MIDNIGHT


def format_day(day: Day) -> str:
    """Write one day's hours, "" where it is closed: the inverse of `parse_day`."""
    return ",".join(map(_format_range, day))


def _format_range(span: Range) -> str:
    start, end = span
    shown = end if end <= MIDNIGHT else end - MIDNIGHT
    return f"{start // 60:02}:{start % 60:02}-{shown // 60:02}:{shown % 60:02}"


def parse_rules(text: str) -> Week:
    """Read a week such as "Mo-Fr 08:00-16:00; Sa 09:00-13:00", "24/7", or "off" for never.

    Raises `HoursError` for the field "week".
    """
    week: list[Day] = [()] * 7
    for rule in filter(None, map(str.strip, text.split(";"))):
        days, hours = _parse_rule(rule)
        for weekday in days:
            week[weekday] = hours
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = week
    return monday, tuesday, wednesday, thursday, friday, saturday, sunday


def _parse_rule(rule: str) -> tuple[list[int], Day]:
    match = _RULE.fullmatch(rule)
    if not match:
        raise HoursError("week", "bad_rule", value=rule)
    days, hours = match.groups()
    named_wrongly = days is None and hours[0].isalpha() and hours.casefold() not in _CLOSED
    if named_wrongly or not hours:
        raise HoursError("week", "bad_rule", value=rule)
    return _parse_weekdays(days or "Mo-Su"), parse_day(hours, "week")


def _parse_weekdays(text: str) -> list[int]:
    weekdays: list[int] = []
    for span in text.title().split(","):
        ends = [_NAMES.index(name.strip()) for name in re.split(f"[{_DASHES}]", span)]
        weekdays += [(ends[0] + n) % 7 for n in range((ends[-1] - ends[0]) % 7 + 1)]
    return weekdays


def format_rules(week: Week) -> str:
    """Write a week in the one canonical, compact way: the inverse of `parse_rules`."""
    if all(day == WHOLE_DAY for day in week):
        return "24/7"
    rules = [
        f"{_format_weekdays([n for n in range(7) if week[n] == day])} {format_day(day)}"
        for day in dict.fromkeys(week)
        if day
    ]
    return "; ".join(rules) or "off"


def _format_weekdays(weekdays: list[int]) -> str:
    runs: list[list[int]] = []
    for weekday in weekdays:
        if runs and runs[-1][-1] == weekday - 1:
            runs[-1].append(weekday)
        else:
            runs.append([weekday])
    return ",".join("-".join(_NAMES[n] for n in dict.fromkeys((run[0], run[-1]))) for run in runs)


@dataclass(frozen=True)
class HoursException:
    """A day with hours of its own: "off", "10:00-14:00", or several ranges parted by commas.

    Whatever is understood is kept in the canonical notation. Raises `HoursError`.
    """

    day: date
    hours: str
    note: str = ""

    def __post_init__(self) -> None:
        ranges = parse_day(self.hours, "exceptions")
        object.__setattr__(self, "hours", format_day(ranges) or "off")
        object.__setattr__(self, "note", " ".join(self.note.split()).lstrip(",; "))


def parse_exceptions(text: str) -> tuple[HoursException, ...]:
    """Read lines such as "2026-12-31 08:00-12:00 short day", "2. 1. 2027. off", in order of days.

    Raises `HoursError` for the field "exceptions", with the number of the `line`.
    """
    found: dict[date, HoursException] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            exception = _parse_exception(line)
            if exception.day in found:
                raise HoursError("exceptions", "duplicate_day", value=exception.day.isoformat())
        except HoursError as error:
            raise HoursError(error.field, error.reason, **error.params, line=number) from None
        found[exception.day] = exception
    return tuple(found[day] for day in sorted(found))


def _parse_exception(line: str) -> HoursException:
    match = _LINE.fullmatch(line.strip())
    try:
        if not match:
            raise ValueError("neither a day nor hours")
        day = _parse_date(match[1])
    except ValueError:
        raise HoursError("exceptions", "bad_line", value=line.strip()) from None
    return HoursException(day, match[2], match[3] or "")


def _parse_date(text: str) -> date:
    if "." in text:
        day, month, year = text.rstrip(".").split(".")
    else:
        year, month, day = text.split("-")
    return date(int(year), int(month), int(day))


def format_exceptions(exceptions: tuple[HoursException, ...]) -> str:
    """Write exceptions a line each: the inverse of `parse_exceptions`."""
    return "\n".join(f"{e.day.isoformat()} {e.hours} {e.note}".rstrip() for e in exceptions)
