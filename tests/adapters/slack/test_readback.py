"""What Slack could not tell is read back from the threads, once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.channel import make_client
from adapters.slack.gaps import Gaps
from adapters.slack.listener import SlackListener
from adapters.slack.people import People
from adapters.slack.readback import Looks, ReadBack
from adapters.slack.threads import PER_MINUTE, Threads
from adapters.store import SqlStore
from bots.demo import DemoClock
from core.conversation import Stage
from core.desk import Desk
from core.effects import RelayEdit
from core.ids import ConversationId, Thread
from core.known import Rules
from core.outbox import AGENTS, MAIL, Fits
from core.policy import Policy
from core.ports import Changes, Incoming
from sandbox.clock import Clock
from sandbox.faults import Fault, FaultKind
from sandbox.slack import Agent, Message, Room, SlackServer
from tests.support.builders import CountingIds
from tests.support.stored import a_conversation, add_department, keep
from tests.support.waiting import PATIENCE, until

USUAL = Looks()
TIER_3 = {"conversations.replies": 50, "conversations.history": 50}


@dataclass
class Office:
    """A desk that hears agents, and what it was left with."""

    server: SlackServer
    client: AsyncWebClient
    store: SqlStore
    room: Room
    marko: Agent
    edits: int = 0
    failures: int = 0
    """How often the desk is going to fail to store what it is told."""
    cards: list[Message] = field(default_factory=list)
    ids: CountingIds = field(default_factory=CountingIds)

    async def opens(self, number: int) -> None:
        """Post a card for each of so many conversations; before anybody listens."""
        for each in range(number):
            await self.client.chat_postMessage(channel=self.room.id, text=f"card {each}")
            card = self.room.messages[-1]
            thread = Thread(f"{self.room.id}:{card.ts}")
            await keep(self.store, a_conversation(f"c{each}", thread=thread, stage=Stage.WAITING))
            self.cards.append(card)

    @asynccontextmanager
    async def at_work(
        self, looks: Looks = USUAL, per_minute: float = PER_MINUTE
    ) -> AsyncIterator[SlackListener]:
        """Let the desk listen, and read back what it missed."""
        gaps = Gaps()
        clock = DemoClock(self.server.workspace.clock)
        desk = Desk(
            store=self.store,
            clock=clock,
            ids=self.ids,
            rules=Rules(
                language="en",
                fits={name: Fits(text=4000, file=10**8) for name in ("telegram", AGENTS, MAIL)},
                patience=Policy(departments=()),
            ),
            committed=self._committed,
        )

        async def receive(incoming: Sequence[Incoming]) -> None:
            if self.failures:
                self.failures -= 1
                raise OSError("the disk is full")
            await desk.receive(incoming)

        listener = SlackListener(
            self.client,
            People(self.client),
            receive,
            clock,
            gaps,
            app_token="xapp-sandbox",
            connected=lambda: reads_back.look(),
        )
        reads_back = ReadBack(
            Threads(self.client, clock, per_minute=per_minute),
            self.store,
            clock,
            gaps,
            read=listener.read,
            receive=receive,
            deaf=listener.deaf,
            looks=looks,
        )
        await listener.start()
        reads_back.start()
        try:
            yield listener
        finally:
            await reads_back.stop()
            await listener.stop()
            await desk.finish()

    async def heard(self, of: int = 0) -> list[str]:
        """Return what was said in the conversation of a card, in order."""
        async with self.store.transaction() as tx:
            said = await tx.messages_in(ConversationId(f"of-c{of}"))
        return [each.text.text for each in said]

    async def hears(self, *texts: str, of: int = 0) -> None:
        """Return when exactly this was said in the conversation of a card."""

        async def is_heard() -> bool:
            return await self.heard(of) == list(texts)

        await until(is_heard)

    async def posts(self, text: str, of: int = 0) -> str:
        """Post as the desk in a card's thread; return the post's `ts`."""
        thread_ts = self.cards[of].ts
        answer = await self.client.chat_postMessage(
            channel=self.room.id, thread_ts=thread_ts, text=text
        )
        return str(answer["ts"])

    async def knows(self, ts: str, *, of: int, while_posting_in: int) -> None:
        """Return when it is written down that a card's thread is known up to there."""
        thread = Thread(f"{self.room.id}:{self.cards[of].ts}")
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.store.transaction() as tx:
                    marks = await tx.open_threads(self.server.workspace.clock.now())
                if marks[thread] == ts:
                    return
                await self.posts("and another thing", of=while_posting_in)

    async def has_read(self, latest: Sequence[Message]) -> None:
        """Return when it is written down that each card's thread is known up to its latest one."""
        wanted = {
            Thread(f"{self.room.id}:{card.ts}"): each.ts
            for card, each in zip(self.cards, latest, strict=True)
        }

        async def is_so() -> bool:
            async with self.store.transaction() as tx:
                return await tx.open_threads(self.server.workspace.clock.now()) == wanted

        await until(is_so)

    async def called(self, method: str, times: int) -> None:
        """Return when Slack was asked for something so often."""
        await until(lambda: self.calls(method) >= times)

    def calls(self, method: str) -> int:
        """Return how often Slack was asked for something."""
        return Counter(call.method for call in self.server.calls)[method]

    def _committed(self, changes: Changes) -> None:
        self.edits += sum(isinstance(each.effect, RelayEdit) for each in changes.deliveries)
        self.server.workspace.changes.announce()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    server = SlackServer(Clock(), retry_after=(), ack_seconds=1, post_rate=None, per_minute=TIER_3)
    await server.start()
    store = await SqlStore.open(f"sqlite:///{tmp_path}/desk.db")
    await add_department(store)
    marko = server.agent("Marko", display_name="Marko")
    room = server.room("support", [marko])
    async with aiohttp.ClientSession() as session:
        client = make_client("xoxb-sandbox", server.url, session)
        yield Office(server, client, store, room, marko)
    await store.close()
    await server.stop()


