"""A seed's plan: who says what to whom, and what goes wrong meanwhile. Only data."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sandbox.faults import Fault, FaultKind

PEOPLE_IN_A_ROOM = 2
"""So few that the pace of one post a second and room does not make a run long."""

_LASTS = 4.0
"""Seconds within which things go wrong, counted from the first word."""


class Who(StrEnum):
    """Who says a line."""

    CUSTOMER = "customer"
    AGENT = "agent"


class Platform(StrEnum):
    """Whose calls fail."""

    TELEGRAM = "telegram"
    SLACK = "slack"
    MAIL = "mail"


@dataclass(frozen=True)
class Line:
    """Something said, so many seconds after the line before."""

    after: float
    who: Who


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One customer's conversation, once it is open."""

    room: int
    starts: float
    """Seconds after the start of the run."""
    files_ticket: bool
    """Whether the agent files a ticket first, so that answers go by mail, too."""
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Kill:
    """The desk is killed and started again."""


@dataclass(frozen=True)
class Fail:
    """The platform's next call of this method fails."""

    platform: Platform
    method: str
    fault: Fault


@dataclass(frozen=True)
class Repeat:
    """Slack tells its latest event again."""

    times: int
    same_id: bool


@dataclass(frozen=True)
class Hold:
    """Slack keeps its events back for so many seconds, and then tells them in another order."""

    seconds: float
    order: int
    """The seed of that order."""


@dataclass(frozen=True)
class Disconnect:
    """Slack's socket ends: politely, or broken off."""

    politely: bool


Mishap = Kill | Fail | Repeat | Hold | Disconnect


@dataclass(frozen=True)
class Trouble:
    """A mishap, so many seconds after the one before."""

    after: float
    mishap: Mishap


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that happens in one run."""

    seed: int
    talks: tuple[Talk, ...]
    troubles: tuple[Trouble, ...]

    @property
    def rooms(self) -> int:
        """How many departments there are."""
        return max(talk.room for talk in self.talks) + 1


_FAILING = (
    (Platform.TELEGRAM, "sendMessage"),
    (Platform.TELEGRAM, "sendMessage"),
    (Platform.TELEGRAM, "getUpdates"),
    (Platform.SLACK, "chat.postMessage"),
    (Platform.SLACK, "chat.postMessage"),
    (Platform.SLACK, "chat.update"),
    (Platform.SLACK, "apps.connections.open"),
    (Platform.MAIL, "DATA"),
)
_KINDS = (
    FaultKind.LIMIT,
    FaultKind.ERROR,
    FaultKind.ERROR_AFTER,
    FaultKind.CUT_BEFORE,
    FaultKind.CUT_AFTER,
    FaultKind.SLOW,
)


def make_plan(seed: int, *, people: int) -> Plan:
    """Return the plan of *seed* for so many customers; the same arguments give the same plan."""
    dice = random.Random(seed)
    talks = tuple(_talk(dice, number) for number in range(people))
    kills = [Kill() for _ in range(dice.randint(1, 3))]
    others = [_mishap(dice) for _ in range(people)]
    mishaps: list[Mishap] = [*kills, *others]
    dice.shuffle(mishaps)
    gap = 2 * _LASTS / len(mishaps)
    return Plan(
        seed=seed,
        talks=talks,
        troubles=tuple(Trouble(dice.uniform(0, gap), each) for each in mishaps),
    )


def _talk(dice: random.Random, number: int) -> Talk:
    return Talk(
        room=number // PEOPLE_IN_A_ROOM,
        starts=dice.uniform(0, 1),
        files_ticket=dice.random() < 0.3,
        lines=tuple(
            # Most follow at once, as people write: that is what tries the order.
            Line(dice.choice((0.0, 0.0, dice.uniform(0, 0.4))), dice.choice(list(Who)))
            for _ in range(dice.randint(3, 7))
        ),
    )


def _mishap(dice: random.Random) -> Mishap:
    kinds: list[Callable[[], Mishap]] = [
        lambda: Repeat(dice.randint(1, 3), dice.random() < 0.5),
        lambda: Hold(dice.uniform(0.05, 0.5), dice.getrandbits(32)),
        lambda: Disconnect(dice.random() < 0.5),
        lambda: _fail(dice),
    ]
    return dice.choices(kinds, weights=(2, 2, 1, 7))[0]()


def _fail(dice: random.Random) -> Fail:
    kind = dice.choice(_KINDS)
    seconds = {FaultKind.LIMIT: 1.0, FaultKind.SLOW: dice.uniform(0.1, 0.6)}.get(kind, 0.0)
    platform, method = dice.choice(_FAILING)
    return Fail(platform, method, Fault(kind=kind, seconds=seconds))
