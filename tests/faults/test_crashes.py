"""The promises hold while the desk is killed and the platforms misbehave.

A few short seeds, each a world of its own; `make faults KILLS=2000` runs many long ones.
"""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from sandbox.faults import FaultKind
from tests.faults.mishaps import Mishap
from tests.faults.plan import make_plan
from tests.faults.run import Outcome, run

PEOPLE, AROUND = 3, 25
SEEDS = (2431, 1143, 2075, 2047, 1771)
"""Together they have every kind of trouble, by polls and webhooks, over sockets and HTTP.

Half of their customers use the website: in one page or two, with a WebSocket and without.
"""
TROUBLES = {kind.__name__ for kind in Mishap.__args__} - {"Fail"} | {"Refresh"}
FAULTS = {kind.value for kind in FaultKind} - {FaultKind.REFUSE.value}


@pytest.mark.timeout(240)
async def test_nothing_is_lost_doubled_or_out_of_order(tmp_path: Path) -> None:
    """Both sides read what the other one said, once and in order, whatever goes wrong."""
    async with asyncio.TaskGroup() as tasks:
        runs = [tasks.create_task(_run(seed, tmp_path)) for seed in SEEDS]

    outcomes = [each.result() for each in runs]
    for seed, outcome in zip(SEEDS, outcomes, strict=True):
        again = f"make faults SEED={seed} PEOPLE={PEOPLE} AROUND={AROUND}"
        assert not outcome.report.broken, f"{again}: {outcome.report}\n{outcome.in_vain}"
    struck = sum((each.struck for each in outcomes), Counter[str]())
    assert struck.keys() >= TROUBLES
    assert {name.partition(" ")[2] for name in struck} >= FAULTS


async def _run(seed: int, folder: Path) -> Outcome:
    (own := folder / str(seed)).mkdir()
    return await run(make_plan(seed, people=PEOPLE, around=AROUND), own)