async def test_all_that_was_lost_is_found_once_and_in_order(office: Office) -> None:
    """Sixty replies in twelve threads, within Slack's limit for reading."""
    await office.opens(12)
    for number in range(60):
        await office.marko.reply(office.cards[number % 12], f"answer {number}")
    await office.server.events.settled()
    assert len(office.server.events.lost) == 60 + 12

    async with office.at_work():
        for card in range(12):
            await office.hears(*(f"answer {n}" for n in range(card, 60, 12)), of=card)

    assert office.calls("conversations.history") == 1
    assert office.calls("conversations.replies") == 12


async def test_a_thousand_lost_replies_are_found_in_five_minutes(office: Office) -> None:
    """Once each, in order, with no more calls than five minutes allow, none of them refused."""
    await office.opens(40)
    for number in range(1000):
        await office.marko.reply(office.cards[number % 40], f"answer {number}")
    await office.server.events.settled()

    async with office.at_work(per_minute=60_000):
        for card in range(40):
            await office.hears(*(f"answer {n}" for n in range(card, 1000, 40)), of=card)

    calls = office.calls("conversations.history") + office.calls("conversations.replies")
    assert calls == 41
    assert calls < 5 * PER_MINUTE


async def test_after_a_restart_only_what_changed_is_read(office: Office) -> None:
    """How far each thread was read is kept; only lively ones are read again, for edits."""
    await office.opens(5)
    async with office.at_work():
        hellos = [await office.marko.reply(card, "hello") for card in office.cards]
        for each in range(5):
            await office.hears("hello", of=each)
    before = office.calls("conversations.replies")
    async with office.at_work():
        await office.called("conversations.replies", before + 5)
        await office.has_read(hellos)
    office.server.workspace.clock.move(timedelta(days=2))
    await office.marko.reply(office.cards[3], "good morning")
    before = office.calls("conversations.replies")

    async with office.at_work():
        await office.hears("hello", "good morning", of=3)
        await office.marko.reply(office.cards[1], "and here")
        await office.hears("hello", "and here", of=1)
    assert office.calls("conversations.replies") == before + 1


async def test_after_a_crash_what_was_heard_live_is_not_read_again(office: Office) -> None:
    """Answers and posts of ours alike; where something came last, though, it is read."""
    await office.opens(4)
    async with office.at_work(Looks(mark_every=timedelta(seconds=0.02))):
        await office.server.connected()
        await office.called("conversations.history", 1)
        hellos = [await office.marko.reply(card, "hello") for card in office.cards[:3]]
        posted = await office.posts("Ana asks", of=1)
        for each, ts in enumerate((hellos[0].ts, posted, hellos[2].ts)):
            await office.knows(ts, of=each, while_posting_in=3)
    office.server.workspace.clock.move(timedelta(days=2))  # or edits would be looked for
    await office.marko.reply(office.cards[2], "lost")
    await office.server.events.settled()
    office.server.calls.clear()

    async with office.at_work():
        await office.hears("hello", "lost", of=2)
        for each in (0, 1):
            await office.marko.reply(office.cards[each], "live")
            await office.hears("hello", "live", of=each)
    read = {call.arguments["ts"] for call in office.server.calls if call.method.endswith("replies")}
    assert not read & {card.ts for card in office.cards[:2]}


