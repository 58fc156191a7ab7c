"""How long a message is held, from what was seen of the line. Times are in seconds."""

import pytest

from adapters.slack.jitter import FIRST_HOLD, LONGEST_HOLD, Jitter

SLACKS_CLOCK = 1_764_000_000.0
"""What Slack's clock says when this machine's monotonic one says nought."""


class Line:
    """A line over which a message comes every second, as a rule."""

    def __init__(self) -> None:
        self.jitter = Jitter()
        self.now = 100.0
        self.between = 1.0
        self.slack_is_ahead = SLACKS_CLOCK

    def brings(self, *delays: float) -> list[float]:
        """Return for how long each message is held that comes after such a delay."""
        return [self._brings(delay) for delay in delays]

    def _brings(self, delay: float) -> float:
        self.now += self.between
        written = self.now - delay + self.slack_is_ahead
        self.jitter.heard(written, self.now)
        return round(max(0.0, self.jitter.due(written) - self.now), 6)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def prompt(line: Line) -> Line:
    """Return a line on which all has come after the same tenth of a second."""
    line.brings(*[0.1] * 60)
    return line


def test_of_a_new_line_nothing_is_known(line: Line) -> None:
    """At first a message is held long; as time goes by without lateness, less and less."""
    held = line.brings(*[0.1] * 50)
    assert FIRST_HOLD * 0.9 < held[0] <= FIRST_HOLD
    assert held == sorted(held, reverse=True)
    assert held[-1] < 0.003


def test_a_prompt_line_costs_nothing(prompt: Line) -> None:
    """Neither after an hour of silence."""
    assert max(prompt.brings(0.1, 0.1)) < 0.003
    prompt.now += 3600
    assert max(prompt.brings(0.1, 0.1)) < 0.003


def test_what_comes_late_makes_the_others_wait(prompt: Line) -> None:
    """As long as it was late, and half as long again; itself it waits for that half alone."""
    assert prompt.brings(0.3, 0.1) == [0.1, 0.3]
    held = prompt.brings(*[0.1] * 60)
    assert held[40] == 0.3
    assert held[-1] < 0.003


def test_a_rush_teaches_little_of_a_line(line: Line) -> None:
    """A thousand messages within a second: the line has been known for a second only."""
    line.between = 0.001
    assert line.brings(*[0.1] * 1000)[-1] > FIRST_HOLD * 0.9


def test_a_little_lateness_is_soon_forgotten(prompt: Line) -> None:
    """It counts while the line may still be interrupted."""
    assert prompt.brings(0.12, *[0.1] * 5) == [0.01, 0.03, 0.03, 0.03, 0.03, 0.001]


def test_what_computers_take_now_and_then_holds_nothing(prompt: Line) -> None:
    """A few thousandths of a second: nobody writes two messages within them."""
    assert max(prompt.brings(0.104, 0.1, 0.103, 0.1)) == 0.001


def test_a_line_that_stood_still_has_kept_its_order(prompt: Line) -> None:
    """What was written meanwhile comes right behind what was late: nothing has to be held."""
    prompt.now += 1
    prompt.between = 0
    prompt.brings(0.5, 0.45, 0.4, 0.3, 0.2, 0.14)
    prompt.between = 0.05
    assert prompt.brings(*[0.1] * 6)[-1] < 0.003


def test_who_stood_in_a_queue_is_as_late_as_the_one_before(prompt: Line) -> None:
    """Also the last one in it, whom nobody follows: the next messages are not held for it."""
    prompt.now += 1
    prompt.between = 0
    prompt.brings(0.5, 0.45, 0.4)
    prompt.between = 5.0
    assert prompt.brings(*[0.1] * 6)[-1] < 0.003


def test_what_was_overtaken_is_not_forgotten_for_what_comes_after_it(prompt: Line) -> None:
    """It was late, and something written later came first: the next ones wait as long."""
    prompt.between = 0
    prompt.brings(0.1, 0.4, 0.3)
    prompt.between = 0.05
    assert prompt.brings(0.1, 0.1, 0.1)[-1] == 0.45


def test_nothing_is_held_for_ever(prompt: Line) -> None:
    """The worst line costs a second; a message that is later than that waits no more."""
    assert prompt.brings(1.6) == [0.0]
    assert prompt.brings(0.1) == [LONGEST_HOLD]


@pytest.mark.parametrize("jump", [3600.0, -3600.0, 0.5, -0.5])
def test_a_clock_that_jumps_does_no_harm(prompt: Line, jump: float) -> None:
    """Slack's or this machine's, forwards or backwards: a second at most, and not for long."""
    prompt.slack_is_ahead += jump
    held = prompt.brings(*[0.1] * 700)
    assert max(held) <= LONGEST_HOLD
    assert held[-1] < 0.003


def test_what_is_told_again_first_of_all_is_not_held(line: Line) -> None:
    """Before anything was heard in time there is nothing to compare it with."""
    assert line.jitter.due(SLACKS_CLOCK) < 0
