"""What a bench finds: figures, each with its goal, and the table of them."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Column, Table


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row of the table."""

    what: str
    value: float
    form: str
    """How the value is written: `{:.1f}×`."""
    at_least: float | None = None
    at_most: float | None = None
    how: str = ""
    """Between which figures it was found."""

    @property
    def goal(self) -> str:
        """Return the goal in words; empty where there is none."""
        if self.at_least is not None:
            return f"≥ {self.form.format(self.at_least)}"
        return f"≤ {self.form.format(self.at_most)}" if self.at_most is not None else ""

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return None if self.at_most is None else self.value <= self.at_most


def ratio(mine: Iterable[float], others: Iterable[float]) -> float:
    """Return the median of the ratios of rounds."""
    return statistics.median(a / b if b else 0.0 for a, b in zip(mine, others, strict=True))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this *share* (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(figures: Sequence[Figure], caption: str) -> None:
    """Print the table."""
    marks = {True: "[green]yes[/green]", False: "[red]no[/red]", None: ""}
    table = Table(
        Column("what", overflow="fold"),
        Column("figure", justify="right", no_wrap=True),
        Column("goal", justify="right", no_wrap=True),
        "met",
        Column("how", overflow="fold"),
        caption=caption,
        caption_justify="left",
    )
    for each in figures:
        value = each.form.format(each.value)
        table.add_row(each.what, value, each.goal, marks[each.is_met], each.how)
    Console().print(table)
