"""What could not be delivered: found, put back into the outbox, or dropped."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from adapters.store.memory.lanes import Row
from adapters.store.memory.part import Part
from core.ids import DeliveryId
from core.outbox import Delivery, DeliveryState

_OPEN = (DeliveryState.PENDING, DeliveryState.IN_DOUBT)


class Mending(Part):
    """The part of a transaction in which people see to what has failed."""

    async def failed_with(
        self, ids: Collection[DeliveryId]
    ) -> Mapping[DeliveryId, list[DeliveryId]]:
        """Return what has failed of each of these: it, and the rest of its message's deliveries.

        Only on the same channel; in the order of their lane. Of joined ones the first one is named.
        """
        found = {}
        for asked in (row for id_ in ids if (row := self._tables.deliveries.get(id_))):
            failed = dict.fromkeys(
                _post(row) for row in self._failed(asked.delivery.channel) if _goes(row, asked)
            )
            if failed:
                found[asked.delivery.id] = list(failed)
        return found

    async def retry(self, ids: Collection[DeliveryId], at: datetime) -> list[DeliveryId]:
        """Put those of these that have failed back where they were in their lanes, due *at* once.

        One that may have arrived is in doubt, the others are pending. Joined ones go together. Its
        attempts and its patience begin anew. Returns the ids of those that were put back.
        """
        return self._retry(self._with_posts(ids), at)

    async def retry_all(self, channel: str | None, at: datetime) -> list[DeliveryId]:
        """Do as `retry` with everything that has failed, on one channel or on all of them."""
        return self._retry(self._failed(channel), at)

    async def drop(self, ids: Collection[DeliveryId]) -> list[DeliveryId]:
        """Mark those of these that have failed, or that wait, as dropped; return their ids.

        Joined ones go together. What is being sent is not among them.
        """
        wanted = (*_OPEN, DeliveryState.FAILED)
        rows = [row for row in self._with_posts(ids) if row.delivery.state in wanted]
        for row in rows:
            self._set(row, state=DeliveryState.DROPPED)
        return [row.delivery.id for row in rows]

    async def undelivered(self, since: datetime, channel: str | None, limit: int) -> list[Delivery]:
        """Return what has failed, and what has not arrived although it waits *since* then.

        Oldest first; of joined ones the first one only.
        """
        waits = [
            row
            for row in self._tables.lanes.unfinished()
            if (row.delivery.retried_at or row.delivery.created_at) <= since
        ]
        rows = sorted([*self._failed(channel), *waits], key=lambda row: row.seq)
        return [
            row.delivery
            for row in rows
            if channel in (None, row.delivery.channel) and _post(row) == row.delivery.id
        ][:limit]

    def _retry(self, rows: Iterable[Row], at: datetime) -> list[DeliveryId]:
        failed = [row for row in rows if row.delivery.state is DeliveryState.FAILED]
        for row in failed:
            doubted = row.delivery.id in self._tables.doubted
            state = DeliveryState.IN_DOUBT if doubted else DeliveryState.PENDING
            self._set(row, state=state, attempts=0, due_at=at, retried_at=at, reason="")
        return [row.delivery.id for row in failed]

    def _failed(self, channel: str | None) -> list[Row]:
        """Return what has failed, in order: so little that it is looked for among everything."""
        rows = self._tables.deliveries.values()
        return [
            row
            for row in rows
            if row.delivery.state is DeliveryState.FAILED
            and channel in (None, row.delivery.channel)
        ]

    def _with_posts(self, ids: Collection[DeliveryId]) -> list[Row]:
        """Return these, and what shares a post with them, in order."""
        tables = self._tables
        known = [tables.deliveries[each] for each in ids if each in tables.deliveries]
        together = {
            id_ for row in known for id_ in tables.posts.get(_post(row), (row.delivery.id,))
        }
        return sorted((tables.deliveries[each] for each in together), key=lambda row: row.seq)

    def _set(self, row: Row, **values: object) -> None:
        """Change a delivery that is at rest, and what its lane knows of it."""
        changed = replace(row, delivery=replace(row.delivery, **values))  # type: ignore[arg-type]
        self._tables.put(self._tables.deliveries, row.delivery.id, changed)
        lane = row.delivery.lane
        if row.ended and not changed.ended:
            self._tables.lanes.append(changed)
        elif changed.ended and not row.ended:
            self._tables.lanes.leave(lane)


def _post(row: Row) -> DeliveryId:
    """Return by which delivery the post is known that a delivery stands in."""
    return row.post or row.delivery.id


def _goes(row: Row, asked: Row) -> bool:
    """Whether a delivery is tried again together with *asked*."""
    message = row.delivery.message_id
    alike = message is not None and message == asked.delivery.message_id
    of_one = row.delivery.conversation_id == asked.delivery.conversation_id
    return of_one and (_post(row) == _post(asked) or alike)
