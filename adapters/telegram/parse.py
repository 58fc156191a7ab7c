"""From an update of Telegram's, as the JSON that came, to an event of the desk's.

Fields and their meaning: core.telegram.org/bots/api, "Update", "Message". The library's own objects
would cost more than all else that is done with a message.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from core.contact import Identity
from core.events import (
    Command,
    CustomerChose,
    CustomerCommanded,
    CustomerEdited,
    CustomerLeft,
    CustomerReturned,
    CustomerWrote,
    Event,
)
from core.file_name import file_name
from core.ids import MessageId
from core.message import Attachment, AttachmentKind
from core.ports import FromCustomer, Incoming
from core.richtext import RichText, clean_name, plain

from .richtext import from_telegram

Json = Mapping[str, Any]
_T = TypeVar("_T")

CHANNEL = "telegram"

_LONGEST_DETAIL = 200
# "/status", "/start payload", "/status@some_bot": with more words behind it, it is something said.
_COMMAND = re.compile(r"/(?P<name>[a-z0-9_]+)(?:@\w+)?(?:\s+\S+)?\s*", re.IGNORECASE)
# Telegram's own notes on what happened to the chat; nobody said them.
_SERVICE = (
    "pinned_message",
    "message_auto_delete_timer_changed",
    "chat_background_set",
    "write_access_allowed",
)


def parse_update(update: Json, at: datetime) -> Incoming | None:
    """Return what *update*, which the desk got *at* (UTC), tells of a customer; None if nothing.

    Only private chats are customers. Reactions, polls and the like are nothing. Raises LookupError,
    AttributeError, TypeError, ValueError or OverflowError where what counts is not as documented.
    """
    match update:
        # A message is known by its own id: after a quiet week Telegram goes on with update ids
        # drawn by chance, which may have been used ("Update", update_id).
        case {"message": message}:
            return _incoming(_message_id(message), _said(message, at), message, message)
        case {"edited_message": message}:
            return _incoming(_update_key(update), _edited(message, at), message, message)
        case {"callback_query": query}:
            key = f"{CHANNEL}:press:{_field(query, 'id', str)}"
            button = _optional(query, "message", dict)  # none where it was not in a chat with us
            return _incoming(key, _chosen(query, at), button, query) if button else None
        case {"my_chat_member": member}:
            return _incoming(_update_key(update), _moved(member, at), member, member)
    return None


def _incoming(key: str, event: Event | None, where: Json, who: Json) -> Incoming | None:
    """Return the event as it comes in, of the chat given *where* and the user given in *who*."""
    chat = _field(where, "chat", dict)
    if event is None or _field(chat, "type", str) != "private":
        return None
    user = _optional(who, "from", dict)
    return Incoming(
        key=key,
        origin=FromCustomer(
            identity=Identity(CHANNEL, str(_field(chat, "id", int))),
            name=_name(user) if user else "",
            language=_optional(user, "language_code", str) if user else None,
        ),
        event=event,
    )


def _update_key(update: Json) -> str:
    return f"{CHANNEL}:update:{_field(update, 'update_id', int)}"


def _message_id(message: Json) -> MessageId:
    chat = _field(message, "chat", dict)
    return MessageId(f"{CHANNEL}:{_field(chat, 'id', int)}:{_field(message, 'message_id', int)}")


def _said(message: Json, at: datetime) -> Event | None:
    if any(message.get(note) is not None for note in _SERVICE):
        return None
    if command := _command(message):
        return CustomerCommanded(at=at, command=command)
    text, attachments = _text(message), _attachments(message)
    if not text and not attachments:
        attachments = (_attachment(AttachmentKind.OTHER),)
    return CustomerWrote(
        at=at,
        message_id=_message_id(message),
        sent_at=datetime.fromtimestamp(_field(message, "date", int), UTC),
        text=text,
        attachments=attachments,
        forwarded=_is_forward(message),
    )


def _edited(message: Json, at: datetime) -> Event | None:
    if message.get("location"):  # a live location that moves
        return None
    return CustomerEdited(at=at, message_id=_message_id(message), text=_text(message))


def _chosen(query: Json, at: datetime) -> Event | None:
    token = _optional(query, "data", str)
    return CustomerChose(at=at, token=token) if token else None


def _moved(member: Json, at: datetime) -> Event | None:
    """In a private chat the bot's membership says whether the customer has blocked it."""
    match _field(_field(member, "new_chat_member", dict), "status", str):
        case "kicked":
            return CustomerLeft(at=at)
        case "member":
            return CustomerReturned(at=at)
    return None


def _command(message: Json) -> Command | None:
    match message:
        case {"text": str(text), "entities": [{"type": "bot_command", "offset": 0}, *_]}:
            found = _COMMAND.fullmatch(text)
            if found is None or _is_forward(message):
                return None
            name = found["name"].lower()
            return Command(name) if name in set(Command) else None
    return None


