"""How many agents and rooms are enough: by formula first, then tried.

Agents are servers in a queue: conversations arrive at random, each takes a place for a while, and
whoever finds none free waits (Erlang's formula C). A customer who loses patience leaves a
conversation that still has to be answered, so impatience takes no work off the queue.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from bots.simulation.scenario import BY_HOUR, BY_WEEKDAY, DAY, HOUR, Scenario
from bots.simulation.summary import Summary, summarise
from bots.simulation.world import simulate

PEAK = max(BY_HOUR) * max(BY_WEEKDAY)
"""How busy the busiest hour of the week is, against the average one."""
POSTS = 8.0
"""What stands in a room of a conversation: card, words, news. Found in runs of the desk itself."""
ROOM_LOAD = 0.75
"""How many of the posts that a room takes are planned for: beyond it waits grow steeply."""
MOST_TRIED = 30_000
"""Conversations a day beyond which a run takes too long; formulas go on."""
_TRIES = 12
_TRIED_FOR = 3 * HOUR
_STEP = 0.04
"""By how much of themselves agents are added when they were too few."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What is enough, in the busiest hour: for 95 customers of 100."""

    read_within: float = 5.0
    """Seconds until agents can read it."""
    answered_within: float = 180.0
    """Seconds until the first answer can be read, besides the time that writing it takes."""


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Who and where."""

    agents: int
    rooms: int


def peak_rate(conversations: float) -> float:
    """Return how many conversations begin in a second of the busiest hour, for so many a day."""
    return conversations / DAY * PEAK


def waits_longer(places: int, load: float, handling: float, seconds: float) -> float:
    """Return the share of customers who wait longer than *seconds* for a free place.

    *load*: conversations that are being handled at once on average (arrivals a second times
    *handling*, in seconds). 1 where the load is more than the places.
    """
    if places <= load:
        return 1.0
    blocked = 1.0  # Erlang's formula B, from no places up
    for number in range(1, places + 1):
        blocked = load * blocked / (number + load * blocked)
    waits = blocked / (1 - load / places * (1 - blocked))
    return waits * math.exp(-(places - load) * seconds / handling)


def by_formula(scenario: Scenario, goal: Goal) -> Staff:
    """Return the staff that the formulas ask for."""
    rate = peak_rate(scenario.conversations)
    load = rate * scenario.handling
    agents = max(1, math.ceil(load / scenario.chats))
    while (
        waits_longer(agents * scenario.chats, load, scenario.handling, goal.answered_within) > 0.05
    ):
        agents += 1
    return Staff(agents=agents, rooms=max(1, math.ceil(rate * POSTS / ROOM_LOAD)))


def recommend(
    scenario: Scenario, goal: Goal, tried: Callable[[Staff], None] = lambda staff: None
) -> tuple[Staff, Summary] | None:
    """Return the smallest staff that reaches the goal in a run of the busiest hours, and that run.

    None where none of a dozen did. *tried* is told before each run.
    """
    staff = by_formula(scenario, goal)
    best: tuple[Staff, Summary] | None = None
    for _ in range(_TRIES):
        tried(staff)
        summary = summarise(simulate(at_peak(scenario, staff)))
        if _reaches(summary, scenario, goal):
            best = staff, summary
            fewer = replace(staff, agents=staff.agents - _step(staff))
            if fewer.agents < 1:
                return best
            staff = fewer
        elif best is not None:
            return best
        elif summary.to_agents.p95 > goal.read_within:
            staff = replace(staff, rooms=staff.rooms + 1)
        else:
            staff = replace(staff, agents=staff.agents + _step(staff))
    return best


def at_peak(scenario: Scenario, staff: Staff, seconds: float = _TRIED_FOR) -> Scenario:
    """Return the scenario with nothing but hours as busy as the busiest one."""
    return replace(
        scenario,
        conversations=scenario.conversations * PEAK,
        days=seconds / DAY,
        seasons=False,
        agents=staff.agents,
        rooms=staff.rooms,
        open_hours="24/7",
    )


def _reaches(summary: Summary, scenario: Scenario, goal: Goal) -> bool:
    writing = scenario.handling / (scenario.answers + 1)
    # What is exponential with this mean is shorter than three times the mean in 95 cases of 100.
    answered = summary.first_answer.p95 <= goal.answered_within + 3 * writing
    return summary.to_agents.p95 <= goal.read_within and answered


def _step(staff: Staff) -> int:
    return max(1, round(staff.agents * _STEP))
