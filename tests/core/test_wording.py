"""How the desk speaks of times, durations and things, in its three languages."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.phrasebook import load_phrasebook
from core.effects import Words
from core.message import Attachment, AttachmentKind
from core.phrases import Phrase, Plural
from core.wording import language_of, script_of

BOOK = load_phrasebook()
ZONE = "Europe/Belgrade"


def at(text: str) -> datetime:
    """Return a moment from its UTC time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


SUNDAY_EVENING = at("2026-11-22T17:00")  # 18:00 in Belgrade


@pytest.mark.parametrize(
    ("moment", "english", "serbian", "latin"),
    [
        (
            "2026-11-22T22:30",
            "today at 23:30 (in 6 hours)",
            "данас у 23:30 (за 6 сати)",
            "danas u 23:30 (za 6 sati)",
        ),
        (
            "2026-11-23T07:00",
            "tomorrow at 08:00 (in 14 hours)",
            "сутра у 08:00 (за 14 сати)",
            "sutra u 08:00 (za 14 sati)",
        ),
        (
            "2026-11-24T07:00",
            "on Tuesday at 08:00 (in 38 hours)",
            "у уторак у 08:00 (за 38 сати)",
            "u utorak u 08:00 (za 38 sati)",
        ),
        (
            "2026-11-25T07:00",
            "on Wednesday at 08:00 (in 3 days)",
            "у среду у 08:00 (за 3 дана)",
            "u sredu u 08:00 (za 3 dana)",
        ),
        (
            "2026-11-28T08:00",
            "on Saturday at 09:00 (in 6 days)",
            "у суботу у 09:00 (за 6 дана)",
            "u subotu u 09:00 (za 6 dana)",
        ),
        (
            "2026-11-29T08:00",
            "on Sunday, 2026-11-29, at 09:00 (in 7 days)",
            "у недељу, 29. 11. 2026. у 09:00 (за 7 дана)",
            "u nedelju, 29. 11. 2026. u 09:00 (za 7 dana)",
        ),
        (
            "2026-12-13T17:00",
            "on Sunday, 2026-12-13, at 18:00 (in 21 days)",
            "у недељу, 13. 12. 2026. у 18:00 (за 21 дан)",
            "u nedelju, 13. 12. 2026. u 18:00 (za 21 dan)",
        ),
    ],
)
def test_a_time_to_come(moment: str, english: str, serbian: str, latin: str) -> None:
    """The day as people call it, the local time, and how far away it is."""
    said = [BOOK.when(each, at(moment), SUNDAY_EVENING, ZONE) for each in ("en", "sr", "sr-Latn")]

    assert said == [english, serbian, latin]


def test_on_monday() -> None:
    """From Saturday, Monday has a name of its own."""
    saturday, monday = at("2026-11-21T17:00"), at("2026-11-23T07:00")

    assert BOOK.when("en", monday, saturday, ZONE) == "on Monday at 08:00 (in 38 hours)"
    assert BOOK.when("sr", monday, saturday, ZONE) == "у понедељак у 08:00 (за 38 сати)"


@pytest.mark.parametrize(
    ("now", "moment", "english", "serbian"),
    [
        # The clocks go back on 25 October 2026 at 03:00: the night has an hour more.
        (
            "2026-10-24T16:00",
            "2026-10-25T07:00",
            "tomorrow at 08:00 (in 15 hours)",
            "сутра у 08:00 (за 15 сати)",
        ),
        # They go forward on 28 March 2027 at 02:00: it has one less.
        (
            "2027-03-27T17:00",
            "2027-03-28T06:00",
            "tomorrow at 08:00 (in 13 hours)",
            "сутра у 08:00 (за 13 сати)",
        ),
        # Two days with an hour more are still the day after tomorrow.
        (
            "2026-10-23T22:30",
            "2026-10-26T07:00",
            "on Monday at 08:00 (in 2 days)",
            "у понедељак у 08:00 (за 2 дана)",
        ),
    ],
)
def test_the_night_the_clocks_change(now: str, moment: str, english: str, serbian: str) -> None:
    """The local time is what the clock will show; the distance is what will really pass."""
    assert BOOK.when("en", at(moment), at(now), ZONE) == english
    assert BOOK.when("sr", at(moment), at(now), ZONE) == serbian


def test_midnight_is_where_the_reader_is() -> None:
    """What is still today in UTC may be tomorrow in Belgrade."""
    now, moment = at("2026-11-22T22:30"), at("2026-11-22T23:30")

    assert BOOK.when("en", moment, now, ZONE) == "tomorrow at 00:30 (in 60 minutes)"
    assert BOOK.when("en", moment, now, "UTC") == "today at 23:30 (in 60 minutes)"


def test_a_time_that_has_come_is_not_ahead() -> None:
    """No distance is given to what is past."""
    assert BOOK.when("sr", SUNDAY_EVENING, SUNDAY_EVENING, ZONE) == "данас у 18:00"


