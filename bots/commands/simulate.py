"""`podrska simulate`: how many agents and rooms so many conversations a day need."""

import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.status import Status
from rich.table import Table

from bots.commands.shared import add_row, say, show, stop, table_of
from bots.setting_kinds import read_duration
from bots.simulation import table as one_room
from bots.simulation.plot import curves, sparkline, svg
from bots.simulation.scenario import HOUR, Scenario
from bots.simulation.staffing import (
    MOST_TRIED,
    Goal,
    Staff,
    at_peak,
    by_formula,
    peak_rate,
    recommend,
)
from bots.simulation.summary import Summary, Waits, summarise
from bots.simulation.world import Broken, Outcome
from bots.simulation.world import simulate as run

_SPANS_SHOWN, _SPANS_DRAWN = 48, 144
_GOAL = Goal()


def simulate(
    conversations: float = 150,
    *,
    agents: int | None = None,
    rooms: int | None = None,
    chats: int = 3,
    handling: str = "10m",
    answer_within: str = "10m",
    days: float = 1,
    hours: float | None = None,
    seed: int = 1,
    plot: Path | None = None,
    table: bool = False,
) -> None:
    """Find how many agents and rooms a day's conversations need, and see what waiting is like.

    The desk itself runs, in virtual time, between modelled platforms, customers and agents.

    Parameters
    ----------
    conversations
        So many a day, on average over the week; they follow the day and the week.
    agents
        People who answer; without it, as many as are recommended.
    rooms
        Slack rooms, each with a department; without it, as many as are recommended.
    chats
        How many conversations an agent holds at once.
    handling
        How long a conversation keeps an agent's place busy on average, such as 10m.
    answer_within
        How long a customer may wait before a ticket is filed, such as 10m.
    days
        How long the run is, from a Monday on.
    hours
        Instead of whole days: so many hours, each as busy as the busiest one of the week.
    seed
        Another one is another week with the same averages.
    plot
        An SVG file into which waiting and what piles up are drawn.
    table
        Instead: measure one room under load, as in docs/scale.md. Takes minutes.

    """
    if table:
        with _status() as status:
            measured = one_room.lines(lambda rate: status.update(f"{rate} conversations a second"))
        say(one_room.markdown(measured))
        return
    asked = Scenario(
        seed=seed,
        conversations=_between("--conversations", conversations, 1, 1_000_000),
        days=_between("--days", days, 1 / 24, 366),
        chats=int(_between("--chats", chats, 1, 20)),
        handling=_seconds("--handling", handling),
        answer_within=_seconds("--answer-within", answer_within),
    )
    for option, given, most in (("agents", agents, 10_000), ("rooms", rooms, 1000)):
        if given is not None:
            _between(f"--{option}", given, 1, most)
    if hours is not None:
        _between("--hours", hours, 0.5, 24)
    if plot is not None and not plot.parent.is_dir():
        stop(f"--plot: there is no folder {plot.parent}")
    if asked.conversations > MOST_TRIED:
        _say_formula(asked)
        return
    try:
        with _status() as status:
            staff = _staff(asked, agents, rooms, status)
            scenario = replace(asked, agents=staff.agents, rooms=staff.rooms)
            if hours is not None:
                scenario = at_peak(asked, staff, hours * HOUR)
            outcome = run(scenario, lambda share: status.update(f"simulating: {share:.0%}"))
    except Broken as broken:
        stop(f"A promise was broken: {broken}. Please report it with this command line.")
    _say_outcome(outcome)
    if plot is not None:
        drawn = curves(outcome, _SPANS_DRAWN)
        plot.write_text(svg(drawn, scenario.seconds / HOUR), encoding="utf-8")
        say(f"Drawn in {plot}.")


def _staff(asked: Scenario, agents: int | None, rooms: int | None, status: Status) -> Staff:
    """Return who was asked for, or else who is recommended, which is said."""
    if agents is not None and rooms is not None:
        return Staff(agents=agents, rooms=rooms)

    def tried(staff: Staff) -> None:
        status.update(f"trying {_of(staff)} in the busiest hours")

    found = recommend(asked, _GOAL, tried)
    if found is None:
        stop("No staff was found that reaches the goal; give --agents and --rooms.")
    staff, summary = found
    say(f"Recommended for {asked.conversations:.0f} conversations a day: {_of(staff)}.", "bold")
    say(
        f"  In the busiest hours 95 of 100 words are read within {_span(summary.to_agents.p95)},\n"
        f"  and 95 of 100 customers answered within {_span(summary.first_answer.p95)}, writing "
        f"included; formula: {_of(by_formula(asked, _GOAL))}."
    )
    return Staff(agents=agents or staff.agents, rooms=rooms or staff.rooms)


def _say_formula(asked: Scenario) -> None:
    staff = by_formula(asked, _GOAL)
    say(f"For {asked.conversations:.0f} conversations a day: {_of(staff)}, by formula.", "bold")
    say(
        f"  {peak_rate(asked.conversations):.2f} conversations begin each second of the busiest "
        f"hour. More than {MOST_TRIED} a day are not tried\n  in a run; docs/scale.md says what "
        "else is met on the way there."
    )


def _say_outcome(outcome: Outcome) -> None:
    scenario, summary = outcome.scenario, summarise(outcome)
    staff = Staff(agents=scenario.agents, rooms=scenario.rooms)
    say(
        f"{scenario.days * 24:.0f} hours, {summary.conversations} conversations, {_of(staff)}, "
        f"{scenario.chats} chats each (seed {scenario.seed})"
    )
    waiting = table_of("Customers wait", "50 %", "95 %", "99 %")
    _add_waits(waiting, "until agents can read it", summary.to_agents)
    _add_waits(waiting, "until the first answer", summary.first_answer)
    show(waiting)
    for line in _lines(summary):
        say(f"  {line}")
    for curve in curves(outcome, _SPANS_SHOWN):
        say(f"  {sparkline(curve.values)}  {curve.title}, at most {max(curve.values):.3g}")


def _lines(summary: Summary) -> tuple[str, ...]:
    share = summary.tickets / max(1, summary.conversations)
    return (
        f"not answered in time, so a ticket: {summary.tickets} ({share:.1%}); "
        f"customers who gave up: {summary.gave_up}",
        f"posts: {summary.posts}, in the busiest room {summary.busiest_room:.3f} a second on "
        f"average; refused with 429: {summary.refused}",
        f"largest backlog: {summary.largest_backlog} deliveries; "
        f"fairness (longest wait to median wait): {summary.fairness:.1f}",
        f"agents' places taken: {summary.agents_busy:.0%} of the time",
    )


def _add_waits(table: Table, what: str, waits: Waits) -> None:
    add_row(table, what, *(_span(each) for each in (waits.p50, waits.p95, waits.p99)))


def _of(staff: Staff) -> str:
    agents = "1 agent" if staff.agents == 1 else f"{staff.agents} agents"
    return f"{agents}, {'1 room' if staff.rooms == 1 else f'{staff.rooms} rooms'}"


def _span(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"


def _seconds(option: str, text: str) -> float:
    try:
        return float(read_duration(text).total_seconds())
    except ValueError as error:
        stop(f"{option}: expected {error}")


def _between(option: str, value: float, least: float, most: float) -> float:
    if not least <= value <= most:
        stop(f"{option}: expected from {least:g} to {most:g}, not {value:g}")
    return value


def _status() -> Status:
    """Return a line that says how far it is, where somebody looks."""
    return Console(file=sys.stderr).status("")
