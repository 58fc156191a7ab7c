"""Deliveries that have not ended, in the order in which they are asked for."""

from bisect import insort
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import heappop, heappush, nsmallest
from itertools import islice

from core.ids import DeliveryId
from core.outbox import Delivery, DeliveryState, Head
from core.outbox_port import Heads

_AT_ONCE = datetime.min.replace(tzinfo=UTC)
_UNFINISHED = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery, its place in the order of all, and the joined post that it belongs to."""

    delivery: Delivery
    seq: int
    post: DeliveryId | None = None

    @property
    def due_at(self) -> datetime:
        """When it may go: at once, where it was never attempted."""
        return self.delivery.due_at if self.delivery.attempts else _AT_ONCE

    @property
    def ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.delivery.state not in _UNFINISHED


class Lanes:
    """Who is first in each lane, and which of those may go, by place.

    What is noted of a first one may be true no more: it counts only while it is.
    """

    def __init__(self, rows: Mapping[DeliveryId, Row]) -> None:
        self._rows = rows
        self._lanes: defaultdict[str, list[tuple[int, DeliveryId]]] = defaultdict(list)
        self._later: list[tuple[datetime, int, DeliveryId]] = []
        """First ones that rest, by when they are due; once due they move on into `_ready`."""
        self._ready: dict[tuple[str, str], list[tuple[int, DeliveryId, datetime]]] = {}
        for row in rows.values():
            if not row.ended:
                self.append(row)

    def append(self, row: Row) -> None:
        """Put a delivery into its lane: a new one at the end, an older one where its time was."""
        insort(self._lanes[row.delivery.lane], (row.seq, row.delivery.id))
        self.rest(row)

    def rest(self, row: Row) -> None:
        """Have a delivery wait until it is due, if it is its lane's first; else it is no matter."""
        if self._is_first(row):
            heappush(self._later, (row.due_at, row.seq, row.delivery.id))

    def leave(self, lane: str) -> None:
        """Let the next one be first where others have ended or gone to another lane."""
        waiting = self._lanes[lane]
        self._lanes[lane] = [each for each in waiting if self._is_in(lane, self._rows[each[1]])]
        if self._lanes[lane]:
            self.rest(self._rows[self._lanes[lane][0][1]])
        else:
            del self._lanes[lane]

    def heads(self, at: datetime, limit: int, not_to: Collection[tuple[str, str]]) -> Heads:
        """Return the first ones that are at rest and due, the oldest first."""
        while self._later and self._later[0][0] <= at:
            due_at, seq, id_ = heappop(self._later)
            if self._rests(id_, due_at):
                delivery = self._rows[id_].delivery
                ready = self._ready.setdefault((delivery.channel, delivery.place), [])
                insort(ready, (seq, id_, due_at))
        found: list[tuple[int, DeliveryId]] = []
        pauses: list[datetime] = []
        for place in [each for each in self._ready if not _is_among(each, not_to)]:
            due = self._resting(place)
            found += [(seq, id_) for seq, id_, due_at in islice(due, limit) if due_at <= at]
            pauses += [due_at for _, _, due_at in due if due_at > at]
        if (later := self._next_due()) is not None:
            pauses.append(later)
        heads = [self._head(id_) for _, id_ in nsmallest(limit, found)]
        return Heads(heads, min(pauses, default=None))

    def behind(self, id_: DeliveryId, limit: int) -> list[Delivery]:
        """Return the next deliveries in the same lane."""
        row = self._rows.get(id_)
        return [] if row is None else list(islice(self._behind(row), limit))

    def waiting_in(self, lane: str) -> list[Row]:
        """Return what has not ended in a lane, in order."""
        rows = [self._rows[id_] for _, id_ in self._lanes.get(lane, ())]
        return [row for row in rows if not row.ended]

    def unfinished(self) -> list[Row]:
        """Return all deliveries that have not ended."""
        return [row for lane in self._lanes for row in self.waiting_in(lane)]

    def _resting(self, place: tuple[str, str]) -> list[tuple[int, DeliveryId, datetime]]:
        """Return what is noted as ready for a place and still is; forget the rest."""
        ready = dict.fromkeys(self._ready[place])
        still = [each for each in ready if self._rests(each[1], each[2])]
        if still:
            self._ready[place] = still
        else:
            del self._ready[place]
        return still

    def _next_due(self) -> datetime | None:
        while self._later:
            due_at, _, id_ = self._later[0]
            if self._rests(id_, due_at):
                return due_at
            heappop(self._later)
        return None

    def _behind(self, row: Row) -> Iterator[Delivery]:
        for other in self.waiting_in(row.delivery.lane):
            if other.seq > row.seq:
                yield other.delivery

    def _head(self, id_: DeliveryId) -> Head:
        each = self._rows[id_].delivery
        return Head(
            id=each.id,
            channel=each.channel,
            lane=each.lane,
            place=each.place,
            created_at=each.created_at,
            is_followed=next(self._behind(self._rows[id_]), None) is not None,
        )

    def _rests(self, id_: DeliveryId, due_at: datetime) -> bool:
        row = self._rows[id_]
        at_rest = row.delivery.state is not DeliveryState.SENDING and not row.ended
        return at_rest and row.due_at == due_at and self._is_first(row)

    def _is_first(self, row: Row) -> bool:
        lane = self._lanes.get(row.delivery.lane)
        return lane is not None and lane[0][1] == row.delivery.id

    def _is_in(self, lane: str, row: Row) -> bool:
        return row.delivery.lane == lane and not row.ended


def _is_among(place: tuple[str, str], places: Collection[tuple[str, str]]) -> bool:
    """Whether it is one of these places; "" stands for every place of a channel."""
    return place in places or (place[0], "") in places
