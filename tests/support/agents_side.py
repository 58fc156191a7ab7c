"""What the agents' platform is handed: deliveries with all that carrying them out needs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from core.contact import Contact, Identity
from core.conversation import Conversation, Stage
from core.effects import Effect
from core.hours import WorkingHours
from core.ids import ContactId, ConversationId, DeliveryId, MessageId, Receipt
from core.message import Attachment, AttachmentKind, Message, Part, Side
from core.outbox import AGENTS, Delivery, Outgoing
from core.policy import Department
from core.richtext import RichText, plain

OPENED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ANA = Contact(
    id=ContactId("ana"), language="sr", name="Ana", email="ana@example.com", email_proven=True
)


def department(room: str = "#support", on_call: str = "") -> Department:
    hours = WorkingHours(week="Mo-Fr 08:00-20:00", zone="Europe/Belgrade")
    return Department(key="support", name="Podrška", room=room, hours=hours, on_call=on_call)


def conversation(**changes: Any) -> Conversation:
    """Return a conversation that waits for an agent."""
    start = Conversation(
        id=ConversationId("c1"),
        contact=ANA,
        identity=Identity("telegram", "42"),
        opened_at=OPENED,
        stage=Stage.WAITING,
        department="support",
        subject="My site is down",
        card_message=MessageId("m1"),
        handed_over=True,
    )
    return start.evolve(**changes)


def message(
    text: RichText | str = "My site is down", *attachments: Attachment, id: str = "m1"
) -> Message:
    """Return what the customer said."""
    return Message(
        id=MessageId(id),
        conversation_id=ConversationId("c1"),
        side=Side.CUSTOMER,
        author="Ana",
        at=OPENED,
        part=Part.TALK,
        text=plain(text) if isinstance(text, str) else text,
        attachments=attachments,
    )


def attachment(kind: AttachmentKind = AttachmentKind.DOCUMENT, **more: Any) -> Attachment:
    return Attachment(kind=kind, channel="telegram", **more)


def outgoing(
    effect: Effect,
    *,
    of: Message | None = None,
    about: Conversation | None = None,
    to: Department | None = None,
    receipts: Sequence[str] = (),
    earlier: int = 0,
    id: str = "d1",
    created_at: datetime = OPENED,
) -> Outgoing:
    """Return a delivery to the agents with all that goes with it."""
    to = to or department()
    shown = of.id if of else None
    delivery = Delivery(
        id=DeliveryId(id),
        conversation_id=ConversationId("c1"),
        channel=AGENTS,
        lane="agents:c1",
        place=to.room,
        effect=effect,
        message_id=shown,
        created_at=created_at,
        due_at=created_at,
    )
    return Outgoing(
        delivery=delivery,
        conversation=about or conversation(),
        department=to,
        message=of,
        receipts=tuple(Receipt(each) for each in receipts),
        earlier=earlier,
    )


NASTY = (
    "<!channel>",
    "<!here|here>",
    "<!everyone>",
    "<@U0PODRSKA>",
    "<@U00000001|boss>",
    "<!subteam^S00000001>",
    "<!subteam^S00000001|@oncall>",
    "<#C00000001|secret>",
    "<http://evil.example|https://bank.example>",
    "<mailto:x@evil.example|support@bank.example>",
    "<!date^1392734382^Posted {date_num}^http://evil.example|now>",
    "&lt;!channel&gt;",
    "&amp;lt;!channel&amp;gt;",
    "@channel @here @everyone",
    "<<!channel>>",
    "<!chan\u200bnel>",
    "\u202e<!channel>\u202c",
    "*bold* _italic_ ~strike~ `code`",
    "> quote\n<!here>",
    "```<!channel>```",
    ":rotating_light: :boom:",
    "</p><script>alert(1)</script>",
    "a" * 200 + "<!channel>",
    "\x00<!channel>\x1b[31m",
)
"""What a customer might type to call people, to hide where a link leads, or to look official."""
