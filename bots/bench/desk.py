"""The whole desk, at a pace of its own: `python -m bots.bench.desk HURRY`.

It is `podrska run` but for two things: the platforms' limits are taken to be *hurry* times as high,
and nothing that customers write is a flood.
"""

import asyncio
import sys

from bots import desk
from bots.bench.batches import GENEROUS
from bots.commands.shared import load_settings
from bots.tuning import Tuning


async def run(hurry: float) -> int:
    """Run until told to stop; return the exit code."""
    return await desk.run(load_settings(), tuning=Tuning(limits=GENEROUS, hurry=hurry))


if __name__ == "__main__":
    sys.exit(asyncio.run(run(float(sys.argv[1]))))
