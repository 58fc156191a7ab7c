"""Working hours: when a department answers."""

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import opening_hours
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.hours import (
    LOOK_AHEAD,
    HoursError,
    HoursException,
    WorkingHours,
    add_working_time,
    as_json,
    closes_at,
    format_exceptions,
    from_json,
    holiday_name,
    is_open,
    next_opening,
    parse_exceptions,
    parse_week,
    week_by_day,
    week_from_days,
    working_time,
)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
OFFICE = "Mo-Fr 08:00-20:00"


def hours(
    week: str, zone: str = "Europe/Belgrade", holidays: str | None = None, exceptions: str = ""
) -> WorkingHours:
    return WorkingHours(
        week=week, zone=zone, holidays=holidays, exceptions=parse_exceptions(exceptions)
    )


def belgrade(text: str, fold: int = 0) -> datetime:
    """Return, in UTC, when Belgrade shows *text*, for the first or (fold 1) the second time."""
    wall = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Belgrade"), fold=fold)
    return wall.astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# An ordinary week


def test_opening_counts_and_closing_does_not() -> None:
    """The desk is open from the first moment of its hours to just before the last."""
    office = hours(OFFICE)

    assert not is_open(office, belgrade("2026-11-23 07:59:59.999999"))
    assert is_open(office, belgrade("2026-11-23 08:00"))
    assert is_open(office, belgrade("2026-11-23 19:59:59.999999"))
    assert not is_open(office, belgrade("2026-11-23 20:00"))


def test_closed_people_are_told_when_it_opens() -> None:
    """After Friday's closing the next opening is Monday's; while open it is now. In UTC."""
    office = hours(OFFICE)

    assert next_opening(office, belgrade("2026-11-27 20:00")) == utc("2026-11-30 07:00")
    assert next_opening(office, belgrade("2026-11-30 09:30")) == utc("2026-11-30 08:30")
    answer = next_opening(office, belgrade("2026-11-27 20:00"))
    assert answer is not None
    assert answer.tzinfo is UTC


def test_open_people_are_told_when_it_closes() -> None:
    """The end of the current hours is told while open, and nothing while closed."""
    split = hours("Mo-Fr 08:00-12:00,13:00-20:00")

    assert closes_at(split, belgrade("2026-11-23 08:00")) == belgrade("2026-11-23 12:00")
    assert closes_at(split, belgrade("2026-11-23 12:00")) is None
    assert closes_at(split, belgrade("2026-11-23 13:30")) == belgrade("2026-11-23 20:00")


def test_working_time_skips_the_night() -> None:
    """A question of Friday 19:50 has waited for twenty minutes on Monday at 08:10."""
    office = hours(OFFICE)
    asked, answered = belgrade("2026-11-27 19:50"), belgrade("2026-11-30 08:10")

    assert working_time(office, asked, answered) == 20 * MINUTE
    assert working_time(office, answered, asked) == timedelta()
    assert add_working_time(office, asked, 20 * MINUTE) == answered
    assert add_working_time(office, asked, timedelta()) == asked
    assert add_working_time(office, asked, 10 * MINUTE) == belgrade("2026-11-27 20:00")


def test_working_time_is_not_taken_back() -> None:
    """A negative span is a mistake of the caller's."""
    with pytest.raises(ValueError, match="cannot be taken back"):
        add_working_time(hours(OFFICE), belgrade("2026-11-27 19:50"), -MINUTE)


def test_moments_without_a_zone_are_refused() -> None:
    """A naive moment would mean something else on every machine."""
    with pytest.raises(ValueError, match="without a time zone"):
        is_open(hours(OFFICE), datetime(2026, 11, 23, 9))  # noqa: DTZ001


# Over midnight, always, never


def test_a_night_shift_belongs_to_the_day_it_begins_on() -> None:
    """Friday's shift lasts until Saturday morning, although Saturday has hours of its own."""
    night = hours("Mo-Fr 20:00-04:00; Sa 09:00-13:00")

    assert not is_open(night, belgrade("2026-11-23 03:00"))  # Monday: Sunday has no shift
    assert closes_at(night, belgrade("2026-11-27 23:00")) == belgrade("2026-11-28 04:00")
    assert next_opening(night, belgrade("2026-11-28 04:00")) == belgrade("2026-11-28 09:00")


