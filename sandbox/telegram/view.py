"""A chat as the person with the phone sees it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from .media import KINDS
from .state import Chat
from .wire import Json


@dataclass(frozen=True, kw_only=True)
class Button:
    """A button under a message: it either sends data to the bot or opens a page."""

    text: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Media:
    """A file in a message."""

    kind: str
    file_id: str
    name: str
    mime: str
    size: int


@dataclass(frozen=True, kw_only=True)
class ChatMessage:
    """A message as it is shown."""

    id: int
    from_bot: bool
    text: str
    """The text, or the caption of a file."""
    entities: tuple[Json, ...]
    """What is formatted in `text`, in the Bot API's own form (UTF-16 units)."""
    buttons: tuple[tuple[Button, ...], ...]
    media: Media | None
    label: str
    """What stands for things that are no text, such as "[sticker 👍]"."""
    reply_to: int | None
    reactions: tuple[str, ...]
    edited: bool
    date: datetime
    change: int
    """Grows with every new message and every edit: what is higher was seen later."""

    def shown(self) -> str:
        """Return all of the message's words, with the label first."""
        return " ".join(part for part in (self.label, self.text) if part)

    def __str__(self) -> str:
        edited = " (edited)" if self.edited else ""
        rows = [" ".join(f"[{button.text}]" for button in row) for row in self.buttons]
        body = [*self.shown().splitlines(), *rows] or [""]
        return f"{'bot' if self.from_bot else 'you'}#{self.id}{edited}: " + "\n    ".join(body)


def messages_of(chat: Chat) -> list[ChatMessage]:
    """Return the messages that are in a chat, oldest first."""
    return [message_of(chat, message_id) for message_id in chat.messages]


def message_of(chat: Chat, message_id: int) -> ChatMessage:
    """Return one message. Raises KeyError if it is not there."""
    message = chat.messages[message_id]
    keyboard = message.get("reply_markup", {}).get("inline_keyboard", [])
    media = _media(message)
    return ChatMessage(
        id=message_id,
        from_bot=message["from"]["is_bot"],
        text=message.get("text") or message.get("caption") or "",
        entities=tuple(message.get("entities") or message.get("caption_entities") or ()),
        buttons=tuple(
            tuple(
                Button(text=button["text"], data=button.get("callback_data"), url=button.get("url"))
                for button in row
            )
            for row in keyboard
        ),
        media=media,
        label=_label(message, media),
        reply_to=message.get("reply_to_message", {}).get("message_id"),
        reactions=tuple(_reactions(chat, message_id)),
        edited="edit_date" in message,
        date=datetime.fromtimestamp(message["date"], UTC),
        change=chat.changes[message_id],
    )


def _media(message: Json) -> Media | None:
    kind = next((kind for kind in ("animation", *KINDS, "sticker") if kind in message), None)
    if kind is None:
        return None
    described = message[kind][-1] if kind == "photo" else message[kind]
    mimes = {"photo": "image/jpeg", "sticker": "image/webp"}
    return Media(
        kind=kind,
        file_id=described["file_id"],
        name=described.get("file_name", ""),
        mime=described.get("mime_type") or mimes[kind],
        size=described["file_size"],
    )


def _label(message: Json, media: Media | None) -> str:
    origin = message.get("forward_origin")
    forwarded = f"[forwarded from {origin['sender_user_name']}]" if origin else ""
    words = " ".join(part for part in _nature(message, media) if part)
    return " ".join(part for part in (forwarded, f"[{words}]" if words else "") if part)


def _nature(message: Json, media: Media | None) -> tuple[str, str]:
    """Return what a message is if it is no text, and what tells it from others of the kind."""
    if media is not None:
        emoji: str = message["sticker"].get("emoji", "") if media.kind == "sticker" else ""
        return media.kind, media.name or emoji
    match message:
        case {"location": {"latitude": latitude, "longitude": longitude}}:
            return "location", f"{latitude}, {longitude}"
        case {"contact": {"phone_number": phone_number}}:
            return "contact", phone_number
        case {"poll": {"question": question}}:
            return "poll", question
        case _:
            return "", ""


def _reactions(chat: Chat, message_id: int) -> Iterator[str]:
    for from_bot in (True, False):
        for reaction in chat.reactions.get((message_id, from_bot), []):
            yield reaction["emoji"]


def snapshot(chat: Chat) -> Json:
    """Return the chat as plain JSON for a page; `url` is where the page asks for a file."""
    return {
        "chat_id": chat.id,
        "name": " ".join(
            chat.user[part] for part in ("first_name", "last_name") if part in chat.user
        ),
        "language": chat.user.get("language_code"),
        "started": chat.started,
        "blocked": chat.blocked,
        "messages": [_plain(message) for message in messages_of(chat)],
    }


def _plain(message: ChatMessage) -> Json:
    media = message.media
    return {
        "id": message.id,
        "from_bot": message.from_bot,
        "text": message.text,
        "entities": list(message.entities),
        "label": message.label,
        "buttons": [[vars(button) for button in row] for row in message.buttons],
        "media": media and {**vars(media), "url": f"/telegram/files/{media.file_id}"},
        "reply_to": message.reply_to,
        "reactions": list(message.reactions),
        "edited": message.edited,
        "date": message.date.isoformat(),
    }
