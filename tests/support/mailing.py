"""Deliveries by mail, with everything that a mail is made of."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.contact import Contact, Identity
from core.conversation import Agent, Conversation, Stage
from core.effects import Mail, MailKind, Words
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


def a_file(name: str, **changes: Any) -> Attachment:
    """Return a document that an agent sent."""
    file = Attachment(kind=AttachmentKind.DOCUMENT, channel="agents", ref=f"F-{name}", name=name)
    return replace(file, **changes)


def answer(
    text: str | RichText = "Try it again, please.",
    *files: str | Attachment,
    by: str = "Mira",
    **changes: Any,
) -> Message:
    """Return what an agent answered, with these files, or files of these names."""
    said = Message(
        id=MessageId("m1"),
        conversation_id=ConversationId("c1"),
        side=Side.AGENTS,
        author=by,
        at=AT,
        part=Part.TALK,
        text=plain(text) if isinstance(text, str) else text,
        attachments=tuple(a_file(each) if isinstance(each, str) else each for each in files),
    )
    return replace(said, **changes)


def asked(text: str | RichText, *files: str | Attachment, **changes: Any) -> Message:
    """Return what Ana said, a quarter of an hour before she was answered."""
    said: dict[str, Any] = {"by": "Ana", "side": Side.CUSTOMER, "at": AT - timedelta(minutes=15)}
    return answer(text, *files, **said | changes)


def outgoing(
    kind: MailKind = MailKind.TICKET_FILED,
    *,
    message: Message | None = None,
    others: Sequence[Message] = (),
    before: Sequence[Message] = (),
    expect: Words | None = None,
    delivery: str = "d1",
    conversation: dict[str, Any] | None = None,
    **contact: Any,
) -> Outgoing:
    """Return a mail of this kind to Ana, with some of what is known of her changed.

    *others* are further answers that go with the same mail, *before* is what was said before it.
    """
    answers = () if message is None else (message, *others)
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
            effect=Mail(kind=kind, message_ids=tuple(each.id for each in answers), expect=expect),
            created_at=AT,
            due_at=AT,
        ),
        conversation=talk,
        department=SUPPORT,
        message=message,
        with_messages=answers if others else (),
        said_before=tuple(before),
    )
