"""The working hours on the command line."""

from datetime import UTC, datetime

import pytest

from bots.hours_command import changed, show
from core.hours import HoursError, WorkingHours, parse_exceptions
from core.policy import Department
from core.wording import Phrasebook

MONDAY_EVENING = datetime(2026, 11, 23, 20, tzinfo=UTC)

OFFICE = WorkingHours(
    week="Mo-Fr 08:00-12:00,13:00-20:00; Sa 09:00-13:00",
    zone="Europe/Belgrade",
    holidays="RS",
    exceptions=parse_exceptions("2026-12-31 08:00-12:00 short day\n2027-01-05 off"),
)

SHOWN = """\
Support (support)
Closed now. Opens tomorrow at 08:00 (in 11 hours).

  Mondays     08:00-12:00, 13:00-20:00
  Tuesdays    08:00-12:00, 13:00-20:00
  Wednesdays  08:00-12:00, 13:00-20:00
  Thursdays   08:00-12:00, 13:00-20:00
  Fridays     08:00-12:00, 13:00-20:00
  Saturdays   09:00-13:00
  Sundays     closed all day

Time zone: Europe/Belgrade
Public holidays of RS
  2027-01-01  New Year's Day
  2027-01-02  New Year's Day
  2027-01-07  Orthodox Christmas Day

Exceptions
  2026-12-31  08:00-12:00     short day
  2027-01-05  closed all day"""


def shown(hours: WorkingHours, language: str = "en") -> str:
    department = Department(key="support", name="Support", room="C1", hours=hours)
    return show(department, MONDAY_EVENING, Phrasebook({}), language)


def test_the_table_says_all_there_is_to_know() -> None:
    """Week, zone, the next three holidays by name, exceptions, and how it stands right now."""
    assert shown(OFFICE) == SHOWN


def test_the_table_leaves_out_what_there_is_not() -> None:
    """Without holidays it says so; without exceptions there is no list of them."""
    table = shown(WorkingHours(week="24/7", zone="UTC"))

    assert "Always open." in table
    assert "Public holidays are days like any other" in table
    assert "Exceptions" not in table


def test_holidays_have_their_names_in_the_readers_language() -> None:
    """A Serbian reader sees Serbian names."""
    assert "2027-01-07  Божић" in shown(OFFICE, "sr")


def test_only_what_is_named_changes() -> None:
    """Each part is changed on its own, and the rest stays as it was."""
    assert changed(OFFICE) == OFFICE
    assert changed(OFFICE, week="Mo-Fr 9-17").week == "Mo-Fr 09:00-17:00"
    assert changed(OFFICE, week="Mo-Fr 9-17").exceptions == OFFICE.exceptions
    assert changed(OFFICE, zone="Europe/Vienna").zone == "Europe/Vienna"


@pytest.mark.parametrize(
    ("typed", "country"), [("de-by", "DE-BY"), ("none", None), ("", None), (None, "RS")]
)
def test_holidays_are_a_country_or_none(typed: str | None, country: str | None) -> None:
    """Codes may be typed in small letters; "none" takes the holidays away."""
    assert changed(OFFICE, holidays=typed).holidays == country


def test_exceptions_are_added_replaced_and_removed() -> None:
    """A line for a day that has an exception takes its place; a removed day is ordinary again."""
    lines = ["2026-12-24 off", "2026-12-31 off"]

    after = changed(OFFICE, add_exceptions=lines, remove_days=["5. 1. 2027.", "2030-01-01"])

    assert after.exceptions == parse_exceptions("2026-12-24 off\n2026-12-31 off")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"week": "Mo 25-26"}, "week"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"holidays": "XX"}, "holidays"),
        ({"add_exceptions": ["2026-12-24 off", "tomorrow off"]}, "exceptions"),
        ({"add_exceptions": ["2026-12-24 off", "24. 12. 2026. 8-12"]}, "exceptions"),
        ({"remove_days": ["the fifth"]}, "exceptions"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object], field: str) -> None:
    """Hours that make no sense are an error that names the part that is wrong."""
    with pytest.raises(HoursError) as refused:
        changed(OFFICE, **wrong)  # type: ignore[arg-type]

    assert refused.value.field == field
