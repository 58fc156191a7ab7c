"""What stands first in each lane of the outbox, and what stands behind it.

Lanes are walked through by their index, one step a lane: what a question costs grows with the
lanes that wait, and neither with what waits in them nor with what was delivered before.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    case,
    func,
    or_,
    select,
    tuple_,
)

from adapters.store.tables import UNFINISHED, deliveries
from core.ids import DeliveryId
from core.outbox import DeliveryState, Head

_HEAD = ("id", "channel", "lane", "place", "created_at")
_BEYOND = 2**63 - 1
"""A seq that no delivery reaches."""


def _first(after: ColumnElement[str] | None = None) -> tuple[ScalarSelect[Any], ...]:
    """Return the lane and the seq of the first delivery *after* a lane, or of all."""
    beyond = [] if after is None else [deliveries.c.lane > after]
    # Ordered by both, so that no planner takes another index than that of the two.
    return tuple(
        select(column)
        .where(UNFINISHED, *beyond)
        .order_by(deliveries.c.lane, deliveries.c.seq)
        .limit(1)
        .correlate_except(deliveries)
        .scalar_subquery()
        for column in (deliveries.c.lane, deliveries.c.seq)
    )


def _walk() -> CTE:
    """Return every lane with something unfinished, and the seq of what stands first in it."""
    lane, seq = _first()
    walk = select(lane.label("lane"), seq.label("seq")).cte("lanes", recursive=True)
    return walk.union_all(select(*_first(walk.c.lane)).where(walk.c.lane.is_not(None)))


_LANES = _walk()


def first_in_lanes(at: datetime, limit: int, not_to: Collection[tuple[str, str]]) -> Select[Any]:
    """Return the question for lanes' first deliveries, those that are due first, oldest first.

    Besides them it gives one or more that are due next, and with each row when that is, `next_due`.
    """
    is_due = or_(deliveries.c.attempts == 0, deliveries.c.due_at <= at)
    later = case((is_due, None), else_=deliveries.c.due_at)
    heads = (
        select(
            *(deliveries.c[name] for name in ("seq", "due_at", *_HEAD)),
            is_due.label("is_due"),
            func.min(later).over().label("next_due"),
        )
        .join_from(_LANES, deliveries, deliveries.c.seq == _LANES.c.seq)
        .where(deliveries.c.state != DeliveryState.SENDING)
    )
    if not_to:
        heads = heads.where(
            tuple_(deliveries.c.channel, deliveries.c.place).not_in(list(not_to)),
            deliveries.c.channel.not_in([channel for channel, place in not_to if not place]),
        )
    found = heads.subquery("head")
    return (
        select(*(found.c[name] for name in (*_HEAD, "is_due", "next_due")))
        .where(or_(found.c.is_due, found.c.due_at == found.c.next_due))
        .order_by(found.c.is_due.desc(), found.c.seq)
        .limit(limit)
    )


def head_of(row: Row[Any]) -> Head:
    """Return the head in a row that `first_in_lanes` gave."""
    return Head(
        id=DeliveryId(row.id),
        channel=row.channel,
        lane=row.lane,
        place=row.place,
        created_at=row.created_at,
    )


def next_in_lanes(heads: Collection[DeliveryId], limit: int) -> Select[Any]:
    """Return the question for what comes behind each of *heads*, at most *limit* for each."""
    head = (
        select(deliveries.c.id, deliveries.c.lane, deliveries.c.seq)
        .where(deliveries.c.id.in_(list(heads)))
        .subquery("head")
    )
    follower = deliveries.alias("follower")
    last = (
        select(follower.c.seq)
        .where(UNFINISHED, follower.c.lane == head.c.lane, follower.c.seq > head.c.seq)
        .order_by(follower.c.seq)
        .offset(limit - 1)
        .limit(1)
        .correlate(head)
        .scalar_subquery()
    )
    return (
        select(deliveries, head.c.id.label("head"))
        .join_from(head, deliveries, deliveries.c.lane == head.c.lane)
        .where(
            UNFINISHED,
            deliveries.c.seq > head.c.seq,
            deliveries.c.seq <= func.coalesce(last, _BEYOND),
        )
        .order_by(deliveries.c.seq)
    )
