"""One thing said in a conversation, in a form that belongs to no platform."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.ids import ConversationId, MessageId
from core.richtext import RichText


class Side(StrEnum):
    """Who speaks, or who is spoken to."""

    CUSTOMER = "customer"
    AGENTS = "agents"


class AttachmentKind(StrEnum):
    """What came with a message. Photos and documents are carried; the rest is named in words."""

    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    ANIMATION = "animation"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    POLL = "poll"
    OTHER = "other"


MEGABYTE = 1024 * 1024

CARRIED = frozenset({AttachmentKind.PHOTO, AttachmentKind.DOCUMENT})


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file, or another thing without text, that came with a message."""

    kind: AttachmentKind
    channel: str
    """The channel that can fetch its bytes."""
    ref: str = ""
    """What that channel calls it; opaque. Empty where there are no bytes to fetch."""
    name: str = ""
    mime: str = "application/octet-stream"
    size: int | None = None
    """Bytes, where the platform says so."""
    seconds: int | None = None
    """How long a recording is."""
    detail: str = ""
    """What words can say of it: a sticker's emoji, a poll's question, a place's coordinates."""

    def is_carried(self, largest: int) -> bool:
        """Whether the file itself goes to the other side, given the *largest* that may (bytes)."""
        return self.kind in CARRIED and bool(self.ref) and (self.size or 0) <= largest


def too_big(attachments: Iterable[Attachment], largest: int) -> list[dict[str, str]]:
    """Return what the refusal of each too big file must say: its name, and the limit in MB."""
    return [
        {"name": each.name or each.kind.value, "limit": str(largest // MEGABYTE)}
        for each in attachments
        if (each.size or 0) > largest
    ]


class Part(StrEnum):
    """The place a message has in its conversation."""

    PROBLEM = "problem"
    ANSWER = "answer"
    """It answered a question of the intake; what it said stands on the card."""
    TALK = "talk"
    NOTE = "note"
    """Said among agents; it never reaches the customer."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One thing said by a customer or an agent."""

    id: MessageId
    conversation_id: ConversationId
    side: Side
    author: str
    at: datetime
    """When it was written, as the platform says (UTC)."""
    part: Part
    text: RichText = RichText("")
    attachments: tuple[Attachment, ...] = ()
    edited_at: datetime | None = None
