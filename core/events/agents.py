"""What agents do, in the thread and with the buttons of its card."""

from dataclasses import dataclass
from datetime import datetime

from core.contact import Identity
from core.conversation import Agent
from core.effects import Words
from core.events.happened import Happened
from core.ids import ConversationId, DeliveryId, MessageId, Thread, TicketId
from core.message import Attachment
from core.richtext import RichText
from core.ticket import Priority


@dataclass(frozen=True, kw_only=True)
class AgentWrote(Happened):
    """An agent wrote in the thread: an answer, or a note."""

    message_id: MessageId
    sent_at: datetime
    agent: Agent
    text: RichText = RichText("")
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AgentEdited(Happened):
    """An agent changed what they had written in the thread; without text, they deleted it."""

    message_id: MessageId
    agent: Agent
    text: RichText
    was_note: bool = False
    """Whether it was a note until now; filled in by the desk."""


@dataclass(frozen=True, kw_only=True)
class AgentTook(Happened):
    """An agent said that they will answer."""

    agent: Agent


@dataclass(frozen=True, kw_only=True)
class AgentResolved(Happened):
    """An agent said that the customer has been helped."""

    agent: Agent


@dataclass(frozen=True, kw_only=True)
class AgentFiledTicket(Happened):
    """An agent wants this to go on as a ticket."""

    agent: Agent


@dataclass(frozen=True, kw_only=True)
class AgentHeld(Happened):
    """An agent puts a ticket on hold, or takes it off it again."""

    agent: Agent


@dataclass(frozen=True, kw_only=True)
class AgentRenamed(Happened):
    """An agent says in other words what it is about."""

    agent: Agent
    subject: str


@dataclass(frozen=True, kw_only=True)
class AgentPrioritised(Happened):
    """An agent says how much a ticket hurries."""

    agent: Agent
    priority: Priority


@dataclass(frozen=True, kw_only=True)
class Survivor:
    """The ticket in which a merged one goes on."""

    id: ConversationId
    ticket: TicketId
    thread: Thread | None = None


@dataclass(frozen=True, kw_only=True)
class AgentMerged(Happened):
    """An agent says that a ticket is about the same as another one, and goes on there."""

    agent: Agent
    into: TicketId
    """The other one, as it was chosen or typed."""
    survivor: Survivor | None = None
    """The other one, if they may be merged; filled in by the desk."""
    refused: Words | None = None
    """Else why not; filled in by the desk."""


@dataclass(frozen=True, kw_only=True)
class TicketTookIn(Happened):
    """Another ticket of the same customer goes on in this one; told by the desk itself."""

    agent: Agent
    ticket: TicketId
    thread: Thread | None = None
    identity: Identity
    """Where its customer wrote from."""
    reachable: bool = True
    waiting_since: datetime | None = None
    """Since when it has waited for an answer."""
    said: tuple[MessageId, ...] = ()
    """What was said in it last, in order."""
    before_that: int = 0
    """How much more was said before that."""
    mailed: tuple[MessageId, ...] = ()
    """The last answers in it that went by mail."""


@dataclass(frozen=True, kw_only=True)
class AgentRetried(Happened):
    """An agent wants what could not be delivered to be tried again."""

    agent: Agent
    delivery_id: DeliveryId
    """Beside whose failure they pressed the button."""
    failed: tuple[DeliveryId, ...] = ()
    """It, and what else of the same message has failed; filled in by the desk."""


@dataclass(frozen=True, kw_only=True)
class AgentAdopted(Happened):
    """An agent said that whoever mailed this is the customer, too."""

    agent: Agent
    message_id: MessageId
    sender: str = ""
    """Their address; filled in by the desk."""


@dataclass(frozen=True, kw_only=True)
class AgentSplit(Happened):
    """An agent wants what somebody mailed into this conversation to be a request of its own."""

    agent: Agent
    message_id: MessageId
    sender: str = ""
    """Who mailed it; filled in by the desk."""
