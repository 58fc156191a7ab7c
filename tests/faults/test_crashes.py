"""The promises hold while the desk is killed and the platforms misbehave.

A few short seeds, each a world of its own; `make faults KILLS=2000` runs many long ones.
"""

from pathlib import Path

import pytest

from tests.faults.plan import make_plan
from tests.faults.run import run

PEOPLE, AROUND = 4, 40
SEEDS = (172, 565)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", SEEDS)
async def test_nothing_is_lost_doubled_or_out_of_order(tmp_path: Path, seed: int) -> None:
    """Both sides read what the other one said, once and in order, whatever goes wrong."""
    outcome = await run(make_plan(seed, people=PEOPLE, around=AROUND), tmp_path)

    assert not outcome.report.broken, (
        f"make faults SEED={seed} PEOPLE={PEOPLE} AROUND={AROUND}: {outcome.report}"
    )
