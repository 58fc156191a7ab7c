"""The outbox: what is due, what is under way, and how it ended."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, tuple_, update

from adapters.store import codec
from adapters.store.loading import (
    CONVERSATIONS,
    Part,
    conversation_of,
    load_departments,
    load_messages,
)
from adapters.store.tables import UNFINISHED, conversations, deliveries
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

    async def begin(self, ids: Sequence[DeliveryId]) -> list[Outgoing]:
        """Mark these as being sent, count the attempt, and return all that sending them needs.

        The deliveries returned are as they were before, so that one in doubt can be told. Left out
        are those that another instance has begun.
        """
        rows = await self._connection.execute(
            select(deliveries)
            .where(deliveries.c.id.in_(list(ids)), UNFINISHED, _AT_REST)
            .with_for_update(skip_locked=True, key_share=True)
        )
        found = {row.id: _delivery_of(row) for row in rows}
        begun = [found[each] for each in ids if each in found]
        if not begun:
            return []
        await self._connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(list(found)))
            .values(state=DeliveryState.SENDING, attempts=deliveries.c.attempts + 1)
        )
        return await self._completed(begun)

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
        await self._connection.execute(
            update(deliveries).where(deliveries.c.id == delivery).values(values)
        )

    async def _completed(self, begun: Sequence[Delivery]) -> list[Outgoing]:
        """Return these deliveries, each with all that sending it needs."""
        wanted = {"ids": list({each.conversation_id for each in begun})}
        touched = {row.id: row for row in await self._connection.execute(_TOUCHED, wanted)}
        talks = {id_: conversation_of(row) for id_, row in touched.items()}
        named = {each.message_id for each in begun if each.message_id is not None}
        messages = await load_messages(self._connection, named)
        receipts = await self._receipts(named)
        departments = await load_departments(self._connection)
        by_key = {each.key: each for each in departments}
        outgoing = []
        for delivery in begun:
            conversation = talks[delivery.conversation_id]
            message_id = delivery.message_id
            outgoing.append(
                Outgoing(
                    delivery=delivery,
                    conversation=conversation,
                    department=by_key.get(conversation.department or "", departments[0]),
                    message=messages.get(message_id) if message_id else None,
                    receipts=tuple(receipts[message_id, delivery.channel]) if message_id else (),
                    earlier=touched[delivery.conversation_id].earlier,
                )
            )
        return outgoing

    async def _receipts(
        self, ids: Collection[MessageId]
    ) -> defaultdict[tuple[str, str], list[Receipt]]:
        """Return what platforms called the pieces of these messages, by message and channel."""
        receipts: defaultdict[tuple[str, str], list[Receipt]] = defaultdict(list)
        if not ids:
            return receipts
        rows = await self._connection.execute(
            select(deliveries.c.message_id, deliveries.c.channel, deliveries.c.receipt)
            .where(
                deliveries.c.message_id.in_(list(ids)),
                deliveries.c.is_text,
                deliveries.c.state == DeliveryState.DELIVERED,
            )
            .order_by(deliveries.c.seq)
        )
        for row in rows:
            receipts[row.message_id, row.channel].append(row.receipt)
        return receipts


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
