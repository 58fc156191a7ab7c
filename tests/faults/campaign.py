"""Many runs: `make faults KILLS=2000`, or one of them again with `SEED=7`."""

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import get_context
from pathlib import Path

from tests.faults.plan import AROUND, make_plan
from tests.faults.run import Outcome, run

PEOPLE = 120
"""Enough for about forty kills in a run."""


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """What is asked for on the command line, as `NAME=number`."""

    kills: int = 100
    """Seeds are run until the desk has been killed so often."""
    start: int = 1
    """The first seed: a campaign that was broken off goes on where it stood."""
    seed: int | None = None
    """This seed alone."""
    people: int = PEOPLE
    around: int = AROUND
    jobs: int = 2
    """How many runs go on side by side."""

    def seeds(self) -> Iterator[int]:
        """Return the seeds, in order."""
        return count(self.start) if self.seed is None else iter((self.seed,))


@dataclass(kw_only=True)
class Summary:
    """The sum of many runs."""

    runs: int = 0
    kills: int = 0
    messages: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    odd: int = 0
    in_doubt: int = 0
    slowest_recovery: float = 0.0
    struck: Counter[str] = field(default_factory=Counter)
    failed: list[int] = field(default_factory=list)
    """The seeds of runs that broke a promise, or broke off."""

    def add(self, seed: int, outcome: Outcome) -> None:
        """Count a run."""
        report = outcome.report
        self.runs += 1
        self.kills += outcome.kills
        self.messages += outcome.messages
        self.lost += len(report.lost)
        self.doubled += len(report.doubled)
        self.reordered += len(report.reordered)
        self.odd += len(report.odd)
        self.in_doubt += len(report.in_doubt)
        self.slowest_recovery = max(self.slowest_recovery, outcome.slowest_recovery)
        self.struck += outcome.struck
        if report.broken:
            self.failed.append(seed)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.messages} messages "
            f"({self.messages / max(1, self.kills):.0f} a kill): "
            f"lost {self.lost}, doubled {self.doubled}, reordered {self.reordered}, "
            f"odd {self.odd}, "
            f"copies in doubt in Telegram {self.in_doubt}, "
            f"slowest recovery {self.slowest_recovery:.1f} s"
        )


def run_seed(seed: int, people: int, around: int) -> Outcome:
    """Run a seed in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix=f"seed-{seed}-") as folder:
        return asyncio.run(run(make_plan(seed, people=people, around=around), Path(folder)))


def go(campaign: Campaign) -> Summary:
    """Run it, and say how it goes."""
    summary, began, seeds = Summary(), time.monotonic(), campaign.seeds()
    under_way: dict[Future[Outcome], int] = {}
    with ProcessPoolExecutor(campaign.jobs, mp_context=get_context("spawn")) as pool:
        while True:
            while len(under_way) < campaign.jobs and summary.kills < campaign.kills:
                if (seed := next(seeds, None)) is None:
                    break
                under_way[pool.submit(run_seed, seed, campaign.people, campaign.around)] = seed
            if not under_way:
                break
            for ended in wait(under_way, return_when=FIRST_COMPLETED).done:
                _note(summary, under_way.pop(ended), ended)
            print(f"so far, in {time.monotonic() - began:.0f} s: {summary}", flush=True)
    struck = ", ".join(f"{name} {times}" for name, times in sorted(summary.struck.items()))
    print(f"troubles: {struck}")
    print(f"{summary.runs} runs in {time.monotonic() - began:.0f} s: {summary}")
    for seed in summary.failed:
        print(f"again: make faults SEED={seed} PEOPLE={campaign.people} AROUND={campaign.around}")
    return summary


def _note(summary: Summary, seed: int, ended: Future[Outcome]) -> None:
    if (error := ended.exception()) is not None:
        summary.failed.append(seed)
        print(f"SEED={seed} broke off: {error!r}", flush=True)
        return
    outcome = ended.result()
    summary.add(seed, outcome)
    verdict = "BROKEN" if outcome.report.broken else "kept"
    print(
        f"SEED={seed} {verdict}: {outcome.kills} kills, {outcome.messages} messages "
        f"in {outcome.seconds:.0f} s: {outcome.report}",
        *outcome.in_vain,
        sep="\n",
        flush=True,
    )


def main(words: list[str]) -> int:
    """Run what `KILLS=n START=k SEED=k PEOPLE=n AROUND=n JOBS=n` ask for; 1 if anything broke."""
    given = {name.lower(): int(value) for name, _, value in (word.partition("=") for word in words)}
    given.setdefault("jobs", os.cpu_count() or 1)
    return 1 if go(Campaign(**given)).failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
