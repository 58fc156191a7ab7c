"""HTML made harmless to parse, before a parser sees it.

Parsers of HTML follow browsers, and what browsers do is quadratic in the depth of elements (half a
minute for 100,000) and multiplies elements that style text. Here every element is closed, none
lies deep, and what nobody reads (scripts, styles, comments) is gone.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

_DEEPEST = 100
_MOST_STYLES = 20  # around one another
MOST_TAGS = 30_000  # start and end tags
_LONGEST = 1_000_000  # characters
_MOST_ATTRIBUTES = 20
_MOST_STEPS = 60  # through one tag
_LONGEST_VALUE = 4_000

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,20}(?![A-Za-z0-9])")
# Every step takes at least one character or ends the tag; nothing can match in two ways.
_ATTRIBUTE = re.compile(r"([^\s=>/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]*)))?")
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}")
_BETWEEN = re.compile(r"[\s/]*")
_UNREAD = {
    name: re.compile(rf"(?i)</{name}(?![a-z0-9])")
    for name in "script style title textarea xmp iframe noembed noframes template svg math".split()
}
_ALONE = frozenset("br hr img wbr".split())
_STYLES = frozenset(
    "a abbr b big cite code del em font i ins kbd q s samp small span strike strong sub sup tt"
    " u".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote center dd div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table ul".split()
)
_TABLE = frozenset("caption tbody td tfoot th thead tr".split())
_KEPT = _STYLES | _BLOCKS | _TABLE
# What a start tag ends, and within what.
_ENDS = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "td", "th"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl", "td", "th"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl", "td", "th"})),
    "td": (frozenset({"td", "th"}), frozenset({"table"})),
    "th": (frozenset({"td", "th"}), frozenset({"table"})),
    "tr": (frozenset({"tr"}), frozenset({"table"})),
}
_CELLS = frozenset({"td", "th", "caption"})
_PARAGRAPH = frozenset({"p"})


def tidied(source: str) -> tuple[str, bool]:
    """Return the HTML with balanced, known tags only, and whether it is all of it.

    The time is linear in the length, and the rest of what is very long is left out.
    """
    kept = source[:_LONGEST]
    tidy = _Tidy()
    at = tags = 0
    while (tag := kept.find("<", at)) >= 0 and tags < MOST_TAGS:
        tags += 1
        tidy.out.append(kept[at:tag])
        at = _step(kept, tag, tidy)
    if tag < 0:
        tidy.out.append(kept[at:])
    tidy.close(len(tidy.open))
    return "".join(tidy.out), tag < 0 and len(kept) == len(source)


def _step(source: str, at: int, tidy: "_Tidy") -> int:
    """Take in what begins with the "<" at an offset; return where it ends."""
    if source.startswith("<!--", at):
        return _behind(source, "-->", at + 4)
    if source.startswith(("<!", "<?"), at):
        return _behind(source, ">", at)
    closing = source.startswith("</", at)
    name = _NAME.match(source, at + 1 + closing)
    if name is None:
        if closing or source[at + 1 : at + 2].isalpha():  # <o:p>, or one nobody knows
            return _behind(source, ">", at)
        tidy.out.append("&lt;")
        return at + 1
    known_as = name[0].lower()
    if closing:
        tidy.end(known_as)
        return _behind(source, ">", name.end())
    attributes, end = _attributes(source, name.end())
    if known_as in _UNREAD:
        close = _UNREAD[known_as].search(source, end)
        return len(source) if close is None else _behind(source, ">", close.end())
    tidy.start(known_as, attributes)
    return end


def _attributes(source: str, at: int) -> tuple[str, int]:
    """Return a tag's attributes, written safely, and where the tag ends."""
    kept: list[str] = []
    for _ in range(_MOST_STEPS):
        between = _BETWEEN.match(source, at)
        at = between.end() if between else at
        if at >= len(source):
            return "", at
        if source[at] == ">":
            return "".join(kept), at + 1
        found = _ATTRIBUTE.match(source, at)
        if found is None:
            at += 1
            continue
        at = found.end()
        value = next((group for group in found.groups()[1:] if group is not None), "")
        fits = len(kept) < _MOST_ATTRIBUTES and len(value) <= _LONGEST_VALUE
        if fits and _ATTRIBUTE_NAME.fullmatch(found[1]):
            # An entity stays one: only what could end the value is written otherwise.
            safe = value.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
            kept.append(f' {found[1].lower()}="{safe}"')
    return "".join(kept), _behind(source, ">", at)


def _behind(source: str, end: str, at: int) -> int:
    found = source.find(end, at)
    return len(source) if found < 0 else found + len(end)


@dataclass
class _Tidy:
    """The elements that are open, and what was written so far."""

    out: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    styles: int = 0
    ignored: Counter[str] = field(default_factory=Counter)

    def start(self, name: str, attributes: str) -> None:
        if name in _ALONE:
            self.out.append(f"<{name}{attributes}>")
            return
        if name not in _KEPT:
            return
        if name in _BLOCKS:
            self._end_first(_PARAGRAPH, _CELLS)
        if name in _ENDS:
            self._end_first(*_ENDS[name])
        too_many = self.styles >= _MOST_STYLES if name in _STYLES else False
        if too_many or len(self.open) >= _DEEPEST:
            self.ignored[name] += 1
            self.out.append("" if name in _STYLES else "<br>")
            return
        self.styles += name in _STYLES
        self.open.append(name)
        self.out.append(f"<{name}{attributes}>")

    def end(self, name: str) -> None:
        if self.ignored[name]:
            self.ignored[name] -= 1
            return
        self._end_first(frozenset({name}), frozenset() if name in _TABLE | {"table"} else _CELLS)

    def close(self, count: int) -> None:
        """Close that many elements, the innermost first."""
        for _ in range(count):
            name = self.open.pop()
            self.styles -= name in _STYLES
            self.out.append(f"</{name}>")

    def _end_first(self, names: frozenset[str], within: frozenset[str]) -> None:
        """Close the innermost element of these names, unless it lies beyond one of *within*."""
        for depth, name in enumerate(reversed(self.open), 1):
            if name in names:
                self.close(depth)
                return
            if name in within:
                return
