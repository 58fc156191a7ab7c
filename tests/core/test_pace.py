"""How fast a platform may be spoken to."""

from hypothesis import given
from hypothesis import strategies as st

from core.pace import Pace, Toll

ROOM = Toll("room", per_second=1)
CHAT = Toll("chat", per_second=1, burst=3)
ALL = Toll("all", per_second=30, burst=30)


def test_a_rate_without_a_burst_is_one_after_the_other() -> None:
    """One post a second: the second one waits a second."""
    pace = Pace()
    assert pace.free_at([ROOM], now=10) == 10

    pace.spend([ROOM], now=10)

    assert pace.free_at([ROOM], now=10) == 11
    assert pace.free_at([ROOM], now=10.5) == 11
    assert pace.free_at([ROOM], now=12) == 12


def test_a_burst_is_allowed_after_a_rest() -> None:
    """Three at once, then one a second; rest brings the burst back."""
    pace = Pace()
    for _ in range(3):
        assert pace.free_at([CHAT], now=0) == 0
        pace.spend([CHAT], now=0)

    assert pace.free_at([CHAT], now=0) == 1
    assert pace.free_at([CHAT], now=3) == 3


def test_the_slowest_of_several_rates_counts() -> None:
    """A message to a chat uses up the chat's rate and that of the whole bot."""
    pace = Pace()
    pace.spend([ROOM, ALL], now=0)

    assert pace.free_at([ROOM, ALL], now=0) == 1
    assert pace.free_at([CHAT, ALL], now=0) == 0


def test_a_demanded_pause_is_kept_to_the_second_and_no_other_place_waits() -> None:
    """The longest demand counts."""
    pace = Pace()
    pace.hold("room", until=30)
    pace.hold("room", until=20)

    assert pace.free_at([ROOM], now=0) == 30
    assert pace.free_at([CHAT], now=0) == 0
    assert pace.free_at([ROOM], now=30) == 30


def test_forgetting_changes_no_answer() -> None:
    """Only what limits nothing any more is dropped."""
    pace = Pace()
    pace.spend([ROOM], now=0)
    pace.hold("chat", until=5)

    pace.forget(now=0.5)

    assert pace.free_at([ROOM], now=0.5) == 1
    assert pace.free_at([CHAT], now=0.5) == 5


@given(
    waits=st.lists(st.floats(0, 5, allow_nan=False), min_size=1, max_size=60),
    toll=st.builds(Toll, st.just("x"), per_second=st.floats(0.1, 30), burst=st.integers(1, 20)),
)
def test_no_window_ever_holds_more_than_the_rate_allows(waits: list[float], toll: Toll) -> None:
    """However the calls come: at most a burst and what the rate adds, in any stretch of time."""
    pace, now, made = Pace(), 0.0, []
    for wait in waits:
        now = pace.free_at([toll], now + wait)
        pace.spend([toll], now)
        made.append(now)

    for first in range(len(made)):
        for last in range(first, len(made)):
            allowed = toll.burst + (made[last] - made[first]) * toll.per_second
            assert last - first + 1 <= allowed + 1e-6


def test_in_a_hurry_the_same_calls_take_a_fraction_of_the_time() -> None:
    """Four times as fast: what takes a second takes a quarter of one; a burst is as long."""
    pace = Pace(hurry=4)
    for _ in range(3):
        assert pace.free_at([CHAT], now=0) == 0
        pace.spend([CHAT], now=0)

    assert pace.free_at([CHAT], now=0) == 0.25
