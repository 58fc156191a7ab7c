"""From a delivery to what Slack is sent. Pure.

Rules: docs.slack.dev, "chat.postMessage", "chat.update" and "Block Kit".
"""

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from adapters.slack.card import (
    ADOPT,
    RETRY,
    SPLIT,
    Block,
    button,
    card,
    customer_name,
    quiet_block,
    rich_block,
)
from adapters.slack.errors import refused
from adapters.slack.places import Place, read_place, text_places
from adapters.slack.richtext import escape, fallback
from core.effects import OpenThread, Piece, Relay, RelayEdit, TellAgents, UpdateCard
from core.ids import MessageId
from core.message import MEGABYTE, Attachment, AttachmentKind, Message, Part, Side
from core.outbox import Fits, Outgoing
from core.phrases import Phrase
from core.richtext import Mark, RichText, clean_name, concat, plain, split
from core.wording import Phrasebook

FITS = Fits(text=2900, file=100 * MEGABYTE, joins=10)
"""What one call carries: chat.update refuses a text beyond 4,000 characters."""

METADATA = "podrska_delivery"
"""The type of the metadata by which a post in doubt is found again."""

_SUBTEAM = re.compile(r"S[A-Z0-9]{5,20}")
_MOST_WORDS = 2000
_MOST_JOINED = 2 * FITS.text
"""Code points to which edits may let a joined post grow; its blocks may have 13,200."""
_LONGEST_AUTHOR = 100
_APART = timedelta(minutes=1)
_NOTHING_LEFT = plain("…")


