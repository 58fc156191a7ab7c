"""The inbox, and all that a batch of events touches."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store import codec, saving
from adapters.store.loading import (
    CONTACT_COLUMNS,
    CONVERSATIONS,
    Part,
    are_among,
    by_channel,
    contact_of,
    conversation_of,
    identity_of,
    load_departments,
    load_messages,
    lock_identities,
    locked,
)
from adapters.store.saving import inserting_new
from adapters.store.tables import (
    contacts,
    conversations,
    deliveries,
    held_events,
    identities,
    inbox,
    messages,
)
from core.contact import Contact, Identity
from core.conversation import Conversation, Stage
from core.ids import ContactId, ConversationId, MessageId, Thread, TicketId
from core.message import Message
from core.outbox import DeliveryState
from core.policy import Department
from core.ports import AGAIN, Changes, Incoming

_EARLIER = conversations.alias("earlier")
_NEWEST = (
    select(_EARLIER.c.id)
    .where(
        _EARLIER.c.channel == identities.c.channel,
        _EARLIER.c.address == identities.c.address,
    )
    .order_by(_EARLIER.c.opened_at.desc(), _EARLIER.c.id.desc())
    .limit(1)
    .correlate(identities)
    .scalar_subquery()
)

_LAST_SAID = (
    select(func.max(messages.c.seq))
    .where(messages.c.conversation_id == conversations.c.id)
    .correlate(conversations)
    .scalar_subquery()
)

# Statements are made once: to make one takes longer than to execute it.
_MARK = (
    update(conversations)
    .where(conversations.c.id == bindparam("its_id"))
    .values(read_to=bindparam("mark"))
)
_RECORDED = select(inbox.c.key).where(inbox.c.key.in_(bindparam("keys", expanding=True)))
_TAKE_UP = (
    delete(held_events)
    .where(held_events.c.waits_for.in_(bindparam("waited_for", expanding=True)))
    .returning(held_events.c.seq, held_events.c.incoming)
)
_IN_THREADS = locked(
    CONVERSATIONS.where(conversations.c.thread.in_(bindparam("threads", expanding=True)))
)
_WITH_IDS = locked(CONVERSATIONS.where(conversations.c.id.in_(bindparam("ids", expanding=True))))
_PIECES = (
    select(deliveries.c.message_id, func.count().label("pieces"))
    .where(
        deliveries.c.message_id.in_(bindparam("ids", expanding=True)),
        deliveries.c.is_text,
        deliveries.c.state.not_in([DeliveryState.FAILED, DeliveryState.DROPPED]),
    )
    .group_by(deliveries.c.message_id)
)


@cache
def _contacts_of(channels: int) -> Select[Any]:
    """Return the question for the contacts behind identities of so many channels."""
    return (
        select(
            identities.c.channel,
            identities.c.address,
            identities.c.contact_id,
            *CONTACT_COLUMNS,
        )
        .join_from(identities, contacts)
        .where(are_among(identities, channels))
        .order_by(contacts.c.id)
        .with_for_update(key_share=True, of=contacts)
    )


@cache
def _latest_of(channels: int) -> Select[Any]:
    """Return the question for the newest conversations of identities of so many channels."""
    newest = CONVERSATIONS.join(identities, conversations.c.id == _NEWEST)
    return locked(newest.where(are_among(identities, channels)))


class Receiving(Part):
    """The part of a transaction that takes events in and has them decided."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._known: dict[ContactId, Contact] = {}
        self._met: set[Identity] = set()

    async def admit(self, incoming: Sequence[Incoming], at: datetime) -> list[Incoming]:
        """Record the events in the inbox; return those not recorded before, each once, in order."""
        first: dict[str, Incoming] = {}
        for each in incoming:
            first.setdefault(each.key, each)
        if not first:
            return []
        # Sorted, so that two transactions with the same events never wait for each other.
        rows = [{"key": key, "received_at": at} for key in sorted(first)]
        new = set(await self._connection.scalars(inserting_new(self._connection, inbox), rows))
        return [each for key, each in first.items() if key in new]

    async def recorded(self, keys: Collection[str]) -> set[str]:
        """Return those of these keys that the inbox has."""
        return set(await self._connection.scalars(_RECORDED, {"keys": list(keys)}))

    async def set_aside(self, incoming: Incoming, waits_for: str) -> None:
        """Keep an admitted event until what it refers to is there."""
        await saving.hold(self._connection, incoming, waits_for=waits_for)

    async def take_up(self, waited_for: Iterable[str]) -> list[Incoming]:
        """Return the events set aside for any of these, oldest first; they are aside no more."""
        taken = await self._connection.execute(_TAKE_UP, {"waited_for": list(waited_for)})
        return [codec.load_incoming(row.incoming) for row in sorted(taken, key=lambda row: row.seq)]

    async def waits_over(self) -> list[str]:
        """Return what events were set aside for and is there by now."""
        waited_for = await self._connection.scalars(
            select(held_events.c.waits_for)
            .where(
                or_(
                    held_events.c.waits_for == AGAIN,
                    exists().where(held_events.c.waits_for == "thread:" + conversations.c.thread),
                    exists().where(held_events.c.waits_for == "message:" + messages.c.id),
                )
            )
            .distinct()
        )
        return [each for each in waited_for if each is not None]

    async def put_down(self, incoming: Incoming, error: str) -> None:
        """Mark an admitted event as one that the desk could not handle; its text is kept."""
        await saving.hold(self._connection, incoming, error=error)

    async def keep_unreadable(self, key: str, raw: str, at: datetime) -> None:
        """Keep what a platform sent and nobody could read, for operators; once for each *key*."""
        await saving.keep(self._connection, key, raw, at)

    async def departments(self) -> tuple[Department, ...]:
        """Return the departments, the first one first."""
        return await load_departments(self._connection)

    async def contacts(self, wanted: Collection[Identity]) -> dict[Identity, Contact]:
        """Return what is known of the customers behind these identities."""
        if not wanted:
            return {}
        await lock_identities(self._connection, wanted)
        channels, named = by_channel(wanted)
        rows = await self._connection.execute(_contacts_of(channels), named)
        found = {identity_of(row): contact_of(row) for row in rows}
        self._know(found.values(), found)
        return found

    async def latest_conversations(
        self, wanted: Collection[Identity]
    ) -> dict[Identity, Conversation]:
        """Return the newest conversation of each identity that has one."""
        if not wanted:
            return {}
        await lock_identities(self._connection, wanted)
        channels, named = by_channel(wanted)
        newest = await self._load(_latest_of(channels), named)
        return {each.identity: each for each in newest}

    async def conversations_in(self, threads: Collection[Thread]) -> dict[Thread, Conversation]:
        """Return the conversations that these threads mirror."""
        if not threads:
            return {}
        found = await self._load(_IN_THREADS, {"threads": list(threads)})
        return {each.thread: each for each in found if each.thread is not None}

    async def open_threads(self, ended_since: datetime) -> dict[Thread, str]:
        """Return the threads of conversations that are not over, or ended only since then.

        With the mark of each, "" where there is none. Those in which something was said last come
        first.
        """
        found = await self._connection.execute(
            select(conversations.c.thread, conversations.c.read_to)
            .where(
                conversations.c.thread.is_not(None),
                or_(
                    conversations.c.resolved_at.is_(None),
                    conversations.c.resolved_at > ended_since,
                ),
            )
            .order_by(func.coalesce(_LAST_SAID, 0).desc(), conversations.c.id)
        )
        return {Thread(row.thread): row.read_to or "" for row in found}

    async def mark_read(self, marks: Mapping[Thread, str]) -> None:
        """Write down up to where all is known of these threads, in the words of their platform."""
        meant = locked(CONVERSATIONS.where(conversations.c.thread.in_(list(marks))))
        found = await self._connection.execute(meant)
        if rows := [{"its_id": row.id, "mark": marks[row.thread]} for row in found]:
            await self._connection.execute(_MARK, rows)

    async def conversations(
        self, ids: Collection[ConversationId]
    ) -> dict[ConversationId, Conversation]:
        """Return the conversations with these ids."""
        if not ids:
            return {}
        found = await self._load(_WITH_IDS, {"ids": list(ids)})
        return {each.id: each for each in found}

    async def messages(self, ids: Collection[MessageId]) -> dict[MessageId, Message]:
        """Return the messages with these ids."""
        return await load_messages(self._connection, ids)

    async def pieces_of(self, ids: Collection[MessageId]) -> dict[MessageId, int]:
        """Return how many text pieces each of these messages was relayed in, if it was."""
        rows = await self._connection.execute(_PIECES, {"ids": list(ids)})
        return {row.message_id: row.pieces for row in rows}

    async def is_ticket_taken(self, ticket_id: TicketId) -> bool:
        """Whether a ticket with this ID exists."""
        return bool(
            await self._connection.scalar(
                select(func.count()).where(conversations.c.ticket_id == ticket_id)
            )
        )

    async def save(self, changes: Changes) -> None:
        """Write a batch's changes; deliveries go to the end of their lanes, in order."""
        # Only who was changed: another conversation of theirs may hold them as they were.
        changed = {
            each.contact.id: each.contact
            for each in changes.conversations.values()
            if self._known.get(each.contact.id) != each.contact
        }
        await saving.save_contacts(self._connection, changed.values())
        strangers = {
            each.identity: each
            for each in changes.conversations.values()
            if each.identity not in self._met
        }
        await saving.save_identities(self._connection, strangers.values())
        self._know(changed.values(), strangers)
        await saving.save_conversations(self._connection, changes.conversations.values())
        await saving.save_messages(self._connection, changes.messages.values())
        await saving.append_journal(self._connection, changes.journal)
        await saving.append_deliveries(self._connection, changes.deliveries)

    async def due(self, at: datetime, limit: int) -> list[ConversationId]:
        """Return conversations whose wake time has come, the longest overdue first."""
        rows = await self._connection.scalars(
            select(conversations.c.id)
            .where(conversations.c.wake_at <= at)
            .order_by(conversations.c.wake_at)
            .limit(limit)
        )
        return [ConversationId(each) for each in rows]

    async def wakes_ahead(self, at: datetime, stages: Collection[Stage]) -> list[ConversationId]:
        """Return the conversations in these stages whose wake time is still to come."""
        rows = await self._connection.scalars(
            select(conversations.c.id)
            .where(conversations.c.stage.in_(list(stages)), conversations.c.wake_at > at)
            .order_by(conversations.c.id)
        )
        return [ConversationId(each) for each in rows]

    async def next_wake(self) -> datetime | None:
        """Return the earliest wake time of all conversations."""
        earliest: datetime | None = await self._connection.scalar(
            select(func.min(conversations.c.wake_at)).where(conversations.c.wake_at.is_not(None))
        )
        return earliest

    async def _load(self, statement: Select[Any], named: dict[str, Any]) -> list[Conversation]:
        rows = await self._connection.execute(statement, named)
        found = [conversation_of(row) for row in rows]
        self._know((each.contact for each in found), (each.identity for each in found))
        return found

    def _know(self, found: Iterable[Contact], met: Iterable[Identity]) -> None:
        self._known |= {each.id: each for each in found}
        self._met.update(met)