def test_midnight_alone_closes_nothing() -> None:
    """Days that adjoin at midnight are one long opening."""
    weekdays = hours("Mo-Fr 00:00-24:00")

    assert closes_at(weekdays, belgrade("2026-11-23 10:00")) == belgrade("2026-11-28 00:00")
    relay = hours("Mo-Fr 20:00-24:00; Sa 00:00-06:00")
    assert closes_at(relay, belgrade("2026-11-27 21:00")) == belgrade("2026-11-28 06:00")


def test_the_turn_of_the_year_closes_nothing() -> None:
    """A shift over New Year's Eve is one, and its time is counted once."""
    night = hours("Mo-Su 20:00-04:00")
    eve = belgrade("2026-12-31 22:00")

    assert closes_at(night, eve) == belgrade("2027-01-01 04:00")
    assert working_time(night, eve, belgrade("2027-01-01 12:00")) == 6 * HOUR
    assert add_working_time(night, eve, 5 * HOUR) == belgrade("2027-01-01 03:00")


def test_always_open() -> None:
    """24/7 never closes, and all time is working time."""
    always = hours("24/7")
    now = belgrade("2026-11-23 03:00")

    assert is_open(always, now)
    assert next_opening(always, now) == now
    assert closes_at(always, now) is None
    assert working_time(always, now, now + 500 * HOUR) == 500 * HOUR
    assert add_working_time(always, now, 500 * HOUR) == now + 500 * HOUR


@pytest.mark.parametrize("week", ["", "off", "closed", "Mo-Fr off"])
def test_never_open(week: str) -> None:
    """A schedule without hours opens never, and says so rather than search for ever."""
    never = hours(week)
    now = belgrade("2026-11-23 03:00")

    assert not is_open(never, now)
    assert next_opening(never, now) is None
    assert closes_at(never, now) is None
    assert working_time(never, now, now + LOOK_AHEAD) == timedelta()
    assert add_working_time(never, now, MINUTE) is None


def test_the_look_ahead_is_bounded() -> None:
    """An only opening is found within the look-ahead, and not beyond it."""
    once = hours("off", exceptions="2028-01-10 08:00-09:00")
    opening = belgrade("2028-01-10 08:00")

    assert next_opening(once, opening - LOOK_AHEAD + MINUTE) == opening
    assert next_opening(once, opening - LOOK_AHEAD) is None


# When the clocks change


def test_spring_night_is_an_hour_shorter() -> None:
    """On 29 March 2026 a shift from 20:00 to 04:00 lasts seven hours."""
    night = hours("Mo-Su 20:00-04:00")
    start, end = belgrade("2026-03-28 20:00"), belgrade("2026-03-29 12:00")

    assert closes_at(night, start) == utc("2026-03-29 02:00")
    assert working_time(night, start, end) == 7 * HOUR
    assert add_working_time(night, start, 7 * HOUR) == belgrade("2026-03-29 04:00")


def test_autumn_night_is_an_hour_longer() -> None:
    """On 25 October 2026 a shift from 20:00 to 04:00 lasts nine hours."""
    night = hours("Mo-Su 20:00-04:00")
    start, end = belgrade("2026-10-24 20:00"), belgrade("2026-10-25 12:00")

    assert closes_at(night, start) == utc("2026-10-25 03:00")
    assert working_time(night, start, end) == 9 * HOUR
    assert is_open(night, belgrade("2026-10-25 02:30", fold=0))
    assert is_open(night, belgrade("2026-10-25 02:30", fold=1))


def test_hours_that_begin_or_end_in_the_skipped_hour() -> None:
    """What would begin or end at 02:30 on the spring night does so as the clocks jump to 03:00."""
    jump = utc("2026-03-29 01:00")

    assert closes_at(hours("Mo-Su 20:00-02:30"), jump - HOUR) == jump
    assert next_opening(hours("Mo-Su 02:30-06:00"), jump - HOUR) == jump
    assert next_opening(hours("Su 02:15-02:45"), jump - HOUR) == belgrade("2026-04-05 02:15")
    assert closes_at(hours("Su 00:00-02:15,02:45-06:00"), jump - HOUR) == belgrade(
        "2026-03-29 06:00"
    )


