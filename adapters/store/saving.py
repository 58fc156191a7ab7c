"""The desk's values as rows; every statement writes a whole batch."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store import codec
from adapters.store.tables import (
    contacts,
    conversations,
    deliveries,
    held_events,
    identities,
    inbox,
    journal,
    messages,
)
from core.contact import Contact
from core.conversation import Conversation
from core.effects import Effect, Relay, RelayEdit
from core.message import Message
from core.outbox import Delivery, DeliveryState
from core.ports import Entry, Incoming

UNREADABLE = "unreadable"
"""What stands as the error of that which is no event yet."""

_APPEND_JOURNAL = journal.insert()
_APPEND_DELIVERIES = deliveries.insert()


def inserting(connection: AsyncConnection, table: Table) -> sqlite.Insert:
    """Return an insert into *table* that can say what to do about a row that is there."""
    return _inserting(connection.dialect.name, table)


def inserting_new(connection: AsyncConnection, table: Table) -> sqlite.Insert:
    """Return an insert into *table* that passes over what is there, and returns the other keys."""
    return _inserting_new(connection.dialect.name, table)


async def upsert(
    connection: AsyncConnection, table: Table, by: str, rows: list[dict[str, Any]]
) -> None:
    """Insert *rows*; one whose *by* is there is overwritten in all the columns that are given."""
    if not rows:
        return
    await connection.execute(_upserting(connection.dialect.name, table, by, tuple(rows[0])), rows)


async def hold(
    connection: AsyncConnection,
    incoming: Incoming,
    *,
    waits_for: str | None = None,
    error: str = "",
) -> None:
    """Keep an event that was not handled, whole."""
    row = {
        "key": incoming.key,
        "waits_for": waits_for,
        "error": error,
        "incoming": codec.dump_incoming(incoming),
    }
    await upsert(connection, held_events, "key", [row])


async def keep(connection: AsyncConnection, key: str, raw: str, at: datetime) -> None:
    """Keep what could not even be read as an event."""
    await upsert(connection, inbox, "key", [{"key": key, "received_at": at}])
    row = {"key": key, "waits_for": None, "error": UNREADABLE, "incoming": raw}
    await upsert(connection, held_events, "key", [row])


async def save_contacts(connection: AsyncConnection, changed: Iterable[Contact]) -> None:
    """Write what is known of customers."""
    rows = [{name: getattr(each, name) for name in contacts.c.keys()} for each in changed]  # noqa: SIM118
    await upsert(connection, contacts, "id", rows)


async def save_identities(connection: AsyncConnection, talks: Iterable[Conversation]) -> None:
    """Write the identities that conversations are held with; their contacts are there."""
    rows = [
        {
            "channel": each.identity.channel,
            "address": each.identity.address,
            "contact_id": each.contact.id,
        }
        for each in talks
    ]
    if rows:
        await connection.execute(inserting_new(connection, identities), rows)


async def save_conversations(connection: AsyncConnection, changed: Iterable[Conversation]) -> None:
    """Write conversations; their contacts and identities are there."""
    await upsert(connection, conversations, "id", [_conversation(each) for each in changed])


async def save_messages(connection: AsyncConnection, said: Iterable[Message]) -> None:
    """Write messages; a changed one keeps its place in the conversation."""
    await upsert(connection, messages, "id", [_message(each) for each in said])


async def append_journal(connection: AsyncConnection, entries: Iterable[Entry]) -> None:
    """Write lines of the journal, in order."""
    rows = [
        {
            "conversation_id": each.conversation_id,
            "at": each.at,
            "kind": type(each.what).__name__,
            "body": codec.dump_what(each.what),
        }
        for each in entries
    ]
    if rows:
        await connection.execute(_APPEND_JOURNAL, rows)


async def append_deliveries(connection: AsyncConnection, planned: Sequence[Delivery]) -> None:
    """Write new deliveries at the end of their lanes, in order.

    An edit says all that a message says now: what had failed of it is not to be tried again.
    """
    if not planned:
        return
    await connection.execute(_APPEND_DELIVERIES, [_delivery(each) for each in planned])
    edits = [each for each in planned if isinstance(each.effect, RelayEdit)]
    if edits:
        of_message = tuple_(deliveries.c.message_id, deliveries.c.channel)
        await connection.execute(
            update(deliveries)
            .where(
                of_message.in_({(each.message_id, each.channel) for each in edits}),
                deliveries.c.is_text,
                deliveries.c.joined_to.is_(None),  # a post stays whole
                deliveries.c.state == DeliveryState.FAILED,
            )
            .values(state=DeliveryState.DROPPED, reason="edited since")
        )


# Statements are made once: to make one takes longer than to execute it.


@cache
def _inserting(dialect: str, table: Table) -> sqlite.Insert:
    if dialect == "sqlite":
        return sqlite.insert(table)
    return cast(sqlite.Insert, postgresql.insert(table))  # the same words, without a common type


@cache
def _inserting_new(dialect: str, table: Table) -> sqlite.Insert:
    insert = _inserting(dialect, table).on_conflict_do_nothing()
    return cast(sqlite.Insert, insert.returning(*table.primary_key))


@cache
def _upserting(dialect: str, table: Table, by: str, names: tuple[str, ...]) -> sqlite.Insert:
    insert = _inserting(dialect, table)
    given = {name: insert.excluded[name] for name in names if name != by}
    return insert.on_conflict_do_update(index_elements=[by], set_=given)


def _conversation(each: Conversation) -> dict[str, Any]:
    return {
        "id": each.id,
        "contact_id": each.contact.id,
        "channel": each.identity.channel,
        "address": each.identity.address,
        "thread": each.thread,
        "state": codec.dump_state(each),
        "stage": each.stage,
        "department": each.department,
        "opened_at": each.opened_at,
        "opened_hour": each.opened_at.astimezone(UTC).hour,
        "answered_at": each.answered_at,
        "resolved_at": each.resolved_at,
        "wake_at": each.wake and each.wake.at,
        "ticket_id": each.ticket and each.ticket.id,
        "ticket_status": each.ticket and each.ticket.status,
        "filed_at": each.ticket and each.ticket.filed_at,
    }


def _message(each: Message) -> dict[str, Any]:
    return {
        "id": each.id,
        "conversation_id": each.conversation_id,
        "side": each.side,
        "author": each.author,
        "at": each.at,
        "part": each.part,
        "body": codec.dump_body(each),
        "edited_at": each.edited_at,
    }


def _delivery(each: Delivery) -> dict[str, Any]:
    return {
        "id": each.id,
        "conversation_id": each.conversation_id,
        "channel": each.channel,
        "lane": each.lane,
        "place": each.place,
        "effect": codec.dump_what(each.effect),
        "message_id": each.message_id,
        "is_text": _is_text(each.effect),
        "state": each.state,
        "attempts": each.attempts,
        "created_at": each.created_at,
        "due_at": each.due_at,
        "receipt": each.receipt,
        "reason": each.reason,
    }


def _is_text(effect: Effect) -> bool:
    """Whether it relays a message's words, rather than a file or an edit, or that once more."""
    match effect:
        case Relay(piece=piece, again=False):
            return piece is None or piece.attachment is None
    return False
