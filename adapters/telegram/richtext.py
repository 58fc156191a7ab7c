"""Telegram's text with entities, from and to the desk's rich text.

Entities are computed here and never parsed from markup, so nothing that people write can be
mistaken for it. Telegram counts in UTF-16 code units. Rules: core.telegram.org/bots/api,
"MessageEntity" and "Formatting options".
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from telegram import MessageEntity
from telegram.constants import MessageEntityType, MessageLimit

from core.nesting import walk
from core.richtext import Mark, RichText, Span, hides_target, host_of, plain, readable, rich

Json = Mapping[str, Any]

_MARKS: dict[str, Mark] = {
    MessageEntityType.BOLD: Mark.BOLD,
    MessageEntityType.ITALIC: Mark.ITALIC,
    MessageEntityType.UNDERLINE: Mark.UNDERLINE,
    MessageEntityType.STRIKETHROUGH: Mark.STRIKE,
    MessageEntityType.SPOILER: Mark.SPOILER,
    MessageEntityType.CODE: Mark.CODE,
    MessageEntityType.PRE: Mark.PRE,
    MessageEntityType.BLOCKQUOTE: Mark.QUOTE,
    MessageEntityType.EXPANDABLE_BLOCKQUOTE: Mark.QUOTE,
    MessageEntityType.MENTION: Mark.MENTION,
    MessageEntityType.TEXT_MENTION: Mark.MENTION,
    MessageEntityType.TEXT_LINK: Mark.LINK,
    MessageEntityType.URL: Mark.LINK,
    MessageEntityType.EMAIL: Mark.LINK,
    MessageEntityType.PHONE_NUMBER: Mark.LINK,
}
_TYPES = {
    Mark.BOLD: MessageEntityType.BOLD,
    Mark.ITALIC: MessageEntityType.ITALIC,
    Mark.UNDERLINE: MessageEntityType.UNDERLINE,
    Mark.STRIKE: MessageEntityType.STRIKETHROUGH,
    Mark.SPOILER: MessageEntityType.SPOILER,
    Mark.CODE: MessageEntityType.CODE,
    Mark.PRE: MessageEntityType.PRE,
    Mark.QUOTE: MessageEntityType.BLOCKQUOTE,
    Mark.LINK: MessageEntityType.TEXT_LINK,
}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*+://", re.IGNORECASE)
_HOST = re.compile(r"[\w-]++(?:\.[\w-]++)++")


def from_telegram(text: str, entities: Sequence[Json]) -> RichText:
    """Return a message's text (or caption) with the marks of its entities, which are JSON.

    Addresses that Telegram recognised become links; mentions lose the account they name; entities
    that only make a word clickable (hashtags, commands, …) are left out. Raises TypeError for what
    is no entity.
    """
    if not entities:
        return plain(text)
    # The UTF-16 offset of every code point: those outside the first plane take two units.
    offsets = list(accumulate((1 + (char > "\uffff") for char in text), initial=0))
    spans = []
    for entity in entities:
        match entity:
            case {"type": str(kind), "offset": int(offset), "length": int(length)}:
                if mark := _MARKS.get(kind):
                    start = bisect_left(offsets, offset)
                    end = bisect_left(offsets, offset + length)
                    spans.append(Span(start, end, mark, _target(entity, text[start:end])))
            case _:
                raise TypeError("no entity")
    return rich(text, spans)


def to_telegram(text: RichText) -> tuple[str, list[MessageEntity]]:
    """Return what to send as `text` (or `caption`) and its entities.

    The text is sent as it reads. Only the destination of a link that Telegram would refuse is
    written behind its label. Addresses that are their own label and mentions need no entity.
    What exceeds Telegram's number of entities stays as plain text.
    """
    parts: list[str] = []
    entities: dict[int, MessageEntity] = {}  # by the order in which they begin
    opened: list[tuple[int, int]] = []
    length = 0
    for order, step in enumerate(walk(text)):
        piece = ""
        if isinstance(step, str):
            piece = step
        elif step.opens:
            opened.append((order, length))
        else:
            begun, start = opened.pop()
            if _needs_entity(step.span, text):
                entities[begun] = _entity(step.span, start, length - start)
            elif step.span.mark is Mark.LINK and hides_target(text, step.span):
                piece = f" ({readable(step.span.target)})"
        parts.append(piece)
        length += _units(piece)
    fitting = [entity for _, entity in sorted(entities.items())][: MessageLimit.MESSAGE_ENTITIES]
    return "".join(parts), fitting


def _units(text: str) -> int:
    """Return how long a text is for Telegram, which counts UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def _needs_entity(span: Span, text: RichText) -> bool:
    if span.mark is Mark.LINK:
        return hides_target(text, span) and _takes(span.target)
    return span.mark in _TYPES


def _takes(target: str) -> bool:
    """Tell whether Telegram takes this destination; for another it refuses the whole message."""
    scheme = target.partition(":")[0].lower()
    return scheme in ("http", "https") and _HOST.fullmatch(host_of(target)) is not None


def _entity(span: Span, offset: int, length: int) -> MessageEntity:
    return MessageEntity(
        _TYPES[span.mark],
        offset,
        length,
        url=span.target if span.mark is Mark.LINK else None,
        language=span.target or None if span.mark is Mark.PRE else None,
    )


def _target(entity: Json, label: str) -> str:
    match entity:
        case {"type": "text_link", "url": str(url)}:
            return url
        case {"type": "pre", "language": str(language)}:
            return language
        case {"type": "email"}:
            return f"mailto:{label}"
        case {"type": "phone_number"}:
            return "tel:" + "".join(char for char in label if char.isdigit() or char == "+")
        case {"type": "url"}:
            return label if _SCHEME.match(label) else f"http://{label}"
    return ""