async def test_a_post_of_ours_hides_no_answer_before_it(office: Office) -> None:
    """The post is known, and the latest of its thread; yet the answer before was not heard."""
    await office.opens(1)
    async with office.at_work(Looks(mark_every=timedelta(seconds=0.02))):
        await office.server.connected()
        await office.called("conversations.history", 1)
        office.server.sockets.silence()
        await office.marko.reply(office.cards[0], "lost")
        await office.posts("Ana asks")
    async with office.at_work():
        await office.hears("lost")


# Order


async def test_after_a_gap_nothing_overtakes_what_was_missed(office: Office) -> None:
    """What is told over the new connection waits until the thread has been read."""
    await office.opens(1)
    (card,) = office.cards
    async with office.at_work() as listener:
        await office.server.connected()
        office.server.sockets.cut()
        await office.marko.reply(card, "one")
        await office.server.events.settled()
        slow = Fault(kind=FaultKind.SLOW, seconds=0.5)
        office.server.faults.plan("conversations.history", slow)
        office.server.faults.plan("conversations.replies", slow)
        listener.deaf()
        await office.server.connected(0)
        await office.server.connected(1)
        await office.marko.reply(card, "two")
        await office.hears("one", "two")


async def test_what_would_wait_too_long_is_left_to_slack(office: Office) -> None:
    """Slack wants an answer in three seconds: without one it tells again, and that is known."""
    office.server.events.retry_after = (0.1, 0.1)
    await office.opens(1)
    (card,) = office.cards
    office.server.faults.plan("conversations.history", Fault(kind=FaultKind.SLOW, seconds=4))
    async with office.at_work():
        await office.server.connected()
        await office.marko.reply(card, "one")
        await office.marko.reply(card, "two")
        await office.hears("one", "two")
        await office.server.events.settled()
    assert await office.heard() == ["one", "two"]


async def test_what_could_not_be_stored_is_not_overtaken(office: Office) -> None:
    """Slack will tell it again in a minute; the thread is read at once."""
    await office.opens(1)
    (card,) = office.cards
    async with office.at_work():
        await office.server.connected()
        await office.called("conversations.history", 1)
        office.failures = 1
        await office.marko.reply(card, "one")
        await until(lambda: not office.failures)
        await office.marko.reply(card, "two")
        await office.hears("one", "two")


async def test_a_burst_survives_a_store_that_fails_in_the_middle(office: Office) -> None:
    """Of three threads, told shuffled: nothing is lost, and nothing has changed places."""
    await office.opens(3)
    async with office.at_work():
        await office.server.connected()
        await office.called("conversations.history", 1)
        await office.marko.reply(office.cards[0], "first")
        await office.hears("first")
        office.server.events.hold()
        for number in range(30):
            await office.marko.reply(office.cards[number % 3], str(number))
        office.failures = 1
        office.server.events.release(Random(1).sample(range(30), 30))
        await office.hears("first", *map(str, range(0, 30, 3)), of=0)
        await office.hears(*map(str, range(1, 30, 3)), of=1)
        await office.hears(*map(str, range(2, 30, 3)), of=2)


async def test_the_thread_that_somebody_waits_for_is_read_first(office: Office) -> None:
    """Twenty have changed, and reading is slow: the one with a new answer is not the last."""
    await office.opens(20)
    for card in office.cards:
        await office.marko.reply(card, "lost")
    await office.server.events.settled()
    async with office.at_work(per_minute=120):
        await office.called("conversations.replies", 11)  # from here on, two a second
        await office.marko.reply(office.cards[0], "live")
        await office.hears("lost", "live", of=0)
        assert office.calls("conversations.replies") < 20


# Deafness


