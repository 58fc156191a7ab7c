"""What a long history costs: each message, and the start."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bots.bench import rig
from bots.bench.figures import Figure, ratio
from bots.bench.past import add_history
from bots.bench.rig import Program
from bots.bench.seed import open_conversations
from bots.bench.sizes import Sizes


async def measure(folder: Path, sizes: Sizes) -> list[Figure]:
    """Return the rows of the table."""
    new, old = folder / "new", folder / "old"
    for each in (new, old):
        await open_conversations(each, sizes.conversations)
    await add_history(old, sizes.history)
    costs: dict[str, list[_Cost]] = {"new": [], "old": []}
    starts: list[float] = []
    for _ in range(sizes.rounds):
        async with (
            rig.desk(old, threads=sizes.conversations) as with_history,
            rig.desk(new, threads=sizes.conversations) as without,
        ):
            starts.append(with_history.started_in)
            costs["new"].append(await _cost(without, sizes))
            costs["old"].append(await _cost(with_history, sizes))
    stored = f"{sizes.history:,} messages stored"
    with_, without_ = ([each.milliseconds for each in costs[name]] for name in ("old", "new"))
    lost = sum(each.lost for each in costs["old"] + costs["new"])
    return [
        Figure(
            what=f"CPU a message with {stored} / with none",
            value=ratio(with_, without_),
            form="{:.2f}×",
            at_most=1.1,
            how=f"{median(with_):.2f} ms, against {median(without_):.2f} ms; {lost} lost",
        ),
        Figure(
            what=f"start with {stored}",
            value=median(starts),
            form="{:.1f} s",
            at_most=3,
            how="until /readyz says 200",
        ),
    ]


@dataclass(frozen=True)
class _Cost:
    milliseconds: float
    """Of CPU, for each message."""
    lost: int


async def _cost(program: Program, sizes: Sizes) -> _Cost:
    """Return what messages take, as many each way."""
    before, lost = program.cpu(), 0
    for agents in (False, True):
        outcome = await program.hear(sizes.with_history, sizes.conversations, agents=agents)
        lost += outcome.lost
    return _Cost(1000 * (program.cpu() - before) / (2 * sizes.with_history), lost)
