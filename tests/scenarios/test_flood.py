"""One customer writes far too much: who reads what, and what the disk has of it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest

from core.contact import Identity
from core.conversation import Stage
from core.desk import Desk
from core.events import Command
from core.known import Rules
from core.outbox import AGENTS, Fits
from core.policy import Allowance, Limits
from core.ports import FromCustomer, Incoming, Store, Transaction
from tests.support.builders import ANA, MONDAY, department, policy
from tests.support.play import Line, agent, commands, customer, customer_edits, passes
from tests.support.whole_desk import WholeDesk, whole_desk

BOB = Identity("chat", "bob")
FEW = Limits(
    messages=Allowance(at_once=6, then=3, every=timedelta(minutes=1)),
    presses=Allowance(at_once=2, then=1, every=timedelta(minutes=1)),
)
INTRODUCED: tuple[Line, ...] = (
    (customer("My site is down"),),
    (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
    (customer("Ana"), "desk: ASK_EMAIL [BUTTON_CHANGE_NAME]"),
)
TOLD: tuple[Line, ...] = (
    *INTRODUCED,
    (customer("ana@example.com"), "agents: card", "desk: AGENTS_TOLD"),
    (passes(minutes=2),),
)
RUSH = tuple(customer(f"word {number}") for number in range(6))
RELAYED = tuple(f"agents < word {number}" for number in range(6))
FLOODED = ("desk: TOO_FAST", "agents: AGENTS_TOO_FAST")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[WholeDesk]:
    """Give a desk that takes few messages from one customer, on a Monday morning."""
    async with whole_desk(tmp_path, policy(limits=FEW), MONDAY, restarts=False) as desk:
        yield desk


async def test_a_flood_is_said_to_both_sides_once(desk: WholeDesk) -> None:
    """What came before is passed on, in order; what comes after the pause, too."""
    await desk.play(
        *TOLD,
        (*RUSH, customer("one more"), customer("and more"), *RELAYED, *FLOODED),
        (passes(seconds=30),),
        (customer("still writing"), customer_edits("word 1", "word one")),
        (agent("Wait"), "customer < Wait", "agents: card updated"),
        (passes(minutes=1), "agents: AGENTS_NOT_TAKEN"),
        (customer("once more"), "agents < once more"),
    )


async def test_the_end_of_a_flood_is_said_before_what_follows_it(desk: WholeDesk) -> None:
    """Agents see where something is missing."""
    await desk.play(*TOLD, (*RUSH, customer("one more"), *RELAYED, *FLOODED))
    desk.clock.go_on(90)
    await desk.play((customer("once more"), "agents: AGENTS_NOT_TAKEN", "agents < once more"))


async def test_agents_who_come_later_learn_what_is_missing(desk: WholeDesk) -> None:
    """A flood before the handover is told with the card, and only then."""
    kept = await desk.play(
        *INTRODUCED,
        (*RUSH, "desk: EMAIL_NO_AT [BUTTON_CHANGE_NAME]", "desk: TOO_FAST"),
        (passes(minutes=2),),
        (
            customer("ana@example.com"),
            "agents: card",
            *RELAYED[:4],
            "agents: AGENTS_NOT_TAKEN",
            "desk: AGENTS_TOLD",
        ),
    )

    assert kept.stage is Stage.WAITING
    assert kept.not_taken == 0


async def test_edits_are_bounded_like_words(desk: WholeDesk) -> None:
    """Each would be a line in the journal and a call to the agents' platform."""
    edits = [customer_edits("word 0", f"edit {number}") for number in range(20)]
    await desk.play(
        *TOLD,
        (RUSH[0], *edits, "agents < word 0", "agents < word 0 (edited)", *FLOODED),
    )


async def test_commands_are_bounded_and_agents_are_spared(desk: WholeDesk) -> None:
    """The customer learns that nothing was done; words are still taken."""
    helps = [commands(Command.HELP)] * 5
    await desk.play(
        *TOLD,
        (*helps, "desk: HELP, HELP_COMMANDS", "desk: TOO_MANY_PRESSES"),
        (customer("I see"), "agents < I see"),
        (passes(minutes=2),),
    )