def _is_forward(message: Json) -> bool:
    return message.get("forward_origin") is not None


def _name(user: Json) -> str:
    last = _optional(user, "last_name", str) or ""
    return clean_name(f"{_field(user, 'first_name', str)} {last}")


def _text(message: Json) -> RichText:
    for text, entities in (("text", "entities"), ("caption", "caption_entities")):
        if (said := _optional(message, text, str)) is not None:
            return from_telegram(said, _optional(message, entities, list) or ())
    return plain("")


def _attachments(message: Json) -> tuple[Attachment, ...]:
    """Return what came besides the text: Telegram puts one thing into a message, or none."""
    for field, read in _THINGS:
        if content := message.get(field):
            return (read(content),)
    return ()


def _photo(sizes: Sequence[Json]) -> Attachment:
    largest = max(sizes, key=lambda size: _field(size, "width", int) * _field(size, "height", int))
    return _attachment(
        AttachmentKind.PHOTO,
        ref=_field(largest, "file_id", str),
        mime="image/jpeg",
        size=_optional(largest, "file_size", int),
    )


def _recording(kind: AttachmentKind, media: Json) -> Attachment:
    name = _optional(media, "file_name", str) or _optional(media, "title", str) or ""
    return _attachment(
        kind,
        ref=_field(media, "file_id", str),
        name=file_name(name),
        mime=_optional(media, "mime_type", str) or "application/octet-stream",
        size=_optional(media, "file_size", int),
        seconds=_optional(media, "duration", int),
    )


def _sticker(sticker: Json) -> Attachment:
    return _attachment(
        AttachmentKind.STICKER,
        ref=_field(sticker, "file_id", str),
        size=_optional(sticker, "file_size", int),
        detail=_optional(sticker, "emoji", str) or "",
    )


def _venue(venue: Json) -> Attachment:
    title, address = _field(venue, "title", str), _field(venue, "address", str)
    place = f"{title}, {address} ({_degrees(_field(venue, 'location', dict))})"
    return _attachment(AttachmentKind.LOCATION, detail=place)


def _location(place: Json) -> Attachment:
    return _attachment(AttachmentKind.LOCATION, detail=_degrees(place))


def _contact(contact: Json) -> Attachment:
    words = (_optional(contact, key, str) for key in ("first_name", "last_name", "phone_number"))
    return _attachment(AttachmentKind.CONTACT, detail=" ".join(filter(None, words)))


def _poll(poll: Json) -> Attachment:
    return _attachment(AttachmentKind.POLL, detail=_field(poll, "question", str))


def _dice(dice: Json) -> Attachment:
    thrown = f"{_field(dice, 'emoji', str)} {_field(dice, 'value', int)}"
    return _attachment(AttachmentKind.OTHER, detail=thrown)


def _other(content: Json) -> Attachment:
    return _attachment(AttachmentKind.OTHER)


# A venue comes with its location, an animation with its document, a moving photo with its still
# one: the richer one counts, and comes first here.
_THINGS: tuple[tuple[str, Callable[[Any], Attachment]], ...] = (
    ("venue", _venue),
    ("animation", partial(_recording, AttachmentKind.ANIMATION)),
    ("audio", partial(_recording, AttachmentKind.AUDIO)),
    ("contact", _contact),
    ("dice", _dice),
    ("document", partial(_recording, AttachmentKind.DOCUMENT)),
    ("game", _other),
    ("invoice", _other),
    ("live_photo", _other),
    ("location", _location),
    ("paid_media", _other),
    ("passport_data", _other),
    ("photo", _photo),
    ("poll", _poll),
    ("sticker", _sticker),
    ("story", _other),
    ("successful_payment", _other),
    ("video", partial(_recording, AttachmentKind.VIDEO)),
    ("video_note", partial(_recording, AttachmentKind.VIDEO)),
    ("voice", partial(_recording, AttachmentKind.VOICE)),
)


def _attachment(
    kind: AttachmentKind,
    *,
    ref: str = "",
    name: str = "",
    mime: str = "application/octet-stream",
    size: int | None = None,
    seconds: int | None = None,
    detail: str = "",
) -> Attachment:
    return Attachment(
        kind=kind,
        channel=CHANNEL,
        ref=ref,
        name=name,
        mime=mime,
        size=size,
        seconds=seconds,
        detail=clean_name(detail, _LONGEST_DETAIL),
    )


def _degrees(place: Json) -> str:
    match place:
        case {"latitude": int() | float() as north, "longitude": int() | float() as east}:
            return f"{north}, {east}"
    raise TypeError("a place without coordinates")


def _optional(given: Json, name: str, kind: type[_T]) -> _T | None:
    value = given.get(name)
    if value is None or isinstance(value, kind):
        return value
    raise TypeError(f"{name} is not of the documented type")


def _field(given: Json, name: str, kind: type[_T]) -> _T:
    value = _optional(given, name, kind)
    if value is None:
        raise LookupError(f"there is no {name}")
    return value
