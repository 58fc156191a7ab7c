"""How a mail program quotes the mail that it answers: as Gmail does, in its user's language."""

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from sandbox.letter import Mail, sender_of

ZONE: Final = ZoneInfo("Europe/Belgrade")
"""Where the people of the sandbox are."""

_WIDTH: Final = 78
_DEEPEST: Final = 20
_DAYS: Final = {
    "en": "Mon Tue Wed Thu Fri Sat Sun".split(),
    "sr": "пон уто сре чет пет суб нед".split(),
    "sr-Latn": "pon uto sre čet pet sub ned".split(),
    "de": "Mo. Di. Mi. Do. Fr. Sa. So.".split(),
}
_MONTHS: Final = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
    "sr": "јан феб мар апр мај јун јул авг сеп окт нов дец".split(),
    "sr-Latn": "jan feb mar apr maj jun jul avg sep okt nov dec".split(),
    "de": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.".split(),
}
_BODY: Final = re.compile(r"<body[^>]{0,2000}>(.*)</body>", re.DOTALL | re.IGNORECASE)
_MARKUP: Final = re.compile(r"<[^<>]*>")
_QUOTE_STYLE: Final = (
    "margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"
)


@dataclass(frozen=True)
class Quote:
    """A mail as it stands below its answer."""

    attribution: str
    """Who wrote it, and when."""
    text: str
    """The attribution and the mail, each line of which begins with `>`."""
    html: str


def quote(mail: Mail, language: str) -> Quote:
    """Return *mail* as a program in *language* quotes it; English where it has no such words."""
    name, address = sender_of(mail.header("From"))
    local = mail.at.astimezone(ZONE)
    attribution = _ATTRIBUTIONS.get(language, _english)(local, f"{name} <{address}>".strip())
    said = (mail.text or _words(mail.html)).strip("\r\n")
    lines = [f"> {line}".rstrip() for line in said.split("\n")]
    wrapped = textwrap.fill(attribution, _WIDTH, break_long_words=False, break_on_hyphens=False)
    inner = _BODY.search(mail.html)
    html = (inner.group(1) if inner else mail.html) or as_html(said)
    return Quote(
        attribution=attribution,
        text="\n".join([wrapped, "", *lines]),
        html=(
            '<div class="gmail_quote gmail_quote_container">'
            f'<div dir="ltr" class="gmail_attr">{escape(attribution)}<br></div>'
            f'<blockquote class="gmail_quote" style="{_QUOTE_STYLE}">{html}</blockquote></div>'
        ),
    )


def as_html(text: str, deepest: int = _DEEPEST) -> str:
    """Return what was typed as HTML; lines that begin with `>` become a quotation."""
    parts = []
    for quoted, lines in groupby(
        text.split("\n"), key=lambda line: deepest > 0 and line.startswith(">")
    ):
        if quoted:
            inner = "\n".join(line[1:].removeprefix(" ") for line in lines)
            parts.append(
                f'<blockquote class="gmail_quote" style="{_QUOTE_STYLE}">'
                f"{as_html(inner, deepest - 1)}</blockquote>"
            )
        else:
            parts += [f"<div>{escape(line) or '<br>'}</div>" for line in lines]
    return "".join(parts)


def _words(html: str) -> str:
    return unescape(_MARKUP.sub(" ", html))


def _english(at: datetime, sender: str) -> str:
    day, month = _DAYS["en"][at.weekday()], _MONTHS["en"][at.month - 1]
    # Between the hour and AM stands a narrow space that must not break, as in Gmail.
    hour = f"{at.hour % 12 or 12}:{at:%M}\u202f{'AM' if at.hour < 12 else 'PM'}"
    return f"On {day}, {month} {at.day}, {at.year} at {hour} {sender} wrote:"


def _serbian(at: datetime, sender: str) -> str:
    day, month = _DAYS["sr"][at.weekday()], _MONTHS["sr"][at.month - 1]
    return f"{day}, {at.day}. {month} {at.year}. у {at:%H:%M} {sender} је написао/ла:"


def _serbian_latin(at: datetime, sender: str) -> str:
    day, month = _DAYS["sr-Latn"][at.weekday()], _MONTHS["sr-Latn"][at.month - 1]
    return f"{day}, {at.day}. {month} {at.year}. u {at:%H:%M} {sender} je napisao/la:"


def _german(at: datetime, sender: str) -> str:
    day, month = _DAYS["de"][at.weekday()], _MONTHS["de"][at.month - 1]
    return f"Am {day}, {at.day}. {month} {at.year} um {at:%H:%M} Uhr schrieb {sender}:"


_ATTRIBUTIONS: Final[Mapping[str, Callable[[datetime, str], str]]] = {
    "en": _english,
    "sr": _serbian,
    "sr-Latn": _serbian_latin,
    "de": _german,
}
