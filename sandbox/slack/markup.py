"""What people type in Slack's editor: from a tiny markup to mrkdwn and a rich_text block.

Bold, italic, strike, code and preformatted text are marked as in mrkdwn; lines that begin with
`> ` are quotes, lines that begin with `• ` a list; bare URLs are links.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

Json = dict[str, Any]

_URL = r"https?://[^\s<>]*[^\s<>.,;:!?)]"
_INLINE = re.compile(
    rf"(?P<link>{_URL})"
    r"|`(?P<code>[^`\n]+)`"
    r"|(?<!\w)(?P<mark>[*_~])(?=\S)(?P<styled>[^\n]+?)(?<=\S)(?P=mark)(?!\w)"
)
_STYLES = {"*": "bold", "_": "italic", "~": "strike"}


def escape(text: str) -> str:
    """Escape as Slack does (docs: "Formatting message text"): `&`, `<` and `>`, nothing else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def to_mrkdwn(typed: str) -> str:
    """Return the `text` that Slack stores for what was typed."""
    lines = []
    for line in typed.split("\n"):
        quoted, body = (True, line[2:]) if line.startswith("> ") else (False, line)
        linked = re.sub(_URL, "\0\\g<0>\1", body)
        escaped = escape(linked).replace("\0", "<").replace("\1", ">")
        lines.append("&gt; " + escaped if quoted else escaped)
    return "\n".join(lines)


def to_rich_text(typed: str, block_id: str) -> Json:
    """Return the rich_text block that Slack's editor makes of what was typed."""
    elements: list[Json] = []
    for index, piece in enumerate(re.split(r"```\n?(.*?)\n?```\n?", typed, flags=re.DOTALL)):
        if index % 2:
            text = [{"type": "text", "text": piece}]
            elements.append({"type": "rich_text_preformatted", "elements": text, "border": 0})
        else:
            elements += _paragraphs(piece)
    return {"type": "rich_text", "block_id": block_id, "elements": elements}


def _paragraphs(text: str) -> Iterator[Json]:
    lines = text.removesuffix("\n").split("\n") if text else []
    for kind, group in groupby(lines, key=_kind):
        bodies = list(group)
        if kind == "rich_text_list":
            items = [{"type": "rich_text_section", "elements": inline(b[2:])} for b in bodies]
            yield {"type": kind, "style": "bullet", "indent": 0, "border": 0, "elements": items}
        elif kind == "rich_text_quote":
            yield {"type": kind, "elements": inline("\n".join(body[2:] for body in bodies))}
        else:
            yield {"type": kind, "elements": inline("\n".join(bodies))}


def _kind(line: str) -> str:
    if line.startswith("• "):
        return "rich_text_list"
    return "rich_text_quote" if line.startswith("> ") else "rich_text_section"


def inline(text: str, style: dict[str, bool] | None = None) -> list[Json]:
    """Return the parts of one paragraph: text with styles, and links."""
    parts: list[Json] = []
    end = 0
    for found in _INLINE.finditer(text):
        parts += _plain(text[end : found.start()], style)
        if found["link"]:
            parts.append(_with({"type": "link", "url": found["link"]}, style))
        elif found["code"]:
            code = {"type": "text", "text": found["code"]}
            parts.append(_with(code, {**(style or {}), "code": True}))
        else:
            parts += inline(found["styled"], {**(style or {}), _STYLES[found["mark"]]: True})
        end = found.end()
    return parts + _plain(text[end:], style)


def _plain(text: str, style: dict[str, bool] | None) -> list[Json]:
    return [_with({"type": "text", "text": text}, style)] if text else []


def _with(part: Json, style: dict[str, bool] | None) -> Json:
    return {**part, "style": style} if style else part
