"""Names for the identifiers that pass through the desk.

Those that a platform made are opaque: only its adapter may look inside.
"""

from typing import NewType, Protocol

ConversationId = NewType("ConversationId", str)
ContactId = NewType("ContactId", str)
DeliveryId = NewType("DeliveryId", str)
TicketId = NewType("TicketId", str)
"""Short and readable aloud, such as `MNT-4K7Q2`. It opens nothing."""

MessageId = NewType("MessageId", str)
"""Made by the adapter from what the platform calls the message: the same message, the same id."""

AgentId = NewType("AgentId", str)
"""What the agents' platform calls the person; immutable, unlike a display name."""

Thread = NewType("Thread", str)
"""Where the agents' side of a conversation lives; at most one conversation has it."""

Receipt = NewType("Receipt", str)
"""What the platform called a delivered message; kept for edits, deletions and replies."""


class Ids(Protocol):
    """The only source of new ids."""

    def contact(self) -> ContactId:
        """Return a new contact's id."""
        ...

    def conversation(self) -> ConversationId:
        """Return a new conversation's id."""
        ...

    def delivery(self) -> DeliveryId:
        """Return a new delivery's id."""
        ...

    def ticket(self) -> TicketId:
        """Return an ID that a new ticket could have; it cannot be guessed."""
        ...
