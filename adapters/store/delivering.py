"""The outbox: what is due, what is under way, and how it ended."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, or_, select, update

from adapters.store.completing import completed
from adapters.store.lanes import first_in_lanes, head_of, next_in_lanes
from adapters.store.loading import Part, delivery_of
from adapters.store.tables import UNFINISHED, conversations, deliveries
from core.ids import ConversationId, DeliveryId, Receipt, Thread
from core.outbox import Delivery, DeliveryState, Outgoing
from core.outbox_port import Failed, Heads, Postponed

_AT_REST = deliveries.c.state != DeliveryState.SENDING
_IS_OF_POST = or_(deliveries.c.id == bindparam("head"), deliveries.c.joined_to == bindparam("head"))


class Delivering(Part):
    """The part of a transaction that has deliveries carried out."""

    async def heads(self, at: datetime, limit: int, not_to: Collection[tuple[str, str]]) -> Heads:
        """Return the first unfinished delivery of each lane, where it is not being sent.

        What was never attempted is due at once, whatever the clock said when it was decided. Left
        out are those to a (channel, place) of *not_to*, where the place "" is all of the channel.
        What it costs grows with the lanes that wait, not with how much waits in one.
        """
        found = await self._connection.execute(first_in_lanes(at, limit, not_to))
        rows = found.all()
        next_due = rows[0].next_due if rows else None
        return Heads([head_of(row) for row in rows if row.is_due], next_due)

    async def claim(self, ids: Sequence[DeliveryId]) -> list[Delivery]:
        """Keep other instances from these for this transaction; return those that were free.

        Left out, too, is what has ended or is being sent by now. In the order of *ids*.
        """
        free = {row.id: delivery_of(row) for row in await self._claim(ids)}
        return [free[each] for each in ids if each in free]

    async def behind(
        self, heads: Collection[DeliveryId], limit: int
    ) -> Mapping[DeliveryId, list[Delivery]]:
        """Return for each of these the unfinished deliveries that come next in its lane, in order.

        At most *limit* for each; one with nothing behind it is left out.
        """
        behind: defaultdict[DeliveryId, list[Delivery]] = defaultdict(list)
        for row in await self._connection.execute(next_in_lanes(heads, limit)):
            behind[row.head].append(delivery_of(row))
        return behind

    async def join(self, posts: Collection[Sequence[DeliveryId]]) -> None:
        """Make each of these one post: what becomes of its first one becomes of all.

        Whatever was joined to that first one before, and is not named, stands on its own again.
        """
        heads = [post[0] for post in posts]
        await self._connection.execute(
            update(deliveries).where(deliveries.c.joined_to.in_(heads)).values(joined_to=None)
        )
        together = [post for post in posts if len(post) > 1]
        rows = [{"member": each, "joined_to": post[0]} for post in together for each in post]
        if rows:
            member = update(deliveries).where(deliveries.c.id == bindparam("member"))
            await self._connection.execute(member, rows)

    async def begin(self, ids: Sequence[DeliveryId]) -> list[Outgoing]:
        """Mark these as being sent, count the attempt, and return all that sending them needs.

        The deliveries returned are as they were before, so that one in doubt can be told. Left out
        are those that another instance has begun. Of deliveries that were joined only the first
        one is named and returned.
        """
        rows = await self._claim(ids)
        found, posts = dict[DeliveryId, Delivery](), dict[DeliveryId, DeliveryId]()
        for row in rows:
            found[row.id] = delivery_of(row)
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
        return await completed(self._connection, begun, posts)

    async def finish(self, receipts: Mapping[DeliveryId, Receipt]) -> None:
        """Mark deliveries as delivered, each with what the platform called it."""
        await self._mark(
            {"head": each, "receipt": receipt, "state": DeliveryState.DELIVERED, "reason": ""}
            for each, receipt in receipts.items()
        )

    async def set_threads(self, threads: Mapping[ConversationId, Thread]) -> None:
        """Write down which threads mirror these conversations."""
        rows = [{"its_id": each, "thread": thread} for each, thread in threads.items()]
        if rows:
            known = update(conversations).where(conversations.c.id == bindparam("its_id"))
            await self._connection.execute(known, rows)

    async def postpone(self, postponed: Collection[Postponed]) -> None:
        """Mark deliveries as pending or in doubt, to be looked at again later."""
        await self._mark(
            {"head": each.id, "state": each.state, "due_at": each.due_at, "reason": each.reason}
            for each in postponed
        )
        await self._mark({"head": each.id, "lane": each.lane} for each in postponed if each.lane)

    async def fail(self, failed: Collection[Failed]) -> None:
        """Mark deliveries as failed for good, each with its reason."""
        await self._mark(
            {"head": each.id, "state": each.state, "reason": each.reason, "doubted": each.doubted}
            for each in failed
        )

    async def withdraw(self, lane: str) -> list[Delivery]:
        """Drop all that is unfinished in a lane, under way or not; return it, in order."""
        withdrawn = await self._connection.execute(
            update(deliveries)
            .where(UNFINISHED, deliveries.c.lane == lane)
            .values(state=DeliveryState.DROPPED)
            .returning(*deliveries.c)
        )
        return [delivery_of(row) for row in sorted(withdrawn, key=lambda row: row.seq)]

    async def hasten(self, at: datetime, beyond: datetime) -> None:
        """Have everything that waits for a moment after *beyond* due *at*.

        What is being sent or has ended waits for nothing.
        """
        await self._connection.execute(
            update(deliveries)
            .where(UNFINISHED, _AT_REST, deliveries.c.due_at > beyond)
            .values(due_at=at)
        )

    async def doubt_unfinished(self, at: datetime) -> int:
        """Mark all that was being sent when the process died as in doubt; return how many."""
        marked = await self._connection.execute(
            update(deliveries)
            .where(UNFINISHED, deliveries.c.state == DeliveryState.SENDING)
            .values(state=DeliveryState.IN_DOUBT, due_at=at, reason="")
        )
        return marked.rowcount

    async def _claim(self, ids: Collection[DeliveryId]) -> Iterable[Row[Any]]:
        return await self._connection.execute(
            select(deliveries)
            .where(deliveries.c.id.in_(list(ids)), UNFINISHED, _AT_REST)
            .with_for_update(skip_locked=True, key_share=True)
        )

    async def _mark(self, changes: Iterable[dict[str, Any]]) -> None:
        """Write the same columns of many deliveries, and of what is joined to them."""
        if rows := list(changes):
            await self._connection.execute(update(deliveries).where(_IS_OF_POST), rows)


def _are_of(heads: Collection[DeliveryId]) -> ColumnElement[bool]:
    """Return the condition that a delivery is one of *heads*, or joined to one."""
    return or_(deliveries.c.id.in_(list(heads)), deliveries.c.joined_to.in_(list(heads)))
