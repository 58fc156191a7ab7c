"""What stands first in each lane of the outbox, and what stands behind it.

Lanes are walked through by their index, one step a lane: what a question costs grows with the
lanes that wait, and neither with what waits in them nor with what was delivered before.

Asked at every turn, so it is written out: SQLAlchemy takes longer to go through an expression of
this size than the database to answer it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Row, Text, bindparam, column, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.store.tables import UNFINISHED, Moment, deliveries
from core.ids import DeliveryId
from core.outbox import Head

_BEYOND = 2**63 - 1
"""A seq that no delivery reaches."""

# Ordered by lane and seq, so that no planner takes another index than that of the two.
_FIRST_IN_LANES = (
    text(f"""
        WITH RECURSIVE lanes (lane, seq) AS (
            SELECT
                (SELECT lane FROM deliveries WHERE {UNFINISHED} ORDER BY lane, seq LIMIT 1),
                (SELECT seq FROM deliveries WHERE {UNFINISHED} ORDER BY lane, seq LIMIT 1)
            UNION ALL
            SELECT
                (SELECT lane FROM deliveries WHERE {UNFINISHED} AND lane > lanes.lane
                    ORDER BY lane, seq LIMIT 1),
                (SELECT seq FROM deliveries WHERE {UNFINISHED} AND lane > lanes.lane
                    ORDER BY lane, seq LIMIT 1)
            FROM lanes WHERE lanes.lane IS NOT NULL
        ),
        heads AS (
            SELECT
                deliveries.*,
                attempts = 0 OR due_at <= :at AS is_due,
                min(CASE WHEN attempts = 0 OR due_at <= :at THEN NULL ELSE due_at END) OVER ()
                    AS next_due
            FROM lanes JOIN deliveries ON deliveries.seq = lanes.seq
            WHERE state != 'sending'
                AND channel NOT IN :channels AND channel || ':' || place NOT IN :places
        )
        SELECT
            id, channel, lane, place, created_at, is_due, next_due,
            EXISTS (
                SELECT 1 FROM deliveries AS next
                WHERE next.lane = heads.lane AND next.seq > heads.seq AND next.{UNFINISHED}
            ) AS is_followed
        FROM heads
        WHERE is_due OR due_at = next_due
        ORDER BY is_due DESC, seq
        LIMIT :most
    """)  # noqa: S608  (all that is put in is written in this program)
    .bindparams(
        bindparam("at", type_=Moment),
        bindparam("channels", type_=Text, expanding=True),
        bindparam("places", type_=Text, expanding=True),
        bindparam("most", type_=BigInteger),
    )
    .columns(
        *(deliveries.c[name] for name in ("id", "channel", "lane", "place", "created_at")),
        column("is_due", Boolean),
        column("next_due", Moment),
        column("is_followed", Boolean),
    )
)


async def first_in_lanes(
    connection: AsyncConnection, at: datetime, limit: int, not_to: Collection[tuple[str, str]]
) -> Sequence[Row[Any]]:
    """Return lanes' first deliveries, those that are due first, oldest first.

    Besides them there are one or more that are due next, and with each row when that is,
    `next_due`.
    """
    found = await connection.execute(
        _FIRST_IN_LANES,
        {
            "at": at,
            "most": limit,
            "channels": [channel for channel, place in not_to if not place],
            "places": [f"{channel}:{place}" for channel, place in not_to],
        },
    )
    return found.all()


def head_of(row: Row[Any]) -> Head:
    """Return the head in a row that `first_in_lanes` gave."""
    return Head(
        id=DeliveryId(row.id),
        channel=row.channel,
        lane=row.lane,
        place=row.place,
        created_at=row.created_at,
        is_followed=row.is_followed,
    )


_HEAD = (
    select(deliveries.c.id, deliveries.c.lane, deliveries.c.seq)
    .where(deliveries.c.id.in_(bindparam("heads", expanding=True)))
    .subquery("head")
)
_FOLLOWER = deliveries.alias("follower")
_LAST = (
    select(_FOLLOWER.c.seq)
    .where(UNFINISHED, _FOLLOWER.c.lane == _HEAD.c.lane, _FOLLOWER.c.seq > _HEAD.c.seq)
    .order_by(_FOLLOWER.c.seq)
    .offset(bindparam("others"))
    .limit(1)
    .correlate(_HEAD)
    .scalar_subquery()
)
_NEXT_IN_LANES = (
    select(deliveries, _HEAD.c.id.label("head"))
    .join_from(_HEAD, deliveries, deliveries.c.lane == _HEAD.c.lane)
    .where(
        UNFINISHED,
        deliveries.c.seq > _HEAD.c.seq,
        deliveries.c.seq <= func.coalesce(_LAST, _BEYOND),
    )
    .order_by(deliveries.c.seq)
)


async def next_in_lanes(
    connection: AsyncConnection, heads: Collection[DeliveryId], limit: int
) -> Sequence[Row[Any]]:
    """Return what comes behind each of *heads*, at most *limit* for each."""
    found = await connection.execute(_NEXT_IN_LANES, {"heads": list(heads), "others": limit - 1})
    return found.all()
