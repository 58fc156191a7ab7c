"""One request for help, from first word to resolution."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from core.contact import Contact, Identity
from core.ids import AgentId, ConversationId, MessageId, Thread, TicketId
from core.policy import Policy
from core.ticket import Ticket, TicketStatus


class Stage(StrEnum):
    """Where a conversation stands."""

    ASKING = "asking"
    """The desk is still learning who asks, and what."""
    WAITING = "waiting"
    """Agents have been told; none has answered."""
    ACTIVE = "active"
    """An agent has answered."""
    TICKETED = "ticketed"
    """It is a ticket now, and goes on by mail and in the chat."""
    RESOLVED = "resolved"


class Question(StrEnum):
    """What the desk asks, in this order."""

    NAME = "name"
    EMAIL = "email"
    DEPARTMENT = "department"
    PROBLEM = "problem"


class WakeFor(StrEnum):
    """Why a conversation wants attention although nobody speaks."""

    ASK = "ask"
    """The customer's burst is over: time to ask, or to tell the agents."""
    ABANDONED = "abandoned"
    """A question of the intake stayed unanswered."""
    REMINDER = "reminder"
    DEADLINE = "deadline"
    IDLE = "idle"
    MAIL = "mail"
    """Answers that nobody seems to have read in the chat are mailed."""
    TICKET_REMINDER = "ticket-reminder"
    """A ticket has waited for the agents for long."""
    CLOSING_SOON = "closing-soon"
    """The customer has been silent for long: time to say that the ticket will be closed."""
    CLOSING = "closing"


@dataclass(frozen=True)
class Agent:
    """A person who answers. Known by `id`; `name` is what customers read."""

    id: AgentId
    name: str


@dataclass(frozen=True, kw_only=True)
class Wake:
    """A moment (UTC), and what for."""

    at: datetime
    reason: WakeFor


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """The state of one request for help. Changes are made by `decide`, and by nothing else."""

    id: ConversationId
    contact: Contact
    identity: Identity
    opened_at: datetime
    stage: Stage = Stage.ASKING
    department: str | None = None
    thread: Thread | None = None
    """Where agents see it; written by the service when the card has been posted."""

    question: Question | None = None
    """The question that waits for an answer."""
    doubtful_email: str = ""
    """The address as it was typed, while its likely correction waits for a yes or a no."""
    suggested_email: str = ""
    name_from: MessageId | None = None
    """The message that answered the question; an edit of it corrects the answer."""
    email_from: MessageId | None = None
    problem: tuple[MessageId, ...] = ()
    """What the customer wrote of their problem before agents were told, in order."""
    has_problem: bool = False
    """Whether any of that says more than a greeting."""
    card_message: MessageId | None = None
    """The message of the problem that stands on the card, where one fits there."""
    subject: str = ""
    handed_over: bool = False
    """Whether agents have been told."""
    incomplete: bool = False
    """Whether the customer left before every question was answered."""
    not_taken: int = 0
    """How many messages were over the limit, while agents have not been told of it."""

    assignee: Agent | None = None
    waiting_since: datetime | None = None
    """When the customer's oldest unanswered word was said."""
    answered_at: datetime | None = None
    """When an agent answered for the first time."""
    deadline: datetime | None = None
    """When a ticket is filed if nobody answers; set with the reminder that comes before it."""
    wake: Wake | None = None
    ticket: Ticket | None = None
    reachable: bool = True
    """Whether there is a chat that still carries words to the customer."""
    heard_at: datetime | None = None
    """When the customer last said something in the chat, or read there (UTC); None once they have
    left."""
    mail_ids: tuple[str, ...] = ()
    """The Message-IDs of the customer's mails, the newest last."""
    mail_subject: str = ""
    """What the mail that it began with was about, in the customer's own words."""
    by_machine: bool = False
    """Whether a machine's mail began it, and no person has answered: the desk by itself says
    nothing to a machine."""
    also: tuple[str, ...] = ()
    """Further addresses from which the customer writes, as agents have said."""
    unmailed: tuple[MessageId, ...] = ()
    """Answers that wait to be mailed, for the customer may be reading them in the chat."""
    mailed: tuple[MessageId, ...] = ()
    """The last answers of a chat that went by mail, too: nothing is mailed twice."""
    told_away: bool = False
    """Whether agents know that the customer is away and that there is nowhere to mail to."""
    mail_at: datetime | None = None
    """When they are mailed, if there is no sign until then that they were read (UTC)."""
    resolved_at: datetime | None = None

    continues: ConversationId | None = None
    """The conversation that was over for too long to be taken up again when this one began."""
    earlier_tickets: tuple[TicketId, ...] = ()
    """The tickets that went before this conversation, the newest first; not all, if many."""
    merged_into: ConversationId | None = None
    """Where it goes on: whatever else is said in it belongs there."""

    def __post_init__(self) -> None:
        """Refuse a state that no rule may leave behind."""
        over = self.stage is Stage.RESOLVED
        problems = {
            "a conversation that is over has a wake time": over and self.wake is not None,
            "a conversation that is over has no end": over != (self.resolved_at is not None),
            "it is ticketed without a ticket": self.stage is Stage.TICKETED and self.ticket is None,
            "its question is open although the intake is over": self.stage is not Stage.ASKING
            and self.question is not None,
            "its ticket is open although it is over": over
            and self.ticket is not None
            and self.ticket.status is not TicketStatus.CLOSED,
            "it was merged, and is not over": self.merged_into is not None and not over,
        }
        for problem, found in problems.items():
            if found:
                raise ValueError(f"conversation {self.id}: {problem}")

    def evolve(self, **changes: Any) -> Self:
        """Return this conversation with *changes* made."""
        return replace(self, **changes)

    def with_contact(self, **changes: Any) -> Self:
        """Return this conversation with *changes* made to what is known of its customer."""
        return replace(self, contact=replace(self.contact, **changes))

    def with_ticket(self, **changes: Any) -> Self:
        """Return this conversation with *changes* made to its ticket, which must exist."""
        if self.ticket is None:
            raise ValueError(f"conversation {self.id} has no ticket")
        return replace(self, ticket=replace(self.ticket, **changes))

    def takes(self, at: datetime, policy: Policy) -> bool:
        """Whether what the customer says at *at* belongs here, not to a new conversation."""
        return self.resolved_at is None or at < self.resolved_at + policy.reopen_within
