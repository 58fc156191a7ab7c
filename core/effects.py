"""What the desk must do: in the imperative, naming sides and never places."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.ids import DeliveryId, MessageId, Thread
from core.message import Side
from core.phrases import Phrase
from core.public import PublicMessage, PublicTicket
from core.ticket import TicketStatus


@dataclass(frozen=True)
class Button:
    """Something the customer can press instead of typing.

    `token` comes back in `CustomerChose`. The label is a phrase of the desk's, or somebody's own
    words where `phrase` is None.
    """

    token: str
    phrase: Phrase | None = None
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Words:
    """A phrase and what goes into it; who renders it knows the reader's language."""

    phrase: Phrase
    values: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, "Words"] = field(default_factory=dict)
    """Values that are phrases themselves, said in the same language."""
    moment: datetime | None = None
    """A time (UTC) that the phrase names as `{when}`."""
    now: datetime | None = None
    """When it is said, so that `{when}` can say how far away that is."""
    zone: str = "UTC"
    span: timedelta | None = None
    """A duration that the phrase names as `{span}`."""


@dataclass(frozen=True, kw_only=True)
class Say:
    """Say something to the customer in the desk's own name."""

    words: Words
    more: tuple[Words, ...] = ()
    """Further paragraphs of the same message."""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class OpenThread:
    """Show the conversation to its department's agents, and make the place to answer it."""


@dataclass(frozen=True)
class UpdateCard:
    """Bring the card up to date."""


@dataclass(frozen=True)
class TellAgents:
    """Say something in the thread in the desk's own name."""

    words: Words
    on_call: bool = False
    """Whether the group on call is mentioned."""
    retry: DeliveryId | None = None
    """A failed delivery that agents can have tried again with a button beside these words."""
    stranger: MessageId | None = None
    """What somebody else mailed: beside these words agents say whose it is."""
    leads_to: Thread | None = None
    """Another thread that these words are about."""


@dataclass(frozen=True)
class TryAgain:
    """Put failed deliveries back into the outbox, each where it was in its lane."""

    deliveries: tuple[DeliveryId, ...]


@dataclass(frozen=True)
class Piece:
    """A part of a message that fits into one delivery: a stretch of its text, or one attachment."""

    start: int = 0
    end: int = 0
    attachment: int | None = None
    """Which attachment; None for a stretch of text."""


@dataclass(frozen=True, kw_only=True)
class Relay:
    """Carry a message to the other side."""

    to: Side
    message_id: MessageId
    piece: Piece | None = None
    """Which part of it; set by `outbox.plan`, which knows what fits."""
    again: bool = False
    """Whether it is shown in one more place; an edit changes it where it stood first."""


@dataclass(frozen=True, kw_only=True)
class RelayEdit:
    """Carry an edit to the other side."""

    to: Side
    message_id: MessageId
    number: int = 0
    """Which of the pieces sent before is changed; set by `outbox.plan`."""
    piece: Piece | None = None
    """What it becomes; None when nothing is left for it."""


class MailKind(StrEnum):
    """The mails that the desk writes."""

    TICKET_FILED = "ticket-filed"
    ANSWER = "answer"
    TICKET_CLOSED = "ticket-closed"
    CLOSING_SOON = "closing-soon"
    MERGED = "merged"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """Write to the customer's e-mail address."""

    kind: MailKind
    message_ids: tuple[MessageId, ...] = ()
    """The agents' answers, oldest first, in a mail that carries any."""
    expect: Words | None = None
    """When an answer can be expected; of a ticket about to be closed, when that is; of a merged
    one, where it goes on."""
    answers_theirs: bool = False
    """Whether the mail that it answers is certainly from whom it goes to."""


class AnnounceKind(StrEnum):
    """What the house's own programs are told of."""

    TICKET_OPENED = "ticket.opened"
    MESSAGE = "ticket.message"
    STATUS = "ticket.status"


@dataclass(frozen=True, kw_only=True)
class Announce:
    """Tell the house's own programs of a ticket, as it stood when that was decided.

    All of it is kept here, so that who is told twice reads the same both times.
    """

    kind: AnnounceKind
    at: datetime
    """When it was decided (UTC)."""
    ticket: PublicTicket
    message: PublicMessage | None = None
    """What was said, or changed, or deleted."""
    before: TicketStatus | None = None
    """The status that it had."""


Effect = Say | OpenThread | UpdateCard | TellAgents | TryAgain | Relay | RelayEdit | Mail | Announce
