"""Deliveries by mail, with everything that a mail is made of."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.contact import Contact, Identity
from core.conversation import Agent, Conversation, Stage
from core.effects import Mail, MailKind
from core.hours import WorkingHours
from core.ids import AgentId, ContactId, ConversationId, DeliveryId, MessageId, TicketId
from core.message import Attachment, AttachmentKind, Message, Part, Side
from core.outbox import MAIL, Delivery, Outgoing
from core.policy import Department
from core.richtext import RichText, plain
from core.ticket import FiledBecause, Ticket

AT = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
"""A Sunday, 18:00 in Belgrade."""

ANA = Contact(
    id=ContactId("ana"), language="en", name="Ana", email="ana@example.com", email_proven=False
)

SUPPORT = Department(
    key="support",
    name="Support",
    room="C1",
    hours=WorkingHours(week="Mo-Fr 08:00-20:00", zone="Europe/Belgrade"),
)


def answer(
    text: str | RichText = "Try it again, please.", *files: str, by: str = "Mira"
) -> Message:
    """Return what an agent answered, with files of these names."""
    return Message(
        id=MessageId("m1"),
        conversation_id=ConversationId("c1"),
        side=Side.AGENTS,
        author=by,
        at=AT,
        part=Part.TALK,
        text=plain(text) if isinstance(text, str) else text,
        attachments=tuple(
            Attachment(kind=AttachmentKind.DOCUMENT, channel="agents", ref="F1", name=name)
            for name in files
        ),
    )


def outgoing(
    kind: MailKind = MailKind.TICKET_FILED,
    *,
    message: Message | None = None,
    delivery: str = "d1",
    conversation: dict[str, Any] | None = None,
    **contact: Any,
) -> Outgoing:
    """Return a mail of this kind to Ana, with some of what is known of her changed."""
    talk = Conversation(
        id=ConversationId("c1"),
        contact=replace(ANA, **contact),
        identity=Identity("telegram", "17"),
        opened_at=AT,
        stage=Stage.TICKETED,
        assignee=Agent(AgentId("U1"), "Mira"),
        ticket=Ticket(id=TicketId("MNT-4K7Q2"), filed_at=AT, because=FiledBecause.CLOSED),
    ).evolve(**conversation or {})
    return Outgoing(
        delivery=Delivery(
            id=DeliveryId(delivery),
            conversation_id=talk.id,
            channel=MAIL,
            lane=f"mail:{talk.contact.email}",
            place=talk.contact.email,
            effect=Mail(kind=kind),
            created_at=AT,
            due_at=AT,
        ),
        conversation=talk,
        department=SUPPORT,
        message=message,
    )
