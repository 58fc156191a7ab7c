"""The whole desk, at a pace of its own: `python -m bots.bench.desk HURRY`.

It is `podrska run` but for three things: the platforms' limits are taken to be *hurry* times as
high, nothing that customers write is a flood, and all visitors may come from one network.
"""

import asyncio
import sys

from adapters.web.doors import DoorLimits
from bots import desk
from bots.bench.batches import GENEROUS
from bots.commands.shared import load_settings
from bots.tuning import Tuning

_WIDE = "1000000/second"
_OPEN = DoorLimits(
    sessions=_WIDE,
    looks=_WIDE,
    sockets=_WIDE,
    polls=_WIDE,
    uploads=_WIDE,
    open_at_once=10_000,
    open_in_all=10_000,
)


async def run(hurry: float) -> int:
    """Run until told to stop; return the exit code."""
    tuning = Tuning(limits=GENEROUS, doors=_OPEN, hurry=hurry)
    return await desk.run(load_settings(), tuning=tuning)


if __name__ == "__main__":
    sys.exit(asyncio.run(run(float(sys.argv[1]))))
