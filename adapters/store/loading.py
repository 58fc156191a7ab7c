"""Rows as the desk's values; every statement loads for a whole batch."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, bindparam, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store import codec
from adapters.store.one_hop import OneHopConnection
from adapters.store.tables import contacts, conversations, departments, messages
from core.contact import Contact, Identity
from core.conversation import Conversation
from core.hours import WorkingHours, from_json
from core.ids import ContactId, ConversationId, DeliveryId, MessageId
from core.message import Message
from core.outbox import Delivery, DeliveryState
from core.policy import Department

CONTACT_COLUMNS = [each for each in contacts.c if each is not contacts.c.id]

CONVERSATIONS = select(
    conversations.c.id,
    conversations.c.contact_id,
    conversations.c.channel,
    conversations.c.address,
    conversations.c.thread,
    conversations.c.state,
    *CONTACT_COLUMNS,
).join_from(conversations, contacts)
"""Every conversation, with what is known of its customer now."""

_LOCK_IDENTITIES = text(
    "SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key"
)
_MESSAGES = select(messages).where(messages.c.id.in_(bindparam("ids", expanding=True)))
DEPARTMENTS: Final = "departments"
"""What they are kept as, for every transaction reads them."""
_DEPARTMENTS = select(departments).order_by(departments.c.position)


class Part:
    """A part of what a transaction can do."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection


def locked(statement: Select[Any]) -> Select[Any]:
    """Return a statement on conversations that keeps other transactions from deciding them.

    Always locked in the same order, so that no two transactions wait for each other. (SQLite knows
    no such locks and needs none: a transaction there has the whole file.)
    """
    return statement.order_by(conversations.c.contact_id, conversations.c.id).with_for_update(
        key_share=True, of=[conversations, contacts]
    )


async def lock_identities(connection: AsyncConnection, identities: Collection[Identity]) -> None:
    """Keep other transactions from meeting these customers, who may have no row to lock yet."""
    if connection.dialect.name == "postgresql":
        keys = sorted(_lock_key(each) for each in identities)
        await connection.execute(_LOCK_IDENTITIES, {"keys": keys})


def are_among(table: FromClause, channels: int) -> ColumnElement[bool]:
    """Return the condition that a row's identity is one of those that `by_channel` names.

    *channels*: how many channels they are of.
    """
    # Channel by channel: for a list of pairs SQLite may not use the index.
    return or_(
        *(
            and_(
                table.c.channel == bindparam(f"channel_{number}"),
                table.c.address.in_(bindparam(f"addresses_{number}", expanding=True)),
            )
            for number in range(channels)
        )
    )


def by_channel(identities: Collection[Identity]) -> tuple[int, dict[str, Any]]:
    """Return of how many channels these identities are, and the parameters for `are_among`."""
    addresses: defaultdict[str, list[str]] = defaultdict(list)
    for each in identities:
        addresses[each.channel].append(each.address)
    named: dict[str, Any] = {}
    for number, (channel, of_channel) in enumerate(addresses.items()):
        named |= {f"channel_{number}": channel, f"addresses_{number}": of_channel}
    return len(addresses), named


def contact_of(row: Row[Any]) -> Contact:
    """Return the contact whose columns are in *row*."""
    return Contact(
        id=ContactId(row.contact_id),
        language=row.language,
        offered_name=row.offered_name,
        name=row.name,
        email=row.email,
        email_proven=row.email_proven,
        language_chosen=row.language_chosen,
        email_works=row.email_works,
    )


def identity_of(row: Row[Any]) -> Identity:
    """Return the identity whose columns are in *row*."""
    return Identity(row.channel, row.address)


def conversation_of(row: Row[Any]) -> Conversation:
    """Return the conversation that a row of `CONVERSATIONS` is."""
    return codec.load_conversation(
        row.state,
        id=row.id,
        contact=contact_of(row),
        identity=identity_of(row),
        thread=row.thread,
    )


def message_of(row: Row[Any]) -> Message:
    """Return the message that a row is."""
    return codec.load_message(
        row.body,
        id=row.id,
        conversation_id=row.conversation_id,
        side=row.side,
        author=row.author,
        at=row.at,
        part=row.part,
        edited_at=row.edited_at,
    )


async def load_messages(
    connection: AsyncConnection, ids: Collection[MessageId]
) -> dict[MessageId, Message]:
    """Return the messages with these ids."""
    if not ids:
        return {}
    rows = await connection.execute(_MESSAGES, {"ids": list(ids)})
    return {row.id: message_of(row) for row in rows}


async def load_departments(connection: AsyncConnection) -> tuple[Department, ...]:
    """Return the departments, the first one first."""
    file = one_hop(connection)
    if file is not None and (kept := file.kept(DEPARTMENTS)) is not None:
        return cast(tuple[Department, ...], kept)
    rows = await connection.execute(_DEPARTMENTS)
    found = tuple(
        Department(
            key=row.key,
            name=row.name,
            room=row.room,
            hours=_hours(row.hours),
            answer_within=timedelta(seconds=row.answer_within),
            idle=timedelta(seconds=row.idle),
            on_call=row.on_call,
            remind_after=timedelta(seconds=row.remind_after),
            close_after=timedelta(seconds=row.close_after),
            email=row.email,
        )
        for row in rows
    )
    if file is not None:
        file.keep(DEPARTMENTS, found)
    return found


def one_hop(connection: AsyncConnection) -> OneHopConnection | None:
    """Return SQLite's connection; None where it is another database."""
    driver = connection.sync_connection and connection.sync_connection.connection.driver_connection
    return driver if isinstance(driver, OneHopConnection) else None


@lru_cache(maxsize=64)  # every transaction reads the same few again
def _hours(text: str) -> WorkingHours:
    return from_json(json.loads(text))


def _lock_key(identity: Identity) -> int:
    name = f"{identity.channel}\0{identity.address}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True)


def delivery_of(row: Row[Any]) -> Delivery:
    """Return the delivery in a row with all of its columns."""
    return Delivery(
        id=DeliveryId(row.id),
        conversation_id=ConversationId(row.conversation_id),
        channel=row.channel,
        lane=row.lane,
        place=row.place,
        effect=codec.load_effect(row.effect),
        message_id=row.message_id,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        receipt=row.receipt,
        reason=row.reason,
        retried_at=row.retried_at,
    )
