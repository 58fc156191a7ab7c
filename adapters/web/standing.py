"""Whether anybody is there, in words: what the widget's button says."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from adapters.web.files import LARGEST, MOST
from core.effects import Words
from core.hours import closes_at, is_open, next_opening
from core.phrases import Phrase
from core.policy import Department
from core.ports import Clock, Store
from core.wording import LANGUAGES, Phrasebook

LONGEST_TEXT = 4000
"""Code points of one message: more does not fit into a frame in every script."""
_FRESH = 5.0
"""Seconds for which the departments are known."""


class Standing:
    """Knows how the desk stands, without asking the database for each who wants to know."""

    def __init__(self, store: Store, clock: Clock, phrasebook: Phrasebook) -> None:
        self._store = store
        self._clock = clock
        self._phrasebook = phrasebook
        self._departments: tuple[Department, ...] = ()
        self._asked_at = -_FRESH

    async def now(self, language: str) -> dict[str, Any]:
        """Return it as `GET /chat/state` tells it, in *language*."""
        departments = await self.departments()
        now = self._clock.now()
        says, more = self._words(departments, now, language)
        return {
            "open": any(is_open(each.hours, now) for each in departments),
            "says": says,
            "more": more,
            "departments": [{"key": each.key, "name": each.name} for each in departments]
            if len(departments) > 1
            else [],
            "language": language,
            "limits": {"text": LONGEST_TEXT, "file": LARGEST, "files": MOST},
        }

    async def departments(self) -> tuple[Department, ...]:
        """Return the departments, as they were a few seconds ago."""
        monotonic = self._clock.monotonic()
        if monotonic - self._asked_at >= _FRESH:
            async with self._store.transaction() as tx:
                self._departments = await tx.departments()
            self._asked_at = monotonic
        return self._departments

    def _words(
        self, departments: Sequence[Department], now: datetime, language: str
    ) -> tuple[str, str]:
        """Return what to say in a few words, and in a sentence."""
        phrase = self._phrasebook.phrase
        open_ones = [each.hours for each in departments if is_open(each.hours, now)]
        if open_ones:
            closings = [(closes_at(each, now), each.zone) for each in open_ones]
            known = [(closes, zone) for closes, zone in closings if closes is not None]
            says = phrase(language, Phrase.WEB_OPEN)
            if len(known) < len(open_ones):
                return says, phrase(language, Phrase.HOURS_ALWAYS_OPEN)
            closes, zone = max(known)
            return says, self._say(language, Phrase.STATUS_OPEN_UNTIL, closes, now, zone)
        openings = [(next_opening(each.hours, now), each.hours.zone) for each in departments]
        ahead = [(opens, zone) for opens, zone in openings if opens is not None]
        if not ahead:
            return phrase(language, Phrase.WEB_CLOSED), phrase(language, Phrase.WEB_CLOSED_MORE)
        opens, zone = min(ahead)
        when = self._phrasebook.day_and_time(language, opens, now, zone)
        return (
            phrase(language, Phrase.WEB_OPENS, when=when),
            self._say(language, Phrase.WEB_OPENS_MORE, opens, now, zone),
        )

    def _say(
        self, language: str, phrase: Phrase, moment: datetime, now: datetime, zone: str
    ) -> str:
        return self._phrasebook.say(
            language, Words(phrase=phrase, moment=moment, now=now, zone=zone)
        )


def language_in(asked: str, default: str) -> str:
    """Return the language that a browser asked for, if it is spoken."""
    return asked if asked in LANGUAGES else default