@pytest.mark.parametrize(
    ("n", "minutes", "hours", "days"),
    [
        (1, "1 минут", "1 сат", "1 дан"),
        (2, "2 минута", "2 сата", "2 дана"),
        (4, "4 минута", "4 сата", "4 дана"),
        (5, "5 минута", "5 сати", "5 дана"),
        (11, "11 минута", "11 сати", "11 дана"),
        (12, "12 минута", "12 сати", "12 дана"),
        (21, "21 минут", "21 сат", "21 дан"),
        (22, "22 минута", "22 сата", "22 дана"),
        (111, "111 минута", "111 сати", "111 дана"),
    ],
)
def test_serbian_counts_in_three_forms(n: int, minutes: str, hours: str, days: str) -> None:
    """One, a few, many: by the last digits, except for the teens."""
    assert BOOK.count("sr", Plural.MINUTES, n) == minutes
    assert BOOK.count("sr", Plural.HOURS, n) == hours
    assert BOOK.count("sr", Plural.DAYS, n) == days


@pytest.mark.parametrize(
    ("span", "english", "serbian"),
    [
        (timedelta(seconds=20), "less than a minute", "мање од минута"),
        (timedelta(minutes=1), "1 minute", "1 минут"),
        (timedelta(minutes=90), "90 minutes", "90 минута"),
        (timedelta(hours=2), "2 hours", "2 сата"),
        (timedelta(hours=21), "21 hours", "21 сат"),
        (timedelta(hours=47), "47 hours", "47 сати"),
        (timedelta(days=2), "2 days", "2 дана"),
    ],
)
def test_a_duration(span: timedelta, english: str, serbian: str) -> None:
    """The unit fits the length."""
    assert BOOK.span("en", span) == english
    assert BOOK.span("sr", span) == serbian


def test_times_and_durations_stand_in_sentences() -> None:
    """`{when}` and `{span}` are filled in, in the right case."""
    closed = Words(
        phrase=Phrase.TICKET_CLOSED_NOW,
        values={"ticket": "MNT-4K7Q2"},
        moment=at("2026-11-23T07:00"),
        now=at("2026-11-21T17:00"),
        zone=ZONE,
    )
    typical = Words(phrase=Phrase.AGENTS_TOLD_TYPICAL, span=timedelta(minutes=21))

    assert BOOK.say("sr", closed) == (
        "Тренутно нема доступних агената. Поново радимо у понедељак у 08:00 (за 38 сати). "
        "Ваше питање је сачувано као тикет MNT-4K7Q2."
    )
    assert BOOK.say("sr-Latn", typical) == (
        "Hvala! Obavestili smo naše agente. Odgovor stiže ovde, u ovo doba obično za 21 minut."
    )
    assert BOOK.say("en", typical).endswith("The answer comes here, at this hour usually in "
                                            "21 minutes.")  # fmt: skip


def test_a_sentence_within_a_sentence() -> None:
    """A reason is told in the language of the sentence around it."""
    failed = Words(
        phrase=Phrase.AGENTS_NOT_DELIVERED, parts={"reason": Words(phrase=Phrase.WHY_BLOCKED)}
    )

    assert BOOK.say("sr", failed) == "Није испоручено кориснику: корисник је блокирао бота."


def test_what_cannot_be_shown_is_named() -> None:
    """A recording has a length, a sticker its emoji."""
    voice = Attachment(kind=AttachmentKind.VOICE, channel="telegram", seconds=12)
    sticker = Attachment(kind=AttachmentKind.STICKER, channel="telegram", detail="👍")

    assert BOOK.sent("sr", voice) == "послата гласовна порука од 12 s"
    assert BOOK.sent("sr-Latn", sticker) == "poslata nalepnica 👍"


def test_a_language_that_nobody_speaks_is_english() -> None:
    """An unknown language does no harm."""
    assert BOOK.phrase("de", Phrase.ASK_NAME) == "What is your name?"


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("sr", "sr"),
        ("sr-RS", "sr"),
        ("sr_Latn_RS", "sr-Latn"),
        ("hr", "sr-Latn"),
        ("bs-Latn", "sr-Latn"),
        ("en-GB", "en"),
        ("de", "en"),
        ("", "sr"),
        (None, "sr"),
    ],
)
def test_the_platform_says_which_language(code: str | None, language: str) -> None:
    """Who reads Croatian reads Serbian in Latin; who reads neither is spoken to in English."""
    assert language_of(code, "sr") == language


@pytest.mark.parametrize(
    ("text", "language", "script"),
    [
        ("Не ради ми сајт", "sr-Latn", "sr"),
        ("Ne radi mi sajt", "sr", "sr-Latn"),
        ("12:30?", "sr", "sr"),
        ("Не ради site", "en", "en"),
    ],
)
def test_the_customers_script_is_answered_in(text: str, language: str, script: str) -> None:
    """Serbian is written back in the letters in which it came."""
    assert script_of(text, language) == script
