"""What a run is about: how much is written, by whom it is answered, and what goes wrong."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

DAY = 86_400.0
HOUR = 3_600.0

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)

BY_HOUR = (
    *(0.15, 0.10, 0.08, 0.08, 0.12, 0.30, 0.60, 1.00),
    *(1.60, 1.95, 2.10, 2.05, 1.80, 1.65, 1.75, 1.75),
    *(1.62, 1.40, 1.10, 0.90, 0.75, 0.55, 0.35, 0.25),
)
"""How busy an hour of the day (UTC) is, against the average one."""
BY_WEEKDAY = (1.25, 1.15, 1.10, 1.10, 1.05, 0.75, 0.60)
"""The same for the days of the week, from Monday on."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What goes wrong, as probabilities of a call, and outages as moments and lengths (seconds)."""

    lost_answer: float = 0.0
    """The platform took it, and its answer never arrived."""
    error: float = 0.0
    """It took nothing, and said no more than that something is wrong."""
    told_again: float = 0.0
    """The platform tells of an event twice."""
    blocked: float = 0.0
    """The customer has blocked the bot by the time of the first answer."""
    visible_after: float = 0.0
    """Seconds until a post can be found, at most."""
    outages: tuple[tuple[float, float], ...] = ()
    """Slack takes no calls: from when on, and for how long."""
    crashes: tuple[float, ...] = ()
    """When the desk's process dies; another one is there at once."""
    real_burst: int = 10
    """How many posts a room takes at once before it answers 429."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One run; the same scenario takes the same course."""

    seed: int = 1
    conversations: float = 150.0
    """So many a day, on average."""
    days: float = 1.0
    rooms: int = 1
    """As many departments, each with a room of its own."""
    agents: int = 4
    """People who answer in all of the rooms."""
    chats: int = 3
    """How many conversations one of them holds at once."""
    handling: float = 600.0
    """Seconds that a conversation keeps one of those places busy, on average."""
    answers: float = 4.0
    """Agents' messages in it, on average."""
    messages: float = 4.0
    """What a customer writes of their own accord, on average."""
    gap: float = 12.0
    """Seconds between those, on average."""
    open_hours: str = "24/7"
    answer_within: float = 600.0
    """Seconds until a ticket is filed."""
    seasons: bool = True
    """Whether traffic follows the day and the week; otherwise it is even."""
    trouble: Trouble = Trouble()

    @property
    def seconds(self) -> float:
        """How long customers arrive."""
        return self.days * DAY


def busyness(at: float) -> float:
    """Return how busy the moment *at* (seconds from Monday, 00:00) is, against the average one."""
    day, second = divmod(at, DAY)
    return BY_HOUR[int(second // HOUR)] * BY_WEEKDAY[int(day) % 7]


def arrivals(scenario: Scenario, dice: random.Random) -> Iterator[float]:
    """Yield when conversations begin: a Poisson process whose rate follows the day and the week."""
    peak = max(BY_HOUR) * max(BY_WEEKDAY) if scenario.seasons else 1.0
    rate = scenario.conversations / DAY * peak
    at = dice.expovariate(rate)
    while at < scenario.seconds:
        if not scenario.seasons or dice.random() * peak < busyness(at):
            yield at
        at += dice.expovariate(rate)
