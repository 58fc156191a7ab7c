"""Compiles the catalogues: `python -m locales.compile [--update]`. Needs Babel (development only).

With `--update` the Serbian catalogue is first brought in step with `core/phrases.py`: new phrases
come in untranslated, those that are gone go, and the order is that of the code.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from cyrtranslit import to_latin

from core.phrases import SINGULAR, Phrase, Plural

FOLDER: Final = Path(__file__).parent
SOURCE: Final = FOLDER / "sr" / "LC_MESSAGES" / "podrska.po"

Convert = Callable[[str], str]

COMPILED: Final[dict[str, Convert]] = {"sr": str, "sr_Latn": to_latin}
"""What is made of the source: by folder, how its letters are converted.

Whatever is in Latin letters already stays as it is: placeholders, commands, addresses.
"""


def main() -> None:
    """Compile all catalogues, and say what is left to translate."""
    catalogue = read_source()
    if "--update" in sys.argv[1:]:
        catalogue = updated(catalogue)
        with SOURCE.open("wb") as file:
            write_po(file, catalogue, width=100)
    for folder, convert in COMPILED.items():
        target = compiled_file(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(compiled(catalogue, convert))
    for phrase in untranslated(catalogue):
        sys.stdout.write(f"not translated: {phrase}\n")


def compiled_file(folder: str) -> Path:
    """Return where the compiled catalogue of a language is kept."""
    return FOLDER / folder / "LC_MESSAGES" / "podrska.mo"


def read_source() -> Catalog:
    """Return the Serbian catalogue as it was written."""
    with SOURCE.open("rb") as file:
        return read_po(file, locale="sr")


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the phrases of *catalogue* that nobody has translated yet, in English."""
    return [str(each.id) for each in catalogue if each.id and not _is_translated(each)]


def updated(catalogue: Catalog) -> Catalog:
    """Return *catalogue* with exactly the phrases of the code, keeping their translations."""
    fresh = _empty()
    for name, phrase in Phrase.__members__.items():
        known = catalogue.get(phrase.value)
        fresh.add(phrase.value, known.string if known else "", auto_comments=[name])
    for plural in Plural:
        known = catalogue.get(SINGULAR[plural])
        forms = known.string if known else ("",) * fresh.num_plurals
        fresh.add((SINGULAR[plural], plural.value), forms, auto_comments=[plural.name])
    return fresh


def compiled(catalogue: Catalog, convert: Convert) -> bytes:
    """Return *catalogue* as gettext reads it, in the letters that *convert* writes."""
    converted = _empty()
    for message in filter(_is_translated, catalogue):
        forms = tuple(map(convert, _forms(message)))
        converted.add(message.id, forms if message.pluralizable else forms[0])
    file = BytesIO()
    write_mo(file, converted)
    return file.getvalue()


def _empty() -> Catalog:
    """Return a catalogue whose header says the same whenever it is made."""
    return Catalog(
        locale="sr",
        header_comment="# What the desk says, in Serbian.",
        project="podrska",
        version="1",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
        fuzzy=False,
        creation_date=datetime(2026, 1, 1, tzinfo=UTC),
        revision_date=datetime(2026, 1, 1, tzinfo=UTC),
    )


def _is_translated(message: Message) -> bool:
    return bool(message.id) and all(_forms(message))


def _forms(message: Message) -> tuple[str, ...]:
    translation = message.string or ""
    return (translation,) if isinstance(translation, str) else tuple(translation)


if __name__ == "__main__":
    main()
