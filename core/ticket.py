"""A ticket: a conversation that outlives the chat."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.ids import TicketId

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What an ID is made of: nothing that is mistaken for another when read aloud (0/O, 1/I/L)."""

ID_LENGTH = 5


class TicketStatus(StrEnum):
    """Who has to act next."""

    OPEN = "open"
    ANSWERED = "answered"
    CUSTOMER_REPLY = "customer-reply"
    ON_HOLD = "on-hold"
    CLOSED = "closed"


OPEN_STATUSES = tuple(each for each in TicketStatus if each is not TicketStatus.CLOSED)


class Priority(StrEnum):
    """How much it hurries."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class FiledBecause(StrEnum):
    """Why a conversation became a ticket."""

    CLOSED = "closed"
    UNANSWERED = "unanswered"
    AGENT = "agent"
    UNREACHABLE = "unreachable"
    MAIL = "mail"
    """The customer wrote a mail."""
    FORM = "form"
    """The customer filled in a form where there is no chat."""


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """What makes a conversation a ticket."""

    id: TicketId
    filed_at: datetime
    because: FiledBecause
    status: TicketStatus = TicketStatus.OPEN
    priority: Priority = Priority.MEDIUM
    merged_into: TicketId | None = None
    """The ticket in which it goes on."""


def ticket_id(prefix: str, chance: Iterable[int]) -> TicketId:
    """Return an ID such as `MNT-4K7Q2`, made from the random numbers in *chance*.

    *chance* must come from a source that cannot be guessed, evenly spread over `len(ALPHABET)`.
    """
    letters = [ALPHABET[number] for number, _ in zip(chance, range(ID_LENGTH), strict=False)]
    return TicketId(f"{prefix}-{''.join(letters)}")
