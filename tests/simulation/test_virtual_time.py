"""Virtual time: an hour passes at once, and the same things happen in it again."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from bots.simulation.virtual_time import NothingWillHappen, VirtualClock, run

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def test_an_hour_passes_at_once() -> None:
    """Whoever sleeps is woken at once, and it is later then, to the desk's clock, too."""

    async def sleep() -> tuple[datetime, float]:
        clock = VirtualClock(NEW_YEAR)
        await asyncio.sleep(3600)
        return clock.now(), clock.monotonic()

    assert run(sleep()) == (NEW_YEAR + timedelta(hours=1), 3600.0)


def test_timers_ring_in_their_order() -> None:
    """Who is to be woken first is woken first, whoever lay down first."""
    woken: list[int] = []

    async def sleeper(seconds: int) -> None:
        await asyncio.sleep(seconds)
        woken.append(seconds)

    async def sleepers() -> None:
        await asyncio.gather(*map(sleeper, (30, 10, 20)))

    run(sleepers())
    assert woken == [10, 20, 30]


def test_a_wait_that_times_out_has_lasted_as_long_as_it_should() -> None:
    """Time-outs are timers like any other."""

    async def wait() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run(wait()) == 0.5


def test_steps_too_small_for_the_clock_still_end() -> None:
    """After years, a nanosecond more is no more than what the number can show."""

    async def wait() -> float:
        await asyncio.sleep(1e9)
        await asyncio.sleep(1e-9)
        return asyncio.get_running_loop().time()

    assert run(wait()) >= 1e9


def test_a_standstill_is_told_rather_than_waited_for() -> None:
    """Where everybody waits for somebody else, a real loop would hang."""

    async def hang() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingWillHappen):
        run(hang())


def test_the_same_program_does_the_same_again() -> None:
    """The order of many who sleep, wake each other and wait depends on nothing but the dice."""

    async def course() -> list[str]:
        dice = random.Random(7)
        said: list[str] = []
        bell = asyncio.Condition()

        async def one(name: int) -> None:
            for _ in range(5):
                await asyncio.sleep(dice.choice((0, 1, dice.random())))
                async with bell:
                    said.append(f"{asyncio.get_running_loop().time()} {name}")
                    bell.notify_all()

        await asyncio.gather(*map(one, range(20)))
        return said

    assert run(course()) == run(course()) == run(course())
