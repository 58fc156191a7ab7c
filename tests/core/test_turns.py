"""Whose turn it is."""

from datetime import UTC, datetime, timedelta

from core.ids import DeliveryId
from core.outbox import Head
from core.turns import Turns

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def after(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def lanes(turns: Turns, **waiting: int) -> list[str]:
    """Return the lanes in turn; each with how many seconds after noon its head was decided."""
    heads = [
        Head(id=DeliveryId(lane), channel="c", lane=lane, place="p", created_at=after(seconds))
        for lane, seconds in waiting.items()
    ]
    return [each.lane for each in turns.in_turn(heads)]


def test_whoever_has_waited_longest_is_first() -> None:
    """Since their word came, or since they were served last; among equals, who came first."""
    turns = Turns()
    turns.serve("a", after(5))
    assert lanes(turns, a=1, b=2, c=9, d=2) == ["b", "d", "a", "c"]


def test_a_flood_does_not_overtake() -> None:
    """However much waits in a lane, it goes to the end when it was served."""
    turns = Turns()
    turns.serve("flood", after(7))
    assert lanes(turns, flood=0, one=5, other=6) == ["one", "other", "flood"]


def test_newcomers_do_not_overtake_either() -> None:
    """Or in a rush of them whoever was served once would not be served again."""
    turns = Turns()
    turns.serve("known", after(3))
    assert lanes(turns, newcomer=9, known=4) == ["known", "newcomer"]


def test_memory_has_an_end() -> None:
    """Whoever was served longest ago is forgotten, and counts as never served."""
    turns = Turns(remembered=2)
    for number, lane in enumerate(("a", "b", "a", "c")):
        turns.serve(lane, after(number))
    assert lanes(turns, c=0, a=0, b=0) == ["b", "a", "c"]
