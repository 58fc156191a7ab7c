"""`podrska simulate`: asked in numbers, answered in numbers, and never with a traceback."""

import math
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bots.command import main
from bots.simulation.plot import Curve, sparkline, svg
from bots.simulation.scenario import BY_HOUR, BY_WEEKDAY, Scenario
from bots.simulation.staffing import Goal, by_formula, peak_rate, waits_longer


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return what the command says."""
    with pytest.raises(SystemExit) as end:
        main(["simulate", *words])
    assert end.value.code in (0, None)
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return what the command says of words that it cannot take."""
    with pytest.raises(SystemExit) as end:
        main(["simulate", *words])
    assert end.value.code == 1
    return capsys.readouterr().err


def test_a_day_is_shown_in_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """Waiting, tickets, posts, refusals, backlog, fairness, and how busy the agents were."""
    said = asked(capsys, "60", "--agents", "1", "--rooms", "1", "--hours", "2")
    for figure in ("until agents can read it", "until the first answer", "so a ticket", "posts"):
        assert figure in said
    for figure in ("429: 0", "largest backlog", "fairness", "of the time", "Conversations that"):
        assert figure in said


def test_a_staff_is_recommended_after_it_was_tried(capsys: pytest.CaptureFixture[str]) -> None:
    """By formula first, then in the busiest hours of the desk itself."""
    said = asked(capsys, "60", "--hours", "1")
    assert "Recommended for 60 conversations a day: 1 agent, 1 room." in said


def test_a_million_a_day_is_answered_by_formula(capsys: pytest.CaptureFixture[str]) -> None:
    """A run of it would take a day; that is said."""
    said = asked(capsys, "1000000")
    assert "by formula" in said
    assert "are not tried" in said


def test_the_day_is_drawn(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """As an SVG file that can be read."""
    file = tmp_path / "day.svg"
    words = ("60", "--agents", "1", "--rooms", "1", "--hours", "1", "--plot", str(file))
    assert str(file) in asked(capsys, *words).replace("\n", "")
    assert "first answer" in file.read_text()
    ElementTree.parse(file)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("0",), "--conversations: expected from 1 to 1e+06, not 0"),
        (("100", "--agents", "0"), "--agents: expected from 1"),
        (("100", "--rooms", "5000"), "--rooms: expected from 1 to 1000"),
        (("100", "--days", "0"), "--days: expected from"),
        (("100", "--hours", "99"), "--hours: expected from"),
        (("100", "--handling", "soon"), "--handling: expected a number with a unit"),
        (("100", "--plot", "/nowhere/at/all.svg"), "--plot: there is no folder /nowhere/at"),
    ],
)
def test_nonsense_is_refused_in_words(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], why: str
) -> None:
    """Before anything runs, with the option's name and what was expected."""
    assert why in refused(capsys, *words)


def test_erlangs_formula_is_erlangs() -> None:
    """Ten places, eight taken on average: 40.9 of 100 wait, as the tables say."""
    assert waits_longer(10, 8, 1, 0) == pytest.approx(0.409, abs=0.001)
    assert waits_longer(1, 0.5, 60, 0) == pytest.approx(0.5)
    assert waits_longer(1, 0.5, 60, 120) == pytest.approx(0.5 * math.exp(-1))
    assert waits_longer(8, 8, 1, 10) == 1


def test_more_conversations_need_more_of_everything() -> None:
    """And the formula's staff is the smallest that is enough."""
    few, many = (by_formula(Scenario(conversations=each), Goal()) for each in (500, 50_000))
    assert few.agents < many.agents
    assert few.rooms < many.rooms
    load = peak_rate(50_000) * 600
    assert waits_longer(many.agents * 3, load, 600, 180) <= 0.05
    assert waits_longer((many.agents - 1) * 3, load, 600, 180) > 0.05


def test_the_day_and_the_week_are_average_on_average() -> None:
    """So that a number a day is what it says."""
    assert sum(BY_HOUR) / 24 == pytest.approx(1)
    assert sum(BY_WEEKDAY) / 7 == pytest.approx(1)


def test_a_line_of_bars_shows_the_course() -> None:
    """The highest bar is the largest figure; where there is nothing, nothing is drawn."""
    assert sparkline([0, 1, 2, 4, 8]) == " ▁▂▄█"
    assert sparkline([0, 0]) == "  "
    assert sparkline([]) == ""


def test_a_drawing_escapes_what_is_written_in_it() -> None:
    """It is XML, whatever the title."""
    ElementTree.fromstring(svg([Curve("<5 s & more", [0, 3, 1])], hours=3))