async def test_what_is_told_again_uses_up_nothing(desk: WholeDesk) -> None:
    """A platform may repeat what the desk has, as often as it likes."""
    await desk.play(*TOLD, (RUSH[0], RELAYED[0]))
    for _ in range(20):
        desk.repeat_last()
        await desk.play((RUSH[0],))
    await desk.play((*RUSH[1:], *RELAYED[1:]))
    for _ in range(20):
        desk.repeat_last()
        await desk.play((RUSH[5],))
    await desk.play((customer("one more"), *FLOODED))


async def test_a_full_disk_makes_no_flood(desk: WholeDesk) -> None:
    """What could not be stored is told again and again, and is taken when there is room."""
    disk = _Disk(desk.store)
    fits = {name: Fits(text=4000, file=0) for name in ("chat", AGENTS)}
    rules = Rules(language="en", fits=fits, patience=policy(limits=FEW))
    there = Desk(store=disk, clock=desk.clock, ids=desk.ids, rules=rules)
    words = [_says(desk, ANA, f"word {number}") for number in range(6)]
    for _ in range(5):
        with pytest.raises(OSError, match="full"):
            await there.receive(words)
    disk.full = False

    await there.receive(words)

    talk = await desk.conversation()
    assert list(talk.problem) == [each.key for each in words]


async def test_five_thousand_messages_leave_little_and_delay_nobody(tmp_path: Path) -> None:
    """Twenty a second for four minutes: the disk keeps what is allowed, Bob is always relayed."""
    said: list[str] = []
    patient = policy(department(answer_within=timedelta(hours=1)))
    async with whole_desk(tmp_path, patient, MONDAY, restarts=False) as there:
        for each in (ANA, BOB):
            await there.play(*_told(each.address), who=each)
        before = _rows(tmp_path / "desk.db")
        for first in range(0, 5000, 100):
            there.clock.go_on(5)
            said.append(f"Bob after {first}")
            flood = [_says(there, ANA, f"flood {first + number}") for number in range(100)]
            await there.desk().receive([*flood, _says(there, BOB, said[-1])])
        done = await there.carry_out()
        after = _rows(tmp_path / "desk.db")
        rows = {each: after[each] - before[each] for each in after}

        assert await _pass_a_minute(there) == ["agents: AGENTS_NOT_TAKEN"]

    assert [each for each in done if "Bob" in each] == [f"agents < {each}" for each in said]
    taken = [int(each.removeprefix("agents < flood ")) for each in done if "flood" in each]
    assert taken[:100] == list(range(100))
    assert taken == sorted(taken)
    assert len(taken) <= 100 + 30 * 250 / 60
    assert rows["messages"] == len(taken) + len(said)
    assert done.count("agents: AGENTS_TOO_FAST") == 1
    told = done.count("desk: TOO_FAST")
    assert 1 <= told <= 5
    assert rows["inbox"] == rows["messages"] + told
    assert rows["deliveries"] == rows["messages"] + told + 1
    assert rows["journal"] == 2 * rows["messages"] + 2 * told + 1
    assert rows["held_events"] == 0


class _Disk:
    """A store that cannot write while its disk is full."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.full = True

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with self._store.transaction() as tx:
            yield tx
            if self.full:
                raise OSError("the disk is full")


def _told(name: str) -> tuple[Line, ...]:
    """Return a talk of somebody's until agents have been told."""
    return (
        (customer("My site is down", id=f"{name}'s problem"),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
        (customer("Ana", id=f"{name}'s name"), "desk: ASK_EMAIL [BUTTON_CHANGE_NAME]"),
        (
            customer("ana@example.com", id=f"{name}'s address"),
            "agents: card",
            "desk: AGENTS_TOLD",
        ),
    )


async def _pass_a_minute(there: WholeDesk) -> list[str]:
    there.clock.go_on(60)
    await there.desk().tick()
    return await there.carry_out()


def _says(there: WholeDesk, who: Identity, text: str) -> Incoming:
    return Incoming(
        key=text, origin=FromCustomer(identity=who), event=customer(text)(there.clock.now())
    )


def _rows(database: Path) -> dict[str, int]:
    tables = ("inbox", "messages", "journal", "deliveries", "held_events")
    with closing(sqlite3.connect(database)) as connection:
        return {
            each: connection.execute(f"SELECT count(*) FROM {each}").fetchone()[0]
            for each in tables
        }