def test_hours_that_begin_or_end_in_the_repeated_hour() -> None:
    """What begins or ends at 02:30 on the autumn night does so once: at the first 02:30."""
    first, second = belgrade("2026-10-25 02:30", fold=0), belgrade("2026-10-25 02:30", fold=1)

    assert closes_at(hours("Mo-Su 20:00-02:30"), first - HOUR) == first
    assert not is_open(hours("Mo-Su 20:00-02:30"), second - 15 * MINUTE)
    assert next_opening(hours("Mo-Su 02:30-06:00"), first - HOUR) == first
    assert is_open(hours("Mo-Su 02:30-06:00"), second - 15 * MINUTE)


@pytest.mark.parametrize(
    ("zone", "opening"),
    [
        ("America/New_York", "2026-03-09 12:00"),  # daylight saving began the day before
        ("Asia/Kolkata", "2026-03-09 02:30"),
        ("Asia/Kathmandu", "2026-03-09 02:15"),
        ("Pacific/Auckland", "2026-03-08 19:00"),
        ("UTC", "2026-03-09 08:00"),
    ],
)
def test_every_zone_has_its_own_morning(zone: str, opening: str) -> None:
    """Monday at eight is Monday at eight where the department is."""
    assert next_opening(hours("Mo 08:00-09:00", zone), utc("2026-03-07 12:00")) == utc(opening)


def test_the_zone_of_the_question_does_not_matter() -> None:
    """One moment, asked about in any zone, has one answer."""
    office = hours(OFFICE)
    moment = belgrade("2026-11-23 19:59")

    for zone in ("UTC", "Asia/Kolkata", "America/New_York"):
        assert closes_at(office, moment.astimezone(ZoneInfo(zone))) == utc("2026-11-23 19:00")


@pytest.fixture
def foreign_machine() -> Iterator[None]:
    """Make this machine one that stands in New Zealand and speaks German."""
    before = {name: os.environ.get(name) for name in ("TZ", "LANGUAGE")}
    os.environ.update(TZ="Pacific/Auckland", LANGUAGE="de")
    time.tzset()
    yield
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    time.tzset()


@pytest.mark.usefixtures("foreign_machine")
def test_the_machine_does_not_matter() -> None:
    """Neither the time zone nor the language of the machine changes an answer."""
    # A value of its own, so that no answer of another test is remembered.
    somewhere = hours("Mo-Fr 08:00-20:00", holidays="DE", exceptions="2026-06-02 10:00-11:00")

    assert next_opening(somewhere, utc("2026-06-02 00:00")) == utc("2026-06-02 08:00")
    assert holiday_name(somewhere, date(2026, 10, 3), "en") == "German Unity Day"


# Public holidays and exceptions


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-01-07", "Божић"),
        ("2026-02-16", "Дан државности Србије"),
        ("2026-02-17", "Дан државности Србије (слободан дан)"),  # the 15th was a Sunday
        ("2026-04-10", "Велики петак"),
        ("2026-04-11", "Велика субота"),
        ("2026-04-13", "Други дан Васкрса"),
        ("2026-11-11", "Дан примирја у Првом светском рату"),
    ],
)
def test_serbian_holidays_are_days_off(day: str, name: str) -> None:
    """The desk is closed on Serbia's public holidays, and can say on which."""
    serbia = hours("Mo-Su 08:00-20:00", holidays="RS")

    assert not is_open(serbia, belgrade(f"{day} 12:00"))
    assert is_open(hours("Mo-Su 08:00-20:00"), belgrade(f"{day} 12:00"))
    assert holiday_name(serbia, date.fromisoformat(day), "sr") == name


def test_new_year_begins_where_the_department_is() -> None:
    """In Belgrade New Year's Day begins while it is still the old year in UTC."""
    serbia = hours("24/7", holidays="RS")

    assert closes_at(serbia, belgrade("2026-12-31 12:00")) == belgrade("2027-01-01 00:00")
    assert next_opening(serbia, belgrade("2027-01-01 00:00")) == belgrade("2027-01-03 00:00")


def test_orthodox_easter_is_a_long_weekend() -> None:
    """After Thursday's closing before Easter 2026 the desk opens on Tuesday."""
    serbia = hours("Mo-Sa 08:00-20:00", holidays="RS")

    assert next_opening(serbia, belgrade("2026-04-09 20:00")) == belgrade("2026-04-14 08:00")


