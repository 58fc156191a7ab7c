"""What a browser sends in the chat, read. The protocol: docs/web-chat.md.

Whatever is wrong with the form of it no browser of ours has made: it is unreadable. What a person
can put right is refused elsewhere, in words.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.ids import MessageId
from core.richtext import clean

CHANNEL = "web"

Json = Mapping[str, Any]
"""A frame, as it goes over the line."""

_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_MOST_FILES = 100
"""More than any message may have: how many that are is for people to be told."""


class Unreadable(ValueError):
    """Nothing that a browser sends."""


@dataclass(frozen=True, kw_only=True)
class Hello:
    """Who comes, and what they have already."""

    token: str
    after: int
    language: str


@dataclass(frozen=True, kw_only=True)
class Ask:
    """The form of a first visit."""

    id: str
    name: str
    email: str
    text: str
    files: tuple[str, ...] = ()
    department: str | None = None


@dataclass(frozen=True, kw_only=True)
class Say:
    """Something that the visitor says."""

    id: str
    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Other words for what they said; none take it back."""

    id: str
    message: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Choose:
    """A button of the desk's."""

    id: str
    token: str


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Up to where the log was shown on a page that is looked at."""

    seq: int


Told = Ask | Say | Edit | Choose
"""What is stored, and confirmed by its id."""


def read_json(raw: str | bytes) -> Json:
    """Return the object that this is. Raises `Unreadable`."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise Unreadable("no JSON") from None
    if not isinstance(found, dict):
        raise Unreadable("no object")
    return found


def read_hello(frame: Json) -> Hello:
    """Return the first frame of a socket. Raises `Unreadable`."""
    if frame.get("type") != "hello":
        raise Unreadable("it does not say hello")
    return Hello(
        token=text_in(frame, "token", 200),
        after=number_in(frame, "after"),
        language=text_in(frame, "language", 20, default=""),
    )


def read_frame(frame: Json) -> Told | Seen:
    """Return any other frame. Raises `Unreadable`."""
    match frame.get("type"):
        case "ask":
            return Ask(
                id=_id(frame, "id"),
                name=text_in(frame, "name"),
                email=text_in(frame, "email"),
                text=text_in(frame, "text"),
                files=_files(frame),
                department=text_in(frame, "department", 100, default="") or None,
            )
        case "say":
            return Say(id=_id(frame, "id"), text=text_in(frame, "text"), files=_files(frame))
        case "edit":
            return Edit(
                id=_id(frame, "id"), message=_id(frame, "message"), text=text_in(frame, "text")
            )
        case "choose":
            return Choose(id=_id(frame, "id"), token=text_in(frame, "token", 64))
        case "seen":
            return Seen(seq=number_in(frame, "seq"))
    raise Unreadable("no such type")


def message_id(visitor: str, id_: str) -> MessageId:
    """Return the desk's name for what a visitor's browser calls *id_*."""
    return MessageId(f"{CHANNEL}:{visitor}:{id_}")


def text_in(frame: Json, name: str, longest: int = 16 * 1024, *, default: str | None = None) -> str:
    """Return a text of a frame; *default*, if there is one, where it is missing or null."""
    found = frame.get(name)
    if found is None and default is not None:
        return default
    if not isinstance(found, str) or len(found) > longest:
        raise Unreadable(f"{name} is no text")
    return clean(found)  # JSON may carry what no database takes


def number_in(frame: Json, name: str) -> int:
    """Return a place in a log, from 0 on."""
    found = frame.get(name)
    if type(found) is not int or not 0 <= found < 2**53:
        raise Unreadable(f"{name} is no number")
    return found


def is_id(text: str) -> bool:
    """Whether this has the form of an id."""
    return _ID.fullmatch(text) is not None


def _id(frame: Json, name: str) -> str:
    found = frame.get(name)
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise Unreadable(f"{name} is no id")
    return found


def _files(frame: Json) -> tuple[str, ...]:
    found = frame.get("files") or []
    if not isinstance(found, Sequence) or isinstance(found, str) or len(found) > _MOST_FILES:
        raise Unreadable("no files")
    if not all(isinstance(each, str) and _ID.fullmatch(each) for each in found):
        raise Unreadable("no file's id")
    return tuple(dict.fromkeys(found))
