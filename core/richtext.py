"""What people write, in a form that belongs to no platform: text with marked spans.

Offsets count code points. A `RichText` is in normal form from birth, so converters may rely on it:
spans are in bounds, sorted and not empty; spans of one mark neither overlap nor touch (unless their
targets differ); nothing but a quote surrounds code; a mention and a link never overlap; and a link
leads where links may lead.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice, pairwise
from urllib.parse import urlsplit

from core.splitting import cut, graphemes, joined

LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel", "tg"})
"""Where a link may lead; any other loses the link and keeps its text."""

_LONGEST_LINK = 2048  # code points; platforms refuse longer ones
_LONGEST_GRAPHEME = 10  # code points; the longest emoji in use has ten
_UNSTORABLE = re.compile(r"\r(?=\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_LANGUAGE = re.compile(r"[\w+#.-]{1,32}")
# Letters and symbols that look like nothing at all: fillers, the empty Braille cell, joiners.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_ZERO_WIDTH_JOINER = "\u200d"


class Mark(StrEnum):
    """What a span of text is."""

    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRIKE = "strike"
    CODE = "code"
    PRE = "pre"
    LINK = "link"
    MENTION = "mention"
    QUOTE = "quote"
    SPOILER = "spoiler"


_NEVER_IN_CODE = frozenset(Mark) - {Mark.PRE, Mark.CODE, Mark.QUOTE}


@dataclass(frozen=True)
class Span:
    """A marked part of a text; `target` is a link's URL or a pre's programming language."""

    start: int
    end: int
    mark: Mark
    target: str = ""


@dataclass(frozen=True)
class RichText:
    """A text with marked spans, in normal form from birth (see the module's own words)."""

    text: str
    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        text = clean(self.text)
        if self.spans == () and text == self.text:
            return
        spans = _moved(self.text, self.spans) if len(text) != len(self.text) else self.spans
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "spans", _normal(len(text), spans) if spans else ())

    def __bool__(self) -> bool:
        """Tell whether there is anything to read."""
        return bool(self.text.strip())

    def slice(self, start: int, end: int) -> "RichText":
        """Return the part between two offsets, with the marks that lie on it."""
        start, end, _ = slice(start, end).indices(len(self.text))
        if (start, end) == (0, len(self.text)):
            return self
        spans = (Span(s.start - start, s.end - start, s.mark, s.target) for s in self.spans)
        return rich(self.text[start:end], spans)

    def strip(self) -> "RichText":
        """Return the text without white space at its ends."""
        return self.slice(len(self.text) - len(self.text.lstrip()), len(self.text.rstrip()))

    def marked(self, mark: Mark, target: str = "") -> "RichText":
        """Return the text with one more mark, over all of it."""
        return RichText(self.text, (*self.spans, Span(0, len(self.text), mark, target)))

    def first_words(self, limit: int) -> str:
        """Return the beginning as one line of at most `limit` code points, for a subject.

        It is cut between words where possible, and a cut shows as an ellipsis.
        """
        line = _one_line(self.text)
        if len(line) <= limit:
            return line
        at = max(limit - 1, 0)
        border = line.rfind(" ", 0, at + 1)
        if border < at // 2:  # a word longer than half the subject
            border = at
            while border > 0 and joined(line, border):
                border -= 1
        return (line[:border].rstrip() + "…")[:limit]


def rich(text: str, spans: Iterable[Span] = ()) -> RichText:
    """Return a text with these spans, brought into normal form."""
    return RichText(text, tuple(spans))


def plain(text: str) -> RichText:
    """Return a text without marks."""
    return RichText(text)


def concat(*parts: RichText) -> RichText:
    """Return the parts in one, each with its marks."""
    spans = []
    at = 0
    for part in parts:
        spans += [Span(s.start + at, s.end + at, s.mark, s.target) for s in part.spans]
        at += len(part.text)
    return rich("".join(part.text for part in parts), spans)


def split(text: RichText, limit: int) -> tuple[tuple[int, int], ...]:
    """Return the ranges of pieces of at most `limit` code points (see `core.splitting.cut`).

    Links and mentions stay whole where possible; `text.slice(*piece)` marks both sides of a cut.
    """
    kept = [(s.start, s.end) for s in text.spans if s.mark in (Mark.LINK, Mark.MENTION)]
    return cut(text.text, limit, kept)


def clean(text: str) -> str:
    """Return the text without what databases refuse or nobody can see.

    Removed are NUL, the other C0 controls but newline and tab, and lone surrogates; a carriage
    return counts as a newline. Letters stay as they were composed.
    """
    if text.isprintable():  # most are, and this is told sooner
        return text
    return _UNSTORABLE.sub("", text).replace("\r", "\n")


@lru_cache(maxsize=1024)  # the same people say one thing after the other
def clean_name(name: str, limit: int = 64) -> str:
    """Return a name (a person's, a file's) that is safe to show anywhere.

    One line in NFC, at most `limit` graphemes, without control, bidirectional and zero-width
    characters; the joiner inside an emoji stays. May be empty.
    """
    line = _one_line(unicodedata.normalize("NFC", clean(name)))
    clusters = islice(graphemes(line[: limit * _LONGEST_GRAPHEME]), limit)
    return "".join(cluster[:_LONGEST_GRAPHEME] for cluster in clusters).strip()