def test_holidays_have_names_in_two_languages() -> None:
    """A holiday is named in Serbian or English; an ordinary day is not named at all."""
    serbia = hours(OFFICE, holidays="RS")

    assert holiday_name(serbia, date(2026, 2, 16), "sr") == "Дан државности Србије"
    assert holiday_name(serbia, date(2026, 2, 16), "en") == "Statehood Day"
    assert holiday_name(serbia, date(2026, 2, 18), "sr") is None
    assert holiday_name(hours(OFFICE), date(2026, 2, 16), "sr") is None
    croatia = hours(OFFICE, holidays="HR")
    assert holiday_name(croatia, date(2026, 5, 30), "sr") == "Statehood Day"  # no translation


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    """Epiphany is kept in Bavaria, and not in Berlin."""
    bavaria = hours("Mo-Su 08:00-20:00", holidays="DE-BY")
    berlin = hours("Mo-Su 08:00-20:00", holidays="DE-BE")

    assert not is_open(bavaria, belgrade("2026-01-06 12:00"))
    assert is_open(berlin, belgrade("2026-01-06 12:00"))


def test_an_exception_beats_a_holiday_and_a_holiday_the_week() -> None:
    """A day that is an exception has its own hours, whatever it is besides."""
    serbia = hours(
        OFFICE,
        holidays="RS",
        exceptions="""
            2026-02-16 10:00-14:00 open on Statehood Day
            2026-02-18 off moving house
            2026-02-21 09:00-11:00 a working Saturday
        """,
    )

    assert next_opening(serbia, belgrade("2026-02-14 12:00")) == belgrade("2026-02-16 10:00")
    assert closes_at(serbia, belgrade("2026-02-16 12:00")) == belgrade("2026-02-16 14:00")
    assert next_opening(serbia, belgrade("2026-02-16 14:00")) == belgrade("2026-02-19 08:00")
    assert next_opening(serbia, belgrade("2026-02-20 20:00")) == belgrade("2026-02-21 09:00")


def test_the_shift_before_a_day_off_is_worked_to_its_end() -> None:
    """A day off has no shift of its own, neither in the evening nor in the morning after."""
    night = hours("Mo-Su 20:00-04:00", exceptions="2026-11-25 off")

    assert closes_at(night, belgrade("2026-11-24 22:00")) == belgrade("2026-11-25 04:00")
    assert next_opening(night, belgrade("2026-11-25 04:00")) == belgrade("2026-11-26 20:00")


# Against a slow and obvious model


WINDOWS = [
    ("Europe/Belgrade", "2026-03-27 22:00", {date(2026, 3, 30)}),
    ("Europe/Belgrade", "2026-10-23 22:00", set[date]()),
    ("America/New_York", "2026-03-07 05:00", set[date]()),
    ("America/New_York", "2026-12-30 05:00", {date(2027, 1, 1)}),
    ("Australia/Lord_Howe", "2026-04-04 00:00", set[date]()),  # half an hour of summer time
    ("Asia/Kolkata", "2026-01-25 00:00", {date(2026, 1, 26)}),
]


def text_of_day(day: list[tuple[int, int]]) -> str:
    def clock(minute: int) -> str:
        return f"{minute // 60:02}:{minute % 60:02}"

    return ", ".join(f"{clock(a)}-{clock(b if b <= 1440 else b - 1440)}" for a, b in day)


@st.composite
def days(draw: st.DrawFn) -> str:
    """Make up a day: closed, or some ranges, the last perhaps past midnight."""
    if draw(st.booleans()):
        edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
        ranges = list(zip(edges[::2], edges[1::2], strict=False))
    else:
        ranges = []
    start = draw(st.integers(ranges[-1][1] if ranges else 0, 1440))
    if 0 < start < 1440 and draw(st.booleans()):
        ranges.append((start, 1440 + draw(st.integers(1, start - 1)) if start > 1 else 1440))
    return text_of_day(ranges)


weeks = st.fixed_dictionaries({weekday: days() for weekday in range(7)})


