"""What the desk needs of the world, as narrow as it can be said."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from core.contact import Contact, Identity
from core.conversation import Conversation, Stage
from core.effects import Effect
from core.events import Event
from core.ids import ConversationId, MessageId, Thread, TicketId
from core.mail_port import Mails
from core.message import Message
from core.outbox import Delivery
from core.outbox_port import Outbox
from core.passes_port import Passes
from core.policy import Department
from core.portal_port import Portal
from core.ticket import TicketStatus
from core.web_port import Visits


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """Return the time of day, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that never jumps."""
        ...


@dataclass(frozen=True, kw_only=True)
class FromCustomer:
    """An event from a customer's channel, and what that platform says of them."""

    identity: Identity
    name: str = ""
    language: str | None = None
    """An IETF tag, as their platform has it."""


@dataclass(frozen=True)
class FromThread:
    """An event from the agents' side."""

    thread: Thread


@dataclass(frozen=True)
class About:
    """An event of a known conversation: a button on its card, its timer, its failed delivery."""

    conversation_id: ConversationId


@dataclass(frozen=True, kw_only=True)
class FromMail:
    """A mail, and what can be told of it; for a new conversation where it is tied to none."""

    identity: Identity
    name: str = ""
    language: str | None = None
    """An IETF tag: what the mail is written in."""
    department: str | None = None
    """That of the address it was sent to."""
    conversation_id: ConversationId | None = None
    """The conversation that it is tied to by proof."""
    by_agent: bool = False
    """Whether an agent wants it to begin a conversation."""


Origin = FromCustomer | FromThread | FromMail | About


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """An event on its way in."""

    key: str
    """What makes it this event and no other, however often its platform tells it."""
    origin: Origin
    event: Event


AGAIN = "again"
"""What an event waits for that an operator wants handled once more."""


@dataclass(frozen=True, kw_only=True)
class Unhandled:
    """An event that could not be handled."""

    key: str
    received_at: datetime
    error: str
    """What went wrong, as the desk's log has it."""
    is_readable: bool
    """Whether it can be tried again."""


@dataclass(frozen=True)
class Entry:
    """A line of the journal: what happened, or what was decided."""

    conversation_id: ConversationId
    at: datetime
    what: Event | Effect


