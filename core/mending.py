"""What operators do about deliveries that failed; every change leaves an entry in the audit log."""

from collections.abc import Collection
from datetime import timedelta

from core.ids import DeliveryId
from core.outbox import Delivery
from core.ports import Audit, Clock, Store, Transaction

OVERDUE = timedelta(minutes=10)
"""After how long something that waits is worth a look."""


class Mending:
    """The deliveries that failed, and those that have waited for too long."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def undelivered(self, channel: str | None, limit: int) -> list[Delivery]:
        """Return what failed or is overdue, oldest first, on one channel or on all of them."""
        async with self._store.transaction() as tx:
            return await tx.undelivered(self._clock.now() - OVERDUE, channel, limit)

    async def retry(self, ids: Collection[DeliveryId], *, who: str) -> list[DeliveryId]:
        """Have failed deliveries tried again, and what shares a post with them; return which.

        Nothing happens to one that has not failed.
        """
        async with self._store.transaction() as tx:
            retried = await tx.retry(ids, self._clock.now())
            await self._note(tx, retried, "tried again", who)
        return retried

    async def retry_all(self, channel: str | None, *, who: str) -> list[DeliveryId]:
        """Have all that failed tried again, on one channel or on all of them; return which."""
        async with self._store.transaction() as tx:
            retried = await tx.retry_all(channel, self._clock.now())
            await self._note(tx, retried, "tried again", who)
        return retried

    async def drop(self, ids: Collection[DeliveryId], *, who: str) -> list[DeliveryId]:
        """Give up what failed or waits, and what shares a post with it; return which.

        Nothing happens to one that was delivered, or is being sent right now.
        """
        async with self._store.transaction() as tx:
            dropped = await tx.drop(ids)
            await self._note(tx, dropped, "dropped", who)
        return dropped

    async def _note(
        self, tx: Transaction, ids: Collection[DeliveryId], became: str, who: str
    ) -> None:
        if ids:
            what = f"deliveries {', '.join(sorted(ids))}"
            entry = Audit(at=self._clock.now(), who=who, what=what, before="", after=became)
            await tx.note(entry)
