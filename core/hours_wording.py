"""Working hours in words: how they stand, and why some are refused."""

from datetime import datetime
from types import MappingProxyType
from typing import Final

from core.effects import Words
from core.hours import HoursError, WorkingHours, closes_at, is_open, next_opening
from core.phrases import Phrase
from core.wording import Phrasebook

_REASONS: Final = MappingProxyType(
    {
        "bad_range": Phrase.HOURS_BAD_RANGE,
        "bad_rule": Phrase.HOURS_BAD_RULE,
        "empty_range": Phrase.HOURS_EMPTY_RANGE,
        "overlap": Phrase.HOURS_OVERLAP,
        "bad_line": Phrase.HOURS_BAD_LINE,
        "duplicate_day": Phrase.HOURS_DUPLICATE_DAY,
        "unknown_zone": Phrase.HOURS_BAD_ZONE,
        "unknown_country": Phrase.HOURS_BAD_COUNTRY,
    }
)
_LONGEST_VALUE: Final = 60


def standing(hours: WorkingHours, at: datetime) -> Words:
    """Return whether it is open at *at* and when that changes, in the hours' own zone."""
    if is_open(hours, at):
        closes = closes_at(hours, at)
        if closes is None:
            return Words(phrase=Phrase.HOURS_ALWAYS_OPEN)
        return Words(phrase=Phrase.HOURS_OPEN_NOW, moment=closes, now=at, zone=hours.zone)
    opens = next_opening(hours, at)
    if opens is None:
        return Words(phrase=Phrase.HOURS_NEVER)
    return Words(phrase=Phrase.HOURS_NEXT, moment=opens, now=at, zone=hours.zone)


def complaint(error: HoursError, phrasebook: Phrasebook, language: str) -> str:
    """Return why hours are refused, the number of the wrong line included."""
    values = {name: _shortened(str(value)) for name, value in error.params.items()}
    reason = phrasebook.phrase(language, _REASONS[error.reason], **values)
    if "line" not in values or error.reason == "bad_line":  # which names the line itself
        return reason
    return phrasebook.phrase(language, Phrase.HOURS_IN_LINE, line=values["line"], reason=reason)


def _shortened(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else f"{value[: _LONGEST_VALUE - 1]}…"
