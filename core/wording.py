"""From a phrase and its values to a sentence in the reader's language."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from gettext import NullTranslations
from zoneinfo import ZoneInfo

from core.effects import Words
from core.message import Attachment, AttachmentKind
from core.phrases import SINGULAR, Phrase, Plural

LANGUAGES = {"sr": "Српски", "sr-Latn": "Srpski", "en": "English"}
"""The languages the desk speaks, each by its own name."""

CHANNEL_NAMES = {
    "web": Phrase.CHANNEL_WEB,
    "portal": Phrase.CHANNEL_PORTAL,
    "api": Phrase.CHANNEL_API,
}
"""What people call a channel that is no platform with a name of its own."""

EMAIL_REFUSALS = {
    "no_at": Phrase.EMAIL_WITHOUT_AT,
    "no_local": Phrase.EMAIL_NO_LOCAL,
    "no_domain": Phrase.EMAIL_NO_DOMAIN,
    "bad_domain": Phrase.EMAIL_BAD_DOMAIN,
    "too_long": Phrase.EMAIL_TOO_LONG,
    "not_an_address": Phrase.EMAIL_NOT_AN_ADDRESS,
}
"""What is said of an address that cannot be one, by the reason of `email_address.Refused`."""

_WEEKDAYS = (
    Phrase.MONDAY,
    Phrase.TUESDAY,
    Phrase.WEDNESDAY,
    Phrase.THURSDAY,
    Phrase.FRIDAY,
    Phrase.SATURDAY,
    Phrase.SUNDAY,
)

_SENT = {
    AttachmentKind.PHOTO: Phrase.SENT_PHOTO,
    AttachmentKind.DOCUMENT: Phrase.SENT_DOCUMENT,
    AttachmentKind.VOICE: Phrase.SENT_VOICE,
    AttachmentKind.AUDIO: Phrase.SENT_AUDIO,
    AttachmentKind.VIDEO: Phrase.SENT_VIDEO,
    AttachmentKind.ANIMATION: Phrase.SENT_ANIMATION,
    AttachmentKind.STICKER: Phrase.SENT_STICKER,
    AttachmentKind.LOCATION: Phrase.SENT_LOCATION,
    AttachmentKind.CONTACT: Phrase.SENT_CONTACT,
    AttachmentKind.POLL: Phrase.SENT_POLL,
    AttachmentKind.OTHER: Phrase.SENT_OTHER,
}


class Phrasebook:
    """The desk's sentences in every language it speaks."""

    def __init__(self, translations: Mapping[str, NullTranslations]) -> None:
        self._translations = translations

    def phrase(self, language: str, phrase: Phrase, /, **values: str) -> str:
        """Return *phrase* in *language* (English where it is not spoken), with its values."""
        return self._catalogue(language).gettext(phrase.value).format(**values)

    def say(self, language: str, words: Words) -> str:
        """Return *words* in *language*, times and durations included."""
        values = dict(words.values)
        values |= {name: self.say(language, part) for name, part in words.parts.items()}
        if words.moment is not None:
            now = words.now or words.moment
            values["when"] = self.when(language, words.moment, now, words.zone)
        if words.span is not None:
            values["span"] = self.span(language, words.span)
        return self.phrase(language, words.phrase, **values)

    def count(self, language: str, what: Plural, n: int) -> str:
        """Return how many there are, in the form that the number asks for."""
        catalogue = self._catalogue(language)
        return catalogue.ngettext(SINGULAR[what], what.value, n).format(n=n)

    def span(self, language: str, span: timedelta) -> str:
        """Return a duration as people say it: "14 hours", "2 days", "5 minutes"."""
        minutes = round(span.total_seconds() / 60)
        if minutes < 1:
            return self.phrase(language, Phrase.LESS_THAN_A_MINUTE)
        if minutes < 120:
            return self.count(language, Plural.MINUTES, minutes)
        hours = round(minutes / 60)
        if hours < 48:
            return self.count(language, Plural.HOURS, hours)
        return self.count(language, Plural.DAYS, round(hours / 24))

    def when(self, language: str, moment: datetime, now: datetime, zone: str) -> str:
        """Return a time as people say it in *zone*: "on Monday at 08:00 (in 14 hours)"."""
        when = self.day_and_time(language, moment, now, zone)
        if moment <= now:
            return when
        distance = self.phrase(language, Phrase.IN, span=self.span(language, moment - now))
        return self.phrase(language, Phrase.WHEN_AND_HOW_FAR, when=when, distance=distance)

    def day_and_time(self, language: str, moment: datetime, now: datetime, zone: str) -> str:
        """Return a time as people say it in *zone*, but not how far away: "on Monday at 08:00"."""
        local = moment.astimezone(ZoneInfo(zone))
        days = (local.date() - now.astimezone(ZoneInfo(zone)).date()).days
        time = f"{local:%H:%M}"
        weekday = self.phrase(language, _WEEKDAYS[local.weekday()])
        if days == 0:
            return self.phrase(language, Phrase.WHEN_TODAY, time=time)
        if days == 1:
            return self.phrase(language, Phrase.WHEN_TOMORROW, time=time)
        if 1 < days < 7:
            return self.phrase(language, Phrase.WHEN_WEEKDAY, weekday=weekday, time=time)
        date = _date(language, local)
        return self.phrase(language, Phrase.WHEN_DATE, weekday=weekday, date=date, time=time)

    def stamp(self, language: str, moment: datetime, zone: str) -> str:
        """Return a time in *zone* that is as true tomorrow as today: "2026-11-22 18:00"."""
        local = moment.astimezone(ZoneInfo(zone))
        return f"{_date(language, local)} {local:%H:%M}"

    def sent(self, language: str, attachment: Attachment) -> str:
        """Return what *attachment* is, in words, for those to whom it cannot be shown."""
        return self.phrase(
            language,
            _SENT[attachment.kind],
            name=attachment.name or "?",
            seconds=str(attachment.seconds or 0),
            detail=attachment.detail,
        )

    def _catalogue(self, language: str) -> NullTranslations:
        return self._translations.get(language) or NullTranslations()


def _date(language: str, local: datetime) -> str:
    return f"{local:%Y-%m-%d}" if language == "en" else f"{local.day}. {local.month}. {local.year}."


def language_of(code: str | None, default: str) -> str:
    """Return the language that is meant by a platform's *code* (an IETF tag), or the *default*."""
    if not code:
        return default
    tag = code.lower().replace("_", "-")
    primary = tag.split("-")[0]
    if primary == "sr":
        return "sr-Latn" if "latn" in tag else "sr"
    if primary in ("hr", "bs", "cnr", "sh"):
        return "sr-Latn"
    if primary == "en":
        return "en"
    return "en"


def script_of(text: str, language: str) -> str:
    """Return *language*, in the script that *text* is written in, where there are two."""
    if language not in ("sr", "sr-Latn"):
        return language
    cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in text)
    latin = sum(letter.isalpha() and letter < "\u0250" for letter in text)
    if cyrillic == latin:
        return language
    return "sr" if cyrillic > latin else "sr-Latn"
