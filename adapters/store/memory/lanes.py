"""Deliveries that have not ended, in the order in which they are asked for."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush, nsmallest
from itertools import islice

from core.ids import DeliveryId
from core.outbox import Delivery, DeliveryState

_ENDED = (DeliveryState.DELIVERED, DeliveryState.FAILED)


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery, its place in the order of all, and the joined post that it belongs to."""

    delivery: Delivery
    seq: int
    post: DeliveryId | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.delivery.state in _ENDED


class Lanes:
    """Who is first in each lane, and which of those may go, by place.

    What stands in a heap may have changed since: it counts only while it is still true.
    """

    def __init__(self, rows: Mapping[DeliveryId, Row]) -> None:
        self._rows = rows
        self._lanes: defaultdict[str, deque[DeliveryId]] = defaultdict(deque)
        self._later: list[tuple[datetime, int, DeliveryId]] = []
        """First ones that rest, by when they are due; once due they move on into `_ready`."""
        self._due: list[tuple[datetime, int, DeliveryId]] = []
        """The same, and those that are due, too."""
        self._ready: dict[tuple[str, str], list[tuple[int, DeliveryId, datetime]]] = {}
        for row in rows.values():
            if not row.ended:
                self.append(row)

    def append(self, row: Row) -> None:
        """Put a new delivery at the end of its lane."""
        lane = self._lanes[row.delivery.lane]
        lane.append(row.delivery.id)
        if len(lane) == 1:
            self.rest(row)

    def rest(self, row: Row) -> None:
        """Have a delivery wait until it is due, if it is its lane's first; else it is no matter."""
        if self._is_first(row):
            entry = (row.delivery.due_at, row.seq, row.delivery.id)
            heappush(self._later, entry)
            heappush(self._due, entry)

    def end(self, row: Row) -> None:
        """Let the next one be first where this one was."""
        lane = self._lanes[row.delivery.lane]
        while lane and self._rows[lane[0]].ended:
            lane.popleft()
        if lane:
            self.rest(self._rows[lane[0]])
        else:
            del self._lanes[row.delivery.lane]

    def heads(
        self, at: datetime, limit: int, not_to: Collection[tuple[str, str]]
    ) -> list[Delivery]:
        """Return the first ones that are at rest and due, the oldest first."""
        while self._later and self._later[0][0] <= at:
            due_at, seq, id_ = heappop(self._later)
            if self._rests(id_, due_at):
                delivery = self._rows[id_].delivery
                ready = self._ready.setdefault((delivery.channel, delivery.place), [])
                heappush(ready, (seq, id_, due_at))
        found: list[tuple[int, DeliveryId]] = []
        for place in [each for each in self._ready if each not in not_to]:
            found += self._oldest(place, at, limit)
        return [self._rows[id_].delivery for _, id_ in nsmallest(limit, found)]

    def behind(self, id_: DeliveryId, limit: int) -> list[Delivery]:
        """Return the next deliveries in the same lane."""
        return list(islice(self._behind(self._rows[id_]), limit))

    def next_due(self) -> datetime | None:
        """Return when the next delivery that is the first one of its lane is due."""
        while self._due:
            due_at, _, id_ = self._due[0]
            if self._rests(id_, due_at):
                return due_at
            heappop(self._due)
        return None

    def unfinished(self) -> list[Row]:
        """Return all deliveries that have not ended."""
        rows = (self._rows[each] for lane in self._lanes.values() for each in lane)
        return [row for row in rows if not row.ended]

    def __len__(self) -> int:
        """Return how many lanes have something to deliver."""
        return len(self._lanes)

    def _oldest(
        self, place: tuple[str, str], at: datetime, limit: int
    ) -> list[tuple[int, DeliveryId]]:
        ready = self._ready[place]
        found: dict[DeliveryId, tuple[int, DeliveryId, datetime]] = {}
        while ready and len(found) < limit:
            entry = heappop(ready)
            if self._rests(entry[1], entry[2]):
                found[entry[1]] = entry
        for entry in found.values():
            heappush(ready, entry)
        if not ready:
            del self._ready[place]
        return [(seq, id_) for seq, id_, due_at in found.values() if due_at <= at]

    def _behind(self, row: Row) -> Iterator[Delivery]:
        for each in self._lanes.get(row.delivery.lane, ()):
            other = self._rows[each]
            if other.seq > row.seq and not other.ended:
                yield other.delivery

    def _rests(self, id_: DeliveryId, due_at: datetime) -> bool:
        row = self._rows[id_]
        at_rest = row.delivery.state is not DeliveryState.SENDING and not row.ended
        return at_rest and row.delivery.due_at == due_at and self._is_first(row)

    def _is_first(self, row: Row) -> bool:
        lane = self._lanes.get(row.delivery.lane)
        return bool(lane) and lane[0] == row.delivery.id  # type: ignore[index]
