"""The public holidays of a country, by date and by name."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from holidays import country_holidays, list_supported_countries


def is_known(code: str) -> bool:
    """Say whether the holidays of an ISO 3166 code ("RS", "DE-BY") are known."""
    country, _, subdivision = code.partition("-")
    subdivisions = list_supported_countries(include_aliases=False).get(country)
    return subdivisions is not None and subdivision in ("", *subdivisions)


@lru_cache(maxsize=64)
def public_holidays(code: str, year: int, language: str = "en") -> Mapping[date, str]:
    """Return a year's public holidays with their names, moved ones on the day they are kept.

    The names are in *language* where they have been translated, else in English, else in the
    country's own.
    """
    country, _, subdivision = code.partition("-")
    calendar = country_holidays(country, subdivision or None)
    # Left alone, the library takes the language of the machine it runs on.
    spoken = _choose(calendar.supported_languages, language) or calendar.default_language
    kept = country_holidays(country, subdivision or None, years=year, language=spoken)
    return MappingProxyType(dict(sorted(kept.items())))


def _choose(supported: tuple[str, ...], language: str) -> str | None:
    wanted = (name for tongue in (language, "en") for name in supported if _is(name, tongue))
    return next(wanted, None)


def _is(name: str, language: str) -> bool:
    return name.partition("_")[0] == language
