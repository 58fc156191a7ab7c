"""The course of a run, drawn: as an SVG file, and small enough for a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bots.simulation.figures import percentile
from bots.simulation.world import Outcome

_BARS = " ▁▂▃▄▅▆▇█"
_WIDTH, _HEIGHT, _LEFT = 720, 150, 60

_SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"
 font-family="sans-serif" font-size="12" fill="#333">
<rect width="100%" height="100%" fill="white"/>
{panels}
</svg>
"""
_PANEL = """<g transform="translate(0 {top})">
<text x="{left}" y="16" font-size="14">{title}</text>
<path d="M{left} 24V{bottom}H{right}" fill="none" stroke="#999"/>
<text x="{label}" y="32" text-anchor="end">{most}</text>
<text x="{label}" y="{bottom}" text-anchor="end">0</text>
<polyline points="{points}" fill="none" stroke="#1264a3" stroke-width="1.5"/>
{ticks}
</g>"""
_TICK = '<text x="{x:.0f}" y="{y}" text-anchor="middle">{hour}</text>'


@dataclass(frozen=True)
class Curve:
    """A figure over time: one value for each of equally long spans."""

    title: str
    values: Sequence[float]


def curves(outcome: Outcome, spans: int) -> tuple[Curve, ...]:
    """Return how long words waited, and what had piled up, in so many spans of the run."""
    length = outcome.scenario.seconds / spans

    def spread(points: Sequence[tuple[float, float]]) -> list[list[float]]:
        found: list[list[float]] = [[] for _ in range(spans)]
        for at, value in points:
            if at < outcome.scenario.seconds:
                found[int(at / length)].append(value)
        return found

    read, answered = outcome.measures.to_agents, outcome.measures.first_answers
    waiting = [(each.at, float(each.conversations)) for each in outcome.samples]
    return (
        Curve("Until agents can read it (s, 95 %)", [percentile(v, 95) for v in spread(read)]),
        Curve("Until the first answer (s, 95 %)", [percentile(v, 95) for v in spread(answered)]),
        Curve(
            "Conversations that nobody has taken up", [max(v, default=0) for v in spread(waiting)]
        ),
    )


def sparkline(values: Sequence[float]) -> str:
    """Return the values as a line of bars."""
    most = max(values, default=0) or 1
    return "".join(_BARS[round(each / most * (len(_BARS) - 1))] for each in values)


def svg(drawn: Sequence[Curve], hours: float) -> str:
    """Return an SVG picture of curves over so many hours, one below the other."""
    panels = [_panel(curve, number * (_HEIGHT + 30), hours) for number, curve in enumerate(drawn)]
    height = len(panels) * (_HEIGHT + 30)
    return _SVG.format(width=_WIDTH, height=height, panels="\n".join(panels))


def _panel(curve: Curve, top: int, hours: float) -> str:
    most = max(curve.values, default=0) or 1
    right, bottom = _WIDTH - 20, _HEIGHT - 10
    step = (right - _LEFT) / max(1, len(curve.values) - 1)
    points = " ".join(
        f"{_LEFT + number * step:.1f},{bottom - value / most * (bottom - 24):.1f}"
        for number, value in enumerate(curve.values)
    )
    marks = range(0, int(hours) + 1, max(1, round(hours / 8)))
    ticks = "".join(
        _TICK.format(x=_LEFT + each / hours * (right - _LEFT), y=bottom + 16, hour=f"{each} h")
        for each in marks
    )
    return _PANEL.format(
        top=top,
        left=_LEFT,
        label=_LEFT - 6,
        right=right,
        bottom=bottom,
        title=escape(curve.title),
        most=f"{most:.3g}",
        points=points,
        ticks=ticks,
    )
