"""The desk's values as rows; every statement writes a whole batch."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
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


def inserting(connection: AsyncConnection, table: Table) -> sqlite.Insert:
    """Return an insert into *table* that can say what to do about a row that is there."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return cast(sqlite.Insert, postgresql.insert(table))  # the same words, without a common type


async def upsert(
    connection: AsyncConnection, table: Table, by: str, rows: list[dict[str, Any]]
) -> None:
    """Insert *rows*; one whose *by* is there is overwritten in all the columns that are given."""
    if not rows:
        return
    statement = inserting(connection, table)
    given = {name: statement.excluded[name] for name in rows[0] if name != by}
    await connection.execute(statement.on_conflict_do_update(index_elements=[by], set_=given), rows)


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


async def save_conversations(connection: AsyncConnection, changed: Iterable[Conversation]) -> None:
    """Write conversations and the identities they are held with; their contacts are there."""
    rows = [_conversation(each) for each in changed]
    if not rows:
        return
    names = ("channel", "address", "contact_id")
    owned = [{name: row[name] for name in names} for row in rows]
    await connection.execute(inserting(connection, identities).on_conflict_do_nothing(), owned)
    await upsert(connection, conversations, "id", rows)


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
        await connection.execute(journal.insert(), rows)


async def append_deliveries(connection: AsyncConnection, planned: Sequence[Delivery]) -> None:
    """Write new deliveries at the end of their lanes, in order.

    An edit says all that a message says now: what had failed of it is not to be tried again.
    """
    if not planned:
        return
    await connection.execute(deliveries.insert(), [_delivery(each) for each in planned])
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
    """Whether it relays a message's words, rather than a file or an edit."""
    return isinstance(effect, Relay) and (effect.piece is None or effect.piece.attachment is None)
