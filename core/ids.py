"""Names for the identifiers that pass through the desk.

Those that a platform made are opaque: only its adapter may look inside.
"""

from typing import NewType

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
