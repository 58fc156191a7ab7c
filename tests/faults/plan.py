"""A seed's plan: who says what to whom, and what goes wrong meanwhile. Only data."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sandbox.faults import Fault, FaultKind
from tests.faults.mishaps import (
    Disconnect,
    Fail,
    FillDisk,
    Hold,
    Jump,
    Kill,
    KillAtStep,
    LockDatabase,
    LoseLine,
    Mishap,
    Moment,
    Platform,
    Renumber,
    RepeatEvent,
    RepeatFrames,
    RepeatMail,
    RepeatUpdate,
    Sleep,
)

AROUND = 200
"""How many messages are said from one kill to the next, on average."""
PEOPLE_IN_A_ROOM = 4
"""So few that the pace of one post a second and room does not make a run long."""
BY_MAIL = 0.2
"""Which share of the customers writes by mail only."""
ON_THE_SITE = 0.4
"""Which share of the others uses the website's chat."""
_TALK = (60, 80)
"""How many messages make a talk; a desk may slow down who writes more than a hundred at once."""
_SLOWER_THAN_THE_TIMEOUT = 31.0
_BACK, _AHEAD = 2 * 3600.0, 4 * 60.0
"""Seconds by which a clock jumps at most; further ahead, deadlines pass that have not come."""


class Who(StrEnum):
    """Who says a line."""

    CUSTOMER = "customer"
    AGENT = "agent"


@dataclass(frozen=True)
class Line:
    """Something said, so many seconds after the line before."""

    after: float
    who: Who


