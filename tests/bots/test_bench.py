"""The bench computes every row of its table, and what it measures loses nothing."""

from pathlib import Path

import pytest

from bots.bench import batches, bench, crowd, history, memory, rush
from bots.bench.figures import Figure, show
from bots.bench.sizes import Sizes
from bots.bench.talk import Mark, marks_in

TINY = Sizes(
    rounds=1,
    conversations=5,
    customers_burst=20,
    agents_burst=20,
    agents_spread=10,
    far=10,
    far_one_by_one=2,
    to_get_to_know=1,
    paced=4,
    visitors=2,
    visited=4,
    idle_visitors=5,
    idle_for=0.1,
    open_conversations=10,
    history=100,
    with_history=10,
    rush=12,
    rush_customers=4,
    in_batches=20,
)

pytestmark = pytest.mark.timeout(600)  # several processes, each of which loads the whole desk


async def test_the_desk_is_compared_with_the_smallest_relays(tmp_path: Path) -> None:
    """Both ways, near and far, in bursts and at leisure; nothing is lost, nothing said twice."""
    found = _by_name(await bench.compare(tmp_path, TINY))

    assert found["lost by the desk in all this"].value == 0
    assert found["said twice by the desk in all this"].value == 0
    for name in ("customer → Slack, against a naive relay", "agent → Telegram"):
        assert found[name].value > 0
        assert "/s, against" in found[name].how
    assert "added latency to Slack at 20/s, p50" in found
    assert "added latency to Telegram at 20/s, p99" in found
    assert found["visitor → Slack → visitor at 50/s, p50"].value > 0
    assert "back" in found["visitor → Slack → visitor at 50/s, p99"].how
    promise = found["lost, said twice, out of order or refused there or back"]
    assert (promise.value, promise.how) == (0, "of 4: 0, 0, 0, 0")


async def test_the_memory_of_the_real_program_is_read(tmp_path: Path) -> None:
    """Idle, and with conversations open."""
    idle, busy = await memory.measure(tmp_path, TINY)

    assert idle.value > 10
    assert busy.value > 10
    assert "10 conversations open" in busy.what


async def test_visitors_who_say_nothing_are_weighed(tmp_path: Path) -> None:
    """In memory and in the processor's time, while all of them stay connected."""
    memory_each, at_rest = await crowd.measure(tmp_path, TINY)

    assert "5 visitors connected" in memory_each.what
    assert "all welcomed in" in memory_each.how
    assert at_rest.value >= 0


async def test_the_limit_of_a_room_is_kept_in_a_rush(tmp_path: Path) -> None:
    """However fast time runs, Slack refuses nothing, and all is readable in the end."""
    (last,) = await rush.measure(tmp_path, TINY)

    assert last.value > 0
    assert "0 calls refused, 0 lost" in last.how


async def test_a_long_history_is_made_and_measured_with(tmp_path: Path) -> None:
    """What a message costs with it and without, and how long the desk takes to start."""
    cost, start = await history.measure(tmp_path, TINY)

    assert cost.value > 0
    assert "0 lost" in cost.how
    assert start.value > 0


async def test_taking_in_together_is_compared_with_one_by_one() -> None:
    """The engine alone, on a real database."""
    (together,) = await batches.measure(TINY)

    assert together.value > 0


def test_a_mark_is_known_again_in_a_call() -> None:
    """However often a call repeats a text, each message in it counts once, in its order."""
    first, second = Mark(1, 2, 3), Mark(1, 2, 4)
    body = f"{first.text()} {second.text()} {first.text()}".encode()

    assert marks_in(body) == [first, second]


def test_the_table_says_which_goals_are_met(capsys: pytest.CaptureFixture[str]) -> None:
    """With the figure and the goal in the same form."""
    met = Figure(what="fast", value=2.0, form="{:.1f}×", at_least=1.5)
    missed = Figure(what="slow", value=20, form="{:.0f} ms", at_most=15)

    show([met, missed], "on two cores")

    told = capsys.readouterr().out
    assert "2.0×" in told
    assert "≥ 1.5×" in told
    assert "≤ 15 ms" in told
    assert "on two cores" in told
    assert (met.is_met, missed.is_met) == (True, False)


def _by_name(figures: list[Figure]) -> dict[str, Figure]:
    return {each.what: each for each in figures}
