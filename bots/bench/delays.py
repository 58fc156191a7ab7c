"""What the desk adds to the time that a message takes, when there is no hurry."""

from collections import defaultdict
from dataclasses import dataclass, field

from bots.bench.figures import Figure, percentile
from bots.bench.rig import Program
from bots.bench.saturation import Programs
from bots.bench.sizes import Sizes

PER_SECOND = 20.0


@dataclass(frozen=True)
class Delays:
    """The seconds that each message took, by what was measured."""

    programs: Programs
    sizes: Sizes
    found: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def get_to_know(self) -> None:
        """Let the desk find out that its line to Slack is prompt: it takes half a minute."""
        await self.programs.calm_desk.hear(
            self.sizes.to_get_to_know,
            self.sizes.conversations,
            agents=True,
            per_second=PER_SECOND,
        )

    async def round(self) -> None:
        """Measure both ways, with the desk and without."""
        at = self.programs
        await self._hear("to Slack, naive", at.to_slack)
        await self._hear("to Slack, desk", at.calm_desk)
        await self._hear("to Telegram, naive", at.to_telegram, agents=True)
        await self._hear("to Telegram, desk", at.calm_desk, agents=True)

    async def _hear(self, what: str, program: Program, *, agents: bool = False) -> None:
        sizes = self.sizes
        outcome = await program.hear(
            sizes.paced, sizes.conversations, agents=agents, per_second=PER_SECOND
        )
        self.found[what] += outcome.delays

    def figures(self) -> list[Figure]:
        """Return the rows of the table."""
        return [
            self._added(way, share, at_most)
            for way in ("to Slack", "to Telegram")
            for share, at_most in ((0.5, 3.0), (0.99, 15.0))
        ]

    def _added(self, way: str, share: float, at_most: float) -> Figure:
        ours = 1000 * percentile(self.found[f"{way}, desk"], share)
        theirs = 1000 * percentile(self.found[f"{way}, naive"], share)
        return Figure(
            what=f"added latency {way} at {PER_SECOND:.0f}/s, p{100 * share:.0f}",
            value=ours - theirs,
            form="{:.1f} ms",
            at_most=at_most,
            how=f"{ours:.1f} ms, against {theirs:.1f} ms",
        )
