"""What agents wrote while Slack could not reach the desk: read back from the threads themselves.

Slack tells an event four times, within some six minutes, and never again (docs.slack.dev, "Events
API"). What the desk knows is told by ids, not by times: each message goes the way of a live event,
under the same key.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from adapters.slack.gaps import Gaps
from adapters.slack.lasting import Lasting
from adapters.slack.marks import Marks
from adapters.slack.places import Place, moment, read_place
from adapters.slack.retold import as_told, unknown
from adapters.slack.threads import Json, Threads
from core.errors import GiveUp
from core.ids import Thread
from core.policy import Policy
from core.ports import Clock, Incoming, Store

log = structlog.get_logger()

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds, after a failure
_EDITED_WITHIN = timedelta(hours=1)  # how far back edits are looked for where nothing is missing
_LIVELY_FOR = timedelta(days=1)  # in which threads edits are looked for after a gap


@dataclass(frozen=True, kw_only=True)
class Looks:
    """How often is looked for what Slack does not tell, although nothing seems to be missing."""

    glance_every: timedelta = timedelta(seconds=30)
    """At the newest threads of each room, for replies of which Slack has not told."""
    told_within: timedelta = timedelta(seconds=15)
    """Slack is given so long to tell of such a reply; then it counts as deaf."""
    every: timedelta = timedelta(minutes=10)
    """Through all open threads, for edits as well."""
    mark_every: timedelta = timedelta(seconds=1.5)
    """How far threads were heard is written down; longer than Slack takes to tell in disorder."""


class ReadBack:
    """Looks through the open threads for what the desk was not told."""

    def __init__(
        self,
        threads: Threads,
        store: Store,
        clock: Clock,
        gaps: Gaps,
        *,
        read: Callable[[Json], Awaitable[Incoming | None]],
        receive: Callable[[Sequence[Incoming]], Awaitable[None]],
        deaf: Callable[[], None],
        looks: Looks,
    ) -> None:
        """*read* and *receive* are what live events pass through.

        *deaf* is called when Slack turns out not to tell what it should.
        """
        self._threads = threads
        self._store = store
        self._clock = clock
        self._gaps = gaps
        self._read = read
        self._receive = receive
        self._deaf = deaf
        self._looks = looks
        self._marks: dict[Place, str] = {}
        """The open threads, with the `ts` up to which each is known."""
        self._read_to: dict[Place, str] = {}
        """The `ts` of the latest reply in each when it was last read, by this process if it was."""
        self._unhurried: dict[Place, None] = {}
        """Threads to read where nothing seems to be missing, for edits."""
        self._doubts: dict[Place, tuple[str, float]] = {}
        """Replies that Slack has not told of, and since when (monotonic) that is known."""
        self._asked = False
        self._next_look = self._next_glance = math.inf
        self._storing = asyncio.Lock()
        self._looking = Lasting(self._keep_looking, name="read-back")
        self._marking = Marks(store, gaps, every=looks.mark_every)

    def start(self) -> None:
        """Begin; the first look is taken when `look` asks for it."""
        self._looking.start()
        self._marking.start()

    async def stop(self) -> None:
        """Look no more.

        Called off in the middle of a transaction, it would keep the database from being closed.
        """
        await self._marking.stop()
        async with self._storing:
            self._looking.cancel()
        await self._looking.ended()

    def look(self) -> None:
        """Look for what was missed, now: there was a gap."""
        self._asked = True
        self._doubts.clear()  # the connection that owes them is gone
        self._gaps.opened_everywhere()

    def found(self, thread: Thread) -> None:
        """Take note of a thread that was there before the desk knew: what was written in it?"""
        self._gaps.opened_in(read_place(thread))

    async def _keep_looking(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._take_a_step()
                pause = _FIRST_PAUSE
            except Exception:
                log.exception("slack.read_back_failed")
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def _take_a_step(self) -> None:
        """Do what is the most urgent, and no more: something more urgent may come up meanwhile."""
        self._gaps.stirred.clear()
        now = self._clock.monotonic()
        if self._asked:
            await self._look_after_gap()
        elif any(now >= self._due(each) for each in self._doubts):
            self._judge(now)
        elif now >= self._next_glance:
            await self._glance()
        elif self._gaps.next_to_read() or self._unhurried:
            await self._threads.may_be_read()
            place = self._gaps.next_to_read() or next(iter(self._unhurried))
            await self._take_in(place)
        elif now >= self._next_look:
            await self._look()
        else:
            due = (self._due(each) for each in self._doubts)
            rest = min(self._next_glance, self._next_look, *due) - now
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gaps.stirred.wait(), rest)

    # Looking at rooms

    async def _look_after_gap(self) -> None:
        """Learn in which threads something may be missing; the others may go on at once."""
        self._asked = False
        try:
            count = self._gaps.count
            latest = await self._latest()
        except BaseException:
            self._asked = True
            raise
        changed = self._changed(latest, self._marks)
        self._gaps.narrowed(changed, count)
        self._read_to = self._marks | self._read_to
        self._put_off_glance()
        self._next_look = self._clock.monotonic() + self._looks.every.total_seconds()
        # An edit leaves no trace on the thread, so lively ones are read again.
        lively = moment(f"{(self._clock.now() - _LIVELY_FOR).timestamp():.6f}")
        self._unhurried = {place: None for place, ts in latest.items() if moment(ts) >= lively}
        log.info("slack.looked", changed=len(changed), lively=len(self._unhurried))

    async def _look(self) -> None:
        """Look through all threads although nothing seems to be missing."""
        self._next_look = self._clock.monotonic() + self._looks.every.total_seconds()
        latest = await self._latest()
        self._doubt(latest)
        self._unhurried |= dict.fromkeys(self._changed(latest, self._read_to))

    async def _glance(self) -> None:
        """Look at the newest threads alone, a call a room, for what Slack does not tell."""
        try:
            self._doubt(await self._latest(pages=1))
        finally:  # from the end, for with many rooms it takes its time, and threads must be read
            self._put_off_glance()

    def _put_off_glance(self) -> None:
        self._next_glance = self._clock.monotonic() + self._looks.glance_every.total_seconds()

    async def _latest(self, pages: int | None = None) -> dict[Place, str]:
        """Return the latest reply of each open thread (see `Threads.latest_replies`).

        Those with the latest one come first: what was missed is most likely there.
        """
        async with self._storing, self._store.transaction() as tx:
            marks = await tx.open_threads(self._clock.now() - Policy.reopen_within)
        self._marks = {read_place(thread): mark for thread, mark in marks.items()}
        self._read_to = {each: ts for each, ts in self._read_to.items() if each in self._marks}
        latest: dict[Place, str] = {}
        for channel in dict.fromkeys(place.channel for place in self._marks):
            in_channel = [place for place in self._marks if place.channel == channel]
            try:
                latest |= await self._threads.latest_replies(channel, in_channel, pages=pages)
            except GiveUp as error:
                log.warning("slack.room_not_read", room=channel, reason=error.reason)
                latest |= {place: self._marks[place] for place in in_channel}
        return dict(sorted(latest.items(), key=lambda each: moment(each[1]), reverse=True))

    def _changed(self, latest: Mapping[Place, str], known: Mapping[Place, str]) -> list[Place]:
        """Return the threads with a reply later than is *known*, in the order of *latest*.

        Those of which the latest reply could not be learnt come last.
        """
        changed = [
            place for place, ts in latest.items() if moment(ts) > moment(known.get(place, ""))
        ]
        return changed + [place for place in self._marks if place not in latest]

    # What Slack does not tell

    def _doubt(self, latest: dict[Place, str]) -> None:
        """Read the threads with a reply that was neither told nor read; see whether it comes."""
        for place, ts in latest.items():
            read = moment(ts) <= moment(self._marks.get(place, ""))
            if not (read or self._gaps.was_told(place, ts) or self._gaps.is_open_in(place)):
                self._gaps.opened_in(place)
                self._doubts[place] = ts, self._clock.monotonic()

    def _due(self, place: Place) -> float:
        return self._doubts[place][1] + self._looks.told_within.total_seconds()

    def _judge(self, now: float) -> None:
        """Say that Slack is deaf if it has not told what it has had the time to tell."""
        due = [place for place in self._doubts if now >= self._due(place)]
        judged = {place: self._doubts.pop(place)[0] for place in due}
        untold = [place for place, ts in judged.items() if not self._gaps.was_told(place, ts)]
        if untold:
            log.warning("slack.deaf", threads=len(untold))
            self._doubts.clear()
            self._deaf()

    # Reading threads

    async def _take_in(self, place: Place) -> None:
        """Have the desk receive what it does not know of a thread."""
        count = self._gaps.count
        mark = self._marks.get(place, "")
        try:
            since = _before(mark, _EDITED_WITHIN) if mark else None
            messages = await self._threads.replies(place, since=since)
        except GiveUp as error:  # its root was deleted
            log.warning("slack.thread_not_read", thread=str(place), reason=error.reason)
            self._read_to[place] = mark
        else:
            await self._receive_unknown(place, messages)
        self._unhurried.pop(place, None)
        self._gaps.closed_in(place, count)

    async def _receive_unknown(self, place: Place, messages: Sequence[Json]) -> None:
        told: list[Incoming] = []
        for body in as_told(messages, place.channel):
            try:
                each = await self._read(body)
            except Exception:  # one message that nobody can read must not hide the others
                log.exception("slack.message_not_read", thread=str(place))
                continue
            if each is not None:
                told.append(each)
        mark = next((each["latest_reply"] for each in messages if each.get("latest_reply")), "")
        async with self._storing:
            async with self._store.transaction() as tx:
                news = await unknown(tx, told)
            await self._receive(news)
            async with self._store.transaction() as tx:
                await tx.mark_read({Thread(str(place)): mark})
        self._marks[place] = self._read_to[place] = mark
        if news:
            log.info("slack.read_back", found=len(news), thread=str(place))


def _before(ts: str, span: timedelta) -> str:
    """Return the moment that is *span* before, in whole seconds."""
    return f"{max(0, moment(ts)[0] - int(span.total_seconds()))}.000000"