@dataclass(kw_only=True)
class Changes:
    """What one batch of decisions leaves behind."""

    conversations: dict[ConversationId, Conversation] = field(default_factory=dict)
    """New or changed, with their contacts."""
    messages: dict[MessageId, Message] = field(default_factory=dict)
    journal: list[Entry] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    put_down: dict[str, str] = field(default_factory=dict)
    """Events that could not be handled, by key, and why; they are kept already."""

    @property
    def next_wake(self) -> datetime | None:
        """The earliest wake time among the changed conversations."""
        wakes = (each.wake for each in self.conversations.values())
        return min((wake.at for wake in wakes if wake), default=None)


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Who changed a setting, when, and how."""

    at: datetime
    who: str
    what: str
    before: str
    after: str


class Transaction(Outbox, Mails, Passes, Visits, Portal, Protocol):
    """One transaction: all of it happens, or none. Reads see its own writes."""

    # Receiving

    async def admit(self, incoming: Sequence[Incoming], at: datetime) -> list[Incoming]:
        """Record the events in the inbox; return those not recorded before, each once, in order."""
        ...

    async def recorded(self, keys: Collection[str]) -> set[str]:
        """Return those of these keys that the inbox has."""
        ...

    async def set_aside(self, incoming: Incoming, waits_for: str) -> None:
        """Keep an admitted event until what it refers to is there."""
        ...

    async def take_up(self, waited_for: Iterable[str]) -> list[Incoming]:
        """Return the events set aside for any of these, oldest first; they are aside no more."""
        ...

    async def waits_over(self) -> list[str]:
        """Return what events were set aside for and is there by now."""
        ...

    async def unhandled(self, limit: int) -> list[Unhandled]:
        """Return the events that could not be handled, oldest first."""
        ...

    async def handle_again(self, keys: Collection[str] | None = None) -> int:
        """Set events that could not be handled aside, to be taken up by the desk; return how many.

        Those with these keys, or all. Left out is what could not even be read.
        """
        ...

    async def put_down(self, incoming: Incoming, error: str) -> None:
        """Mark an admitted event as one that the desk could not handle; its text is kept."""
        ...

    async def keep_unreadable(self, key: str, raw: str, at: datetime) -> None:
        """Keep what a platform sent and nobody could read, for operators; once for each *key*."""
        ...

    async def departments(self) -> tuple[Department, ...]:
        """Return the departments, the first one first."""
        ...

    async def contacts(self, identities: Collection[Identity]) -> dict[Identity, Contact]:
        """Return what is known of the customers behind these identities."""
        ...

    async def latest_conversations(
        self, identities: Collection[Identity]
    ) -> dict[Identity, Conversation]:
        """Return the newest conversation of each identity that has one."""
        ...

    async def conversations_in(self, threads: Collection[Thread]) -> dict[Thread, Conversation]:
        """Return the conversations that these threads mirror."""
        ...

    async def open_threads(self, ended_since: datetime) -> dict[Thread, str]:
        """Return the threads of conversations that are not over, or ended only since then.

        With the mark of each, "" where there is none. Those in which something was said last come
        first.
        """
        ...

    async def mark_read(self, marks: Mapping[Thread, str]) -> None:
        """Write down up to where all is known of these threads, in the words of their platform."""
        ...

    async def conversations(
        self, ids: Collection[ConversationId]
    ) -> dict[ConversationId, Conversation]:
        """Return the conversations with these ids."""
        ...

    async def messages(self, ids: Collection[MessageId]) -> dict[MessageId, Message]:
        """Return the messages with these ids."""
        ...

    async def pieces_of(self, ids: Collection[MessageId]) -> dict[MessageId, int]:
        """Return how many text pieces each of these messages was relayed in, if it was."""
        ...

    async def is_ticket_taken(self, ticket_id: TicketId) -> bool:
        """Whether a ticket with this ID exists."""
        ...

    async def save(self, changes: Changes) -> None:
        """Write a batch's changes; deliveries go to the end of their lanes, in order."""
        ...

    # Time

    async def due(self, at: datetime, limit: int) -> list[ConversationId]:
        """Return conversations whose wake time has come, the longest overdue first."""
        ...

    async def wakes_ahead(self, at: datetime, stages: Collection[Stage]) -> list[ConversationId]:
        """Return the conversations in these stages whose wake time is still to come."""
        ...

    async def next_wake(self) -> datetime | None:
        """Return the earliest wake time of all conversations."""
        ...

    # Settings and figures

    async def save_department(self, department: Department, audit: Audit) -> None:
        """Write a department, new or changed, and who did it."""
        ...

    async def note(self, audit: Audit) -> None:
        """Write an entry of the audit log."""
        ...

    async def audits(self, limit: int) -> list[Audit]:
        """Return the newest entries of the audit log, newest first."""
        ...

    async def typical_answer(self, department: str, since: datetime, hour: int) -> timedelta | None:
        """Return the median time to a first answer for conversations opened since then at that
        hour of the day (UTC); None for fewer than five.
        """
        ...

    async def tickets(self, statuses: Collection[TicketStatus], limit: int) -> list[Conversation]:
        """Return tickets of these statuses, newest first."""
        ...

    async def ticket(self, ticket_id: TicketId) -> Conversation | None:
        """Return the conversation that is this ticket."""
        ...

    async def open_tickets_of(self, contact: Contact, limit: int) -> list[Conversation]:
        """Return the open tickets of a contact, newest first.

        Also those of other contacts with the same e-mail address, where it is proven for both.
        """
        ...

    async def messages_in(self, conversation: ConversationId) -> list[Message]:
        """Return everything said in a conversation, in order."""
        ...

    async def counts(self) -> Mapping[str, int]:
        """Return figures for the metrics: conversations by stage, deliveries by state."""
        ...


class Store(Protocol):
    """Where everything is kept."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction that may write; commit at the end, roll back on an exception."""
        ...