def may_link(target: str) -> bool:
    """Tell whether a text may link there: a harmless scheme, and nothing that hides in it."""
    scheme, colon, rest = target.partition(":")
    if not (colon and rest and scheme.lower() in LINK_SCHEMES):
        return False
    if len(target) > _LONGEST_LINK or not target.isprintable() or set(target) & set(' <>"\\`'):
        return False
    return scheme.lower() not in ("http", "https") or host_of(target) != ""


def host_of(target: str) -> str:
    """Return the host that a web address leads to, or nothing if it leads nowhere."""
    try:
        parts = urlsplit(target)
        return parts.hostname or "" if parts.port != 0 else ""
    except ValueError:
        return ""


def hides_target(text: RichText, link: Span) -> bool:
    """Tell whether a link of this text leads elsewhere than its label says."""
    label = text.text[link.start : link.end]
    scheme, _, rest = link.target.partition(":")
    if scheme.lower() == "tel":
        return _digits(label) != _digits(rest)
    bare = rest.removeprefix("//")
    forms = (link.target.removesuffix("/"), bare.removesuffix("/"))
    return label.removesuffix("/") not in forms


def with_targets(text: RichText) -> str:
    """Return it as plain text; a link that hides where it leads to says so."""
    shown = text.text
    hidden = [s for s in text.spans if s.mark is Mark.LINK and hides_target(text, s)]
    for span in sorted(hidden, key=lambda span: -span.end):
        shown = f"{shown[: span.end]} <{readable(span.target)}>{shown[span.end :]}"
    return shown


def readable(target: str) -> str:
    """Return a destination as people write it: addresses and numbers without their scheme."""
    scheme, _, rest = target.partition(":")
    return rest if scheme.lower() in ("mailto", "tel") else target


def _digits(number: str) -> str:
    return "".join(char for char in number if char not in " ()-./\u00a0")


def _one_line(text: str) -> str:
    """Return the text's words with single spaces, without characters that only mislead."""
    chars = [
        char
        for at, char in enumerate(text)
        if char.isspace()
        or not (unicodedata.category(char) in ("Cc", "Cf", "Cs") or char in _BLANKS)
        or (char == _ZERO_WIDTH_JOINER and _joins_emoji(text, at))
    ]
    return " ".join("".join(chars).split())


def _joins_emoji(text: str, at: int) -> bool:
    before, after = text[max(at - 1, 0)], text[at + 1 : at + 2]
    tail = before == "\ufe0f" or "\U0001f3fb" <= before <= "\U0001f3ff"
    symbols = unicodedata.category(before) == "So" or tail
    return symbols and after != "" and unicodedata.category(after) == "So"


def _moved(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return the spans where they lie once the text has been cleaned."""
    gone = [match.start() for match in _UNSTORABLE.finditer(text)]
    return [
        Span(
            s.start - bisect_left(gone, s.start), s.end - bisect_left(gone, s.end), s.mark, s.target
        )
        for s in spans
    ]


def _normal(length: int, spans: Iterable[Span]) -> tuple[Span, ...]:
    clipped = (
        Span(max(span.start, 0), min(span.end, length), span.mark, _target(span))
        for span in spans
        if span.mark is not Mark.LINK or may_link(span.target)
    )
    inside = sorted((span for span in clipped if span.start < span.end), key=_place)
    if all(one.end < next_one.start for one, next_one in pairwise(inside)):
        return tuple(inside)  # what is apart is in nobody's way
    lanes: dict[Mark, list[Span]] = {
        mark: _merged(span for span in inside if span.mark is mark) for mark in Mark
    }
    lanes[Mark.CODE] = _without(lanes[Mark.CODE], lanes[Mark.PRE])
    verbatim = sorted(lanes[Mark.PRE] + lanes[Mark.CODE], key=_place)
    for mark in _NEVER_IN_CODE:
        lanes[mark] = _without(lanes[mark], verbatim)
    lanes[Mark.MENTION] = _without(lanes[Mark.MENTION], lanes[Mark.LINK])
    return tuple(sorted((span for lane in lanes.values() for span in lane), key=_place))


def _target(span: Span) -> str:
    if span.mark is Mark.LINK:
        return span.target
    return span.target if span.mark is Mark.PRE and _LANGUAGE.fullmatch(span.target) else ""


def _place(span: Span) -> tuple[int, int, Mark]:
    return span.start, -span.end, span.mark


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Return one mark's spans as disjoint ones; of two targets, the one that began first stays."""
    merged: list[Span] = []
    for span in sorted(spans, key=_place):
        last = merged[-1] if merged else None
        if last and span.start <= last.end and span.target == last.target:
            merged[-1] = Span(last.start, max(last.end, span.end), last.mark, last.target)
            continue
        start = max(span.start, last.end) if last else span.start
        if start < span.end:
            merged.append(Span(start, span.end, span.mark, span.target))
    return merged


def _without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """Return what the holes leave of the spans; both are sorted and disjoint."""
    left = []
    first = 0
    for span in spans:
        start = span.start
        while first < len(holes) and holes[first].end <= start:
            first += 1
        for hole in islice(holes, first, None):
            if hole.start >= span.end:
                break
            if start < hole.start:
                left.append(Span(start, hole.start, span.mark, span.target))
            start = hole.end
        if start < span.end:
            left.append(Span(start, span.end, span.mark, span.target))
    return left
