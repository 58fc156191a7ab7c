"""What visitors cost who have the chat open and say nothing."""

import asyncio
from pathlib import Path

from bots.bench import rig
from bots.bench.figures import Figure
from bots.bench.seed import open_conversations
from bots.bench.sizes import Sizes
from bots.bench.talk import SITE

_WARM_UP = 20
"""Visitors who come and go first: what is made once is no visitor's."""
_SETTLE = 2.0


async def measure(folder: Path, sizes: Sizes) -> list[Figure]:
    """Return the rows of the table."""
    await open_conversations(folder, 0)
    count = sizes.idle_visitors
    async with rig.desk(folder, site=SITE) as desk:
        async with rig.idlers(desk.door, min(_WARM_UP, count)):
            pass
        await asyncio.sleep(_SETTLE)
        before = desk.memory()
        async with rig.idlers(desk.door, count) as took:
            await asyncio.sleep(_SETTLE)
            crowded, cpu = desk.memory(), desk.cpu()
            await asyncio.sleep(sizes.idle_for)
            share = (desk.cpu() - cpu) / sizes.idle_for
    who = f"{count:,} visitors connected"
    return [
        Figure(
            what=f"memory for each of {who}",
            value=1024 * (crowded - before) / count,
            form="{:.0f} kB",
            at_most=60,
            how=f"{before:.0f} MB before, {crowded:.0f} MB after; all welcomed in {took:.1f} s",
        ),
        Figure(
            what=f"CPU at rest, {who}",
            value=100 * share,
            form="{:.1f} %",
            at_most=5,
            how=f"of one core, for {sizes.idle_for:.0f} s; each is asked once if it is there",
        ),
    ]
