"""A rush under Slack's real limit, in time that runs faster for both sides."""

from pathlib import Path
from statistics import median

from bots.bench import rig
from bots.bench.figures import Figure
from bots.bench.seed import open_conversations
from bots.bench.sizes import Sizes

HURRY = 20.0
"""How much faster time runs: posts a second that the room takes, instead of one."""
_ARRIVE_IN = 10.0
"""Seconds in which it all is said."""


async def measure(folder: Path, sizes: Sizes) -> list[Figure]:
    """Return the row of the table: seconds, as they would be at one post a second."""
    await open_conversations(folder, sizes.rush_customers)
    took, refused, lost = [], 0, 0
    async with rig.desk(folder, hurry=HURRY, threads=sizes.rush_customers) as desk:
        await desk.set(posts_per_second=HURRY)
        for _ in range(sizes.rounds):
            speed = sizes.rush / _ARRIVE_IN * HURRY
            outcome = await desk.hear(sizes.rush, sizes.rush_customers, per_second=speed)
            took.append(outcome.seconds * HURRY)
            refused += outcome.refused
            lost += outcome.lost
    alone = sizes.rush - 3.0  # the first four may go at once
    return [
        Figure(
            what=f"last of {sizes.rush} messages of {sizes.rush_customers} customers readable",
            value=median(took),
            form="{:.0f} s",
            at_most=alone / 2,
            how=f"one by one: {alone:.0f} s (computed); 1 post/s, {HURRY:.0f} times as fast; "
            f"{refused} calls refused, {lost} lost",
        )
    ]
