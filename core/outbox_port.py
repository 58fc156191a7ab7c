"""What the dispatcher needs of the store: the outbox, as narrow as it can be said."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.ids import ConversationId, DeliveryId, Receipt, Thread
from core.outbox import Delivery, DeliveryState, Head, Outgoing


@dataclass(frozen=True)
class Heads:
    """The first unfinished deliveries of lanes."""

    due: list[Head]
    """Those that may go now, oldest first."""
    next_due: datetime | None
    """When the next one of the others is due (UTC)."""


@dataclass(frozen=True, kw_only=True)
class Postponed:
    """A delivery that is looked at again later."""

    id: DeliveryId
    state: DeliveryState
    """Pending, or in doubt."""
    due_at: datetime
    reason: str
    lane: str | None = None
    """Where it waits from now on; None: where it stood."""


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A delivery that has come to an end without success."""

    id: DeliveryId
    reason: str
    """For operators."""
    state: DeliveryState = DeliveryState.FAILED
    """Failed, or dropped."""
    doubted: bool = False
    """Whether it may have arrived all the same."""


class Outbox(Protocol):
    """The part of a transaction that has deliveries carried out."""

    async def heads(self, at: datetime, limit: int, not_to: Collection[tuple[str, str]]) -> Heads:
        """Return the first unfinished delivery of each lane, where it is not being sent.

        What was never attempted is due at once, whatever the clock said when it was decided. Left
        out are those to a (channel, place) of *not_to*, where the place "" is all of the channel.
        What it costs grows with the lanes that wait, not with how much waits in one.
        """
        ...

    async def claim(self, ids: Sequence[DeliveryId]) -> list[Delivery]:
        """Keep other instances from these for this transaction; return those that were free.

        Left out, too, is what has ended or is being sent by now. In the order of *ids*.
        """
        ...

    async def behind(
        self, heads: Collection[DeliveryId], limit: int
    ) -> Mapping[DeliveryId, list[Delivery]]:
        """Return for each of these the unfinished deliveries that come next in its lane, in order.

        At most *limit* for each; one with nothing behind it is left out.
        """
        ...

    async def join(self, posts: Collection[Sequence[DeliveryId]]) -> None:
        """Make each of these one post: what becomes of its first one becomes of all.

        Whatever was joined to that first one before, and is not named, stands on its own again.
        """
        ...

    async def begin(self, ids: Sequence[DeliveryId]) -> list[Outgoing]:
        """Mark these as being sent, count the attempt, and return all that sending them needs.

        The deliveries returned have the state they had before, so that one in doubt can be told.
        Of deliveries that were joined only the first one is named and returned.
        """
        ...

    async def finish(self, receipts: Mapping[DeliveryId, Receipt]) -> None:
        """Mark deliveries as delivered, each with what the platform called it."""
        ...

    async def set_threads(self, threads: Mapping[ConversationId, Thread]) -> None:
        """Write down which threads mirror these conversations."""
        ...

    async def postpone(self, postponed: Collection[Postponed]) -> None:
        """Mark deliveries as pending or in doubt, to be looked at again later."""
        ...

    async def fail(self, failed: Collection[Failed]) -> None:
        """Mark deliveries as failed for good, each with its reason."""
        ...

    async def withdraw(self, lane: str) -> list[Delivery]:
        """Drop all that is unfinished in a lane, under way or not; return it, in order."""
        ...

    async def hasten(self, at: datetime, beyond: datetime) -> None:
        """Have everything that waits for a moment after *beyond* due *at*.

        What is being sent or has ended waits for nothing.
        """
        ...

    async def doubt_unfinished(self, at: datetime) -> int:
        """Mark all that was being sent when the process died as in doubt; return how many."""
        ...

    # Mending

    async def failed_with(
        self, deliveries: Collection[DeliveryId]
    ) -> Mapping[DeliveryId, list[DeliveryId]]:
        """Return what has failed of each of these: it, and the rest of its message's deliveries.

        Only on the same channel; in the order of their lane. Of joined ones the first one is named.
        """
        ...

    async def retry(self, deliveries: Collection[DeliveryId], at: datetime) -> list[DeliveryId]:
        """Put those of these that have failed back where they were in their lanes, due *at* once.

        One that may have arrived is in doubt, the others are pending. Joined ones go together. Its
        attempts and its patience begin anew. Returns the ids of those that were put back.
        """
        ...

    async def retry_all(self, channel: str | None, at: datetime) -> list[DeliveryId]:
        """Do as `retry` with everything that has failed, on one channel or on all of them."""
        ...

    async def drop(self, deliveries: Collection[DeliveryId]) -> list[DeliveryId]:
        """Mark those of these that have failed, or that wait, as dropped; return their ids.

        Joined ones go together. What is being sent is not among them.
        """
        ...

    async def undelivered(self, since: datetime, channel: str | None, limit: int) -> list[Delivery]:
        """Return what has failed, and what has not arrived although it waits *since* then.

        Oldest first; of joined ones the first one only.
        """
        ...
