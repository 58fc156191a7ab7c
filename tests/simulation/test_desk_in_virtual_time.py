"""The whole desk in virtual time: it keeps its promises, and does the same again."""

import os
import subprocess
import sys

import pytest

from bots.simulation.check import check, drawn
from bots.simulation.scenario import Scenario
from bots.simulation.world import Broken, simulate

SEEDS = 50
_AGAIN = "from bots.simulation.check import check; print(check(7))"


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_no_promise_is_broken_whatever_goes_wrong(seed: int) -> None:
    """Crashes, outages, lost answers, refusals: nothing lost, doubled, reordered or slept through.

    Each seed is two hours of a busy desk, and as long as it takes to finish.
    """
    checked = check(seed)
    assert not isinstance(checked.end, Broken), str(checked)


def test_what_is_to_go_wrong_does_go_wrong() -> None:
    """Else the test above would promise more than it tries."""
    ends = [simulate(drawn(seed)) for seed in (4, 9)]
    assert all(each.measures.refused for each in ends)
    assert all(each.measures.left for each in ends)
    assert all(each.tickets for each in ends)


def test_a_seed_takes_the_same_course_each_time() -> None:
    """Also in another process, where Python orders its sets in another way."""
    here = {str(check(7)) for _ in range(3)}
    there = subprocess.run(
        [sys.executable, "-c", _AGAIN],
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert here == {there.stdout.strip()}
    assert str(check(8)) not in here


def test_a_quiet_month_passes_in_seconds() -> None:
    """Thirty days with their nights and weekends, in working hours, and nothing is left over."""
    month = simulate(
        Scenario(conversations=8, days=30, agents=1, open_hours="Mo-Fr 08:00-20:00", rooms=2)
    )
    assert 200 < month.measures.begun < 300
    assert month.tickets > 50  # of the nights and the weekends
    assert month.samples[-1].deliveries == 0
    assert len(month.measures.posts) == 2
