"""A clock that was ahead, and is put right: nobody waits for the time that it showed."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.store import SqlStore
from core.contact import Identity
from core.conversation import Conversation, WakeFor
from core.desk import Desk
from core.events import CustomerWrote
from core.ids import MessageId
from core.known import Rules
from core.outbox import AGENTS, Fits
from core.policy import Policy
from core.ports import FromCustomer, Incoming
from core.richtext import plain
from tests.support.builders import ANA, MONDAY, CountingIds
from tests.support.stored import SUPPORT, add_department

TWO_HOURS = timedelta(hours=2)


class WrongClock:
    """A clock that goes by the minute, and may be wrong."""

    def __init__(self) -> None:
        self.passed = timedelta()
        self.wrong = timedelta()

    def now(self) -> datetime:
        return MONDAY + self.passed + self.wrong

    def monotonic(self) -> float:
        return self.passed.total_seconds()


class Ana:
    """A customer who writes to a desk whose clock may be wrong."""

    def __init__(self, store: SqlStore) -> None:
        self.clock = WrongClock()
        self._store = store
        self.desk = self.restarted()

    def restarted(self) -> Desk:
        fits = {name: Fits(text=4000, file=0) for name in ("chat", AGENTS)}
        rules = Rules(language="en", fits=fits, patience=Policy(departments=(SUPPORT,)))
        return Desk(store=self._store, clock=self.clock, ids=CountingIds(), rules=rules)

    async def writes(self) -> None:
        at = self.clock.now()
        wrote = CustomerWrote(at=at, sent_at=at, message_id=MessageId("1"), text=plain("Help"))
        origin = FromCustomer(identity=ANA)
        await self.desk.receive([Incoming(key="1", origin=origin, event=wrote)])

    async def conversation(self, who: Identity = ANA) -> Conversation:
        async with self._store.transaction() as tx:
            return (await tx.latest_conversations({who}))[who]


@pytest.fixture
async def ana(tmp_path: Path) -> AsyncIterator[Ana]:
    """Give a customer who has not written yet, to a desk that has just looked at its clock."""
    store = await SqlStore.open(f"sqlite:///{tmp_path}/desk.db")
    await add_department(store)
    ana = Ana(store)
    await ana.desk.tick()
    yield ana
    await store.close()


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_question_is_not_put_off_until_the_time_that_a_wrong_clock_showed(
    ana: Ana, restarts: bool
) -> None:
    """The clock was two hours ahead when she wrote: she is asked as soon as it is right."""
    ana.clock.wrong = TWO_HOURS
    await ana.desk.tick()
    await ana.writes()
    assert (await ana.conversation()).question is None

    ana.clock.wrong = timedelta()
    ana.clock.passed = timedelta(seconds=2)
    await (ana.restarted() if restarts else ana.desk).tick()

    asked = await ana.conversation()
    assert asked.question is not None
    assert asked.wake is not None
    assert asked.wake.reason is WakeFor.ABANDONED
    assert asked.wake.at - ana.clock.now() <= timedelta(minutes=30)


async def test_a_clock_that_is_right_changes_nothing(ana: Ana) -> None:
    """What waits for its time goes on waiting, also after a start."""
    await ana.writes()
    before = await ana.conversation()
    await ana.desk.tick()
    await ana.restarted().tick()
    assert await ana.conversation() == before
