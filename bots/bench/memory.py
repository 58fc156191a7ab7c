"""The memory of `podrska run` itself, idle and with many conversations open."""

import asyncio
from pathlib import Path

from bots.bench import rig
from bots.bench.figures import Figure
from bots.bench.seed import open_conversations
from bots.bench.sizes import Sizes

_SETTLE = 2.0
"""Seconds after its start in which the desk looks for what it missed."""

_NO_LONGER = 0.7


async def measure(folder: Path, sizes: Sizes) -> list[Figure]:
    """Return the rows of the table."""
    await open_conversations(folder / "idle", 0)
    await open_conversations(folder / "open", sizes.open_conversations)
    async with rig.desk(folder / "idle", hurry=None) as idle:
        await asyncio.sleep(_SETTLE)
        alone = idle.memory()
    many = sizes.open_conversations
    async with rig.desk(folder / "open", hurry=None, threads=many) as busy:
        await asyncio.sleep(_SETTLE)
        said = min(many, sizes.with_history)
        # A post a second is what a room takes: the others wait in the outbox.
        await busy.hear(said, many, patience=_NO_LONGER)
        await asyncio.sleep(_SETTLE)
        crowded = busy.memory()
    return [
        Figure(what="resident memory, idle", value=alone, form="{:.0f} MB", at_most=130),
        Figure(
            what=f"resident memory, {many} conversations open",
            value=crowded,
            form="{:.0f} MB",
            at_most=200,
            how=f"{said} of them have just written",
        ),
    ]
