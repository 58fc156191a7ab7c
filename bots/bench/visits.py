"""How long a message of a website's visitor is on its way to an agent, and the answer back."""

from dataclasses import dataclass, field

from bots.bench.figures import Figure, percentile
from bots.bench.saturation import Programs
from bots.bench.sizes import Sizes
from bots.bench.talk import Outcome

PER_SECOND = 50.0


@dataclass(frozen=True)
class Visits:
    """What became of each round."""

    programs: Programs
    sizes: Sizes
    found: list[tuple[Outcome, Outcome]] = field(default_factory=list)
    """There and back."""

    async def round(self) -> None:
        """Have visitors say something, and agents answer each message at once."""
        sizes = self.sizes
        both = await self.programs.calm_desk.converse(
            sizes.visited, sizes.visitors, first=sizes.conversations, per_second=PER_SECOND
        )
        self.found.append(both)

    def figures(self) -> list[Figure]:
        """Return the rows of the table."""
        there = [each for asked, _ in self.found for each in asked.delays]
        back = [each for _, answered in self.found for each in answered.delays]
        around = [
            at - asked.said[mark]
            for asked, answered in self.found
            for mark, at in answered.heard.items()
        ]
        return [
            *(
                Figure(
                    what=f"visitor → Slack → visitor at {PER_SECOND:.0f}/s, p{100 * share:.0f}",
                    value=1000 * percentile(around, share),
                    form="{:.1f} ms",
                    at_most=at_most,
                    how=f"there {1000 * percentile(there, share):.1f} ms, "
                    f"back {1000 * percentile(back, share):.1f} ms",
                )
                for share, at_most in ((0.5, 30.0), (0.95, 60.0), (0.99, 150.0))
            ),
            self._promise(),
        ]

    def _promise(self) -> Figure:
        ways = [each for both in self.found for each in both]
        said = sum(len(asked.said) for asked, _ in self.found)
        lost = sum(len(asked.said) - len(answered.heard) for asked, answered in self.found)
        doubled = sum(each.doubled for each in ways)
        out_of_order = sum(each.out_of_order for each in ways)
        refused = sum(each.refused for each in ways)
        return Figure(
            what="lost, said twice, out of order or refused there or back",
            value=lost + doubled + out_of_order + refused,
            form="{:.0f}",
            at_most=0,
            how=f"of {said}: {lost}, {doubled}, {out_of_order}, {refused}",
        )
