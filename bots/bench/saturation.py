"""As fast as it goes: near platforms and far ones, and bursts."""

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

from bots.bench.figures import Figure, ratio
from bots.bench.rig import Program
from bots.bench.sizes import Sizes
from bots.bench.talk import PATIENCE, Outcome

FAR = 0.1
"""Seconds that each call to a far platform takes."""
_COUNT = "{:.0f}"
WINDOW = 32
"""How many messages a naive relay to Telegram is given at a time where it is to lose none."""
_GIVES_UP_AFTER = 5.0
"""Seconds after which nothing more comes from a naive relay: it repeats nothing."""


@dataclass(frozen=True, kw_only=True)
class Programs:
    """The desk, and the relays that it is compared with."""

    desk: Program
    calm_desk: Program
    """One whose line to Slack was never in a hurry."""
    to_slack: Program
    to_slack_shared: Program
    to_telegram: Program


@dataclass(frozen=True)
class Saturation:
    """What became of each round, by what was measured."""

    programs: Programs
    sizes: Sizes
    found: defaultdict[str, list[Outcome]] = field(default_factory=lambda: defaultdict(list))

    async def round(self) -> None:
        """Measure everything once, one after the other."""
        everybody = vars(self.programs).values()
        await self._near()
        for each in everybody:
            await each.set(latency=FAR)
        await self._far()
        for each in everybody:
            await each.set(latency=0)

    async def _near(self) -> None:
        at, sizes = self.programs, self.sizes
        await self._hear("naive", at.to_slack, sizes.customers_burst)
        await self._hear("shared", at.to_slack_shared, sizes.customers_burst)
        await self._hear("desk", at.desk, sizes.customers_burst)
        spread = sizes.agents_spread
        await self._hear("answers, naive", at.to_telegram, spread, agents=True, window=WINDOW)
        await self._hear("answers, desk", at.desk, sizes.agents_burst, agents=True)

    async def _far(self) -> None:
        at, sizes = self.programs, self.sizes
        await self._hear("far, naive", at.to_slack, sizes.far_one_by_one)
        await self._hear("far, desk", at.desk, sizes.far)
        await self._hear("far answers, naive", at.to_telegram, sizes.far // 2, agents=True)
        await self._hear("far answers, desk", at.desk, sizes.far // 2, agents=True)

    async def burst(self) -> None:
        """Give the naive relay the agents' burst that the desk gets in each round, once."""
        messages = self.sizes.agents_burst
        await self._hear("burst, naive", self.programs.to_telegram, messages, agents=True)

    async def _hear(
        self,
        what: str,
        program: Program,
        messages: int,
        *,
        agents: bool = False,
        window: int | None = None,
    ) -> None:
        conversations = self.sizes.conversations
        patience = PATIENCE if program is self.programs.desk else _GIVES_UP_AFTER
        outcome = await program.hear(
            messages,
            conversations,
            agents=agents,
            window=window,
            patience=patience,
        )
        self.found[what].append(outcome)

    def figures(self) -> list[Figure]:
        """Return the rows of the table."""
        return [
            self._ratio("customer → Slack, against a naive relay", "desk", "naive", 1.5),
            self._ratio("the same, against one HTTP session for all", "desk", "shared", 0.9),
            self._ratio("agent → Telegram", "answers, desk", "answers, naive", 1.5),
            self._ratio("customer → Slack, 100 ms a call", "far, desk", "far, naive", 20),
            self._ratio(
                "agent → Telegram, 100 ms a call", "far answers, desk", "far answers, naive", None
            ),
            *self._promises(),
            self._naive_burst(),
        ]

    def _promises(self) -> list[Figure]:
        rounds = [each for what, all_ in self.found.items() if "desk" in what for each in all_]
        how = f"of {sum(len(each.said) for each in rounds)}; bursts of {self.sizes.agents_burst}"
        found = {
            "lost": sum(each.lost for each in rounds),
            "said twice": sum(each.doubled for each in rounds),
            "out of order": sum(each.out_of_order for each in rounds),
        }
        return [
            Figure(
                what=f"{what} by the desk in all this", value=value, form=_COUNT, at_most=0, how=how
            )
            for what, value in found.items()
        ]

    def _naive_burst(self) -> Figure:
        (burst,) = self.found["burst, naive"]
        how = f"{burst.lost} lost; {burst.per_second:.0f}/s; one run"
        what = f"out of order by the naive relay, of {self.sizes.agents_burst} answers"
        return Figure(what=what, value=burst.out_of_order, form=_COUNT, how=how)

    def _ratio(self, what: str, mine: str, other: str, at_least: float | None) -> Figure:
        ours, theirs = self.found[mine], self.found[other]
        value = ratio((o.per_second for o in ours), (o.per_second for o in theirs))
        how = f"{_speed(ours)}, against {_speed(theirs)}"
        return Figure(what=what, value=value, form="{:.2f}×", at_least=at_least, how=how)


def _speed(rounds: list[Outcome]) -> str:
    speed = median(each.per_second for each in rounds)
    posts = median(each.posts_per_second for each in rounds)
    return f"{speed:.0f}/s" + (f" in {posts:.0f} posts/s" if posts < 0.99 * speed else "")
