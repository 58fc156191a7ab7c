"""All that sending a delivery needs, loaded for many at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.loading import (
    CONVERSATIONS,
    conversation_of,
    load_departments,
    load_messages,
)
from adapters.store.said_before import said_before
from adapters.store.tables import conversations, deliveries
from core.effects import Mail, RelayEdit
from core.ids import DeliveryId, MessageId
from core.outbox import Delivery, DeliveryState, Outgoing

_OTHER = conversations.alias("other")
_EARLIER = (
    select(func.count())
    .where(
        _OTHER.c.contact_id == conversations.c.contact_id,
        _OTHER.c.opened_at < conversations.c.opened_at,
    )
    .correlate(conversations)
    .scalar_subquery()
)
_TOUCHED = CONVERSATIONS.add_columns(_EARLIER.label("earlier")).where(
    conversations.c.id.in_(bindparam("ids", expanding=True))
)
_PIECES = (
    select(*(deliveries.c[name] for name in ("message_id", "channel", "receipt", "joined_to")))
    .where(
        deliveries.c.message_id.in_(bindparam("ids", expanding=True)),
        deliveries.c.is_text,
        deliveries.c.state == DeliveryState.DELIVERED,
    )
    .order_by(deliveries.c.seq)
)
_MEMBERS = (
    select(deliveries.c.joined_to, deliveries.c.message_id)
    .where(deliveries.c.joined_to.in_(bindparam("posts", expanding=True)))
    .order_by(deliveries.c.seq)
)


async def completed(
    connection: AsyncConnection,
    begun: Sequence[Delivery],
    posts: dict[DeliveryId, DeliveryId],
) -> list[Outgoing]:
    """Return these deliveries, each with all that sending it needs.

    *posts* says for those that carry a joined post by which delivery it is known.
    """
    wanted = {"ids": list({each.conversation_id for each in begun})}
    touched = {row.id: row for row in await connection.execute(_TOUCHED, wanted)}
    talks = {id_: conversation_of(row) for id_, row in touched.items()}
    named = {each.message_id for each in begun if each.message_id is not None}
    pieces = await _pieces(connection, _edited(begun))
    for delivery in begun:
        if (post := _edited_post(delivery, pieces)) is not None:
            posts[delivery.id] = post
    together = await _together(connection, posts.values())
    mailed = {each.id: _answers(each) for each in begun}
    named.update(*together.values(), *mailed.values())
    messages = await load_messages(connection, named)
    before = await said_before(connection, mailed.values())
    departments = await load_departments(connection)
    by_key = {each.key: each for each in departments}
    outgoing = []
    for delivery in begun:
        conversation = talks[delivery.conversation_id]
        message_id = delivery.message_id
        answers = mailed[delivery.id]
        post = posts.get(delivery.id)
        beside = together[post] if post else answers if len(answers) > 1 else ()
        outgoing.append(
            Outgoing(
                delivery=delivery,
                conversation=conversation,
                department=by_key.get(conversation.department or "", departments[0]),
                message=messages.get(message_id) if message_id else None,
                receipts=tuple(each.receipt for each in pieces[_key(delivery)]),
                earlier=touched[delivery.conversation_id].earlier,
                with_messages=tuple(messages[each] for each in beside),
                said_before=before[answers],
            )
        )
    return outgoing


async def _pieces(
    connection: AsyncConnection, ids: Collection[MessageId]
) -> defaultdict[tuple[str | None, str], list[Row[Any]]]:
    """Return what platforms called the pieces of these messages, by message and channel."""
    pieces: defaultdict[tuple[str | None, str], list[Row[Any]]] = defaultdict(list)
    if not ids:
        return pieces
    rows = await connection.execute(_PIECES, {"ids": list(ids)})
    for row in rows:
        pieces[row.message_id, row.channel].append(row)
    return pieces


async def _together(
    connection: AsyncConnection, posts: Collection[DeliveryId]
) -> defaultdict[DeliveryId, list[MessageId]]:
    """Return which messages stand in each of these joined posts, in order."""
    together: defaultdict[DeliveryId, list[MessageId]] = defaultdict(list)
    if not posts:
        return together
    rows = await connection.execute(_MEMBERS, {"posts": list(posts)})
    for row in rows:
        together[row.joined_to].append(row.message_id)
    return together


def _answers(delivery: Delivery) -> tuple[MessageId, ...]:
    """Return which answers a mail carries."""
    return delivery.effect.message_ids if isinstance(delivery.effect, Mail) else ()


def _key(delivery: Delivery) -> tuple[str | None, str]:
    return delivery.message_id, delivery.channel


def _edited(begun: Sequence[Delivery]) -> set[MessageId]:
    """Return the messages of which edits are carried: where their pieces stand must be known."""
    edits = (each.message_id for each in begun if isinstance(each.effect, RelayEdit))
    return {each for each in edits if each is not None}


def _edited_post(
    delivery: Delivery, pieces: Mapping[tuple[str | None, str], Sequence[Row[Any]]]
) -> DeliveryId | None:
    """Return by which delivery the joined post is known that an edit changes, if it does."""
    match delivery.effect:
        case RelayEdit(number=number) if number < len(stand := pieces.get(_key(delivery), ())):
            return cast(DeliveryId | None, stand[number].joined_to)
    return None
