"""Slack's rich_text blocks, from and to the desk's rich text.

Rules: docs.slack.dev, "Rich text block" and "Formatting message text".
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

from adapters.slack.mrkdwn import Names, from_mrkdwn, mention, nobody
from core.nesting import Edge, walk
from core.richtext import Mark, RichText, Span, concat, hides_target, plain, readable

_STYLES = {
    "bold": Mark.BOLD,
    "italic": Mark.ITALIC,
    "underline": Mark.UNDERLINE,
    "strike": Mark.STRIKE,
    "code": Mark.CODE,
}
# Slack documents no underline for what apps post, and has no spoilers: their text stays.
_STYLED = {Mark.BOLD: "bold", Mark.ITALIC: "italic", Mark.STRIKE: "strike", Mark.CODE: "code"}
_MENTIONED = {
    "user": "user_id",
    "usergroup": "usergroup_id",
    "channel": "channel_id",
    "team": "team_id",
    "broadcast": "range",
}
_LINKED = ("http", "https", "mailto")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def from_slack(message: Mapping[str, Any], names: Names = nobody) -> RichText:
    """Return what an agent wrote, from a message event or an entry of a channel's history.

    People's messages carry a rich_text block, which is read; others only `text`. Mentions become
    names from `names`, which by default gives nobody away. Parts of unknown kinds are left out.
    """
    elements = (
        element
        for block in _mappings(message.get("blocks"))
        if block.get("type") == "rich_text"
        for element in _mappings(block.get("elements"))
    )
    text = _below(piece for element in elements for piece in _block(element, names))
    return text or from_mrkdwn(_string(message.get("text")), names)


def to_slack(text: RichText) -> list[dict[str, Any]]:
    """Return the elements of one rich_text block that show the text as it was written.

    Its `text` elements are literal: no mention, no emoji name, no markup in them takes effect. A
    link is made only where its address stands in view: behind a label that says something else
    the destination follows in brackets. Blank text has no elements, and no block to put them in.
    """
    blocks = [_empty("rich_text_section")]
    styles: set[Mark] = set()
    quoted = after_block = False
    link: Span | None = None  # the link that is being shown by its own address
    for step in walk(text):
        parts = blocks[-1]["elements"]
        if isinstance(step, str):
            # A block ends its own line: the line break behind it would show as an empty line.
            shown = step.removeprefix("\n") if after_block else step
            after_block = False
            if shown and not link:
                parts.append(_styled({"type": "text", "text": shown}, styles))
        elif step.span.mark in (Mark.QUOTE, Mark.PRE):
            quoted = step.opens if step.span.mark is Mark.QUOTE else quoted
            after_block = not step.opens
            blocks.append(_opened(step, quoted))
        elif step.span.mark is Mark.LINK:
            hides = hides_target(text, step.span)
            link = step.span if step.opens and not hides else None
            if not step.opens:
                parts += _destination(step.span, text, hides, styles)
        elif step.span.mark in _STYLED:
            styles ^= {step.span.mark}
    return [block for block in blocks if block["elements"]]


def escape(text: str) -> str:
    """Return the text with Slack's three control characters as entities, and nothing else."""
    for char, entity in _ESCAPES.items():  # "&" is the first, so no entity is escaped again
        text = text.replace(char, entity)
    return text


def fallback(text: RichText, limit: int = 3000) -> str:
    """Return the text for notifications and screen readers, escaped: `text` beside `blocks`.

    At most `limit` characters after escaping; what does not fit is cut, and shows as an ellipsis.
    """
    whole = escape(text.text)
    if len(whole) <= limit:
        return whole
    escaped = [escape(char) for char in text.text[:limit]]
    lengths = list(accumulate(map(len, escaped)))
    return "".join(escaped[: bisect_right(lengths, limit - len("…"))]) + "…"


def _below(pieces: Iterator[RichText]) -> RichText:
    """Return the pieces, each on lines of its own."""
    lines: list[RichText] = []
    for piece in pieces:
        if lines and not lines[-1].text.endswith("\n"):
            lines.append(plain("\n"))
        lines.append(piece)
    return concat(*lines)


