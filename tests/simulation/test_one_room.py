"""One room under load: the dispatcher's own pace and joining, against a reference model.

The expected figures were worked out by another program: one server that takes a post a second and
serves conversations in turn, up to ten messages at once, or one. One seed of two hours.
"""

import pytest

from bots.simulation.one_room import Delays, Load, measure

WITHIN = 0.15


def is_near(figure: float, expected: float) -> bool:
    """Whether a figure is within 15 % of what was expected."""
    return abs(figure - expected) <= WITHIN * expected


@pytest.mark.parametrize(
    ("conversations", "expected"),
    [
        (0.05, Delays(messages=0.27, p95=1.1, p99=1.8, per_post=1.04)),
        (0.16, Delays(messages=0.89, p95=4.9, p99=6.8, per_post=1.20)),
        (0.30, Delays(messages=1.66, p95=11.8, p99=14.9, per_post=1.71)),
    ],
)
def test_joined_posts_keep_waiting_short(conversations: float, expected: Delays) -> None:
    """Even where more is written than a room takes posts, nobody waits long."""
    found = measure(Load(conversations=conversations, joins=10))
    assert is_near(found.messages, expected.messages)
    assert is_near(found.p95, expected.p95)
    assert is_near(found.p99, expected.p99)
    assert is_near(found.per_post, expected.per_post)


@pytest.mark.parametrize(("conversations", "p95", "p99"), [(0.05, 1.8, 2.8), (0.16, 86, 170)])
def test_a_post_for_each_message_makes_people_wait(
    conversations: float, p95: float, p99: float
) -> None:
    """Close to a post a second, waiting grows to minutes."""
    found = measure(Load(conversations=conversations, joins=1))
    assert is_near(found.p95, p95)
    assert is_near(found.p99, p99)


def test_a_rush_of_newcomers_starves_nobody() -> None:
    """Three times as much is written as a room takes posts: whoever waits gets a turn."""
    found = measure(Load(conversations=0.5, joins=10, seconds=1800))
    assert found.p99 < 35
