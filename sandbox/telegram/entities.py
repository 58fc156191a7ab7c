"""Text and its entities, as Telegram takes them: counted in UTF-16 units, cleaned and trimmed."""

import re
from collections.abc import Iterable, Iterator, Sequence

from .wire import Json, bad_request

FORMATS = frozenset(
    {
        "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "text_link",
        "text_mention", "custom_emoji", "blockquote", "expandable_blockquote",
    }
)  # fmt: skip
"""The entities that a sender sets."""

FOUND = {
    "bot_command": re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])"),
    "mention": re.compile(r"(?<!\w)@[A-Za-z]\w{3,31}\b", re.ASCII),
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII),
    "url": re.compile(r"(?<![\w@.])(?:https?://\S*[^\s.,;:!?)\]}'\"»]|www\.[\w.-]+\.\w{2,})"),
    "hashtag": re.compile(r"(?<!\w)#\w*[^\W\d]\w*"),
}
"""The entities that the platform finds by itself."""

_AUTOMATIC = frozenset({*FOUND, "cashtag", "phone_number"})
"""What a sender may name, to no effect."""
_OPAQUE = frozenset({"code", "pre", "text_link", "text_mention", *FOUND})
"""Inside these the platform finds nothing."""

_CONTROLS = {code: " " for code in range(32) if chr(code) != "\n"}


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 units, in which Telegram counts offsets ("MessageEntity")."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str, entities: Iterable[Json]) -> tuple[str, list[Json]]:
    """Return the text without outer blanks and control characters, and its entities, moved along.

    Raises ApiError for an entity that lies outside the text or cuts a character in two: Telegram
    refuses those, it does not repair them.
    """
    index_at = _indexes(text)
    spans = [
        (*_span(entity, index_at), entity)
        for entity in entities
        if _format(entity) in FORMATS and entity.get("length") != 0
    ]
    kept = [index for index, char in enumerate(text) if char != "\r"]
    cleaned = "".join(text[index] for index in kept).translate(_CONTROLS)
    first = min((start for start, _, _ in spans), default=len(text))
    begin = _leading_blanks(cleaned, sum(index < first for index in kept))
    end = max(begin, len(cleaned.rstrip(" \n")))

    def moved(index: int) -> int:
        return min(max(index - text.count("\r", 0, index), begin), end)

    body = cleaned[begin:end]
    placed = [(moved(start) - begin, moved(stop) - begin, entity) for start, stop, entity in spans]
    given = [
        _placed(body, start, stop, entity)
        for start, stop, entity in placed
        if body[start:stop].strip()
    ]
    found = [entity for entity in _found(body) if not _taken(entity, given)]
    return body, sorted(given + found, key=lambda entity: (entity["offset"], -entity["length"]))


def _format(entity: Json) -> str:
    kind = entity.get("type")
    if not isinstance(kind, str) or (kind not in FORMATS and kind not in _AUTOMATIC):
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    return kind


def _indexes(text: str) -> dict[int, int]:
    """Return, for each UTF-16 offset at which a character begins, that character's index."""
    index_at, offset = {}, 0
    for index, char in enumerate(text):
        index_at[offset] = index
        offset += 2 if ord(char) > 0xFFFF else 1
    index_at[offset] = len(text)
    return index_at


def _span(entity: Json, index_at: dict[int, int]) -> tuple[int, int]:
    offset = _natural(entity, "offset")
    end, last = offset + _natural(entity, "length"), max(index_at)
    if offset > last:
        raise bad_request(f"entity begins after the end of the text at UTF-16 offset {offset}")
    if end > last:
        raise bad_request(
            f"entity beginning at UTF-16 offset {offset} "
            f"ends after the end of the text at UTF-16 offset {end}"
        )
    if offset not in index_at:
        raise bad_request("entity begins in a middle of a UTF-16 symbol")
    if end not in index_at:
        raise bad_request(
            f"entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol"
        )
    return index_at[offset], index_at[end]


def _natural(entity: Json, name: str) -> int:
    value = entity.get(name)
    if not isinstance(value, int) or value < 0:
        raise bad_request(f"receive an entity with incorrect {name} {value}")
    return value


def _leading_blanks(text: str, limit: int) -> int:
    """Return how many blanks go from the front: none that an entity covers."""
    return min(limit, len(text) - len(text.lstrip(" \n")))


def _placed(text: str, start: int, stop: int, entity: Json) -> Json:
    offset, length = utf16_length(text[:start]), utf16_length(text[start:stop])
    return {**entity, "offset": offset, "length": length}


def _found(text: str) -> Iterator[Json]:
    taken: list[Json] = []
    for kind, pattern in FOUND.items():
        for match in pattern.finditer(text):
            entity = _placed(text, match.start(), match.end(), {"type": kind})
            if not _taken(entity, taken):
                taken.append(entity)
                yield entity


def _taken(entity: Json, others: Sequence[Json]) -> bool:
    """Return whether *entity* overlaps one inside which the platform finds nothing."""
    return any(
        entity["offset"] < other["offset"] + other["length"]
        and other["offset"] < entity["offset"] + entity["length"]
        for other in others
        if other["type"] in _OPAQUE
    )
