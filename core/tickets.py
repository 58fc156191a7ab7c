"""Tickets as people look for them, and what operators do about them.

An operator's wish is an event like an agent's: it is put where the running desk takes it up, and
goes through the same rules. Each leaves an entry in the audit log.
"""

from core.conversation import Agent, Conversation
from core.effects import Words
from core.events import AgentMerged, AgentResolved, Event
from core.ids import AgentId, ConversationId, TicketId
from core.message import Message
from core.policy import Policy
from core.ports import AGAIN, About, Audit, Clock, Incoming, Store
from core.ticket_merging import why_not

MOST_OTHERS = 100
"""How many tickets of one customer are offered to be merged into."""
OPERATOR = "Podrška"
"""What customers and agents call whoever works at the command line."""


class Tickets:
    """The tickets, by their IDs and by their customers."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def find(self, ticket_id: str) -> Conversation | None:
        """Return the ticket with this ID, however it was typed: `[mnt-4k7q2]`."""
        async with self._store.transaction() as tx:
            return await tx.ticket(read_id(ticket_id))

    async def about(self, id_: ConversationId) -> Conversation | None:
        """Return a conversation."""
        async with self._store.transaction() as tx:
            return (await tx.conversations([id_])).get(id_)

    async def said_in(self, ticket: Conversation) -> list[Message]:
        """Return everything said in a ticket, in order."""
        async with self._store.transaction() as tx:
            return await tx.messages_in(ticket.id)

    async def zone_of(self, ticket: Conversation) -> str:
        """Return the time zone of the department that a ticket belongs to."""
        async with self._store.transaction() as tx:
            departments = await tx.departments()
        if not departments:
            return "UTC"
        return Policy(departments=departments).department(ticket.department).hours.zone

    async def others(self, ticket: Conversation) -> list[Conversation]:
        """Return the open tickets into which this one can be merged, the newest first."""
        async with self._store.transaction() as tx:
            found = await tx.open_tickets_of(ticket.contact, MOST_OTHERS)
        return [each for each in found if each.id != ticket.id]

    async def why_not(self, ticket: Conversation, into: str) -> Words | None:
        """Return why a ticket cannot be merged into another one; None if it can."""
        return why_not(ticket, await self.find(into), read_id(into))

    async def close(self, ticket: Conversation, *, who: str) -> None:
        """Have the running desk close a ticket."""
        event = AgentResolved(at=self._clock.now(), agent=_operator(who))
        await self._wish(ticket, event, "closed", who)

    async def merge(self, ticket: Conversation, into: str, *, who: str) -> None:
        """Have the running desk merge a ticket into another one, as far as `why_not` allows."""
        event = AgentMerged(at=self._clock.now(), agent=_operator(who), into=read_id(into))
        await self._wish(ticket, event, f"merged into {event.into}", who)

    async def _wish(self, ticket: Conversation, event: Event, becomes: str, who: str) -> None:
        key = f"operator:{event.at.isoformat()}:{ticket.id}"
        incoming = Incoming(key=key, origin=About(ticket.id), event=event)
        name, before = (ticket.ticket.id, ticket.ticket.status) if ticket.ticket else ("", "")
        audit = Audit(at=event.at, who=who, what=f"ticket {name}", before=before, after=becomes)
        async with self._store.transaction() as tx:
            for each in await tx.admit([incoming], event.at):
                await tx.set_aside(each, AGAIN)
            await tx.note(audit)


def read_id(typed: str) -> TicketId:
    """Return the ID that somebody typed, as the desk writes it."""
    return TicketId(typed.strip().strip("[]").strip().upper())


def _operator(who: str) -> Agent:
    return Agent(AgentId(who), OPERATOR)