def model(value: WorkingHours, start: datetime, holidays: set[date], minutes: int) -> list[bool]:
    """Say of each minute from *start* on whether it is open, by looking at the clock on the wall.

    When the clock is put back, what it showed already does not count again.
    """
    by_weekday = week_by_day(value)
    exceptions = {each.day: each.hours.replace("off", "") for each in value.exceptions}

    def shifts(day: date) -> list[tuple[int, int]]:
        text = exceptions.get(day, "" if day in holidays else by_weekday[day.weekday()])
        ends = [[t.split(":") for t in span.split("-")] for span in text.split(",") if span]
        spans = [tuple(int(hour) * 60 + int(minute) for hour, minute in pair) for pair in ends]
        return [(a, b if b > a else b + 1440) for a, b in spans]

    answers = []
    latest = datetime.min  # noqa: DTZ901
    for n in range(-180, minutes):
        wall = (start + n * MINUTE).astimezone(ZoneInfo(value.zone)).replace(tzinfo=None)
        latest = max(latest, wall)
        today, minute = latest.date(), latest.hour * 60 + latest.minute
        answers.append(
            any(a <= minute < b for a, b in shifts(today))
            or any(a <= minute + 1440 < b for a, b in shifts(today - timedelta(days=1)))
        )
    return answers[180:]


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(WINDOWS),
    weeks,
    st.dictionaries(st.integers(0, 3), days(), max_size=2),
    st.integers(0, 4 * 1440 - 1),
    st.integers(0, 4 * 1440 - 1),
)
def test_hours_agree_with_the_clock_on_the_wall(
    window: tuple[str, str, set[date]],
    week: dict[int, str],
    exceptions: dict[int, str],
    one: int,
    other: int,
) -> None:
    """Around clock changes, holidays and New Year, every answer is what a patient watcher notes."""
    zone, begin, holidays = window
    start = utc(begin)
    first_day = start.astimezone(ZoneInfo(zone)).date()
    special = tuple(
        HoursException(first_day + timedelta(days=n), text) for n, text in exceptions.items()
    )
    country = {"Europe/Belgrade": None, "America/New_York": "US", "Asia/Kolkata": "IN"}.get(zone)
    if country is None:
        special += tuple(
            HoursException(day, "off") for day in holidays - {each.day for each in special}
        )
    value = WorkingHours(week=week_from_days(week), zone=zone, holidays=country, exceptions=special)
    noted = model(value, start, holidays, 4 * 1440)
    a, b = sorted((one, other))

    assert noted == [is_open(value, start + n * MINUTE) for n in range(len(noted))]
    assert sum(noted[a:b]) * MINUTE == working_time(value, start + a * MINUTE, start + b * MINUTE)
    if any(noted[a:]):
        assert next_opening(value, start + a * MINUTE) == start + noted.index(True, a) * MINUTE
    if noted[a] and not all(noted[a:]):
        assert closes_at(value, start + a * MINUTE) == start + noted.index(False, a) * MINUTE
    if worked := sum(noted[a:b]):
        until = add_working_time(value, start + a * MINUTE, worked * MINUTE)
        assert until is not None
        assert until <= start + b * MINUTE
        assert working_time(value, start + a * MINUTE, until) == worked * MINUTE


def without_nights(day: str) -> str:
    """Leave out what lasts past midnight: others cut it where the next day has hours of its own."""
    spans = [span.split("-") for span in day.split(", ") if span]
    return ", ".join(f"{start}-{end}" for start, end in spans if start < end)


@settings(deadline=None)
@given(weeks)
def test_the_canonical_week_is_valid_elsewhere(week: dict[int, str]) -> None:
    """Whatever is kept is OpenStreetMap's notation: another evaluator reads it, and alike."""
    text = week_from_days({weekday: without_nights(day) for weekday, day in week.items()})
    by_others = opening_hours.OpeningHours(text)

    value = WorkingHours(week=text, zone="UTC")
    for hour in range(0, 7 * 24):
        at = utc("2026-11-23 00:00") + hour * HOUR + 17 * MINUTE
        assert by_others.is_open(at.replace(tzinfo=None)) == is_open(value, at)


