"""What a mail's HTML marks as quoted or signed, removed before it becomes text.

Mail programs wrap what they quote in elements of their own. Where those tell for certain that
nothing was said inside or below the quote, they go; all else is left to `adapters.mail.quotes`,
which takes the lines of a block quote as quoted. One walk over the tree, without recursion.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from selectolax.lexbor import LexborHTMLParser, LexborNode

from adapters.mail.quote_lines import (
    attribution_start,
    is_forward_title,
    is_header_line,
    is_original_title,
    stripped,
)
from adapters.mail.signatures import is_device_line

_UNSEEN = frozenset("head style script title meta link template".split())
_NODES_TO_FIRST_WORDS = 60
_MOST_WORDS = 20  # pieces of text that can be one attribution


class _Part(Enum):
    """What an element of a mail's HTML is."""

    PLAIN = auto()
    QUOTE = auto()
    """All of it is quoted, or stands above what is."""
    AROUND = auto()
    """It holds what is quoted, but people also write in it."""
    ONWARD = auto()
    """All that comes after it is quoted, if headers follow."""
    SIGNATURE = auto()
    UNSEEN = auto()


_OPEN = (_Part.PLAIN, _Part.AROUND, _Part.ONWARD)

_BY_ID = {
    "appendonsend": _Part.ONWARD,  # Outlook in a browser
    "divrplyfwdmsg": _Part.ONWARD,  # Outlook everywhere
    "mail-editor-reference-message-container": _Part.ONWARD,  # Outlook on telephones
    "olk_src_body_section": _Part.ONWARD,  # Outlook on a Mac
    "stopspelling": _Part.ONWARD,  # Hotmail
    "zwchr": _Part.ONWARD,  # Zimbra
    "reply-intro": _Part.QUOTE,  # Roundcube
    "signature": _Part.SIGNATURE,  # Outlook in a browser
    "_rc_sig": _Part.SIGNATURE,  # Roundcube
}
_BY_CLASS = {
    "gmail_quote": _Part.AROUND,
    "gmail_quote_container": _Part.AROUND,
    "gmail_attr": _Part.QUOTE,
    "gmail_signature": _Part.SIGNATURE,
    "gmail_signature_prefix": _Part.SIGNATURE,
    "zmail_extra": _Part.AROUND,  # Zoho
    "k9mail-signature": _Part.SIGNATURE,
    "moz-cite-prefix": _Part.QUOTE,
    "moz-signature": _Part.SIGNATURE,
    "protonmail_quote": _Part.AROUND,
    "protonmail_signature_block": _Part.SIGNATURE,
    "yahoo_quoted": _Part.QUOTE,
}
_BY_MARKER = {  # Zimbra
    "__headers__": _Part.ONWARD,
    "__quoted_text__": _Part.QUOTE,
    "__sig_pre__": _Part.SIGNATURE,
    "__sig_post__": _Part.SIGNATURE,
}


@dataclass
class _Survey:
    """What was met of quotes, signatures and words, in a mail's order."""

    quotes: list[LexborNode] = field(default_factory=list)
    onward: LexborNode | None = None
    signatures: list[LexborNode] = field(default_factory=list)
    begun: bool = False
    """A quote was met, or an element around one."""
    titled: bool = False
    """The first quote's title was looked at."""
    spoken: list[str] = field(default_factory=list)
    """The first words outside quotes, before the first of them."""
    above: list[str] | None = None
    """The words since an element began in which a quote must follow."""
    keeps: bool = False
    """Quotes have to stay: something was said in or below them, or they are a forwarded mail."""

    def meet_words(self, words: str) -> None:
        """Take words outside quotes and signatures."""
        if self.above is not None:
            self.above.append(words)
        elif not self.begun and len(self.spoken) <= _MOST_WORDS:
            self.spoken.append(words)
        elif self.begun and not is_device_line(words):
            self.keeps = True

    def meet_quote(self, node: LexborNode, *, around: bool) -> None:
        """Take a quote, one of its own or in an element that holds it."""
        self.begun = True
        self.settle_above()
        if not self.titled:  # what a later quote begins with was quoted with it
            self.keeps = self.keeps or is_forward_title(_first_words(node))
        self.titled = True
        if not around:
            self.quotes.append(node)

    def settle_above(self) -> None:
        """Judge the words in an element above its quote: an attribution, or an answer."""
        if self.above and not _is_attribution(self.above):
            self.keeps = True
        self.above = None

    def says_something(self) -> bool:
        """Tell whether anything but an attribution or a device's line was said."""
        words = [words for words in self.spoken if not is_device_line(words)]
        return bool(words) and not (len(words) <= _MOST_WORDS and _is_attribution(words))


def cut_tree(tree: LexborHTMLParser, *, forwarded: bool = False) -> None:
    """Remove what is quoted and signed from a mail's HTML, as far as its structure tells.

    A quote stays where something was said inside or below it, where nothing was said besides, and
    where it is a forwarded mail: its title or the mail's subject tells (`forwarded`).
    """
    if tree.body is None:
        return
    survey = _survey(tree.body, forwarded=forwarded)
    if not survey.says_something() and not survey.keeps:
        return
    for node in survey.signatures:
        node.decompose()
    if survey.keeps:
        return
    if survey.onward is not None:
        _cut_onward(survey.onward, tree.body)
    for node in survey.quotes:
        node.decompose()


