"""From an update of Telegram's to an event of the desk's.

Fields and their meaning: core.telegram.org/bots/api, "Update", "Message".
"""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath

from telegram import (
    Animation,
    Audio,
    CallbackQuery,
    Chat,
    ChatMemberUpdated,
    Contact,
    Dice,
    Document,
    Location,
    Message,
    PhotoSize,
    Poll,
    Sticker,
    Update,
    User,
    Venue,
    Video,
    VideoNote,
    Voice,
)
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType

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
from core.ids import MessageId
from core.message import Attachment, AttachmentKind
from core.ports import FromCustomer, Incoming
from core.richtext import RichText, clean_name, plain

from .richtext import from_telegram

CHANNEL = "telegram"

_LONGEST_DETAIL = 200
_LONGEST_SUFFIX = 12
# "/status", "/start payload", "/status@some_bot": with more words behind it, it is something said.
_COMMAND = re.compile(r"/(?P<name>[a-z0-9_]+)(?:@\w+)?(?:\s+\S+)?\s*", re.IGNORECASE)
# Telegram's own notes on what happened to the chat; nobody said them.
_SERVICE = (
    "pinned_message",
    "message_auto_delete_timer_changed",
    "chat_background_set",
    "write_access_allowed",
)


def parse_update(update: Update, at: datetime) -> Incoming | None:
    """Return what *update*, which the desk got *at* (UTC), tells of a customer; None if nothing.

    Only private chats are customers. Reactions, polls and the like are nothing.
    """
    found = _event(update, at)
    if found is None:
        return None
    chat, user, event = found
    if chat.type != ChatType.PRIVATE:
        return None
    return Incoming(
        key=_key(update),
        origin=FromCustomer(
            identity=Identity(CHANNEL, str(chat.id)),
            name=_name(user),
            language=user.language_code if user else None,
        ),
        event=event,
    )


def _key(update: Update) -> str:
    """Return what makes the event this one.

    A message is known by its own id: after a quiet week Telegram goes on with update ids drawn by
    chance, which may have been used ("Update", update_id).
    """
    if message := update.message:
        return _message_id(message)
    if query := update.callback_query:
        return f"{CHANNEL}:press:{query.id}"
    return f"{CHANNEL}:update:{update.update_id}"


def _event(update: Update, at: datetime) -> tuple[Chat, User | None, Event] | None:
    event: Event | None = None
    if message := update.message:
        event = _said(message, at)
    elif message := update.edited_message:
        event = _edited(message, at)
    elif query := update.callback_query:
        event = _chosen(query, at)
        if event and query.message:
            return query.message.chat, query.from_user, event
        return None
    elif member := update.my_chat_member:
        event = _moved(member, at)
        return (member.chat, member.from_user, event) if event else None
    return (message.chat, message.from_user, event) if message and event else None


def _said(message: Message, at: datetime) -> Event | None:
    if any(getattr(message, note) for note in _SERVICE):
        return None
    if command := _command(message):
        return CustomerCommanded(at=at, command=command)
    text, attachments = _text(message), _attachments(message)
    if not text and not attachments:
        attachments = (_attachment(AttachmentKind.OTHER),)
    return CustomerWrote(
        at=at,
        message_id=_message_id(message),
        sent_at=message.date,
        text=text,
        attachments=attachments,
        forwarded=message.forward_origin is not None,
    )


def _edited(message: Message, at: datetime) -> Event | None:
    if message.location:  # a live location that moves
        return None
    return CustomerEdited(at=at, message_id=_message_id(message), text=_text(message))


def _chosen(query: CallbackQuery, at: datetime) -> Event | None:
    return CustomerChose(at=at, token=query.data) if query.data else None


def _moved(member: ChatMemberUpdated, at: datetime) -> Event | None:
    """In a private chat the bot's membership says whether the customer has blocked it."""
    match member.new_chat_member.status:
        case ChatMemberStatus.BANNED:
            return CustomerLeft(at=at)
        case ChatMemberStatus.MEMBER:
            return CustomerReturned(at=at)
    return None


