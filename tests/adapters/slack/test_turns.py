"""In which order, and in how few pieces, what agents write is handed to the desk."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from adapters.slack.gaps import Gaps
from adapters.slack.jitter import Jitter
from adapters.slack.places import Place, message_id
from adapters.slack.turns import Turns
from core.conversation import Agent
from core.events import AgentWrote
from core.ids import AgentId, Thread
from core.ports import FromThread, Incoming
from core.richtext import plain
from tests.support.builders import MONDAY, ManualClock
from tests.support.waiting import PATIENCE

MARKO = Agent(AgentId("U1"), "marko")


class TellAgainError(Exception):
    """What was told could not be stored."""


@dataclass
class Office:
    """Some threads, a desk that stores what is heard of them, and one who reads them back."""

    gaps: Gaps = field(default_factory=Gaps)
    clock: ManualClock = field(default_factory=ManualClock)
    written: defaultdict[Place, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What stands in each thread, by its `ts`."""
    stored: dict[str, Incoming] = field(default_factory=dict)
    pieces: list[int] = field(default_factory=list)
    """How many messages were handed over together, each time."""
    is_broken: Callable[[int], bool] = lambda piece: False
    """Whether a piece, by its number, cannot be stored."""
    can_store: asyncio.Event = field(default_factory=asyncio.Event)
    _count: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self.can_store.set()
        self.turns = Turns(self.clock, Jitter(first_hold=0), self.gaps, self.receive)

    def writes(self, thread: Place) -> str:
        """Return the `ts` of a message that is written in a thread, a microsecond after another."""
        self._count += 1
        ts = f"{int(MONDAY.timestamp())}.{self._count:06}"
        self.written[thread].append(ts)
        return ts

    def told(self, thread: Place, ts: str) -> asyncio.Task[None]:
        """Tell the desk of a message; the task ends when it is acknowledged."""
        return asyncio.create_task(self._hear(thread, ts))

    async def told_until_stored(self, thread: Place, ts: str) -> None:
        """Tell it as Slack does, with less patience."""
        with suppress(TellAgainError):
            return await self._hear(thread, ts)
        while True:
            with suppress(TellAgainError):
                return await self.turns.take(thread, ts, _read(thread, ts))

    async def _hear(self, thread: Place, ts: str) -> None:
        self.turns.heard(ts)
        await self.turns.take(thread, ts, _read(thread, ts))

    async def receive(self, incoming: Sequence[Incoming]) -> None:
        self.pieces.append(len(incoming))
        piece = len(self.pieces)
        await self._announce()
        await self.can_store.wait()
        if self.is_broken(piece):
            raise TellAgainError
        self._keep(incoming)

    async def reads_back(self) -> None:
        """Read threads with a gap, as long as nobody stops it."""
        while await self.gaps.stirred.wait():
            self.gaps.stirred.clear()
            while thread := self.gaps.next_to_read():
                count = self.gaps.count
                messages = [await _read(thread, ts) for ts in self.written[thread]]
                await asyncio.sleep(0)
                self._keep(messages)
                self.gaps.closed_in(thread, count)

    def heard(self, thread: Place) -> list[str]:
        """Return what the desk knows of a thread, in the order in which it was stored."""
        events = [each.event for each in self.stored.values() if each.origin == _origin(thread)]
        return [each.text.text for each in events if isinstance(each, AgentWrote)]

    async def later(self) -> None:
        """Let time pass once all that was told is heard; nothing is held any longer."""
        await asyncio.sleep(0)
        self.clock.go_to(self.clock.now() + timedelta(seconds=3))

    async def handed_over(self, pieces: int) -> None:
        """Return when something was handed over so many times."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.pieces) >= pieces)

    async def _announce(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _keep(self, incoming: Sequence[Incoming]) -> None:
        for each in incoming:
            self.stored.setdefault(each.key, each)


async def _read(thread: Place, ts: str) -> Incoming:
    seconds, micros = map(int, ts.split("."))
    sent_at = datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micros)
    event = AgentWrote(
        at=MONDAY,
        message_id=message_id(Place(thread.channel, ts)),
        sent_at=sent_at,
        agent=MARKO,
        text=plain(ts),
    )
    return Incoming(key=ts, origin=_origin(thread), event=event)


def _origin(thread: Place) -> FromThread:
    return FromThread(Thread(str(thread)))


THREADS = [Place("C1", f"{number}.000000") for number in range(20)]
ONE, OTHER = THREADS[:2]


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    office = Office()
    reading = asyncio.create_task(office.reads_back())
    yield office
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading


def a_shuffled_burst(office: Office, seed: int) -> list[tuple[Place, str]]:
    """Return five hundred messages in twenty threads, in the order in which Slack tells of them."""
    burst = [(thread, office.writes(thread)) for _ in range(25) for thread in THREADS]
    Random(seed).shuffle(burst)
    return burst


async def test_a_burst_goes_through_in_order_and_in_two_pieces_a_thread(office: Office) -> None:
    """While the first message of a thread is stored, all others wait and go together."""
    office.can_store.clear()
    told = [office.told(thread, ts) for thread, ts in a_shuffled_burst(office, seed=1)]
    elsewhere = Place("C2", "1.000000")
    told.append(office.told(elsewhere, office.writes(elsewhere)))
    await office.later()
    await office.handed_over(pieces=21)  # so what was written last is due, and with it all others
    office.can_store.set()
    await asyncio.gather(*told)
    assert {thread: office.heard(thread) for thread in office.written} == office.written
    assert sum(office.pieces) == 501
    assert len(office.pieces) <= 2 * 21


@pytest.mark.parametrize("seed", range(3))
async def test_a_store_that_fails_loses_and_reorders_nothing(office: Office, seed: int) -> None:
    """What fails is read back before anything behind it goes on; Slack tells it again, too."""
    office.is_broken = lambda piece: piece % 3 == 0
    burst = a_shuffled_burst(office, seed)
    told = [asyncio.create_task(office.told_until_stored(*each)) for each in burst]
    await office.later()
    await asyncio.gather(*told)
    assert {thread: office.heard(thread) for thread in THREADS} == office.written


async def test_what_waits_behind_a_failure_is_not_handed_over_before_the_thread_is_read(
    office: Office,
) -> None:
    """It would be stored, and what failed come after it."""
    office.can_store.clear()
    office.is_broken = lambda piece: piece == 1
    first, second = office.writes(ONE), office.writes(ONE)
    failing = office.told(ONE, first)
    await office.later()
    await office.handed_over(pieces=1)
    behind = office.told(ONE, second)
    office.can_store.set()
    with pytest.raises(TellAgainError):
        await failing
    await behind
    assert office.heard(ONE) == [first, second]


async def test_a_lone_message_waits_for_no_other_thread(office: Office) -> None:
    """It is handed over at once, whatever is being stored elsewhere."""
    office.can_store.clear()
    told = [office.told(ONE, office.writes(ONE))]
    await office.later()
    await office.handed_over(pieces=1)
    told.append(office.told(OTHER, office.writes(OTHER)))
    await office.handed_over(pieces=2)
    office.can_store.set()
    await asyncio.gather(*told)
    assert office.pieces == [1, 1]


async def test_what_was_handed_over_is_stored_whoever_still_waits_for_it(office: Office) -> None:
    """A teller who is gone keeps nobody up; what stands behind it waits for it all the same."""
    office.can_store.clear()
    first, second = office.writes(ONE), office.writes(ONE)
    gone = office.told(ONE, first)
    await office.later()
    await office.handed_over(pieces=1)
    gone.cancel()
    behind = office.told(ONE, second)
    await asyncio.gather(gone, return_exceptions=True)
    assert gone.cancelled()
    assert office.pieces == [1]
    office.can_store.set()
    await behind
    assert office.heard(ONE) == [first, second]
    assert office.gaps.count == 0


async def test_whoever_leaves_before_it_was_handed_over_leaves_a_gap(office: Office) -> None:
    """So that the thread is read before anything behind it goes on."""
    first, second = office.writes(ONE), office.writes(ONE)
    gone = office.told(ONE, first)
    behind = office.told(ONE, second)
    await asyncio.sleep(0)
    gone.cancel()
    await office.later()
    await behind
    assert office.heard(ONE) == [first, second]


async def test_a_press_waits_until_what_was_written_before_is_stored(office: Office) -> None:
    """What is written after it keeps it no longer."""
    office.can_store.clear()
    told = [office.told(ONE, office.writes(ONE))]
    await office.later()
    await office.handed_over(pieces=1)
    pressed = office.writes(OTHER)
    press = asyncio.create_task(office.turns.none_waits_before(ONE, pressed))
    told.append(office.told(ONE, office.writes(ONE)))
    await asyncio.sleep(0)
    assert not press.done()
    office.can_store.set()
    await press
    await asyncio.gather(*told)