def _survey(body: LexborNode, *, forwarded: bool) -> _Survey:
    survey = _Survey()
    around = 0  # the depth of the element with quotes in which the walk is
    candidate: LexborNode | None = None
    node, depth = _after(body, 0, inside=True)
    while node is not None:
        if around and depth <= around:
            around = 0
            survey.settle_above()
        words = _words(node)
        if words:
            if candidate is not None and (is_header_line(words) or is_original_title(words)):
                survey.begun, survey.onward = True, candidate
                survey.keeps = survey.keeps or forwarded
                break
            candidate = None
            survey.meet_words(words)
        part = _part(node)
        if forwarded and part in (_Part.QUOTE, _Part.AROUND):
            survey.keeps = True
        if survey.keeps:
            break
        if part is _Part.QUOTE:
            survey.meet_quote(node, around=bool(around))
        elif part is _Part.SIGNATURE and not around:
            survey.signatures.append(node)
        elif part is _Part.AROUND and not around:
            around = depth
            survey.begun, survey.above = True, []
            survey.quotes.append(node)
        elif part is _Part.ONWARD and candidate is None:
            candidate = node
        node, depth = _after(node, depth, inside=part in _OPEN)
    survey.settle_above()
    return survey


def _after(node: LexborNode, depth: int, *, inside: bool) -> tuple[LexborNode | None, int]:
    """Return the next node in the document's order, and its depth below the body."""
    if inside and node.first_child is not None:
        return node.first_child, depth + 1
    while depth > 0:
        if node.next is not None:
            return node.next, depth
        if node.parent is None:
            break
        node, depth = node.parent, depth - 1
    return None, 0


def _words(node: LexborNode) -> str:
    """Return the words of a piece of text; a picture is worth one."""
    if node.is_text_node:
        return (node.text_content or "").strip("\u00a0\u200b\ufeff \t\r\n")
    if node.tag == "img" and (node.attributes.get("width") or "") not in ("0", "1"):
        return "\N{FRAME WITH PICTURE}"
    return ""


def _first_words(node: LexborNode) -> str:
    """Return the first words in an element."""
    at: LexborNode | None = node
    depth = 1
    for _ in range(_NODES_TO_FIRST_WORDS):
        if at is None or (at is not node and depth <= 1):
            break
        words = _words(at)
        if words:
            return words
        at, depth = _after(at, depth, inside=True)
    return ""


def _part(node: LexborNode) -> _Part:
    if not node.is_element_node:
        return _Part.PLAIN
    if node.tag in _UNSEEN:
        return _Part.UNSEEN
    attributes = node.attributes
    if not attributes:
        return _Part.PLAIN
    by_class = _part_by_class(_lower(attributes, "class"))
    if node.tag == "blockquote":
        cited = by_class is not _Part.PLAIN or _lower(attributes, "type") == "cite"
        return _Part.QUOTE if cited else _Part.PLAIN
    if by_class is not _Part.PLAIN:
        return by_class
    if "yahoo_quoted_" in _lower(attributes, "id"):
        return _Part.QUOTE
    style = _lower(attributes, "style").replace(" ", "")
    if "border-top:solid" in style or "border-top-style:solid" in style:
        return _Part.ONWARD  # Outlook on a desktop
    marked = _BY_MARKER.get(_lower(attributes, "data-marker"), _Part.PLAIN)
    return _BY_ID.get(_lower(attributes, "id"), marked)


def _part_by_class(names: str) -> _Part:
    for name in names.split():
        if name.endswith("yahoo_quoted"):  # behind a prefix of random letters
            return _Part.QUOTE
        if name in _BY_CLASS:
            return _BY_CLASS[name]
    return _Part.PLAIN


def _lower(attributes: Mapping[str, str | None], name: str) -> str:
    return (attributes.get(name) or "").lower()


def _is_attribution(pieces: list[str]) -> bool:
    """Tell whether pieces of text are one line that tells who wrote what follows, and when."""
    line = stripped(" ".join(" ".join(pieces).split()))
    return line != "" and attribution_start([line], 0, 0) == 0


def _cut_onward(node: LexborNode, body: LexborNode) -> None:
    """Remove a node and all that comes after it."""
    before = node.prev
    while before is not None and before.is_text_node and not _words(before):
        before = before.prev
    first = before if before is not None and before.tag == "hr" else node
    outer = first.parent
    _cut_from(first)
    while outer is not None and outer.mem_id != body.mem_id:
        following, outer = outer.next, outer.parent
        if following is not None:
            _cut_from(following)


def _cut_from(node: LexborNode) -> None:
    """Remove a node and its later siblings."""
    at: LexborNode | None = node
    while at is not None:
        following = at.next
        at.decompose()
        at = following
