"""The promises hold while the desk is killed and the platforms misbehave.

A few short seeds, each a world of its own; `make faults KILLS=2000` runs many long ones.
"""

import asyncio
from pathlib import Path

import pytest

from sandbox.faults import FaultKind
from tests.faults.mishaps import Disconnect, Fail, Mishap
from tests.faults.plan import Plan, make_plan
from tests.faults.run import Outcome, run

PEOPLE, AROUND = 3, 25
SEEDS = (2431, 1143, 2075, 2047, 1771)
"""Together they have every kind of trouble, by polls and webhooks, over sockets and HTTP.

Half of their customers use the website: in one page or two, with a WebSocket and without.
"""
FAULTS = set(FaultKind) - {FaultKind.REFUSE}


def test_the_seeds_have_every_kind_of_trouble() -> None:
    """As it is planned; when it strikes, and whom, depends on how fast the machine is."""
    planned = [each.mishap for seed in SEEDS for each in _plan(seed).troubles]

    assert {type(each) for each in planned} == set(Mishap.__args__)
    assert {each.politely for each in planned if isinstance(each, Disconnect)} == {True, False}
    assert {each.fault.kind for each in planned if isinstance(each, Fail)} == FAULTS


@pytest.mark.timeout(900)
async def test_nothing_is_lost_doubled_or_out_of_order(tmp_path: Path) -> None:
    """Both sides read what the other one said, once and in order, whatever goes wrong."""
    async with asyncio.TaskGroup() as tasks:
        runs = [tasks.create_task(_run(seed, tmp_path)) for seed in SEEDS]

    outcomes = [each.result() for each in runs]
    for seed, outcome in zip(SEEDS, outcomes, strict=True):
        again = f"make faults SEED={seed} PEOPLE={PEOPLE} AROUND={AROUND}"
        assert not outcome.report.broken, f"{again}: {outcome.report}\n{outcome.in_vain}"
    assert sum(each.kills for each in outcomes) > len(SEEDS)


def _plan(seed: int) -> Plan:
    return make_plan(seed, people=PEOPLE, around=AROUND)


async def _run(seed: int, folder: Path) -> Outcome:
    (own := folder / str(seed)).mkdir()
    return await run(_plan(seed), own)
