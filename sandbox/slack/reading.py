"""What a person reads, whom it calls and where it leads: from text and blocks to plain text."""

import re
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
NameOf = Callable[[str], str]

_LIVE = re.compile(r"<([^<>\n]+)>")
_CODE = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
_STYLE = re.compile(r"(?<![\w*_~])([*_~])(?=\S)([^\n]+?)(?<=\S)\1(?![\w*_~])")


def read_mrkdwn(text: str, name_of: NameOf) -> str:
    """Return mrkdwn as a person reads it: marks gone, `<…>` resolved, entities unescaped."""
    parts, end = [], 0
    for code in _CODE.finditer(text):
        parts += [_styled(text[end : code.start()], name_of), code[1] or code[2]]
        end = code.end()
    parts.append(_styled(text[end:], name_of))
    return unescape("".join(parts))


def unescape(text: str) -> str:
    """Undo Slack's escaping: three entities, and no others."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _styled(text: str, name_of: NameOf) -> str:
    while (plainer := _STYLE.sub(r"\2", text)) != text:
        text = plainer
    return _LIVE.sub(lambda live: _resolve(live[1], name_of), text)


def _resolve(inside: str, name_of: NameOf) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return "@" + name_of(target[1:])
    if target.startswith("#"):
        return "#" + (label or target[1:])
    if target.startswith("!"):
        return label or "@" + target[1:].partition("^")[0]
    return label or target


def read_blocks(blocks: list[Json], name_of: NameOf) -> str:
    """Return blocks as a person reads them, a line or more each; buttons in [brackets]."""
    return "\n".join(filter(None, (_block(block, name_of) for block in blocks)))


def _block(block: Json, name_of: NameOf) -> str:
    match block.get("type"):
        case "section":
            lines = [_text(block.get("text"), name_of)]
            lines += [_text(field, name_of) for field in block.get("fields", [])]
            lines.append(_element(block.get("accessory", {}), name_of))
            return "\n".join(filter(None, lines))
        case "header":
            return _text(block["text"], name_of)
        case "context" | "actions":
            shown = (_element(element, name_of) for element in block["elements"])
            return " ".join(filter(None, shown))
        case "input":
            parts = [_text(block["label"], name_of), _element(block["element"], name_of)]
            return " ".join([*parts, _text(block.get("hint"), name_of)]).rstrip()
        case "markdown":
            return str(block["text"])
        case "image":
            return f"[{block['alt_text']}]"
        case "rich_text":
            return "\n".join(_rich(element, name_of) for element in block["elements"])
        case _:
            return ""


def _text(text: Json | None, name_of: NameOf) -> str:
    if not text:
        return ""
    raw = str(text["text"])
    return read_mrkdwn(raw, name_of) if text["type"] == "mrkdwn" else raw


def _element(element: Json, name_of: NameOf) -> str:
    match element.get("type"):
        case "mrkdwn" | "plain_text":
            return _text(element, name_of)
        case "button":
            return f"[{_text(element['text'], name_of)}]"
        case "image":
            return f"[{element['alt_text']}]"
        case None:
            return ""
        case _:
            options = (_text(option["text"], name_of) for option in element.get("options", []))
            return f"[{' | '.join(options) or _text(element.get('placeholder'), name_of)}]"


def _rich(element: Json, name_of: NameOf) -> str:
    parts = element["elements"]
    if element["type"] != "rich_text_list":
        prefix = "> " if element["type"] == "rich_text_quote" else ""
        return prefix + "".join(_part(part, name_of) for part in parts).rstrip("\n")
    start = 1 + element.get("offset", 0)
    ordered, indent = element["style"] == "ordered", "  " * element.get("indent", 0)
    return "\n".join(
        f"{indent}{f'{n}.' if ordered else '•'} {_rich(part, name_of)}"
        for n, part in enumerate(parts, start)
    )


def _part(part: Json, name_of: NameOf) -> str:
    match part["type"]:
        case "text":
            return str(part["text"])
        case "link":
            return str(part.get("text") or part["url"])
        case "emoji":
            code = part.get("unicode")
            return (
                "".join(chr(int(c, 16)) for c in code.split("-")) if code else f":{part['name']}:"
            )
        case "user":
            return "@" + name_of(part["user_id"])
        case "broadcast":
            return "@" + str(part["range"])
        case "usergroup" | "channel" | "team" | "date" | "color":
            return str(part.get("fallback") or part.get("value") or next(iter(_ids(part)), ""))
        case _:
            return ""


def _ids(part: Json) -> Iterator[str]:
    yield from (str(value) for key, value in part.items() if key.endswith("_id"))


def live_parts(text: str, blocks: list[Json]) -> tuple[list[str], list[tuple[str, str]]]:
    """Return (mentions, labelled links) that are live in the text, the mrkdwn and the rich text."""
    mentions: dict[str, None] = {}
    links: dict[tuple[str, str], None] = {}
    for mrkdwn in [text, *_mrkdwn_of(blocks)]:
        for live in _LIVE.finditer(mrkdwn):
            target, _, label = live[1].partition("|")
            if target[0] == "@" or target.startswith(_CALLS):
                mentions[f"<{target}>"] = None
            elif target[0] not in "#!" and label:
                links[unescape(target), unescape(label)] = None
    for part in _rich_parts(blocks):
        if (mention := _mention(part)) is not None:
            mentions[mention] = None
        elif part.get("type") == "link" and part.get("text"):
            links[part["url"], part["text"]] = None
    return list(mentions), list(links)


_CALLS = ("!channel", "!here", "!everyone", "!subteam")


def _mention(part: Json) -> str | None:
    match part.get("type"):
        case "user":
            return f"<@{part.get('user_id')}>"
        case "usergroup":
            return f"<!subteam^{part.get('usergroup_id')}>"
        case "broadcast":
            return f"<!{part.get('range')}>"
        case _:
            return None


def _walk(value: object) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)


def _mrkdwn_of(blocks: list[Json]) -> Iterator[str]:
    yield from (str(node["text"]) for node in _walk(blocks) if node.get("type") == "mrkdwn")


def _rich_parts(blocks: list[Json]) -> Iterator[Json]:
    for block in blocks:
        if block.get("type") == "rich_text":
            yield from _walk(block)
