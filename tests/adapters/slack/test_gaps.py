"""Where something may have been missed, and who has to wait for that."""

import asyncio

import pytest

from adapters.slack.gaps import Gaps
from adapters.slack.places import Place
from tests.support.waiting import PATIENCE

OLD, OTHER, NEW = Place("C1", "100.000000"), Place("C1", "110.000000"), Place("C1", "300.000000")
ELSEWHERE = Place("C2", "300.000000")


async def waits(gaps: Gaps, thread: Place) -> asyncio.Task[None]:
    """Return somebody who waits for a thread to be without a gap."""
    task = asyncio.create_task(gaps.until_closed_in(thread))
    await asyncio.sleep(0)
    return task


async def goes_on(task: asyncio.Task[None]) -> None:
    async with asyncio.timeout(PATIENCE):
        await task


def test_at_first_there_is_none() -> None:
    """Neither is there anything to read."""
    gaps = Gaps()
    assert not gaps.is_open_in(OLD)
    assert gaps.next_to_read() is None


async def test_a_gap_everywhere_ends_with_a_look_but_where_something_changed() -> None:
    """Those that have changed are to be read."""
    gaps = Gaps()
    gaps.opened_everywhere()
    assert gaps.is_open_in(OLD)
    unchanged, changed = await waits(gaps, OLD), await waits(gaps, OTHER)
    gaps.narrowed([OTHER], gaps.count)
    await goes_on(unchanged)
    assert not changed.done()
    assert gaps.next_to_read() == OTHER
    gaps.closed_in(OTHER, gaps.count)
    await goes_on(changed)
    assert gaps.next_to_read() is None


async def test_a_thread_that_somebody_waits_for_is_read_first() -> None:
    """Once nobody waits any more, it is one of many."""
    gaps = Gaps()
    gaps.opened_in(OLD)
    gaps.opened_in(OTHER)
    assert gaps.next_to_read() == OLD
    waiting = await waits(gaps, OTHER)
    assert gaps.next_to_read() == OTHER
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert gaps.next_to_read() == OLD


def test_a_gap_is_not_closed_by_what_was_begun_before() -> None:
    """Neither by reading the thread nor by a look at the rooms."""
    gaps = Gaps()
    gaps.opened_in(OLD)
    began = gaps.count
    gaps.opened_in(OLD)
    gaps.closed_in(OLD, began)
    assert gaps.is_open_in(OLD)
    gaps.opened_everywhere()
    gaps.narrowed([], began)
    assert gaps.is_open_in(OTHER)
    began = gaps.count
    gaps.opened_in(OLD)
    gaps.narrowed([], began)
    assert [gaps.is_open_in(each) for each in (OLD, OTHER)] == [True, False]


def test_the_latest_that_was_told_of_a_thread_is_known() -> None:
    """In whatever order it was told."""
    gaps = Gaps()
    assert not gaps.was_told(OLD, "101.000000")
    gaps.told(OLD, "103.000000")
    gaps.told(OLD, "102.000000")
    assert gaps.was_told(OLD, "103.000000")
    assert not gaps.was_told(OLD, "103.000001")


# How far a thread was heard


def settled(gaps: Gaps) -> dict[Place, str]:
    """Return what is settled, in other threads, when something was told an interval later."""
    told = gaps.settled()
    gaps.told(ELSEWHERE, "400.000000")
    told |= gaps.settled()
    return {place: ts for place, ts in told.items() if place != ELSEWHERE}


def test_what_was_told_counts_when_something_is_told_later() -> None:
    """Once: what was written before may still come within an interval, or the line be broken."""
    gaps = Gaps()
    gaps.told(OLD, "103.000000")
    gaps.told(OLD, "102.000000")
    assert [gaps.settled() for _ in range(3)] == [{}, {}, {}]
    gaps.told(OTHER, "111.000000")
    assert gaps.settled() == {OLD: "103.000000"}
    gaps.told(OLD, "104.000000")
    assert gaps.settled() == {}
    gaps.told(NEW, "301.000000")
    assert gaps.settled() == {OTHER: "111.000000"}


def test_in_a_thread_with_a_gap_nothing_counts_until_it_has_closed() -> None:
    """Something before it may be missing; other threads are none the worse for it."""
    gaps = Gaps()
    gaps.told(OLD, "101.000000")
    gaps.told(NEW, "301.000000")
    gaps.settled()
    gaps.opened_everywhere()
    assert settled(gaps) == {}
    gaps.narrowed([OLD], gaps.count)
    assert settled(gaps) == {NEW: "301.000000"}
    gaps.closed_in(OLD, gaps.count)
    assert settled(gaps) == {OLD: "101.000000"}


def test_what_is_not_stored_yet_does_not_count() -> None:
    """Nor what was told after it; what was told before does."""
    gaps = Gaps()
    gaps.told(OLD, "101.000000")
    with gaps.hearing(OLD, "101.000000"):
        gaps.told(OLD, "102.000000")
        gaps.settled()
        assert settled(gaps) == {}
    with gaps.hearing(OLD, "103.000000"):
        assert settled(gaps) == {OLD: "102.000000"}


def test_what_could_not_be_stored_leaves_a_gap() -> None:
    """Whatever kept it from being stored, a cancelled task among it."""
    for failure in (OSError("the disk is full"), asyncio.CancelledError()):
        gaps = Gaps()
        gaps.told(OLD, "101.000000")
        with pytest.raises(type(failure)), gaps.hearing(OLD, "101.000000"):
            raise failure
        gaps.settled()
        assert settled(gaps) == {}
        assert gaps.next_to_read() == OLD