def _command(message: Message) -> Command | None:
    first = next(iter(message.entities), None)
    if first is None or first.type != MessageEntityType.BOT_COMMAND or first.offset != 0:
        return None
    found = _COMMAND.fullmatch(message.text or "")
    if found is None or message.forward_origin is not None:
        return None
    name = found["name"].lower()
    return Command(name) if name in set(Command) else None


def _message_id(message: Message) -> MessageId:
    return MessageId(f"{CHANNEL}:{message.chat.id}:{message.message_id}")


def _name(user: User | None) -> str:
    return clean_name(f"{user.first_name} {user.last_name or ''}") if user else ""


def _text(message: Message) -> RichText:
    if message.text is not None:
        return from_telegram(message.text, message.entities)
    if message.caption is not None:
        return from_telegram(message.caption, message.caption_entities)
    return plain("")


def _attachments(message: Message) -> tuple[Attachment, ...]:
    """Return what came besides the text: Telegram puts one thing into a message, or none."""
    # A venue comes with its location, an animation with its document: the richer one counts.
    content = message.venue or message.effective_attachment
    if content is None:
        return ()
    match content:
        case Document():
            return (_recording(AttachmentKind.DOCUMENT, content),)
        case Voice():
            return (_recording(AttachmentKind.VOICE, content),)
        case Audio():
            return (_recording(AttachmentKind.AUDIO, content),)
        case Video() | VideoNote():
            return (_recording(AttachmentKind.VIDEO, content),)
        case Animation():
            return (_recording(AttachmentKind.ANIMATION, content),)
        case tuple() | list():
            return (_photo(content),)
        case _:
            return (_thing(content),)


def _photo(sizes: Sequence[object]) -> Attachment:
    photos = [size for size in sizes if isinstance(size, PhotoSize)]
    largest = max(photos, key=lambda photo: photo.width * photo.height)
    return _attachment(
        AttachmentKind.PHOTO, ref=largest.file_id, mime="image/jpeg", size=largest.file_size
    )


def _recording(
    kind: AttachmentKind, media: Document | Voice | Audio | Video | VideoNote | Animation
) -> Attachment:
    known = media.to_dict()  # here durations are seconds, whatever the library's settings say
    return _attachment(
        kind,
        ref=media.file_id,
        name=_file_name(known.get("file_name") or known.get("title") or ""),
        mime=known.get("mime_type") or "application/octet-stream",
        size=media.file_size,
        seconds=known.get("duration"),
    )


def _thing(content: object) -> Attachment:
    match content:
        case Sticker():
            return _attachment(
                AttachmentKind.STICKER,
                ref=content.file_id,
                size=content.file_size,
                detail=content.emoji or "",
            )
        case Venue():
            place = f"{content.title}, {content.address} ({_degrees(content.location)})"
            return _attachment(AttachmentKind.LOCATION, detail=place)
        case Location():
            return _attachment(AttachmentKind.LOCATION, detail=_degrees(content))
        case Contact():
            words = (content.first_name, content.last_name, content.phone_number)
            said = " ".join(word for word in words if word)
            return _attachment(AttachmentKind.CONTACT, detail=said)
        case Poll():
            return _attachment(AttachmentKind.POLL, detail=content.question)
        case Dice():
            return _attachment(AttachmentKind.OTHER, detail=f"{content.emoji} {content.value}")
        case _:
            return _attachment(AttachmentKind.OTHER)


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


def _degrees(place: Location) -> str:
    return f"{place.latitude}, {place.longitude}"


def _file_name(name: str) -> str:
    """Return a file's name, safe to show, without folders; a cut leaves its ending whole."""
    path = PurePosixPath(name.replace("\\", "/"))
    suffix = clean_name(path.suffix, _LONGEST_SUFFIX)
    return clean_name(path.stem, 64 - len(suffix)) + suffix