# What people type


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Mo-Fr 08:00-20:00", "Mo-Fr 08:00-20:00"),
        ("mo – fr 8-16; sa 9.00–13.00;", "Mo-Fr 08:00-16:00; Sa 09:00-13:00"),
        ("Mo-Fr 8h-12h, 13h-20h", "Mo-Fr 08:00-12:00,13:00-20:00"),
        ("8-16", "Mo-Su 08:00-16:00"),
        ("Mo-Fr 08:00-20:00; Fr 08:00-14:00", "Mo-Th 08:00-20:00; Fr 08:00-14:00"),
        ("Mo-Fr 08:00-20:00; We off", "Mo-Tu,Th-Fr 08:00-20:00"),
        ("Fr-Mo 10-12", "Mo,Fr-Su 10:00-12:00"),
        ("Mo, We ,Fr 13-14,8-9", "Mo,We,Fr 08:00-09:00,13:00-14:00"),
        ("Mo-Fr 20:00-04:00", "Mo-Fr 20:00-04:00"),
        ("Mo-Fr 20:00-00:00", "Mo-Fr 20:00-24:00"),
        ("Mo-Su 0-24", "24/7"),
        ("24/7", "24/7"),
        ("24/7; Su zatvoreno", "Mo-Sa 00:00-24:00"),
        ("затворено", "off"),
        ("  ", "off"),
    ],
)
def test_weeks_are_read_generously_and_kept_in_one_way(typed: str, kept: str) -> None:
    """What people type for a week has one canonical form, and that form stays as it is."""
    assert parse_week(typed) == kept
    assert parse_week(kept) == kept


@pytest.mark.parametrize(
    ("typed", "reason", "value"),
    [
        ("Mo-Fr 25:00-26:00", "bad_range", "25:00-26:00"),
        ("Mo-Fr 08:60-12:00", "bad_range", "08:60-12:00"),
        ("Mo-Fr 24:00-04:00", "bad_range", "24:00-04:00"),
        ("Mo-Fr 8", "bad_range", "8"),
        ("Mo-Fr 8-12-16", "bad_range", "8-12-16"),
        ("Mo-Fr 8-12,,13-14", "bad_range", ""),
        ("Mo-Fr sunrise-sunset", "bad_range", "sunrise-sunset"),
        ("Mo-Fr 08:00-08:00", "empty_range", "08:00-08:00"),
        ("Mo-Fr 08:00-12:00,11:00-14:00", "overlap", "08:00-12:00,11:00-14:00"),
        ("Mo-Fr 20:00-04:00,22:00-23:00", "overlap", "20:00-04:00,22:00-23:00"),
        ("Mo-Fr", "bad_rule", "Mo-Fr"),
        ("Mo-Xx 8-16", "bad_rule", "Mo-Xx 8-16"),
        ("PH off", "bad_rule", "PH off"),
        ("Mo 8-16\n Tu 8-16", "bad_rule", "Mo 8-16\n Tu 8-16"),
    ],
)
def test_a_wrong_week_is_explained(typed: str, reason: str, value: str) -> None:
    """The error names the field, the reason to translate, and the very part that is wrong."""
    with pytest.raises(HoursError) as caught:
        hours(typed)

    assert (caught.value.field, caught.value.reason) == ("week", reason)
    assert caught.value.params == {"value": value}
    assert value in str(caught.value)


@pytest.mark.parametrize(
    "zone", ["Europe/Belgrad", "", "Europe", "../../etc/passwd", "Belgrade", "x" * 5000]
)
def test_an_unknown_zone_is_refused(zone: str) -> None:
    """A zone that does not exist is refused at birth, whatever the file system makes of it."""
    with pytest.raises(HoursError) as caught:
        hours(OFFICE, zone=zone)

    assert (caught.value.field, caught.value.reason) == ("zone", "unknown_zone")


@pytest.mark.parametrize("country", ["XX", "", "Serbia", "rs", "DE-ZZ", "-"])
def test_an_unknown_country_is_refused(country: str) -> None:
    """A country without a calendar is refused at birth, rather than never have a holiday."""
    with pytest.raises(HoursError) as caught:
        hours(OFFICE, holidays=country)

    assert (caught.value.field, caught.value.reason) == ("holidays", "unknown_country")


def test_the_form_shows_a_week_day_by_day() -> None:
    """Each day has its text, and a closed one none."""
    assert week_by_day(hours("Mo-Tu 08:00-12:00,13:00-20:00; We 20:00-04:00; Th 00:00-24:00")) == {
        0: "08:00-12:00, 13:00-20:00",
        1: "08:00-12:00, 13:00-20:00",
        2: "20:00-04:00",
        3: "00:00-24:00",
        4: "",
        5: "",
        6: "",
    }


def test_the_form_is_read_day_by_day() -> None:
    """Equal days share a rule; a day left out is closed."""
    assert week_from_days(dict.fromkeys(range(5), "8-20") | {5: "9-13", 6: "-"}) == (
        "Mo-Fr 08:00-20:00; Sa 09:00-13:00"
    )
    assert week_from_days({0: "8-12", 2: "8-12", 4: "closed"}) == "Mo,We 08:00-12:00"
    assert week_from_days({}) == "off"


