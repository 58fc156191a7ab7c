"""What customers do: in a chat, in a form, in the portal, by mail."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.events.happened import Happened
from core.ids import MessageId
from core.message import Attachment
from core.richtext import RichText


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
