"""What every event has."""

from dataclasses import dataclass
from datetime import datetime

from core.ids import TicketId

NO_TICKET = TicketId("")


@dataclass(frozen=True, kw_only=True)
class Happened:
    """What every event has."""

    at: datetime
    """When the desk learned of it (UTC)."""
    fresh_ticket_id: TicketId = NO_TICKET
    """The ID of the ticket that this event files, should it file one; filled in by the desk."""
