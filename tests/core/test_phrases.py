"""Every phrase, in every language."""

import re
from gettext import GNUTranslations
from io import BytesIO
from string import Formatter

import pytest

from adapters.phrasebook import load_phrasebook
from core.phrases import SINGULAR, Phrase, Plural
from core.wording import LANGUAGES
from locales.compile import COMPILED, compiled, compiled_file, read_source, untranslated, updated

TRANSLATED = sorted(set(LANGUAGES) - {"en"})


def catalogue(language: str) -> GNUTranslations:
    with compiled_file(language.replace("-", "_")).open("rb") as file:
        return GNUTranslations(file)


def placeholders(sentence: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def fixed(sentence: str) -> set[str]:
    """Return what must be the same in all languages: commands, addresses, times, examples."""
    return set(re.findall(r"(?<!\w)/[a-z]+|[\w.]+@[\w.]+|\d\d:\d\d|\d{4}-\d\d-\d\d|[\w]+/[\w]+|//",
                          sentence))  # fmt: skip


def test_every_phrase_is_translated() -> None:
    """Nobody reads English who did not ask for it, and no translation is of what nobody says.

    Else `python -m locales.compile --update` brings the catalogue in step with the code.
    """
    written = read_source()

    assert {each.id for each in written} == {each.id for each in updated(written)}
    assert untranslated(written) == []


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("phrase", Phrase)
def test_a_translation_has_the_same_values(phrase: Phrase, language: str) -> None:
    """The same placeholders, the same commands and examples, and no loose ends."""
    translation = catalogue(language).gettext(phrase.value)

    assert placeholders(translation) == placeholders(phrase.value)
    assert fixed(translation) == fixed(phrase.value)
    assert translation == translation.strip()
    assert translation.count("\n") == phrase.value.count("\n")


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("plural", Plural)
def test_every_plural_form_counts(plural: Plural, language: str) -> None:
    """Each of the three forms says how many."""
    known = catalogue(language)
    for n in (1, 2, 5):
        assert placeholders(known.ngettext(SINGULAR[plural], plural.value, n)) == ["n"]


@pytest.mark.parametrize("phrase", Phrase)
def test_each_alphabet_stays_pure(phrase: Phrase) -> None:
    """Serbian in Latin has no Cyrillic letter left, and neither has the other a look-alike."""
    assert not re.search(r"[\u0400-\u04ff]", catalogue("sr-Latn").gettext(phrase.value))
    cyrillic = catalogue("sr").gettext(phrase.value)
    mixed = [word for word in re.findall(r"\w+", cyrillic)
             if re.search(r"[a-zA-Z]", word) and re.search(r"[\u0400-\u04ff]", word)]  # fmt: skip
    assert mixed == []


def test_the_alphabets_say_the_same() -> None:
    """Latin is derived letter by letter; placeholders, commands and addresses stay as they are."""
    latin = load_phrasebook()
    said = latin.phrase("sr-Latn", Phrase.EMAIL_DOUBTFUL, address="љ@gmial.com", suggestion="{x}")

    assert said == "Napisali ste љ@gmial.com. Da li ste mislili {x}?"
    assert latin.phrase("sr-Latn", Phrase.HELP_COMMANDS).splitlines()[0] == (
        "/status - dokle je stiglo Vaše pitanje"
    )
    assert latin.phrase("sr-Latn", Phrase.ASK_EMAIL_AGAIN).endswith("na primer ana@example.com.")


@pytest.mark.parametrize("folder", COMPILED)
def test_the_compiled_catalogues_are_current(folder: str) -> None:
    """What is compiled is what was written (else: `python -m locales.compile`)."""
    fresh = GNUTranslations(BytesIO(compiled(read_source(), COMPILED[folder])))
    kept = catalogue(folder)

    assert [kept.gettext(each) for each in Phrase] == [fresh.gettext(each) for each in Phrase]
    for plural in Plural:
        for n in (1, 2, 5):
            pair = (SINGULAR[plural], plural.value, n)
            assert kept.ngettext(*pair) == fresh.ngettext(*pair)


def test_languages_are_changed_in_the_new_language() -> None:
    """Whoever chooses a language is answered in it, by its name."""
    book = load_phrasebook()

    assert [book.phrase(each, Phrase.LANGUAGE_CHANGED) for each in ("sr", "sr-Latn", "en")] == [
        "У реду, пишем на српском.",
        "U redu, pišem na srpskom.",
        "Alright, English it is.",
    ]
