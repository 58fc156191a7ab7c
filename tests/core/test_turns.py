"""Whose turn it is."""

from core.ids import DeliveryId
from core.outbox import Head
from core.turns import Turns


def lanes(turns: Turns, *waiting: str) -> list[str]:
    """Return the lanes that wait, in turn."""
    heads = [Head(id=DeliveryId(each), channel="c", lane=each, place="p") for each in waiting]
    return [each.lane for each in turns.in_turn(heads)]


def test_whoever_was_never_served_is_first() -> None:
    """Then whoever was served longest ago; among equals, who came first."""
    turns = Turns()
    for lane in ("a", "b", "c", "a"):
        turns.serve(lane)
    assert lanes(turns, "a", "b", "x", "c", "y") == ["x", "y", "b", "c", "a"]


def test_memory_has_an_end() -> None:
    """Whoever was served longest ago is forgotten, and counts as new."""
    turns = Turns(remembered=2)
    for lane in ("a", "b", "a", "c"):
        turns.serve(lane)
    assert lanes(turns, "c", "a", "b") == ["b", "a", "c"]
