"""The table of one room under load, for docs/scale.md: what the dispatcher's joining is worth."""

from collections.abc import Callable
from dataclasses import dataclass

from bots.simulation.one_room import Delays, Load, typical

JOINS = 10
RATES = (0.05, 0.10, 0.14, 0.16, 0.20, 0.30, 0.50, 0.80)
"""Conversations a second."""
STABLE = 0.16
"""Up to this rate a room keeps up even if every message is a post of its own."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One rate, with every message alone (None where that does not keep up) and joined."""

    conversations: float
    alone: Delays | None
    joined: Delays


def lines(told: Callable[[float], None] = lambda rate: None) -> list[Line]:
    """Measure every rate; each figure is the median of several seeds. It takes minutes."""
    found = []
    for rate in RATES:
        told(rate)
        seeds = range(1, 12 if rate <= STABLE else 4)
        alone = typical(Load(conversations=rate, joins=1), seeds) if rate <= STABLE else None
        joined = typical(Load(conversations=rate, joins=JOINS), seeds)
        found.append(Line(conversations=rate, alone=alone, joined=joined))
    return found


def markdown(measured: list[Line]) -> str:
    """Return the table as it stands in the documents."""
    rows = [
        "| conversations/s | messages/s | alone p95 | alone p99 | joined p95 | joined p99 | "
        "messages a post |",
        "|---|---|---|---|---|---|---|",
    ]
    for line in measured:
        alone = ("—", "—")
        if line.alone is not None:
            alone = (_seconds(line.alone.p95), _seconds(line.alone.p99))
        joined = (_seconds(line.joined.p95), _seconds(line.joined.p99))
        cells = (
            f"{line.conversations:.2f}",
            f"{line.joined.messages:.2f}",
            *alone,
            *joined,
            f"{line.joined.per_post:.2f}",
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _seconds(span: float) -> str:
    return f"{span:.1f} s" if span < 20 else f"{span:.0f} s"
