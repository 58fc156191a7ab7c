"""What of a ticket is told outside the desk: never notes, never what strangers mailed into it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.conversation import Conversation
from core.ids import MessageId, TicketId
from core.message import Message, Part, Side
from core.richtext import clean_name, with_targets
from core.ticket import Priority, Ticket, TicketStatus

LONGEST_TEXT = 20_000
"""Code points of a message that is told of in short, see `PublicMessage.in_short`."""
MOST_FILES = 50
"""How many of a message's files are named."""

_LONGEST_SUBJECT = 200
_LONGEST_EMAIL = 254
_PUBLIC = frozenset({Part.PROBLEM, Part.TALK})


@dataclass(frozen=True, kw_only=True)
class PublicTicket:
    """A ticket, as it stands."""

    id: TicketId
    status: TicketStatus
    subject: str
    priority: Priority
    department: str | None
    """Its key."""
    created: datetime
    """When it became a ticket (UTC)."""
    merged_into: TicketId | None = None
    name: str
    """The customer's."""
    email: str


@dataclass(frozen=True, kw_only=True)
class PublicFile:
    """A file that came with a message."""

    name: str
    mime: str
    size: int | None = None
    """Bytes, where they are known."""


@dataclass(frozen=True, kw_only=True)
class PublicMessage:
    """What the customer or an agent said to the other, as it reads now; empty if it was deleted."""

    id: MessageId
    side: Side
    author: str
    at: datetime
    text: str = ""
    """A link that hides where it leads to says so."""
    files: tuple[PublicFile, ...] = ()
    edited_at: datetime | None = None
    is_cut: bool = False
    """Whether there is more of the text."""

    @property
    def is_deleted(self) -> bool:
        """Whether nothing is left of it."""
        return not (self.text or self.files)

    def in_short(self) -> "PublicMessage":
        """Return it with no more than the first words of a very long text."""
        if len(self.text) <= LONGEST_TEXT:
            return self
        return replace(self, text=self.text[:LONGEST_TEXT], is_cut=True)


def is_public(message: Message) -> bool:
    """Whether the customer and the agents said it to each other.

    Neither what stays among agents, nor what merely answered a question of the desk's.
    """
    return message.part in _PUBLIC


def public_ticket(about: Conversation, ticket: Ticket) -> PublicTicket:
    """Return what is told of a conversation and the *ticket* that it is."""
    return PublicTicket(
        id=ticket.id,
        status=ticket.status,
        subject=clean_name(about.subject, _LONGEST_SUBJECT),
        priority=ticket.priority,
        department=about.department,
        created=ticket.filed_at,
        merged_into=ticket.merged_into,
        name=clean_name(about.contact.name or about.contact.offered_name),
        email=clean_name(about.contact.email, _LONGEST_EMAIL),
    )


def public_message(message: Message) -> PublicMessage:
    """Return what is told of a message; it must be public."""
    return PublicMessage(
        id=message.id,
        side=message.side,
        author=clean_name(message.author),
        at=message.at,
        text=with_targets(message.text),
        files=tuple(
            PublicFile(
                name=clean_name(each.name or each.kind.value),
                mime=clean_name(each.mime, 100),
                size=each.size,
            )
            for each in message.attachments[:MOST_FILES]
        ),
        edited_at=message.edited_at,
    )


def moment(at: datetime) -> str:
    """Return a moment as programs read it: RFC 3339, in UTC, with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
