"""Texts that would do something if a page took them for more than text: `tests/corpus/xss`."""

from pathlib import Path

EVIL = "http://evil.example"
"""Whatever is fetched from there was fetched because of what somebody wrote."""

_CORPUS = Path(__file__).parents[1] / "corpus" / "xss"


def active_content() -> list[str]:
    """Return all of it, each of one line, and none twice.

    Each element leaves by every second way out, each address is tried by every way of linking; what
    is run takes turns.
    """
    scripts = _lines("scripts")
    escapes = [each.removeprefix("~") for each in _lines("escapes")]
    elements = [
        escape + element
        for number, element in enumerate(_lines("elements"))
        for place, escape in enumerate(escapes)
        if place % 2 == number % 2
    ]
    running = [
        each.replace("JS", scripts[number % len(scripts)]) for number, each in enumerate(elements)
    ]
    links = [link.replace("TO", to) for to in _lines("addresses") for link in _lines("links")]
    rest = [escape + each for each in _lines("styles") for escape in escapes[:4]]
    return [
        each.replace("URL", f"{EVIL}/{number}").replace("¤", str(number))
        for number, each in enumerate([*running, *links, *rest, *_lines("alone")])
    ]


def _lines(name: str) -> list[str]:
    text = (_CORPUS / f"{name}.txt").read_text(encoding="utf-8")
    return [each for each in text.splitlines() if each and not each.startswith("# ")]