@dataclass(frozen=True, kw_only=True)
class Post:
    """A new message in a room, or in a thread of it."""

    room: str
    """A channel's id; the department's room, by name or id, for a card."""
    thread_ts: str | None = None
    text: str
    blocks: list[Block] = field(default_factory=list)
    metadata: Block = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Update:
    """Another content for a message of our own."""

    place: Place
    text: str
    blocks: list[Block] = field(default_factory=list)
    metadata: Block = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file for a thread."""

    thread: Place
    attachment: Attachment
    name: str
    comment: str
    """What stands beside it, escaped."""


def render(
    outgoing: Outgoing, phrasebook: Phrasebook, language: str, *, link: str = ""
) -> Post | Update | Upload | None:
    """Return the call that carries out a delivery in the agents' *language*.

    *link* leads to the other thread that words to the agents are about, where it is known. Returns
    None where nothing needs to be done. Raises `GiveUp` where there is no thread to do it in.
    """
    return _Rendering(outgoing, phrasebook, language, link).call()


class _Rendering:
    def __init__(
        self, outgoing: Outgoing, phrasebook: Phrasebook, language: str, link: str
    ) -> None:
        self._outgoing = outgoing
        self._link = link
        self._phrasebook = phrasebook
        self._language = language

    def call(self) -> Post | Update | Upload | None:
        match self._outgoing.delivery.effect:
            case OpenThread():
                text, blocks = card(self._outgoing, self._phrasebook, self._language)
                return Post(
                    room=self._outgoing.department.room,
                    text=text,
                    blocks=blocks,
                    metadata=self._metadata(),
                )
            case UpdateCard():
                text, blocks = card(self._outgoing, self._phrasebook, self._language)
                return self._update(self._thread(), text, blocks)
            case TellAgents() as told:
                return self._told(told)
            case Relay(piece=Piece(attachment=int(number))):
                return self._attachment(self._message().attachments[number])
            case Relay() if self._outgoing.with_messages:
                said = self._joined()
                return self._post(fallback(said), [rich_block(said)])
            case Relay(piece=piece):
                said = self._piece(piece or Piece(0, len(self._message().text.text)))
                return self._post(fallback(said), [rich_block(said)])
            case RelayEdit(number=number, piece=piece):
                return self._edit(number, piece)
            case effect:
                raise TypeError(f"agents are never sent {type(effect).__name__}")

    def _told(self, told: TellAgents) -> Post:
        words = self._phrasebook.say(self._language, told.words)
        blocks = [quiet_block(words)]
        if self._link:
            blocks.append(rich_block(plain(self._link).marked(Mark.LINK, self._link)))
        mention = _mention(self._outgoing.department.on_call) if told.on_call else ""
        if mention:
            blocks.insert(0, {"type": "section", "text": {"type": "mrkdwn", "text": mention}})
        if told.retry is not None:
            label = self._phrasebook.phrase(self._language, Phrase.BUTTON_RETRY)
            value = f"{self._outgoing.conversation.id} {told.retry}"
            blocks.append({"type": "actions", "elements": [button(RETRY, label, value)]})
        if told.stranger is not None:
            blocks.append({"type": "actions", "elements": self._whose(told.stranger)})
        return self._post(escape(words), blocks)

    def _whose(self, mailed: MessageId) -> list[Block]:
        """Return the buttons by which agents say whose mail it is."""
        value = f"{self._outgoing.conversation.id} {mailed}"
        labels = {ADOPT: Phrase.BUTTON_ADOPT, SPLIT: Phrase.BUTTON_SPLIT}
        return [
            button(action, self._phrasebook.phrase(self._language, label), value)
            for action, label in labels.items()
        ]

    def _attachment(self, attachment: Attachment) -> Post | Upload:
        # Slack takes no empty files ("files.getUploadURLExternal").
        if attachment.is_carried(FITS.file) and attachment.size != 0:
            name = _file_name(attachment)
            comment = escape(f"{self._author(self._message())}: {name}")
            return Upload(thread=self._thread(), attachment=attachment, name=name, comment=comment)
        words = self._phrasebook.sent(self._language, attachment)[:_MOST_WORDS]
        author = plain(self._author(self._message())).marked(Mark.BOLD)
        said = concat(author, plain(f" {words}"))
        return self._post(fallback(said), [rich_block(said)])

    def _edit(self, number: int, piece: Piece | None) -> Post | Update | None:
        stands = text_places(self._outgoing.receipts)
        if number >= len(stands) and piece is None:
            return None
        said = _NOTHING_LEFT if piece is None else self._piece(piece)
        together = self._outgoing.with_messages
        if number < len(stands) and _fit_together(together):
            said = self._joined() if together else said
            return self._update(stands[number], fallback(said), [rich_block(said)])
        return self._post(fallback(said), [rich_block(said)])

    def _joined(self) -> RichText:
        """Return the messages of one post: each with its author, and its time if it took long.

        What grew too long since it was joined is cut: its edit follows, and says all of it.
        """
        messages = self._outgoing.with_messages
        took_long = messages[-1].at - messages[0].at > _APART
        zone = ZoneInfo(self._outgoing.department.hours.zone)
        longest = FITS.text if _fit_together(messages) else _MOST_JOINED // len(messages)
        parts = list[RichText]()
        for message in messages:
            time = f" · {message.at.astimezone(zone):%H:%M}" if took_long else ""
            between = "\n\n" if parts else ""
            author = plain(self._author(message)[:_LONGEST_AUTHOR]).marked(Mark.BOLD)
            said = _first_piece(message).slice(0, longest)
            parts.append(concat(plain(between), author, plain(f"{time}\n"), said))
        return concat(*parts)

    def _piece(self, piece: Piece) -> RichText:
        """Return a stretch of the message; the first begins with who says it."""
        text = self._message().text
        said = text.slice(piece.start, piece.end)
        if text.text[: piece.start].strip():
            return said
        author = plain(self._author(self._message())).marked(Mark.BOLD)
        return concat(author, plain("\n"), said)

    def _post(self, text: str, blocks: list[Block]) -> Post:
        thread = self._thread()
        return Post(
            room=thread.channel,
            thread_ts=thread.ts,
            text=text,
            blocks=blocks,
            metadata=self._metadata(),
        )

    def _update(self, place: Place, text: str, blocks: list[Block]) -> Update:
        return Update(place=place, text=text, blocks=blocks, metadata=self._metadata())

    def _metadata(self) -> Block:
        payload = {"delivery_id": self._outgoing.delivery.id}
        return {"event_type": METADATA, "event_payload": payload}

    def _author(self, message: Message) -> str:
        """Return who says it: the customer, an agent in another thread, or a stranger by mail."""
        is_customer = message.side is Side.CUSTOMER and message.part is not Part.NOTE
        other = "" if is_customer else clean_name(message.author, _LONGEST_AUTHOR)
        if other:
            return other
        return customer_name(self._outgoing.conversation, self._phrasebook, self._language)

    def _thread(self) -> Place:
        thread = self._outgoing.conversation.thread
        if thread is None:
            raise refused("no thread")
        return read_place(thread)

    def _message(self) -> Message:
        if self._outgoing.message is None:
            raise refused("no message")
        return self._outgoing.message


def _first_piece(message: Message) -> RichText:
    """Return what stands for a message in a joined post, as it is now."""
    pieces = split(message.text, FITS.text) if message.text else ()
    return message.text.slice(*pieces[0]) if pieces else _NOTHING_LEFT


def _fit_together(messages: Sequence[Message]) -> bool:
    """Whether these messages, as they are now, still have room in one post."""
    return sum(len(_first_piece(each).text) for each in messages) <= _MOST_JOINED


def _mention(on_call: str) -> str:
    """Return what calls the group on call; nothing unless it is beyond doubt one."""
    if _SUBTEAM.fullmatch(on_call):
        return f"<!subteam^{on_call}>"
    return "<!here>" if on_call == "here" else ""


def _file_name(attachment: Attachment) -> str:
    if name := clean_name(attachment.name, 128):
        return name
    kind = "photo" if attachment.kind is AttachmentKind.PHOTO else "file"
    return kind + (mimetypes.guess_extension(attachment.mime) or "")
