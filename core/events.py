"""What can happen to a conversation: told in the past tense, each event with its time (UTC)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.contact import Identity
from core.conversation import Agent
from core.effects import Words
from core.ids import ConversationId, DeliveryId, MessageId, Thread, TicketId
from core.message import Attachment, Side
from core.richtext import RichText
from core.ticket import Priority

NO_TICKET = TicketId("")


@dataclass(frozen=True, kw_only=True)
class Happened:
    """What every event has."""

    at: datetime
    """When the desk learned of it (UTC)."""
    fresh_ticket_id: TicketId = NO_TICKET
    """The ID of the ticket that this event files, should it file one; filled in by the desk."""


@dataclass(frozen=True, kw_only=True)
class CustomerWrote(Happened):
    """The customer said something."""

    message_id: MessageId
    sent_at: datetime
    """When they wrote it, as their platform says (UTC)."""
    text: RichText = RichText("")
    attachments: tuple[Attachment, ...] = ()
    forwarded: bool = False
    """Whether it is somebody else's words, passed on: never an answer to a question."""


@dataclass(frozen=True, kw_only=True)
class CustomerAsked(Happened):
    """The customer filled in a form: who they are and what they ask, all at once.

    What it says of them is a claim, unless it is proven.
    """

    message_id: MessageId
    sent_at: datetime
    """When they sent it (UTC)."""
    name: str
    email: str
    text: RichText
    attachments: tuple[Attachment, ...] = ()
    subject: str = ""
    department: str | None = None
    """Which one they chose, by its key; None where they were not asked."""
    as_ticket: bool = False
    """Whether it is a ticket at once, and a new one always: there is no chat to talk in."""
    proven: bool = False
    """Whether it is known that the address is theirs."""


@dataclass(frozen=True, kw_only=True)
class CustomerReplied(Happened):
    """The customer said something elsewhere than in the chat, which they may not have read."""

    message_id: MessageId
    sent_at: datetime
    """When they sent it (UTC)."""
    text: RichText
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CustomerReopened(Happened):
    """The customer wants it taken up again, and says no more than that."""


@dataclass(frozen=True, kw_only=True)
class CustomerProved(Happened):
    """The customer did what only the owner of a mailbox can: they followed a link mailed there."""

    email: str


@dataclass(frozen=True, kw_only=True)
class CustomerSaw(Happened):
    """The customer has read in the chat what stands there."""


@dataclass(frozen=True, kw_only=True)
class CustomerAway(Happened):
    """The customer has left the page for a while; what is written there stands when they return."""

    unread: tuple[MessageId, ...]
    """The agents' answers there that they have not seen, oldest first; without what agents have
    taken back since, which the desk leaves out."""


@dataclass(frozen=True, kw_only=True)
class CustomerEdited(Happened):
    """The customer changed what they had said."""

    message_id: MessageId
    text: RichText


@dataclass(frozen=True, kw_only=True)
class CustomerChose(Happened):
    """The customer pressed a button of the desk's."""

    token: str
    """What the button carries; see `core.buttons`."""


@dataclass(frozen=True, kw_only=True)
class CustomerMailed(Happened):
    """Somebody wrote a mail: a new request, or into the ticket that it is tied to by proof.

    Whether it is the customer who wrote there is for the conversation to say.
    """

    message_id: MessageId
    sent_at: datetime
    sender: str
    """The address it says it is from."""
    subject: str = ""
    text: RichText = RichText("")
    attachments: tuple[Attachment, ...] = ()
    mail_id: str = ""
    """Its Message-ID: what our own mails refer to."""
    proven: bool = False
    """Whether it answers something that was sent to its sender alone, and nobody else."""
    authentic: bool = False
    """Whether it is from the sender that it names, as far as our mail server can tell."""
    automatic: bool = False
    """Whether a machine wrote it: it is never answered by one of ours."""
    damage: str = ""
    """What could not be read of it, for agents and operators."""


@dataclass(frozen=True, kw_only=True)
class MailBounced(Happened):
    """A mail of the desk's came back."""

    emails: tuple[str, ...]
    """The addresses that did not take it, as far as the servers name them."""
    detail: str
    """Why, in the words of the mail servers; for agents."""
    is_final: bool = True
    """Whether the next mail would come back, too."""


class Command(StrEnum):
    """What a customer can ask of the desk itself."""

    START = "start"
    HELP = "help"
    STATUS = "status"
    CANCEL = "cancel"
    LANGUAGE = "language"
    END = "end"


@dataclass(frozen=True, kw_only=True)
class CustomerCommanded(Happened):
    """The customer gave the desk a command."""

    command: Command


@dataclass(frozen=True, kw_only=True)
class CustomerLeft(Happened):
    """The customer can no longer be reached where they wrote from: they blocked the bot, say."""


@dataclass(frozen=True, kw_only=True)
class CustomerReturned(Happened):
    """The customer can be reached there again."""


class Excess(StrEnum):
    """What a customer brought too much of."""

    MESSAGES = "messages"
    FILES = "files"
    PRESSES = "presses"


@dataclass(frozen=True, kw_only=True)
class CustomerFlooded(Happened):
    """The customer brought more than is taken from one; what is over the limit is not kept."""

    too_much: Excess
    until: datetime
    """When more is taken (UTC)."""
    again: bool = False
    """Whether agents have been told of this flood already."""


@dataclass(frozen=True, kw_only=True)
class FloodEnded(Happened):
    """The customer has brought nothing over the limit for a while."""

    not_taken: int
    """How many messages and edits did not pass."""


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


@dataclass(frozen=True, kw_only=True)
class TimerFired(Happened):
    """The conversation's wake time has come, or may have been set by a clock that was ahead."""


@dataclass(frozen=True, kw_only=True)
class DeliveryFailed(Happened):
    """Something could not be delivered, and never will be."""

    to: Side
    delivery_id: DeliveryId | None = None
    """Which delivery can be tried again; None where that would be of no use."""
    by_mail: bool = False
    message_id: MessageId | None = None
    """What somebody wrote, if it was that; None for the desk's own words."""
    reason: Words
    """Why."""
    gone: bool = False
    """Whether the place itself is gone, so that nothing else will arrive there either."""


@dataclass(frozen=True, kw_only=True)
class ThreadLost(Happened):
    """Somebody deleted the thread; what was on its way there is to be delivered anew."""


Event = (
    CustomerWrote
    | CustomerAsked
    | CustomerReplied
    | CustomerReopened
    | CustomerProved
    | CustomerSaw
    | CustomerAway
    | CustomerEdited
    | CustomerMailed
    | MailBounced
    | CustomerChose
    | CustomerCommanded
    | CustomerLeft
    | CustomerReturned
    | CustomerFlooded
    | FloodEnded
    | AgentWrote
    | AgentEdited
    | AgentTook
    | AgentResolved
    | AgentFiledTicket
    | AgentHeld
    | AgentRenamed
    | AgentPrioritised
    | AgentMerged
    | TicketTookIn
    | AgentRetried
    | AgentAdopted
    | AgentSplit
    | TimerFired
    | DeliveryFailed
    | ThreadLost
)