def _block(element: Mapping[str, Any], names: Names) -> Iterator[RichText]:
    match element.get("type"):
        case "rich_text_section":
            yield _section(element, names)
        case "rich_text_quote":
            yield _section(element, names).marked(Mark.QUOTE)
        case "rich_text_preformatted":
            code = _section(element, names).marked(Mark.PRE, _string(element.get("language")))
            yield code.marked(Mark.QUOTE) if element.get("border") else code
        case "rich_text_list":
            items = _below(_items(element, names))
            yield items.marked(Mark.QUOTE) if element.get("border") else items


def _items(element: Mapping[str, Any], names: Names) -> Iterator[RichText]:
    indent = "    " * min(_number(element.get("indent")), 8)
    first = _number(element.get("offset")) + 1
    for number, item in enumerate(_mappings(element.get("elements")), first):
        bullet = f"{number}. " if element.get("style") == "ordered" else "• "
        yield concat(plain(indent + bullet), _section(item, names))


def _section(element: Mapping[str, Any], names: Names) -> RichText:
    return concat(*(_part(part, names) for part in _mappings(element.get("elements"))))


def _part(part: Mapping[str, Any], names: Names) -> RichText:
    kind = _string(part.get("type"))
    if kind in _MENTIONED:
        text = mention(kind, _string(part.get(_MENTIONED[kind])), names)
    elif kind == "link":
        url = _string(part.get("url"))
        text = plain(_string(part.get("text")) or readable(url)).marked(Mark.LINK, url)
    elif kind == "emoji":
        text = plain(_emoji(part))
    else:  # text, date, color, and kinds to come that can be shown as words
        words = (_string(part.get(key)) for key in ("text", "fallback", "value"))
        text = plain(next(filter(None, words), ""))
    style = part.get("style")
    for name, mark in _STYLES.items():
        if isinstance(style, Mapping) and style.get(name):
            text = text.marked(mark)
    return text


def _emoji(part: Mapping[str, Any]) -> str:
    """Return an emoji's characters; a workspace's own emoji has none, only a name."""
    try:
        chars = "".join(chr(int(code, 16)) for code in _string(part.get("unicode")).split("-"))
    except (ValueError, OverflowError):
        return f":{_string(part.get('name'))}:"
    tone = _number(part.get("skin_tone"))
    toned = any("\U0001f3fb" <= char <= "\U0001f3ff" for char in chars)
    return chars if toned or not 2 <= tone <= 6 else chars[0] + chr(0x1F3F9 + tone) + chars[1:]


def _empty(kind: str) -> dict[str, Any]:
    return {"type": kind, "elements": []}


def _opened(edge: Edge, quoted: bool) -> dict[str, Any]:
    """Return the block that begins at this edge of a quote or of code."""
    if edge.opens and edge.span.mark is Mark.PRE:
        return _empty("rich_text_preformatted") | ({"border": 1} if quoted else {})
    return _empty("rich_text_quote" if quoted else "rich_text_section")


def _destination(
    link: Span, text: RichText, hides: bool, styles: set[Mark]
) -> Iterator[dict[str, Any]]:
    """Yield what shows where a link leads: its label if that says so, else its address."""
    shown = readable(link.target) if hides else text.text[link.start : link.end]
    address: dict[str, Any] = {"type": "text", "text": shown}
    if link.target.partition(":")[0].lower() in _LINKED:
        address = {"type": "link", "url": link.target}
        if shown != link.target:
            address["text"] = shown
    if hides:
        yield _styled({"type": "text", "text": " ("}, styles)
    yield _styled(address, styles)
    if hides:
        yield _styled({"type": "text", "text": ")"}, styles)


def _styled(part: dict[str, Any], styles: set[Mark]) -> dict[str, Any]:
    style = {_STYLED[mark]: True for mark in sorted(styles)}
    return part | {"style": style} if style else part


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    return (
        item for item in (value if isinstance(value, list) else ()) if isinstance(item, Mapping)
    )


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return min(max(value, 0), 10**6) if isinstance(value, int) else 0