@dataclass(frozen=True, kw_only=True)
class Visit:
    """How a customer uses the website's chat."""

    pages: int
    """How many tabs they have open."""
    polls: bool
    """Whether their network lets no WebSocket through."""
    looks: bool
    """Whether they look at the page: what they do not see is mailed to them as well."""


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One customer's conversation, once it is open."""

    room: int
    by_mail: bool
    """Whether the customer writes and reads mail only."""
    visit: Visit | None
    """None for who does not use the website's chat."""
    files_ticket: bool
    """Whether the agent files a ticket first, so that answers go by mail, too."""
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Trouble:
    """A mishap, so many messages after the one before, and so many seconds after that message."""

    messages: int
    seconds: float
    mishap: Mishap


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that happens in one run."""

    seed: int
    webhook: bool
    """Whether Telegram calls the desk, instead of being polled."""
    http: bool
    """Whether Slack calls the desk, instead of using a socket."""
    talks: tuple[Talk, ...]
    troubles: tuple[Trouble, ...]

    @property
    def rooms(self) -> int:
        """How many departments there are."""
        return max(talk.room for talk in self.talks) + 1

    @property
    def kills(self) -> int:
        """How often the desk is killed."""
        return sum(isinstance(each.mishap, Kill | KillAtStep) for each in self.troubles)


_FAILING = (
    (Platform.TELEGRAM, "sendMessage"),
    (Platform.TELEGRAM, "sendMessage"),
    (Platform.TELEGRAM, "getUpdates"),
    (Platform.TELEGRAM, "setWebhook"),
    (Platform.SLACK, "chat.postMessage"),
    (Platform.SLACK, "chat.postMessage"),
    (Platform.SLACK, "chat.update"),
    (Platform.SLACK, "conversations.replies"),
    (Platform.SLACK, "apps.connections.open"),
    (Platform.MAIL, "DATA"),
    (Platform.MAIL, "DATA"),
    (Platform.MAILBOX, "CONNECT"),
    (Platform.MAILBOX, "SEARCH"),
    (Platform.MAILBOX, "FETCH"),
    (Platform.MAILBOX, "FETCH"),
    (Platform.MAILBOX, "STORE"),
    (Platform.MAILBOX, "IDLE"),
)
_KINDS = (
    FaultKind.LIMIT,
    FaultKind.ERROR,
    FaultKind.ERROR_AFTER,
    FaultKind.CUT_BEFORE,
    FaultKind.CUT_AFTER,
    FaultKind.SLOW,
)


def make_plan(seed: int, *, people: int, around: int = AROUND) -> Plan:
    """Return the plan of *seed* for so many customers; the same arguments give the same plan."""
    dice = random.Random(seed)
    rooms = max(2, people // PEOPLE_IN_A_ROOM)
    talks = tuple(_talk(dice, number % rooms) for number in range(people))
    said = sum(len(talk.lines) for talk in talks)
    troubles = tuple(
        trouble for _ in range(said // around) for trouble in _up_to_a_kill(dice, around)
    )
    return Plan(
        seed=seed,
        webhook=dice.random() < 0.5,
        http=dice.random() < 0.5,
        talks=talks,
        troubles=troubles + _after_the_last_kill(dice),
    )


def _talk(dice: random.Random, room: int) -> Talk:
    size, lines = dice.randint(*_TALK), list[Line]()
    while len(lines) < size:
        # Most follow at once, as people write: that is what tries the order.
        pause = dice.choice((0.0, 0.0, dice.uniform(0, 0.4)))
        who = dice.choice(list(Who))
        burst = dice.randint(1, 20) if who is Who.CUSTOMER else dice.randint(1, 3)
        lines += [Line(pause, who), *[Line(0.0, who)] * (burst - 1)]
    by_mail = dice.random() < BY_MAIL
    return Talk(
        room=room,
        by_mail=by_mail,
        visit=None if by_mail or dice.random() >= ON_THE_SITE else _visit(dice),
        files_ticket=not by_mail and dice.random() < 0.3,
        lines=tuple(lines[:size]),
    )


def _visit(dice: random.Random) -> Visit:
    return Visit(pages=dice.randint(1, 2), polls=dice.random() < 0.3, looks=dice.random() < 0.5)


def _up_to_a_kill(dice: random.Random, around: int) -> list[Trouble]:
    """Return what goes wrong within *around* messages; the last of it is a kill."""
    others = dice.randint(0, 2)
    places = sorted(dice.randint(0, around) for _ in range(others))
    gaps = [after - before for before, after in zip([0, *places], [*places, around], strict=True)]
    mishaps = [*(_mishap(dice) for _ in range(others)), _kill(dice)]
    return [
        Trouble(gap, dice.uniform(0, 0.3), mishap)
        for gap, mishap in zip(gaps, mishaps, strict=True)
    ]


def _kill(dice: random.Random) -> Mishap:
    # As many at its first ten steps as at the following ninety, and so on.
    return Kill() if dice.random() < 0.5 else KillAtStep(int(10 ** dice.uniform(0, 2.7)))


def _after_the_last_kill(dice: random.Random) -> tuple[Trouble, ...]:
    """Return what takes so long that a kill would cut it short."""
    slow = Fault(kind=FaultKind.SLOW, seconds=_SLOWER_THAN_THE_TIMEOUT)
    kinds: list[Callable[[], Mishap]] = [
        lambda: Fail(Platform.TELEGRAM, "sendMessage", slow),
        lambda: Fail(Platform.SLACK, "chat.postMessage", slow),
        lambda: Fail(Platform.MAILBOX, "FETCH", slow),
        lambda: LockDatabase(6.0),
        lambda: FillDisk(2.0),
    ]
    return (Trouble(0, 0.0, dice.choice(kinds)()),)


def _mishap(dice: random.Random) -> Mishap:
    kinds: list[Callable[[], Mishap]] = [
        lambda: RepeatEvent(dice.randint(1, 3), dice.random() < 0.5),
        RepeatUpdate,
        RepeatMail,
        lambda: Hold(dice.uniform(0.05, 0.5), dice.getrandbits(32)),
        lambda: Disconnect(dice.random() < 0.5),
        lambda: LoseLine(dice.getrandbits(16), dice.choice(list(Moment))),
        lambda: RepeatFrames(dice.getrandbits(16), dice.randint(1, 5)),
        lambda: Sleep(dice.getrandbits(16), dice.randint(0, 1), dice.uniform(0.5, 5)),
        Renumber,
        lambda: FillDisk(dice.uniform(0.1, 1)),
        lambda: LockDatabase(dice.uniform(0.1, 1)),
        lambda: Jump(dice.uniform(-_BACK, _AHEAD), dice.uniform(0.1, 1)),
        lambda: _fail(dice),
    ]
    return dice.choices(kinds, weights=(2, 2, 1, 2, 1, 3, 2, 1, 1, 1, 1, 1, 12))[0]()


def _fail(dice: random.Random) -> Fail:
    kind = dice.choice(_KINDS)
    seconds = {FaultKind.LIMIT: 1.0, FaultKind.SLOW: dice.uniform(0.1, 0.6)}.get(kind, 0.0)
    platform, method = dice.choice(_FAILING)
    return Fail(platform, method, Fault(kind=kind, seconds=seconds))
