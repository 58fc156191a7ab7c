"""A mail's HTML as rich text: what a reader would see, with nothing fetched and nothing run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from adapters.mail.quoted_html import cut_tree
from adapters.mail.tidy import tidied
from core.richtext import Mark, RichText, Span, clean, plain, rich

LONGEST_TEXT = 200_000  # characters
_MOST_SPANS = 5_000
_LINKS = ("http://", "https://", "mailto:")
_MARKS = {
    "b": Mark.BOLD,
    "strong": Mark.BOLD,
    "th": Mark.BOLD,
    "h1": Mark.BOLD,
    "h2": Mark.BOLD,
    "h3": Mark.BOLD,
    "h4": Mark.BOLD,
    "h5": Mark.BOLD,
    "h6": Mark.BOLD,
    "i": Mark.ITALIC,
    "em": Mark.ITALIC,
    "u": Mark.UNDERLINE,
    "ins": Mark.UNDERLINE,
    "s": Mark.STRIKE,
    "strike": Mark.STRIKE,
    "del": Mark.STRIKE,
    "code": Mark.CODE,
    "tt": Mark.CODE,
    "kbd": Mark.CODE,
    "samp": Mark.CODE,
    "pre": Mark.PRE,
    "blockquote": Mark.QUOTE,
}
_STYLES = (
    (re.compile(r"font-weight:(?:bold|[6-9]00)"), Mark.BOLD),
    (re.compile(r"font-style:(?:italic|oblique)"), Mark.ITALIC),
    (re.compile(r"text-decoration(?:-line)?:underline"), Mark.UNDERLINE),
    (re.compile(r"text-decoration(?:-line)?:line-through"), Mark.STRIKE),
)
_HIDDEN = re.compile(
    r"(?:^|;)(?:display:none|visibility:hidden|(?:font-size|max-height):0(?:\.0*)?(?:px|pt|em|%)?(?:!|;|$))"
)
_PARAGRAPHS = frozenset("blockquote dl h1 h2 h3 h4 h5 h6 hr ol p pre table ul".split())
_LINES = frozenset(
    "address article aside caption center dd div dt fieldset figcaption figure footer form header"
    " li main nav section tr".split()
)
_SPACE = re.compile(r"[ \t\n\f\r]+")


class Shown(NamedTuple):
    """A text made of HTML."""

    text: RichText
    images: frozenset[str]
    """The content ids of the images that have their place in it."""


class Bodies(NamedTuple):
    """What HTML says."""

    whole: Shown
    said: Shown
    """Without what is quoted, as far as the structure tells."""
    complete: bool


def read_html(source: str, images: Mapping[str, str], *, forwarded: bool = False) -> Bodies:
    """Return the text of HTML; *images* are the names of the mail's images by content id.

    The time is bounded: what is very long or lies very deep is cut.
    """
    markup, complete = tidied(clean(source))
    tree = LexborHTMLParser(markup)
    whole = _shown(tree, images)
    cut_tree(tree, forwarded=forwarded)
    said = _shown(tree, images)
    return Bodies(whole, said, complete and len(whole.text.text) < LONGEST_TEXT)


def _shown(tree: LexborHTMLParser, images: Mapping[str, str]) -> Shown:
    if tree.body is None:
        return Shown(plain(""), frozenset())
    page = _Page(images)
    page.children(tree.body)
    text = "".join(page.out)
    return Shown(rich(text, (_tight(text, span) for span in page.spans)), frozenset(page.placed))


def _tight(text: str, span: Span) -> Span:
    """Return a span without the white space at its ends."""
    part = text[span.start : span.end]
    start = span.start + len(part) - len(part.lstrip())
    return Span(start, span.start + len(part.rstrip()), span.mark, span.target)


@dataclass
class _List:
    """A list that is open: its depth, and the number of its next item, if it counts."""

    depth: int
    number: int | None


@dataclass
class _Page:
    """The text so far, and what the next word needs in front of it."""

    images: Mapping[str, str]
    out: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    placed: set[str] = field(default_factory=set)
    lists: list[_List] = field(default_factory=list)
    length: int = 0
    breaks: int = 0
    space: bool = False
    verbatim: int = 0

    def children(self, node: LexborNode) -> None:
        child = node.child
        while child is not None and self.length < LONGEST_TEXT:
            if child.tag == "-text":
                self._words(child.text_content or "")
            elif child.tag and not child.tag.startswith("-"):
                self._element(child, child.tag)
            child = child.next

    def _element(self, node: LexborNode, tag: str) -> None:
        given = node.attributes
        style = "".join((given.get("style") or "").lower().split())
        if "hidden" in given or _HIDDEN.search(style):
            return
        match tag:
            case "br":
                self.breaks += 1
                self.space = False
            case "img":
                self._image(given.get("src") or "")
            case "ul" | "ol":
                self._list(node, tag, given.get("start") or "")
            case "li":
                self._line(1)
                self._bullet()
                self._marked(node, tag, given, style)
                self._line(1)
            case "td" | "th":
                self.space = self.space or node.prev is not None
                self._marked(node, tag, given, style)
            case _:
                self._block(node, tag, given, style)

    def _block(
        self, node: LexborNode, tag: str, given: Mapping[str, str | None], style: str
    ) -> None:
        # Outlook makes a paragraph of every line, and an empty one of every empty line.
        lines = tag == "p" and (given.get("class") or "").startswith("Mso")
        apart = 0
        if tag in _LINES or lines:
            apart = 1
        elif tag in _PARAGRAPHS:
            apart = 2 if not self.lists else 1
        self._line(apart)
        self.verbatim += tag == "pre"
        self._marked(node, tag, given, style)
        self.verbatim -= tag == "pre"
        self._line(apart)

    def _list(self, node: LexborNode, tag: str, start: str) -> None:
        self._line(1)
        first = int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1
        self.lists.append(_List(len(self.lists), first if tag == "ol" else None))
        self.children(node)
        self.lists.pop()
        self._line(1)

    def _bullet(self) -> None:
        if not self.lists:
            return
        current = self.lists[-1]
        bullet = "•" if current.number is None else f"{current.number}."
        current.number = None if current.number is None else current.number + 1
        self._put("  " * current.depth + bullet + " ")

    def _marked(
        self, node: LexborNode, tag: str, given: Mapping[str, str | None], style: str
    ) -> None:
        marks = [(_MARKS[tag], "")] if tag in _MARKS else []
        marks += [(mark, "") for pattern, mark in _STYLES if style and pattern.search(style)]
        target = (given.get("href") or "").strip() if tag == "a" else ""
        if target.lower().startswith(_LINKS):
            marks.append((Mark.LINK, target))
        start = self.length
        self.children(node)
        if self.length > start and len(self.spans) < _MOST_SPANS:
            self.spans += [Span(start, self.length, mark, of) for mark, of in marks]

    def _image(self, source: str) -> None:
        """Put an image's name where it stands; one that would have to be fetched is left out."""
        scheme, _, known_as = source.strip().partition(":")
        content_id = unquote(known_as).strip("<>")
        if scheme.lower() == "cid" and content_id in self.images:
            self.placed.add(content_id)
            self._put(f"[{self.images[content_id]}]")

    def _words(self, text: str) -> None:
        if self.verbatim:
            lines = text.replace("\u00a0", " ").split("\n")
            for at, line in enumerate(lines):
                self.breaks += at > 0
                if line:
                    self._put(line)
            return
        words = _SPACE.sub(" ", text[:LONGEST_TEXT])
        self.space = self.space or words.startswith(" ")
        inner = words.strip(" ").replace("\u00a0", " ").replace("\ufeff", "")
        if not inner:
            return
        if inner.isspace():  # a hard space alone is an empty line, or a space
            inner, words = ("", "") if self.breaks or not self.length else ("", " ")
        if inner or not words:
            self._put(inner)
        self.space = words.endswith(" ")

    def _line(self, apart: int) -> None:
        """See to it that the next word begins on a line of its own."""
        if apart and self.length:
            self.breaks = max(self.breaks, apart)
            self.space = False

    def _put(self, text: str) -> None:
        front = "\n" * min(self.breaks, 2) if self.length else ""
        if not front and self.space and self.length:
            front = " "
        self.breaks, self.space = 0, False
        self.out.append(front + text)
        self.length += len(front) + len(text)
