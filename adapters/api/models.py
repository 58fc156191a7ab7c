"""What comes in and goes out as JSON. Strict: what is not as it is described is refused."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.public import PublicMessage, PublicTicket, moment

LONGEST_TEXT = 20_000
MOST_MESSAGES = 100
"""In one answer."""

_SAYS_SOMETHING = r"[^\s\x00-\x1f]"

Text = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_TEXT,
        pattern=_SAYS_SOMETHING,
        description="The customer's words, as plain text.",
        examples=["My site has been down since this morning."],
    ),
]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Side = Literal["customer", "agents"]
Status = Literal["open", "answered", "customer-reply", "on-hold", "closed"]
PriorityName = Literal["low", "medium", "high"]
Language = Literal["sr", "sr-Latn", "en"]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class NewTicket(_Strict):
    """A request of a customer's."""

    email: Annotated[
        str,
        Field(
            min_length=3,
            max_length=254,
            description="Where answers are mailed to.",
            examples=["ana@example.com"],
            json_schema_extra={"format": "email"},
        ),
    ]
    name: Annotated[
        str, Field(max_length=64, description="What agents call the customer.", examples=["Ana"])
    ] = ""
    subject: Annotated[
        str,
        Field(
            max_length=120,
            description="What it is about; without one, the text's first words.",
            examples=["Site down"],
        ),
    ] = ""
    text: Text
    department: Annotated[
        str | None,
        Field(max_length=100, description="Its key; without one, the first department's."),
    ] = None
    language: Annotated[
        Language | None, Field(description="What the desk writes to a new customer in.")
    ] = None
    priority: Annotated[PriorityName, Field(description="How much it hurries.")] = "medium"


class NewMessage(_Strict):
    """What the customer says in a ticket."""

    text: Text


class _Shown(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class File(_Shown):
    """A file that came with a message."""

    name: str
    type: str
    size: int | None
    """Bytes."""


class Message(_Shown):
    """What the customer or an agent said, as it reads now."""

    id: str
    """It never changes."""
    side: Side
    """Who speaks."""
    author: str
    at: Moment
    """When it was written."""
    text: str
    files: list[File]
    edited: Moment | None
    """When it was changed last."""
    deleted: bool
    """Whether its author took it back; nothing is left of it then."""


class Customer(_Shown):
    """Who asks."""

    name: str
    email: str


class Ticket(_Shown):
    """A ticket, and a page of what was said in it, oldest first."""

    id: str
    status: Status
    """Who has to act next."""
    subject: str
    priority: PriorityName
    department: str | None
    """Its key."""
    created: Moment
    merged_into: str | None
    """The ticket in which it goes on."""
    customer: Customer
    messages: list[Message]
    total: int
    """How many messages there are."""
    next: int | None
    """The offset of the next page; null on the last one."""


def ticket_of(ticket: PublicTicket, page: list[Message], total: int, offset: int) -> Ticket:
    """Return a ticket with the page of its *total* messages that begins at *offset*."""
    end = offset + len(page)
    return Ticket(
        id=ticket.id,
        status=ticket.status.value,
        subject=ticket.subject,
        priority=ticket.priority.value,
        department=ticket.department,
        created=moment(ticket.created),
        merged_into=ticket.merged_into,
        customer=Customer(name=ticket.name, email=ticket.email),
        messages=page,
        total=total,
        next=end if page and end < total else None,
    )


def message_of(message: PublicMessage) -> Message:
    """Return what is shown of a message."""
    return Message(
        id=message.id,
        side=message.side.value,
        author=message.author,
        at=moment(message.at),
        text=message.text,
        files=[File(name=each.name, type=each.mime, size=each.size) for each in message.files],
        edited=moment(message.edited_at) if message.edited_at else None,
        deleted=message.is_deleted,
    )
