"""The outbox: what is due, what is under way, and how it ended."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.completing import completed
from adapters.store.lanes import first_in_lanes, head_of, next_in_lanes
from adapters.store.loading import Part, delivery_of
from adapters.store.tables import UNFINISHED, conversations, deliveries
from core.ids import ConversationId, DeliveryId, Receipt, Thread
from core.outbox import Delivery, DeliveryState, Outgoing
from core.outbox_port import Failed, Heads, Postponed

_AT_REST = deliveries.c.state != DeliveryState.SENDING
_HEADS: BindParameter[Any] = bindparam("heads", expanding=True)

# Made once: to make a statement takes as long as to execute it.
_CLAIM = (
    select(deliveries)
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)), UNFINISHED, _AT_REST)
    .with_for_update(skip_locked=True, key_share=True)
)
_PART = update(deliveries).where(deliveries.c.joined_to.in_(_HEADS)).values(joined_to=None)
_JOIN = update(deliveries).where(deliveries.c.id == bindparam("member"))
_BEGIN = (
    update(deliveries)
    .where(or_(deliveries.c.id.in_(_HEADS), deliveries.c.joined_to.in_(_HEADS)))
    .values(state=DeliveryState.SENDING, attempts=deliveries.c.attempts + 1)
)
_MARK = update(deliveries).where(
    or_(deliveries.c.id == bindparam("head"), deliveries.c.joined_to == bindparam("head"))
)
_KNOW = update(conversations).where(conversations.c.id == bindparam("its_id"))


@dataclass(frozen=True)
class _Claimed:
    """A delivery as it was claimed, and by which delivery the post is known that it stands in."""

    delivery: Delivery
    post: DeliveryId | None


class Delivering(Part):
    """The part of a transaction that has deliveries carried out."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._claimed: dict[DeliveryId, _Claimed] = {}
        """What is ours until the transaction ends; it need not be read once more to be begun."""

    async def heads(self, at: datetime, limit: int, not_to: Collection[tuple[str, str]]) -> Heads:
        """Return the first unfinished delivery of each lane, where it is not being sent.

        What was never attempted is due at once, whatever the clock said when it was decided. Left
        out are those to a (channel, place) of *not_to*, where the place "" is all of the channel.
        What it costs grows with the lanes that wait, not with how much waits in one.
        """
        rows = await first_in_lanes(self._connection, at, limit, not_to)
        next_due = rows[0].next_due if rows else None
        return Heads([head_of(row) for row in rows if row.is_due], next_due)

    async def claim(self, ids: Sequence[DeliveryId]) -> list[Delivery]:
        """Keep other instances from these for this transaction; return those that were free.

        Left out, too, is what has ended or is being sent by now. In the order of *ids*.
        """
        rows = await self._connection.execute(_CLAIM, {"ids": list(ids)})
        free = {row.id: _Claimed(delivery_of(row), row.joined_to) for row in rows}
        self._claimed |= free
        return [free[each].delivery for each in ids if each in free]

    async def behind(
        self, heads: Collection[DeliveryId], limit: int
    ) -> Mapping[DeliveryId, list[Delivery]]:
        """Return for each of these the unfinished deliveries that come next in its lane, in order.

        At most *limit* for each; one with nothing behind it is left out.
        """
        behind: defaultdict[DeliveryId, list[Delivery]] = defaultdict(list)
        for row in await next_in_lanes(self._connection, heads, limit):
            behind[row.head].append(delivery_of(row))
        return behind

    async def join(self, posts: Collection[Sequence[DeliveryId]]) -> None:
        """Make each of these one post: what becomes of its first one becomes of all.

        Whatever was joined to that first one before, and is not named, stands on its own again.
        """
        heads = {post[0] for post in posts}
        if not all(each in self._claimed and not self._claimed[each].post for each in heads):
            await self._connection.execute(_PART, {"heads": list(heads)})
        together = {each: post[0] for post in posts if len(post) > 1 for each in post}
        if together:
            rows = [{"member": each, "joined_to": head} for each, head in together.items()]
            await self._connection.execute(_JOIN, rows)
        for id_, each in self._claimed.items():
            if id_ in together or each.post in heads:
                self._claimed[id_] = replace(each, post=together.get(id_))

    async def begin(self, ids: Sequence[DeliveryId]) -> list[Outgoing]:
        """Mark these as being sent, count the attempt, and return all that sending them needs.

        The deliveries returned are as they were before, so that one in doubt can be told. Left out
        are those that another instance has begun. Of deliveries that were joined only the first
        one is named and returned.
        """
        if unclaimed := [each for each in ids if each not in self._claimed]:
            await self.claim(unclaimed)
        claimed = [self._claimed[each] for each in ids if each in self._claimed]
        if not claimed:
            return []
        begun = [each.delivery for each in claimed]
        posts = {each.delivery.id: each.post for each in claimed if each.post is not None}
        await self._connection.execute(_BEGIN, {"heads": [each.id for each in begun]})
        self._claimed.clear()
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
            await self._connection.execute(_KNOW, rows)

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
        self._claimed.clear()
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
        self._claimed.clear()
        await self._connection.execute(
            update(deliveries)
            .where(UNFINISHED, _AT_REST, deliveries.c.due_at > beyond)
            .values(due_at=at)
        )

    async def doubt_unfinished(self, at: datetime) -> int:
        """Mark all that was being sent when the process died as in doubt; return how many."""
        self._claimed.clear()
        marked = await self._connection.execute(
            update(deliveries)
            .where(UNFINISHED, deliveries.c.state == DeliveryState.SENDING)
            .values(state=DeliveryState.IN_DOUBT, due_at=at, reason="")
        )
        return marked.rowcount

    async def _mark(self, changes: Iterable[dict[str, Any]]) -> None:
        """Write the same columns of many deliveries, and of what is joined to them."""
        if rows := list(changes):
            self._claimed.clear()
            await self._connection.execute(_MARK, rows)
