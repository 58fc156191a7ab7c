"""New ids, the same ones each time."""

import random
from itertools import count

from core.ids import ContactId, ConversationId, DeliveryId, TicketId
from core.ticket import ALPHABET, ID_LENGTH, ticket_id


class SeededIds:
    """Ids in the order of their making; tickets' are drawn, and so can meet one that is taken."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(f"tickets {seed}")
        self._numbers = count(1)

    def contact(self) -> ContactId:
        """Return a new contact's id."""
        return ContactId(f"p{next(self._numbers)}")

    def conversation(self) -> ConversationId:
        """Return a new conversation's id."""
        return ConversationId(f"t{next(self._numbers)}")

    def delivery(self) -> DeliveryId:
        """Return a new delivery's id."""
        return DeliveryId(f"d{next(self._numbers)}")

    def ticket(self) -> TicketId:
        """Return an ID that a new ticket could have."""
        return ticket_id("SIM", (self._dice.randrange(len(ALPHABET)) for _ in range(ID_LENGTH)))
