"""The one file that a website loads."""

import gzip
import re
from pathlib import Path

import pytest

from adapters.phrasebook import load_phrasebook
from adapters.web.widget_file import PARTS, TEXTS, widget_js, widget_texts
from core.phrases import Phrase

SOURCES = sorted((Path(__file__).parents[2] / "adapters/web/widget").glob("*.js"))


def test_it_is_small() -> None:
    """Under 25 kB on its way to the visitor, all languages included."""
    assert len(gzip.compress(widget_js(load_phrasebook()).encode())) < 25_000


def test_every_part_is_in_it() -> None:
    """What is in the folder is in the file, in an order in which nothing is missing yet."""
    assert sorted(PARTS) == [each.stem for each in SOURCES]
    before: list[str] = []
    for name in PARTS:
        source = next(each for each in SOURCES if each.stem == name).read_text()
        assert set(re.findall(r'from "\./(\w+)\.js"', source)) <= set(before)
        before.append(name)


def test_it_is_a_script_in_a_closure() -> None:
    """It puts no name of its own on the page; that it parses is seen where Chromium runs it."""
    script = widget_js(load_phrasebook())
    assert script.startswith("(() => {")
    assert "import " not in script


@pytest.mark.parametrize("source", SOURCES, ids=lambda each: each.name)
def test_nothing_becomes_markup(source: Path) -> None:
    """What people write is put into the page as text: no way for it to be anything else."""
    code = source.read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", code)
    assert not re.search(r"new Function|DOMParser|createContextualFragment|srcdoc", code)
    assert len(code.splitlines()) < 300


def test_it_has_a_word_for_everything() -> None:
    """Each text that it shows is in the catalogue, and none that it never shows."""
    used = set()
    for source in SOURCES:
        for said in re.findall(r"\bsay\(([^)]*)", source.read_text()):
            used |= set(re.findall(r'"([A-Z_]+)"', said))
    # A message's mark is named after its state.
    used |= {"SENT", "SENDING", "FAILED"}
    assert used == {name.removeprefix(TEXTS) for name in Phrase.__members__ if TEXTS in name}


def test_values_are_left_for_the_browser() -> None:
    """What only the browser knows stays a place in the text."""
    texts = widget_texts(load_phrasebook())
    assert texts["en"]["WELCOME_NAME"] == "How can we help, {name}?"
    assert texts["sr-Latn"]["START"] == "Započni razgovor"
    assert texts["sr"]["START"] == "Започни разговор"
