"""Settings, and what people ask of the store: tickets, transcripts, figures."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from adapters.store.looking import FEWEST_ANSWERS, MOST_ANSWERS
from adapters.store.memory.part import Part
from core.contact import Contact
from core.conversation import Conversation, Stage
from core.ids import ConversationId, TicketId
from core.message import Message
from core.outbox import DeliveryState
from core.policy import Department
from core.ports import Audit
from core.ticket import OPEN_STATUSES, TicketStatus

_DONE = (DeliveryState.DELIVERED, DeliveryState.DROPPED)
"""There is no end of these: they are not counted."""


class Looking(Part):
    """The part of a transaction in which settings change and figures are read."""

    async def save_department(self, department: Department, audit: Audit) -> None:
        """Write a department, new or changed, and who did it."""
        self._tables.put(self._tables.departments, department.key, department)
        await self.note(audit)

    async def note(self, entry: Audit) -> None:
        """Write into the audit log."""
        self._tables.put(self._tables.audits, len(self._tables.audits), entry)

    async def audits(self, limit: int) -> list[Audit]:
        """Return the newest entries of the audit log, newest first."""
        return list(reversed(self._tables.audits.values()))[:limit]

    async def typical_answer(self, department: str, since: datetime, hour: int) -> timedelta | None:
        """Return the median time to a first answer for conversations opened since then at that
        hour of the day (UTC); None for fewer than five.
        """
        answers = self._tables.answers[department, hour]
        lately = answers[bisect_left(answers, (since, ConversationId(""))) :]
        talks = (self._tables.conversations[id_] for _, id_ in lately[-MOST_ANSWERS:])
        seconds = [
            (each.answered_at - each.opened_at).total_seconds()
            for each in talks
            if each.answered_at
        ]
        if len(seconds) < FEWEST_ANSWERS:
            return None
        return timedelta(seconds=median(seconds))

    async def tickets(self, statuses: Collection[TicketStatus], limit: int) -> list[Conversation]:
        """Return tickets of these statuses, newest first."""
        talks = [self._whole(each) for each in self._tables.tickets.values()]
        found = [
            (each.ticket.filed_at, each)
            for each in talks
            if each.ticket is not None and each.ticket.status in statuses
        ]
        found.sort(key=lambda pair: (-pair[0].timestamp(), pair[1].id))
        return [each for _, each in found[:limit]]

    async def ticket(self, ticket_id: TicketId) -> Conversation | None:
        """Return the conversation that is this ticket."""
        id_ = self._tables.tickets.get(ticket_id)
        return None if id_ is None else self._whole(id_)

    async def open_tickets_of(self, contact: Contact, limit: int) -> list[Conversation]:
        """Return the open tickets of a contact, newest first.

        Also those of other contacts with the same e-mail address, where it is proven for both.
        """
        email = contact.email.lower() if contact.email_proven else ""
        found = await self.tickets(OPEN_STATUSES, len(self._tables.tickets))
        return [
            each
            for each in found
            if each.contact.id == contact.id
            or (email and each.contact.email_proven and each.contact.email.lower() == email)
        ][:limit]

    async def messages_in(self, conversation: ConversationId) -> list[Message]:
        """Return everything said in a conversation, in order."""
        said = self._tables.said.get(conversation, ())
        return [self._tables.messages[each] for each in said]

    async def counts(self) -> Mapping[str, int]:
        """Return figures for the metrics: conversations by stage, deliveries by state."""
        stages = Counter(each.stage for each in self._tables.conversations.values())
        rows = self._tables.deliveries.values()
        states = Counter(each.delivery.state for each in rows)
        counts = {f"conversations.{each}": stages[each] for each in Stage}
        return counts | {
            f"deliveries.{each}": states[each] for each in DeliveryState if each not in _DONE
        }

    def _whole(self, id_: ConversationId) -> Conversation:
        conversation = self._tables.conversations[id_]
        return replace(conversation, contact=self._tables.contacts[conversation.contact.id])
