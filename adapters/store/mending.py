"""What could not be delivered: found, put back into the outbox, or dropped."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select, text, true, update

from adapters.store.loading import Part, delivery_of
from adapters.store.tables import UNFINISHED, deliveries
from core.ids import DeliveryId
from core.outbox import Delivery, DeliveryState

_FAILED = deliveries.c.state == DeliveryState.FAILED
_UNDELIVERED = deliveries.c.state != text("'delivered'")  # as the index has it
_OPEN = [
    DeliveryState.FAILED,
    DeliveryState.PENDING,
    DeliveryState.SENDING,
    DeliveryState.IN_DOUBT,
]
_POST = func.coalesce(deliveries.c.joined_to, deliveries.c.id)
_RETRIED_AS = case(
    (deliveries.c.doubted, DeliveryState.IN_DOUBT.value), else_=DeliveryState.PENDING.value
)


class Mending(Part):
    """The part of a transaction in which people see to what has failed."""

    async def failed_with(
        self, ids: Collection[DeliveryId]
    ) -> Mapping[DeliveryId, list[DeliveryId]]:
        """Return what has failed of each of these: it, and the rest of its message's deliveries.

        Only on the same channel; in the order of their lane. Of joined ones the first one is named.
        """
        asked = deliveries.alias("asked")
        rows = await self._connection.execute(
            select(asked.c.id.label("asked"), _POST.label("post"))
            .join_from(asked, deliveries, deliveries.c.conversation_id == asked.c.conversation_id)
            .where(
                asked.c.id.in_(list(ids)),
                _FAILED,
                deliveries.c.channel == asked.c.channel,
                or_(
                    func.coalesce(asked.c.joined_to, asked.c.id) == _POST,
                    deliveries.c.message_id == asked.c.message_id,
                ),
            )
            .order_by(deliveries.c.seq)
        )
        failed: defaultdict[DeliveryId, dict[DeliveryId, None]] = defaultdict(dict)
        for row in rows:
            failed[row.asked][row.post] = None
        return {each: list(posts) for each, posts in failed.items()}

    async def retry(self, ids: Collection[DeliveryId], at: datetime) -> list[DeliveryId]:
        """Put those of these that have failed back where they were in their lanes, due *at* once.

        One that may have arrived is in doubt, the others are pending. Joined ones go together. Its
        attempts and its patience begin anew. Returns the ids of those that were put back.
        """
        return await self._retry(_are_of_posts(ids), at)

    async def retry_all(self, channel: str | None, at: datetime) -> list[DeliveryId]:
        """Do as `retry` with everything that has failed, on one channel or on all of them."""
        return await self._retry(_is_on(channel), at)

    async def drop(self, ids: Collection[DeliveryId]) -> list[DeliveryId]:
        """Mark those of these that have failed, or that wait, as dropped; return their ids.

        Joined ones go together. What is being sent is not among them.
        """
        waits = and_(UNFINISHED, deliveries.c.state != DeliveryState.SENDING)
        dropped = await self._connection.scalars(
            update(deliveries)
            .where(_are_of_posts(ids), or_(_FAILED, waits))
            .values(state=DeliveryState.DROPPED)
            .returning(deliveries.c.id)
        )
        return list(dropped)

    async def undelivered(self, since: datetime, channel: str | None, limit: int) -> list[Delivery]:
        """Return what has failed, and what has not arrived although it waits *since* then.

        Oldest first; of joined ones the first one only.
        """
        waits_since = func.coalesce(deliveries.c.retried_at, deliveries.c.created_at)
        rows = await self._connection.execute(
            select(deliveries)
            .where(
                _UNDELIVERED,
                deliveries.c.state.in_(_OPEN),
                or_(_FAILED, waits_since <= since),
                deliveries.c.id == _POST,
                _is_on(channel),
            )
            .order_by(deliveries.c.seq)
            .limit(limit)
        )
        return [delivery_of(row) for row in rows]

    async def _retry(self, which: ColumnElement[bool], at: datetime) -> list[DeliveryId]:
        retried = await self._connection.scalars(
            update(deliveries)
            .where(_UNDELIVERED, _FAILED, which)
            .values(state=_RETRIED_AS, attempts=0, due_at=at, retried_at=at, reason="")
            .returning(deliveries.c.id)
        )
        return list(retried)


def _are_of_posts(ids: Collection[DeliveryId]) -> ColumnElement[bool]:
    """Return the condition that a delivery is one of these, or shares a post with one."""
    posts = select(_POST).where(deliveries.c.id.in_(list(ids)))
    return or_(deliveries.c.id.in_(posts), deliveries.c.joined_to.in_(posts))


def _is_on(channel: str | None) -> ColumnElement[bool]:
    return true() if channel is None else deliveries.c.channel == channel