def test_the_form_is_told_which_day_is_wrong() -> None:
    """The error is shown beside the day it is about."""
    with pytest.raises(HoursError) as caught:
        week_from_days({0: "8-16", 3: "8-16, 15-18"})

    assert (caught.value.field, caught.value.reason) == ("thursday", "overlap")


@given(weeks)
def test_weeks_survive_the_form(week: dict[int, str]) -> None:
    """What the form shows is what it was given, and saving it unchanged changes nothing."""
    value = hours(week_from_days(week))

    assert week == week_by_day(value)
    assert value.week == week_from_days(week_by_day(value))


def test_exceptions_are_read_line_by_line() -> None:
    """Lines are read in any order and any usual writing, and kept in order of their days."""
    typed = """
        2027-01-02 off
        2026-12-31 8–12 short day – till noon
        5.1.2027. 8.00-12.00, 13h-15h 2 people
        06. 01. 2027 zatvoreno Badnji dan
    """

    assert parse_exceptions(typed) == (
        HoursException(date(2026, 12, 31), "08:00-12:00", "short day – till noon"),
        HoursException(date(2027, 1, 2), "off"),
        HoursException(date(2027, 1, 5), "08:00-12:00,13:00-15:00", "2 people"),
        HoursException(date(2027, 1, 6), "off", "Badnji dan"),
    )


@pytest.mark.parametrize(
    ("line", "reason", "value"),
    [
        ("2026-12-31", "bad_line", "2026-12-31"),
        ("2026-02-30 off", "bad_line", "2026-02-30 off"),
        ("tomorrow off", "bad_line", "tomorrow off"),
        ("2026-12-31 short day", "bad_line", "2026-12-31 short day"),
        ("2026-08-01 - 2026-08-15 off", "bad_line", "2026-08-01 - 2026-08-15 off"),
        ("2026-12-31 26-28", "bad_range", "26-28"),
        ("2026-12-31 8-12, 11-13", "overlap", "08:00-12:00,11:00-13:00"),
        ("2026-12-24 8-12", "duplicate_day", "2026-12-24"),
    ],
)
def test_a_wrong_exception_is_found_by_its_line(line: str, reason: str, value: str) -> None:
    """The error says which line is wrong, counting empty ones, and why."""
    with pytest.raises(HoursError) as caught:
        parse_exceptions(f"2026-12-24 off\n\n{line}\n2026-12-25 off")

    assert (caught.value.field, caught.value.reason) == ("exceptions", reason)
    assert caught.value.params == {"value": value, "line": 3}
    assert str(caught.value).startswith("line 3: ")


def test_a_day_is_an_exception_once() -> None:
    """Two exceptions for one day are refused, wherever they come from."""
    twice = (HoursException(date(2026, 12, 31), "off"), HoursException(date(2026, 12, 31), "8-9"))

    with pytest.raises(HoursError) as caught:
        WorkingHours(week=OFFICE, zone="UTC", exceptions=twice)
    assert (caught.value.field, caught.value.reason) == ("exceptions", "duplicate_day")


exceptions_of_any_kind = st.builds(
    HoursException, st.dates(date(1900, 1, 1), date(2200, 1, 1)), days(), st.text(max_size=40)
)


@given(st.lists(exceptions_of_any_kind, unique_by=lambda exception: exception.day))
def test_exceptions_survive_the_form(exceptions: list[HoursException]) -> None:
    """Whatever the notes say, exceptions are read back as they were written."""
    ordered = tuple(sorted(exceptions, key=lambda exception: exception.day))

    assert ordered == parse_exceptions(format_exceptions(ordered))


@given(weeks, st.lists(exceptions_of_any_kind, unique_by=lambda exception: exception.day))
def test_hours_survive_storage(week: dict[int, str], exceptions: list[HoursException]) -> None:
    """Hours are values: written as JSON and read back they are equal, hash and all."""
    value = WorkingHours(
        week=week_from_days(week), zone="UTC", holidays="RS", exceptions=tuple(exceptions)
    )
    read = from_json(json.loads(json.dumps(as_json(value))))

    assert value == read
    assert hash(value) == hash(read)
    assert value == WorkingHours(
        week=value.week, zone="UTC", holidays="RS", exceptions=value.exceptions[::-1]
    )
