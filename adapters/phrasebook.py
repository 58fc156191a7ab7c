"""The desk's sentences, from the compiled catalogues in `locales/`."""

from gettext import GNUTranslations
from importlib.resources import files

from core.wording import LANGUAGES, Phrasebook

_SOURCE = "en"


def load_phrasebook() -> Phrasebook:
    """Return the sentences in every language of `LANGUAGES`; English is what the code says itself.

    Raises FileNotFoundError for a language whose catalogue has not been compiled.
    """
    spoken = (language for language in LANGUAGES if language != _SOURCE)
    return Phrasebook({language: _catalogue(language) for language in spoken})


def _catalogue(language: str) -> GNUTranslations:
    folder = files("locales") / language.replace("-", "_") / "LC_MESSAGES"
    with (folder / "podrska.mo").open("rb") as file:
        return GNUTranslations(file)
