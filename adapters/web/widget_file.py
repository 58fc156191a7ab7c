"""The widget as the one file that a website loads: its parts joined, with texts and looks."""

import json
import re
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Final

from core.phrases import Phrase
from core.wording import LANGUAGES, Phrasebook

PARTS: Final = (
    "dom texts site keeping queue colour session line talk words upload download sound attachments "
    "message log composer form panel launcher visit chat main"
).split()
"""The modules in the order in which each finds what it uses."""

LOOKS: Final = ("frame.css", "talk.css")
TEXTS: Final = "WIDGET_"
"""What the names of the widget's phrases begin with; it knows them by the rest."""

_IMPORT: Final = re.compile(r'^import [^;]*? from "\./[a-z]+\.js";$', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:async )?(?:const|let|class|function)\b)", re.MULTILINE)
_REMARK: Final = re.compile(r"^\s*(?://[^\n]*|/\*\*[\s\S]*?\*/)$", re.MULTILINE)
_INDENT: Final = re.compile(r"^\s+", re.MULTILINE)
_CSS_SPACE: Final = re.compile(r" ?([{};,]) ?|(?<=:) ")
_CSS_REMARK: Final = re.compile(r"/\*.*?\*/", re.DOTALL)


def widget_js(book: Phrasebook) -> str:
    """Return the script, in one closure of its own, with the texts in every language."""
    whole = "\n".join(_part(f"{name}.js") for name in PARTS)
    whole = whole.replace("/*TEXTS*/{}", _json(widget_texts(book)))
    whole = whole.replace('/*STYLE*/""', _json("".join(map(_looks, LOOKS))))
    return f'(() => {{\n"use strict";\n{whole}\n}})();\n'


def widget_texts(book: Phrasebook) -> dict[str, dict[str, str]]:
    """Return the widget's own texts by language and name; their `{values}` are filled in later."""
    names = [each for each in Phrase.__members__ if each.startswith(TEXTS)]
    return {
        language: {each.removeprefix(TEXTS): _text(book, language, each) for each in names}
        for language in LANGUAGES
    }


def _text(book: Phrasebook, language: str, name: str) -> str:
    phrase = Phrase[name]
    places = {place for _, place, _, _ in Formatter().parse(phrase.value) if place}
    return book.phrase(language, phrase, **{each: f"{{{each}}}" for each in places})


@cache
def _source(name: str) -> str:
    return (files("adapters.web") / "widget" / name).read_text(encoding="utf-8")


def _part(name: str) -> str:
    """Return a module as a part of the closure, without imports and without what is for readers."""
    joined = _EXPORT.sub("", _IMPORT.sub("", _source(name)))
    return _INDENT.sub("", _REMARK.sub("", joined))


def _looks(name: str) -> str:
    return _CSS_SPACE.sub(r"\1", re.sub(r"\s+", " ", _CSS_REMARK.sub("", _source(name))))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
