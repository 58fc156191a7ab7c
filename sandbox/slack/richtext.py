"""What Slack refuses in rich_text blocks (docs: "Rich text block")."""

from collections.abc import Iterator
from typing import Any

Problems = Iterator[str]

_SECTIONS = {
    "rich_text_section": set[str](),
    "rich_text_list": {"style", "indent", "offset", "border"},
    "rich_text_quote": {"border"},
    "rich_text_preformatted": {"border", "language"},
}
_PARTS = {
    "text": "text",
    "link": "url",
    "emoji": "name",
    "user": "user_id",
    "usergroup": "usergroup_id",
    "channel": "channel_id",
    "team": "team_id",
    "broadcast": "range",
    "date": "timestamp",
    "color": "value",
}
"""Each part's required key, which must not be empty."""
_OPTIONAL = {
    "link": {"text", "unsafe"},
    "emoji": {"unicode", "skin_tone"},
    "date": {"format", "url", "fallback"},
}
_STYLES = {
    "bold",
    "italic",
    "strike",
    "code",
    "underline",
    "highlight",
    "client_highlight",
    "unlink",
}


def rich_text_problems(block: Any, at: str) -> Problems:
    """Yield what is wrong with a rich_text block that stands at *at*."""
    elements = block.get("elements")
    if not isinstance(elements, list) or not elements:
        yield f"no fewer than 1 items allowed [json-pointer:{at}/elements]"
        return
    for index, element in enumerate(elements):
        yield from _section(element, f"{at}/elements/{index}")


def _section(element: Any, at: str) -> Problems:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in _SECTIONS:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    for name in sorted(element.keys() - {"type", "elements"} - _SECTIONS[kind]):
        yield f"invalid additional property: {name} [json-pointer:{at}]"
    parts = element.get("elements")
    if not isinstance(parts, list):
        yield f"must be an array [json-pointer:{at}/elements]"
        return
    if kind == "rich_text_list" and element.get("style") not in ("bullet", "ordered"):
        yield f"must be bullet or ordered [json-pointer:{at}/style]"
    for index, part in enumerate(parts):
        place = f"{at}/elements/{index}"
        if kind != "rich_text_list":
            yield from _part(part, place)
        elif not isinstance(part, dict) or part.get("type") != "rich_text_section":
            yield f"must be a rich_text_section [json-pointer:{place}]"
        else:
            yield from _section(part, place)


def _part(part: Any, at: str) -> Problems:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind not in _PARTS:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    required = _PARTS[kind]
    if not part.get(required):
        yield f"must be more than 0 characters [json-pointer:{at}/{required}]"
    allowed = {"type", "style", required} | _OPTIONAL.get(kind, set())
    for name in sorted(part.keys() - allowed):
        yield f"invalid additional property: {name} [json-pointer:{at}]"
    for name in sorted(part.get("style", {}).keys() - _STYLES):
        yield f"invalid additional property: {name} [json-pointer:{at}/style]"
