"""Runs in which everything goes wrong: `make simulate SEEDS=100`, or one of them with `SEED=7`."""

import random
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

from bots.simulation.scenario import HOUR, Scenario, Trouble
from bots.simulation.world import Broken, Outcome, simulate

SEEDS = 50
_HOURS = 2.0
"""For how long customers arrive; then people and the desk finish what they have begun."""


def drawn(seed: int) -> Scenario:
    """Return the scenario of a seed: a busy desk, a dying process, and platforms at their worst."""
    dice = random.Random(f"trouble {seed}")
    seconds = _HOURS * HOUR
    return Scenario(
        seed=seed,
        conversations=400,
        days=_HOURS / 24,
        seasons=False,
        rooms=dice.randint(1, 3),
        agents=3,
        answer_within=300,
        trouble=Trouble(
            lost_answer=0.03,
            error=0.02,
            told_again=0.05,
            blocked=0.05,
            visible_after=5.0,
            outages=((dice.uniform(0, 0.7 * seconds), dice.uniform(10, 1500)),),
            crashes=tuple(sorted(dice.uniform(0, seconds) for _ in range(4))),
            real_burst=dice.choice((1, 2, 10)),
        ),
    )


@dataclass(frozen=True)
class Checked:
    """How the run of a seed ended: with an outcome, or with what was broken."""

    seed: int
    end: Outcome | Broken

    def __str__(self) -> str:
        """Say it in one line; of a broken one, also how to see it again."""
        if isinstance(self.end, Broken):
            return f"seed {self.seed}: {self.end}; again: make simulate SEED={self.seed}"
        measures = self.end.measures
        return (
            f"seed {self.seed}: well, {measures.begun} conversations, {self.end.tickets} tickets, "
            f"{sum(measures.posts.values())} posts, {measures.refused} refused; "
            f"trace {self.end.trace}"
        )


def check(seed: int) -> Checked:
    """Run the scenario of a seed."""
    try:
        return Checked(seed, simulate(drawn(seed)))
    except Broken as broken:
        return Checked(seed, broken)


def main(words: Iterable[str]) -> int:
    """Run the seeds that *words* ask for, and return how many were broken."""
    asked = {name: int(value) for name, value in (word.split("=") for word in words)}
    first = asked.get("SEED", 1)
    seeds = range(first, first + (1 if "SEED" in asked else asked.get("SEEDS", SEEDS)))
    began = time.monotonic()
    broken = 0
    for seed in seeds:
        checked = check(seed)
        broken += isinstance(checked.end, Broken)
        print(checked, flush=True)
    hours = len(seeds) * _HOURS
    print(f"{broken} of {len(seeds)} broken; {hours:.0f} h in {time.monotonic() - began:.0f} s")
    return broken


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
