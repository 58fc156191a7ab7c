"""The whole bench: everything measured in one run, and the table."""

import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bots.bench import batches, crowd, history, memory, rig, rush
from bots.bench.delays import Delays
from bots.bench.figures import Figure, show
from bots.bench.saturation import Programs, Saturation
from bots.bench.seed import open_conversations
from bots.bench.sizes import Sizes
from bots.bench.talk import SITE
from bots.bench.visits import Visits


async def run() -> None:
    """Measure, and print the table."""
    began = time.monotonic()
    sizes = Sizes()
    figures = await measure(sizes)
    took = time.monotonic() - began
    show(figures, f"{sizes.rounds} rounds, medians; SQLite, synchronous=FULL; {took / 60:.1f} min")


async def measure(sizes: Sizes) -> list[Figure]:
    """Return every row of the table."""
    with tempfile.TemporaryDirectory(prefix="podrska-bench-") as name:
        folder = Path(name)
        return [
            *await compare(folder / "desk", sizes),
            *await rush.measure(folder / "rush", sizes),
            *await memory.measure(folder / "memory", sizes),
            *await crowd.measure(folder / "crowd", sizes),
            *await history.measure(folder / "history", sizes),
            *await batches.measure(sizes),
        ]


async def compare(folder: Path, sizes: Sizes) -> list[Figure]:
    """Return the rows in which the desk is compared with the smallest relays."""
    async with _programs(folder, sizes) as programs:
        saturation, delays = Saturation(programs, sizes), Delays(programs, sizes)
        visits = Visits(programs, sizes)
        await delays.get_to_know()
        for _ in range(sizes.rounds):
            await saturation.round()
            await delays.round()
            await visits.round()
        await saturation.burst()
    return [*saturation.figures(), *delays.figures(), *visits.figures()]


@asynccontextmanager
async def _programs(folder: Path, sizes: Sizes) -> AsyncIterator[Programs]:
    """Run all that is compared side by side; who is not spoken to waits."""
    calm = folder.with_name("calm")
    await open_conversations(folder, sizes.conversations)
    await open_conversations(calm, sizes.conversations, visitors=sizes.visitors)
    threads = sizes.conversations
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        yield Programs(
            desk=await enter(rig.desk(folder, threads=threads)),
            calm_desk=await enter(rig.desk(calm, threads=threads + sizes.visitors, site=SITE)),
            to_slack=await enter(rig.relay("to-slack")),
            to_slack_shared=await enter(rig.relay("to-slack-shared")),
            to_telegram=await enter(rig.relay("to-telegram")),
        )