async def test_after_the_line_broke_only_what_is_new_is_taken_in(office: Office) -> None:
    """What was heard live is known under the same key; what Slack tells late is known, too."""
    await office.opens(1)
    (card,) = office.cards
    async with office.at_work() as listener:
        await office.server.connected()
        await office.marko.reply(card, "live")
        await office.hears("live")
        office.server.sockets.cut()
        await office.marko.reply(card, "missed")
        await office.server.events.settled()

        listener.deaf()
        await office.hears("live", "missed")
        office.server.events.repeat(3, same_id=False)
        await office.server.events.settled()
        await office.marko.reply(card, "live again")
        await office.hears("live", "missed", "live again")


async def test_edits_are_found_too(office: Office) -> None:
    """Of what is known, as an edit; of what is new, as it reads now, and late news is no news."""
    await office.opens(1)
    (card,) = office.cards
    async with office.at_work() as listener:
        await office.server.connected()
        known = await office.marko.reply(card, "on Monday")
        await office.hears("on Monday")
        office.server.sockets.cut()
        await office.marko.edit(known, "on Tuesday")
        new = await office.marko.reply(card, "at one")
        await office.marko.edit(new, "at two")
        await office.server.events.settled()

        listener.deaf()
        await office.hears("on Tuesday", "at two")
        assert office.edits == 1
        before = office.calls("conversations.replies")
        listener.deaf()
        await office.called("conversations.replies", before + 1)
        await office.marko.reply(card, "the end")
        await office.hears("on Tuesday", "at two", "the end")
        assert office.edits == 1


async def test_what_has_not_changed_is_not_read_again(office: Office) -> None:
    """However often the room is looked at, its threads are read once."""
    await office.opens(3)
    for card in office.cards:
        await office.marko.reply(card, "hello")
    async with office.at_work(Looks(every=timedelta(seconds=0.01))):
        for number in range(3):
            await office.hears("hello", of=number)
        await office.called("conversations.history", 5)

    assert office.calls("conversations.replies") == 3


QUICK = Looks(
    glance_every=timedelta(seconds=0.3),
    told_within=timedelta(seconds=0.6),
)


async def test_a_connection_that_tells_nothing_is_replaced(office: Office) -> None:
    """It answers pings, but what stands in a thread it should have told of long ago."""
    await office.opens(1)
    async with office.at_work(QUICK) as listener:
        await office.server.connected()
        await office.called("conversations.history", 1)
        office.server.sockets.silence()
        await office.marko.reply(office.cards[0], "does anybody hear me?")

        await office.hears("does anybody hear me?")
        await office.called("apps.connections.open", 2)
        await until(lambda: not listener.is_deaf)
        await office.marko.reply(office.cards[0], "now?")
        await office.hears("does anybody hear me?", "now?")


async def test_reading_back_goes_on_after_its_task_was_cancelled(office: Office) -> None:
    """By mistake, or by a library: without it, nothing would pass after the next gap."""
    await office.opens(1)
    async with office.at_work() as listener:
        await office.server.connected()
        await office.called("conversations.history", 1)
        (reading,) = (task for task in asyncio.all_tasks() if task.get_name() == "read-back")
        reading.cancel()
        office.server.sockets.cut()
        await office.marko.reply(office.cards[0], "one")
        await office.server.events.settled()
        listener.deaf()
        await office.hears("one")


async def test_slacks_refusals_are_borne(office: Office) -> None:
    """Asked for patience it comes again; a thread that cannot be read keeps no other from it."""
    await office.opens(2)
    for card in office.cards:
        await office.marko.reply(card, "hello")
    office.server.faults.plan("conversations.history", Fault(kind=FaultKind.LIMIT, seconds=1))
    gone = Fault(kind=FaultKind.REFUSE, error="thread_not_found")
    office.server.faults.plan("conversations.replies", gone)
    async with office.at_work():
        await office.hears("hello", of=0)

    assert await office.heard(of=1) == []


async def test_a_room_that_was_left_is_left_alone(office: Office) -> None:
    """Threads elsewhere are read all the same."""
    await office.opens(1)
    other = office.server.room("other", [office.marko])
    await office.client.chat_postMessage(channel=other.id, text="card")
    thread = Thread(f"{other.id}:{other.messages[0].ts}")
    await keep(office.store, a_conversation("elsewhere", thread=thread, stage=Stage.WAITING))
    other.remove_bot()
    await office.marko.reply(office.cards[0], "hello")
    async with office.at_work():
        await office.hears("hello")

    assert office.calls("conversations.replies") == 1
