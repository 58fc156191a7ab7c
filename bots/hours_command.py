"""The working hours on the command line: shown as a table, changed part by part."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from core.hours import (
    WorkingHours,
    holiday_name,
    parse_exceptions,
    week_by_day,
)
from core.hours_notation import DAY_FIELDS
from core.hours_wording import standing
from core.phrases import Phrase
from core.policy import Department
from core.wording import Phrasebook

NEXT_HOLIDAYS: Final = 3
_A_YEAR: Final = 366

_Row = tuple[str, ...]


def show(department: Department, at: datetime, phrasebook: Phrasebook, language: str) -> str:
    """Return a department's hours for people: how they stand at *at*, the week, the other days."""
    hours = department.hours

    def phrase(phrase: Phrase, **values: str) -> str:
        return phrasebook.phrase(language, phrase, **values)

    def week() -> Iterator[_Row]:
        for weekday, text in week_by_day(hours).items():
            day = phrase(Phrase[f"HOURS_{DAY_FIELDS[weekday].upper()}"])
            yield day, text or phrase(Phrase.HOURS_DAY_OFF)

    def exceptions() -> Iterator[_Row]:
        for exception in hours.exceptions:
            text = phrase(Phrase.HOURS_DAY_OFF) if exception.hours == "off" else exception.hours
            yield exception.day.isoformat(), text.replace(",", ", "), exception.note

    holidays = phrase(Phrase.HOURS_NO_HOLIDAYS)
    if hours.holidays is not None:
        holidays = phrase(Phrase.HOURS_HOLIDAYS_OF, country=hours.holidays)
    today = at.astimezone(ZoneInfo(hours.zone)).date()
    parts = [
        f"{department.name} ({department.key})",
        phrasebook.say(language, standing(hours, at)),
        "",
        *_table(week()),
        "",
        f"{phrase(Phrase.HOURS_ZONE)}: {hours.zone}",
        holidays,
        *_table(islice(_holidays(hours, today, language), NEXT_HOLIDAYS)),
    ]
    if hours.exceptions:
        parts += ["", phrase(Phrase.HOURS_EXCEPTIONS_LIST), *_table(exceptions())]
    return "\n".join(parts)


def changed(
    hours: WorkingHours,
    *,
    week: str | None = None,
    zone: str | None = None,
    holidays: str | None = None,
    add_exceptions: Iterable[str] = (),
    remove_days: Iterable[str] = (),
) -> WorkingHours:
    """Return *hours* with what is given changed; raises `HoursError`.

    *holidays* is a country's code, or "none". Each of *add_exceptions* is a line such as
    "2026-12-31 08:00-12:00 short day", and replaces the exception that its day may have had. The
    *remove_days* are days such as "2026-12-31"; one that has no exception is left as it is.
    """
    added = parse_exceptions("\n".join(add_exceptions))
    removed = parse_exceptions("\n".join(f"{day} off" for day in remove_days))
    gone = {exception.day for exception in added + removed}
    kept = tuple(exception for exception in hours.exceptions if exception.day not in gone)
    return WorkingHours(
        week=hours.week if week is None else week,
        zone=hours.zone if zone is None else zone,
        holidays=hours.holidays if holidays is None else _country(holidays),
        exceptions=kept + added,
    )


def _country(text: str) -> str | None:
    code = text.strip().upper()
    return None if code in ("", "NONE") else code


def _holidays(hours: WorkingHours, today: date, language: str) -> Iterator[_Row]:
    """Yield the days and names of the coming year's public holidays."""
    for days in range(_A_YEAR):
        day = today + timedelta(days=days)
        if name := holiday_name(hours, day, language):
            yield day.isoformat(), name


def _table(rows: Iterable[_Row]) -> Iterator[str]:
    """Yield the rows, indented, their columns one under another."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()
