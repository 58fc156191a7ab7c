"""Conversations, messages and deliveries with little to say, to fill a store with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.contact import Contact, Identity
from core.conversation import Conversation
from core.effects import Effect, OpenThread, Piece, Relay
from core.events import CustomerWrote
from core.hours import WorkingHours
from core.ids import ContactId, ConversationId, DeliveryId, MessageId
from core.message import Message, Part, Side
from core.outbox import AGENTS, Delivery
from core.policy import Department
from core.ports import Audit, Changes, FromCustomer, Incoming, Store
from core.richtext import plain

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SUPPORT = Department(
    key="support",
    name="Support",
    room="C1",
    hours=WorkingHours(week="Mo-Fr 08:00-20:00", zone="Europe/Belgrade", holidays="RS"),
)


def later(**span: float) -> datetime:
    """Return a moment after noon."""
    return NOON + timedelta(**span)


def an_identity(name: str = "ana") -> Identity:
    """Return where a customer writes from."""
    return Identity("telegram", name)


def a_conversation(name: str = "ana", id_: str = "", **changes: Any) -> Conversation:
    """Return a conversation of the customer called *name*, opened at noon."""
    conversation = Conversation(
        id=ConversationId(id_ or f"of-{name}"),
        contact=Contact(id=ContactId(f"contact-{name}"), language="sr"),
        identity=an_identity(name),
        opened_at=NOON,
    )
    return replace(conversation, **changes)


def a_message(id_: str, conversation: str = "of-ana", **changes: Any) -> Message:
    """Return something that the customer said at noon."""
    message = Message(
        id=MessageId(id_),
        conversation_id=ConversationId(conversation),
        side=Side.CUSTOMER,
        author="Ana",
        at=NOON,
        part=Part.TALK,
        text=plain(id_),
    )
    return replace(message, **changes)


def a_delivery(id_: str, conversation: str = "of-ana", **changes: Any) -> Delivery:
    """Return a delivery to the conversation's agents, due at noon."""
    delivery = Delivery(
        id=DeliveryId(id_),
        conversation_id=ConversationId(conversation),
        channel=AGENTS,
        lane=f"{AGENTS}:{conversation}",
        place="C1",
        effect=OpenThread(),
        created_at=NOON,
        due_at=NOON,
    )
    return replace(delivery, **changes)


def relay(id_: str, message: str, *, attachment: int | None = None, **changes: Any) -> Delivery:
    """Return a delivery of a piece of a message to the agents."""
    piece = Piece(0, 5) if attachment is None else Piece(attachment=attachment)
    message_id = MessageId(message)
    effect: Effect = Relay(to=Side.AGENTS, message_id=message_id, piece=piece)
    return a_delivery(id_, effect=effect, message_id=message_id, **changes)


def an_incoming(key: str, name: str = "ana") -> Incoming:
    """Return a message that a customer's channel tells of."""
    event = CustomerWrote(at=NOON, message_id=MessageId(key), sent_at=NOON, text=plain(key))
    return Incoming(key=key, origin=FromCustomer(identity=an_identity(name)), event=event)


async def keep(store: Store, *things: Conversation | Message | Delivery) -> None:
    """Save these in one transaction."""
    changes = Changes()
    for each in things:
        match each:
            case Conversation():
                changes.conversations[each.id] = each
            case Message():
                changes.messages[each.id] = each
            case Delivery():
                changes.deliveries.append(each)
    async with store.transaction() as tx:
        await tx.save(changes)


async def add_department(store: Store, department: Department = SUPPORT) -> None:
    """Save a department."""
    entry = Audit(at=NOON, who="U1", what="department added", before="", after=department.name)
    async with store.transaction() as tx:
        await tx.save_department(department, entry)
