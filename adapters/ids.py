"""New ids, from a source that cannot be guessed."""

import secrets
import uuid

from core.ids import ContactId, ConversationId, DeliveryId, TicketId
from core.ticket import ALPHABET, ID_LENGTH, ticket_id


class RandomIds:
    """Ids for a desk whose tickets begin with *prefix*."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def contact(self) -> ContactId:
        """Return a new contact's id."""
        return ContactId(uuid.uuid4().hex)

    def conversation(self) -> ConversationId:
        """Return a new conversation's id."""
        return ConversationId(uuid.uuid4().hex)

    def delivery(self) -> DeliveryId:
        """Return a new delivery's id."""
        return DeliveryId(uuid.uuid4().hex)

    def ticket(self) -> TicketId:
        """Return an ID that a new ticket could have."""
        base = len(ALPHABET)
        drawn = secrets.randbelow(base**ID_LENGTH)  # one number, and its digits: asked for often
        return ticket_id(self._prefix, (drawn // base**place % base for place in range(ID_LENGTH)))
