"""From effects to deliveries: each to one place, each small enough for one call."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.conversation import Conversation
from core.effects import (
    Announce,
    Effect,
    Mail,
    OpenThread,
    Piece,
    Relay,
    RelayEdit,
    Say,
    TellAgents,
    TryAgain,
    UpdateCard,
)
from core.email_address import mailbox_of
from core.ids import ConversationId, DeliveryId, MessageId, Receipt
from core.message import Message, Side
from core.policy import Department
from core.richtext import split

AGENTS = "agents"
"""The channel on which agents are told, whatever platform that is."""
MAIL = "mail"
"""The channel of outgoing mail."""
WEBHOOK = "webhook"
"""The channel on which the house's own programs are told."""

SAID_BEFORE = 10
"""How many of the messages before it are loaded with a mail."""


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    SENDING = "sending"
    IN_DOUBT = "in-doubt"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"
    """Nobody wants it delivered any more."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One effect on its way to one place."""

    id: DeliveryId
    conversation_id: ConversationId
    channel: str
    lane: str
    """Deliveries of one lane keep their order."""
    place: str
    """Whose patience is used up: a chat, a room, a mailbox. Many lanes may lead there."""
    effect: Effect
    message_id: MessageId | None = None
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    created_at: datetime
    due_at: datetime
    """Not before this (UTC)."""
    receipt: Receipt | None = None
    reason: str = ""
    retried_at: datetime | None = None
    """When somebody had it tried again after it had failed (UTC), the last time."""

    @property
    def since(self) -> datetime:
        """From when on patience with it counts (UTC)."""
        return self.retried_at or self.created_at


@dataclass(frozen=True, kw_only=True)
class Head:
    """The first unfinished delivery of a lane, as far as it takes to say whose turn it is."""

    id: DeliveryId
    channel: str
    lane: str
    place: str
    created_at: datetime
    """When it was decided (UTC)."""
    is_followed: bool = False
    """Whether anything stands behind it."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A delivery with all that a channel needs to carry it out."""

    delivery: Delivery
    conversation: Conversation
    department: Department
    message: Message | None = None
    receipts: tuple[Receipt, ...] = ()
    """What the platform called the pieces of the message, in order, where this is an edit of it."""
    earlier: int = 0
    """How many conversations this customer has had before this one."""
    with_messages: tuple[Message, ...] = ()
    """What stands in the same post, in order, `message` among it; empty where that stands alone."""
    said_before: tuple[Message, ...] = ()
    """For a mail with answers: what both sides said last before, oldest first; no notes.

    At most `SAID_BEFORE`, and neither the answers themselves nor replies to the intake's questions.
    """


@dataclass(frozen=True, kw_only=True)
class Fits:
    """What one call to a channel can carry."""

    text: int
    """Code points."""
    file: int
    """Bytes."""
    joins: int = 1
    """How many whole messages may share one call, together no longer than `text`."""
    at_once: int | None = None
    """How many calls may be under way at once, so that others go on while they hang; None: all."""


def plan(
    effects: Sequence[Effect],
    conversation: Conversation,
    messages: Mapping[MessageId, Message],
    department: Department,
    fits: Mapping[str, Fits],
    *,
    at: datetime,
    new_id: Callable[[], DeliveryId],
    pieces_before: Mapping[MessageId, int],
) -> list[Delivery]:
    """Return the deliveries that carry out *effects*, in order.

    *fits* says what each channel carries (one that is absent is not set up: what would go there is
    left out); *pieces_before* how many deliveries an edited message took when it was first sent.
    """
    deliveries = []
    for effect in effects:
        if isinstance(effect, TryAgain):  # it makes nothing new
            continue
        channel = _channel(effect, conversation)
        if channel not in fits:
            continue
        for small in _pieces(effect, messages, fits[channel], pieces_before):
            deliveries.append(
                Delivery(
                    id=new_id(),
                    conversation_id=conversation.id,
                    channel=channel,
                    lane=_lane(channel, conversation),
                    place=_place(channel, conversation, department),
                    effect=small,
                    message_id=_message_id(small, conversation),
                    created_at=at,
                    due_at=at,
                )
            )
    return deliveries


def anew(unfinished: Iterable[Delivery]) -> list[Effect]:
    """Return what has to be done again, in order, because the thread is another one.

    A message goes there whole, as it reads now, whatever was under way of it; a card need not be
    brought up to date, for a new thread begins with one.
    """
    effects: list[Effect] = []
    for delivery in unfinished:
        match delivery.effect:
            case OpenThread() | UpdateCard():
                continue
            case Relay() as relay:
                again: Effect = replace(relay, piece=None)
            case RelayEdit(to=to, message_id=message_id):
                again = Relay(to=to, message_id=message_id)
            case other:
                again = other
        if not (isinstance(again, Relay) and again in effects):
            effects.append(again)
    return effects


def _channel(effect: Effect, conversation: Conversation) -> str:
    match effect:
        case Mail():
            return MAIL
        case OpenThread() | UpdateCard() | TellAgents():
            return AGENTS
        case Relay(to=Side.AGENTS) | RelayEdit(to=Side.AGENTS):
            return AGENTS
        case Announce():
            return WEBHOOK
        case _:
            return conversation.identity.channel


def lane_of_agents(conversation: ConversationId) -> str:
    """Return the lane of all that agents are told of a conversation."""
    return f"{AGENTS}:{conversation}"


def _lane(channel: str, conversation: Conversation) -> str:
    if channel == AGENTS:
        return lane_of_agents(conversation.id)
    if channel == MAIL:
        return f"{MAIL}:{conversation.contact.email}"
    if channel == WEBHOOK:
        return f"{WEBHOOK}:{conversation.id}"
    return f"{channel}:{conversation.identity.address}"


def _place(channel: str, conversation: Conversation, department: Department) -> str:
    if channel == AGENTS:
        return department.room
    if channel == MAIL:
        return mailbox_of(conversation.contact.email)
    if channel == WEBHOOK:
        return WEBHOOK
    return conversation.identity.address


def _message_id(effect: Effect, conversation: Conversation) -> MessageId | None:
    match effect:
        case Relay() | RelayEdit():
            return effect.message_id
        case Mail():
            return effect.message_ids[0] if effect.message_ids else None
        case OpenThread() | UpdateCard():
            return conversation.card_message
        case Announce(message=message):
            # Once it is a note, what it said is told no more; that it is gone, is.
            return message.id if message and not message.is_deleted else None
        case Say() | TellAgents() | TryAgain():
            return None


def _pieces(
    effect: Effect,
    messages: Mapping[MessageId, Message],
    fits: Fits,
    pieces_before: Mapping[MessageId, int],
) -> Iterator[Effect]:
    match effect:
        case Relay(message_id=message_id):
            for piece in _of_message(messages[message_id], fits):
                yield replace(effect, piece=piece)
        case RelayEdit(message_id=message_id):
            now = _of_text(messages[message_id], fits)
            before = pieces_before.get(message_id, 0)
            for number in range(max(len(now), before)):
                left = now[number] if number < len(now) else None
                yield replace(effect, number=number, piece=left)
        case _:
            yield effect


def _of_message(message: Message, fits: Fits) -> list[Piece]:
    """Return the pieces of *message*: its text first, then each attachment."""
    files = [Piece(attachment=number) for number in range(len(message.attachments))]
    return _of_text(message, fits) + files


def _of_text(message: Message, fits: Fits) -> list[Piece]:
    return [Piece(start, end) for start, end in split(message.text, fits.text)]
