"""The outbox: what is due, what is under way, and how it ended."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, bindparam, func, or_, select, tuple_, update

from adapters.store import codec
from adapters.store.loading import (
    CONVERSATIONS,
    Part,
    conversation_of,
    load_departments,
    load_messages,
)
from adapters.store.tables import UNFINISHED, conversations, deliveries
from core.effects import RelayEdit
from core.ids import ConversationId, DeliveryId, MessageId, Receipt, Thread
from core.outbox import Delivery, DeliveryState, Outgoing

_HEADS = select(func.min(deliveries.c.seq)).where(UNFINISHED).group_by(deliveries.c.lane)
_AT_REST = deliveries.c.state != DeliveryState.SENDING

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


class Delivering(Part):
    """The part of a transaction that has deliveries carried out."""

    async def heads(
        self, at: datetime, limit: int, not_to: Collection[tuple[str, str]]
    ) -> list[Delivery]:
        """Return the first unfinished delivery of each lane, where it is due.

        Lanes whose first one is being sent are left out, and those to a (channel, place) of
        *not_to*, and those that another instance is looking at. Oldest first.
        """
        statement = (
            select(deliveries)
            .where(UNFINISHED, _AT_REST, deliveries.c.seq.in_(_HEADS), deliveries.c.due_at <= at)
            .order_by(deliveries.c.seq)
            .limit(limit)
            .with_for_update(skip_locked=True, key_share=True)
        )
        if not_to:
            places = tuple_(deliveries.c.channel, deliveries.c.place)
            statement = statement.where(places.not_in(list(not_to)))
        return [_delivery_of(row) for row in await self._connection.execute(statement)]

    async def behind(self, delivery: DeliveryId, limit: int) -> list[Delivery]:
        """Return the unfinished deliveries that come next in the same lane, in order."""
        head = select(deliveries.c.lane, deliveries.c.seq).where(deliveries.c.id == delivery)
        first = head.subquery()
        rows = await self._connection.execute(
            select(deliveries)
            .join(first, deliveries.c.lane == first.c.lane)
            .where(UNFINISHED, deliveries.c.seq > first.c.seq)
            .order_by(deliveries.c.seq)
            .limit(limit)
        )
        return [_delivery_of(row) for row in rows]

    async def join(self, ids: Sequence[DeliveryId]) -> None:
        """Make these one post for good: what becomes of the first one becomes of all."""
        await self._connection.execute(
            update(deliveries).where(deliveries.c.id.in_(list(ids))).values(joined_to=ids[0])
        )

    async def begin(self, ids: Sequence[DeliveryId]) -> list[Outgoing]:
        """Mark these as being sent, count the attempt, and return all that sending them needs.

        The deliveries returned are as they were before, so that one in doubt can be told. Left out
        are those that another instance has begun. Of deliveries that were joined only the first
        one is named and returned.
        """
        rows = await self._connection.execute(
            select(deliveries)
            .where(deliveries.c.id.in_(list(ids)), UNFINISHED, _AT_REST)
            .with_for_update(skip_locked=True, key_share=True)
        )
        found, posts = dict[DeliveryId, Delivery](), dict[DeliveryId, DeliveryId]()
        for row in rows:
            found[row.id] = _delivery_of(row)
            if row.joined_to is not None:
                posts[row.id] = row.joined_to
        begun = [found[each] for each in ids if each in found]
        if not begun:
            return []
        await self._connection.execute(
            update(deliveries)
            .where(_are_of(found))
            .values(state=DeliveryState.SENDING, attempts=deliveries.c.attempts + 1)
        )
        return await self._completed(begun, posts)

    async def finish(self, delivery: DeliveryId, receipt: Receipt) -> None:
        """Mark a delivery as delivered."""
        await self._mark(delivery, state=DeliveryState.DELIVERED, receipt=receipt, reason="")

    async def set_thread(self, conversation: ConversationId, thread: Thread) -> None:
        """Write down which thread mirrors the conversation."""
        await self._connection.execute(
            update(conversations).where(conversations.c.id == conversation).values(thread=thread)
        )

    async def postpone(
        self, delivery: DeliveryId, state: DeliveryState, due_at: datetime, reason: str
    ) -> None:
        """Mark a delivery as pending or in doubt, to be looked at again at *due_at*."""
        await self._mark(delivery, state=state, due_at=due_at, reason=reason)

    async def fail(self, delivery: DeliveryId, reason: str) -> None:
        """Mark a delivery as failed for good."""
        await self._mark(delivery, state=DeliveryState.FAILED, reason=reason)

    async def next_due(self) -> datetime | None:
        """Return when the next delivery that waits is due: one that no other is ahead of."""
        earliest: datetime | None = await self._connection.scalar(
            select(func.min(deliveries.c.due_at)).where(
                UNFINISHED, _AT_REST, deliveries.c.seq.in_(_HEADS)
            )
        )
        return earliest

    async def doubt_unfinished(self, at: datetime) -> int:
        """Mark all that was being sent when the process died as in doubt; return how many."""
        marked = await self._connection.execute(
            update(deliveries)
            .where(UNFINISHED, deliveries.c.state == DeliveryState.SENDING)
            .values(state=DeliveryState.IN_DOUBT, due_at=at, reason="")
        )
        return marked.rowcount

    async def _mark(self, delivery: DeliveryId, **values: Any) -> None:
        await self._connection.execute(update(deliveries).where(_are_of([delivery])).values(values))

    async def _completed(
        self, begun: Sequence[Delivery], posts: dict[DeliveryId, DeliveryId]
    ) -> list[Outgoing]:
        """Return these deliveries, each with all that sending it needs.

        *posts* says for those that carry a joined post by which delivery it is known.
        """
        wanted = {"ids": list({each.conversation_id for each in begun})}
        touched = {row.id: row for row in await self._connection.execute(_TOUCHED, wanted)}
        talks = {id_: conversation_of(row) for id_, row in touched.items()}
        named = {each.message_id for each in begun if each.message_id is not None}
        pieces = await self._pieces(named)
        for delivery in begun:
            if (post := _edited_post(delivery, pieces)) is not None:
                posts[delivery.id] = post
        together = await self._together(posts.values())
        named.update(*together.values())
        messages = await load_messages(self._connection, named)
        departments = await load_departments(self._connection)
        by_key = {each.key: each for each in departments}
        outgoing = []
        for delivery in begun:
            conversation = talks[delivery.conversation_id]
            message_id = delivery.message_id
            post = posts.get(delivery.id)
            outgoing.append(
                Outgoing(
                    delivery=delivery,
                    conversation=conversation,
                    department=by_key.get(conversation.department or "", departments[0]),
                    message=messages.get(message_id) if message_id else None,
                    receipts=tuple(each.receipt for each in pieces[_key(delivery)]),
                    earlier=touched[delivery.conversation_id].earlier,
                    with_messages=tuple(messages[each] for each in together[post]) if post else (),
                )
            )
        return outgoing

    async def _pieces(
        self, ids: Collection[MessageId]
    ) -> defaultdict[tuple[str | None, str], list[Row[Any]]]:
        """Return what platforms called the pieces of these messages, by message and channel."""
        pieces: defaultdict[tuple[str | None, str], list[Row[Any]]] = defaultdict(list)
        if not ids:
            return pieces
        columns = (deliveries.c[name] for name in ("message_id", "channel", "receipt", "joined_to"))
        rows = await self._connection.execute(
            select(*columns)
            .where(
                deliveries.c.message_id.in_(list(ids)),
                deliveries.c.is_text,
                deliveries.c.state == DeliveryState.DELIVERED,
            )
            .order_by(deliveries.c.seq)
        )
        for row in rows:
            pieces[row.message_id, row.channel].append(row)
        return pieces

    async def _together(
        self, posts: Collection[DeliveryId]
    ) -> defaultdict[DeliveryId, list[MessageId]]:
        """Return which messages stand in each of these joined posts, in order."""
        together: defaultdict[DeliveryId, list[MessageId]] = defaultdict(list)
        if not posts:
            return together
        rows = await self._connection.execute(
            select(deliveries.c.joined_to, deliveries.c.message_id)
            .where(deliveries.c.joined_to.in_(list(posts)))
            .order_by(deliveries.c.seq)
        )
        for row in rows:
            together[row.joined_to].append(row.message_id)
        return together


def _are_of(heads: Collection[DeliveryId]) -> ColumnElement[bool]:
    """Return the condition that a delivery is one of *heads*, or joined to one."""
    return or_(deliveries.c.id.in_(list(heads)), deliveries.c.joined_to.in_(list(heads)))


def _key(delivery: Delivery) -> tuple[str | None, str]:
    return delivery.message_id, delivery.channel


def _edited_post(
    delivery: Delivery, pieces: Mapping[tuple[str | None, str], Sequence[Row[Any]]]
) -> DeliveryId | None:
    """Return by which delivery the joined post is known that an edit changes, if it does."""
    match delivery.effect:
        case RelayEdit(number=number) if number < len(stand := pieces.get(_key(delivery), ())):
            return cast(DeliveryId | None, stand[number].joined_to)
    return None


def _delivery_of(row: Row[Any]) -> Delivery:
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
    )
