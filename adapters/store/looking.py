"""Settings, and what people ask of the store: tickets, transcripts, figures."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import and_, func, or_, select, text, update

from adapters.store.loading import (
    CONVERSATIONS,
    DEPARTMENTS,
    Part,
    conversation_of,
    message_of,
    one_hop,
)
from adapters.store.saving import UNREADABLE, inserting
from adapters.store.tables import (
    audit,
    contacts,
    conversations,
    deliveries,
    departments,
    held_events,
    inbox,
    messages,
)
from core.contact import Contact
from core.conversation import Conversation, Stage
from core.hours import as_json
from core.ids import ConversationId, TicketId
from core.message import Message
from core.outbox import DeliveryState
from core.policy import Department
from core.ports import AGAIN, Audit, Unhandled
from core.ticket import OPEN_STATUSES, TicketStatus

MOST_ANSWERS = 500
"""Of how many answers, the newest ones, a typical one is worked out."""
FEWEST_ANSWERS = 5
_DONE = (DeliveryState.DELIVERED, DeliveryState.DROPPED)
_UNDELIVERED = deliveries.c.state != text("'delivered'")  # as the index has it


class Looking(Part):
    """The part of a transaction in which settings change and figures are read."""

    async def save_department(self, department: Department, entry: Audit) -> None:
        """Write a department, new or changed, and who did it."""
        statement = inserting(self._connection, departments)
        changeable = {
            "name": department.name,
            "room": department.room,
            "hours": json.dumps(as_json(department.hours), ensure_ascii=False),
            "answer_within": department.answer_within.total_seconds(),
            "idle": department.idle.total_seconds(),
            "on_call": department.on_call,
            "remind_after": department.remind_after.total_seconds(),
            "close_after": department.close_after.total_seconds(),
            "email": department.email,
        }
        after_all = select(func.coalesce(func.max(departments.c.position), 0) + 1)
        await self._connection.execute(
            statement.values(
                key=department.key, position=after_all.scalar_subquery(), **changeable
            ).on_conflict_do_update(index_elements=["key"], set_=changeable)
        )
        if (file := one_hop(self._connection)) is not None:
            file.keep(DEPARTMENTS, None)
        await self.note(entry)

    async def note(self, entry: Audit) -> None:
        """Write an entry of the audit log."""
        await self._connection.execute(audit.insert(), asdict(entry))

    async def audits(self, limit: int) -> list[Audit]:
        """Return the newest entries of the audit log, newest first."""
        rows = await self._connection.execute(
            select(audit).order_by(audit.c.seq.desc()).limit(limit)
        )
        return [
            Audit(at=row.at, who=row.who, what=row.what, before=row.before, after=row.after)
            for row in rows
        ]

    async def unhandled(self, limit: int) -> list[Unhandled]:
        """Return the events that could not be handled, oldest first."""
        rows = await self._connection.execute(
            select(held_events.c.key, held_events.c.error, inbox.c.received_at)
            .join_from(held_events, inbox)
            .where(held_events.c.error != "")
            .order_by(held_events.c.seq)
            .limit(limit)
        )
        return [
            Unhandled(
                key=row.key,
                received_at=row.received_at,
                error=row.error,
                is_readable=row.error != UNREADABLE,
            )
            for row in rows
        ]

    async def handle_again(self, keys: Collection[str] | None = None) -> int:
        """Set events that could not be handled aside, to be taken up by the desk; return how many.

        Those with these keys, or all. Left out is what could not even be read.
        """
        wanted = [] if keys is None else [held_events.c.key.in_(list(keys))]
        changed = await self._connection.execute(
            update(held_events)
            .where(held_events.c.error.not_in(("", UNREADABLE)), *wanted)
            .values(error="", waits_for=AGAIN)
        )
        return changed.rowcount

    async def typical_answer(self, department: str, since: datetime, hour: int) -> timedelta | None:
        """Return the median time to a first answer for conversations opened since then at that
        hour of the day (UTC); None for fewer than five.
        """
        rows = await self._connection.execute(
            select(conversations.c.opened_at, conversations.c.answered_at)
            .where(
                conversations.c.department == department,
                conversations.c.opened_hour == hour,
                conversations.c.opened_at >= since,
                conversations.c.answered_at.is_not(None),
            )
            .order_by(conversations.c.opened_at.desc())
            .limit(MOST_ANSWERS)
        )
        seconds = [(row.answered_at - row.opened_at).total_seconds() for row in rows]
        if len(seconds) < FEWEST_ANSWERS:
            return None
        return timedelta(seconds=median(seconds))

    async def tickets(self, statuses: Collection[TicketStatus], limit: int) -> list[Conversation]:
        """Return tickets of these statuses, newest first."""
        rows = await self._connection.execute(
            CONVERSATIONS.where(conversations.c.ticket_status.in_(list(statuses)))
            .order_by(conversations.c.filed_at.desc(), conversations.c.id)
            .limit(limit)
        )
        return [conversation_of(row) for row in rows]

    async def ticket(self, ticket_id: TicketId) -> Conversation | None:
        """Return the conversation that is this ticket."""
        rows = await self._connection.execute(
            CONVERSATIONS.where(conversations.c.ticket_id == ticket_id)
        )
        row = rows.one_or_none()
        return None if row is None else conversation_of(row)

    async def open_tickets_of(self, contact: Contact, limit: int) -> list[Conversation]:
        """Return the open tickets of a contact, newest first.

        Also those of other contacts with the same e-mail address, where it is proven for both.
        """
        is_theirs = conversations.c.contact_id == contact.id
        if contact.email_proven and contact.email:
            alike = func.lower(contacts.c.email) == contact.email.lower()
            is_theirs = or_(is_theirs, and_(contacts.c.email_proven, alike))
        rows = await self._connection.execute(
            CONVERSATIONS.where(conversations.c.ticket_status.in_(OPEN_STATUSES), is_theirs)
            .order_by(conversations.c.filed_at.desc(), conversations.c.id)
            .limit(limit)
        )
        return [conversation_of(row) for row in rows]

    async def messages_in(self, conversation: ConversationId) -> list[Message]:
        """Return everything said in a conversation, in order."""
        rows = await self._connection.execute(
            select(messages)
            .where(messages.c.conversation_id == conversation)
            .order_by(messages.c.seq)
        )
        return [message_of(row) for row in rows]

    async def counts(self) -> Mapping[str, int]:
        """Return figures for the metrics: conversations by stage, deliveries by state.

        Keys are such as `conversations.active` and `deliveries.failed`. Those that were
        delivered or dropped are not counted: there is no end of them.
        """
        counts = {f"conversations.{each}": 0 for each in Stage}
        counts |= {f"deliveries.{each}": 0 for each in DeliveryState if each not in _DONE}
        by_stage = select(conversations.c.stage, func.count()).group_by(conversations.c.stage)
        for stage, count in await self._connection.execute(by_stage):
            counts[f"conversations.{stage}"] = count
        by_state = (
            select(deliveries.c.state, func.count())
            .where(_UNDELIVERED, deliveries.c.state.not_in(_DONE))
            .group_by(deliveries.c.state)
        )
        for state, count in await self._connection.execute(by_state):
            counts[f"deliveries.{state}"] = count
        return counts
