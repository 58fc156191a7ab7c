"""The desk's values as JSON, and back.

What was written by an older or a newer release can be read: a field that is missing has its
default, and one that is not known is passed over. So what has its default is not written down at
all, and a default that changes would change what was said. A phrase goes by its name, for its words
change.
"""

import json
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, cast, get_args

from pydantic import TypeAdapter

from core.conversation import Conversation
from core.effects import Effect
from core.events import Event
from core.message import Attachment, Message
from core.phrases import Phrase
from core.ports import Incoming, Origin

_TAGGED = [each for union in (Event, Effect, Origin) for each in get_args(union)]
_TYPES = {each.__name__: each for each in (*_TAGGED, Attachment, Conversation, Message)}
_CONVERSATION_COLUMNS = {"id", "contact", "identity", "thread"}
_MESSAGE_BODY = {"text", "attachments"}
_PHRASE = '"phrase"'
"""Where this is not in a text there is no phrase; in what people wrote its quotes are escaped."""


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_TYPES[name])


def dump_what(what: Event | Effect) -> str:
    """Return an event or an effect as JSON that says of what type it is."""
    return _tagged(what)


def load_effect(text: str) -> Effect:
    """Return the effect that `dump_what` wrote down."""
    return cast(Effect, _untagged(_read(text)))


def load_event(text: str) -> Event:
    """Return the event that `dump_what` wrote down."""
    return cast(Event, _untagged(_read(text)))


def dump_incoming(incoming: Incoming) -> str:
    """Return an event on its way in, with its key and its origin, as JSON."""
    key, origin, event = _text(incoming.key), _tagged(incoming.origin), _tagged(incoming.event)
    return f'{{"key":{key},"origin":{origin},"event":{event}}}'


def load_incoming(text: str) -> Incoming:
    """Return the event that `dump_incoming` wrote down."""
    data = _read(text)
    return Incoming(
        key=data["key"],
        origin=cast(Origin, _untagged(data["origin"])),
        event=cast(Event, _untagged(data["event"])),
    )


def dump_state(conversation: Conversation) -> str:
    """Return a conversation as JSON, but for what has columns of its own."""
    dumped = _adapter("Conversation").dump_json(
        conversation, exclude=_CONVERSATION_COLUMNS, exclude_defaults=True
    )
    return dumped.decode()


@lru_cache(maxsize=1000)  # asked for by who decides, and a moment later by who delivers
def load_conversation(state: str, **columns: Any) -> Conversation:
    """Return the conversation made of what `dump_state` wrote down and of its columns.

    Raises `pydantic.ValidationError`, a ValueError, for a state that no rule may leave behind.
    """
    loaded = _adapter("Conversation").validate_python({**json.loads(state), **columns})
    return cast(Conversation, loaded)


def dump_body(message: Message) -> str:
    """Return a message's text and attachments as JSON."""
    dumped = _adapter("Message").dump_json(message, include=_MESSAGE_BODY, exclude_defaults=True)
    return dumped.decode()


def load_message(body: str, **columns: Any) -> Message:
    """Return the message made of what `dump_body` wrote down and of its columns."""
    loaded = _adapter("Message").validate_python({**json.loads(body), **columns})
    return cast(Message, loaded)


def dump_attachment(attachment: Attachment) -> str:
    """Return an attachment as JSON."""
    return _adapter("Attachment").dump_json(attachment).decode()


def load_attachment(text: str) -> Attachment:
    """Return the attachment that `dump_attachment` wrote down."""
    return cast(Attachment, _adapter("Attachment").validate_json(text))


def _tagged(value: Event | Effect | Origin) -> str:
    name = type(value).__name__
    text = _adapter(name).dump_json(value, exclude_defaults=True).decode()
    if _PHRASE in text:
        text = _text(_with_phrases(json.loads(text), lambda words: Phrase(words).name))
    fields = text[1:] if text == "{}" else f",{text[1:]}"
    return f'{{"type":"{name}"{fields}'


def _read(text: str) -> dict[str, Any]:
    data = _as_now(json.loads(text))
    if _PHRASE in text:
        data = _with_phrases(data, lambda name: Phrase[name])
    return data


def _as_now(data: dict[str, Any]) -> dict[str, Any]:
    """Return what an older release wrote as this one does: a mail carried at most one answer."""
    if data.get("type") == "Mail" and "message_id" in data:
        answer = data.pop("message_id")
        data["message_ids"] = [] if answer is None else [answer]
    return data


def _untagged(data: dict[str, Any]) -> Event | Effect | Origin:
    return cast(Event | Effect | Origin, _adapter(data["type"]).validate_python(data))


def _with_phrases(data: Any, change: Callable[[str], str]) -> Any:
    """Return JSON with every phrase in it changed, however deep it lies."""
    if isinstance(data, list):
        return [_with_phrases(each, change) for each in data]
    if not isinstance(data, dict):
        return data
    changed = {key: _with_phrases(value, change) for key, value in data.items()}
    if isinstance(phrase := data.get("phrase"), str):
        changed["phrase"] = change(phrase)
    return changed


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
