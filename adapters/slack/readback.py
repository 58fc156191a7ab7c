"""What agents wrote while Slack could not reach the desk: read back from the threads themselves.

Slack tells an event four times, within some six minutes, and never again (docs.slack.dev, "Events
API"). What the desk knows is told by ids, not by times: each message goes the way of a live event,
under the same key.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.errors import translated
from adapters.slack.places import Place, read_place
from core.errors import GiveUp, Retry
from core.events import AgentEdited, AgentWrote
from core.pace import Pace, Toll
from core.policy import Policy
from core.ports import Clock, Incoming, Store, Transaction

log = structlog.get_logger()

Json = Mapping[str, Any]

EVERY = timedelta(minutes=10)

_TOLL = Toll("reading", per_second=40 / 60, burst=10)
"""Tier 3 is 50 a minute (docs.slack.dev, "Rate limits"); some are left for other calls."""
_PAGE = 200
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds
_LATE = timedelta(minutes=1)  # what a living connection has told by then
_EDITED_WITHIN = timedelta(hours=1)  # how far back edits are looked for where nothing is missing
_LIVELY_FOR = timedelta(days=1)  # in which threads edits are looked for after a gap


class ReadBack:
    """Looks through the open threads for what the desk was not told."""

    def __init__(
        self,
        client: AsyncWebClient,
        store: Store,
        clock: Clock,
        *,
        read: Callable[[Json], Awaitable[Incoming | None]],
        receive: Callable[[Sequence[Incoming]], Awaitable[None]],
        reconnect: Callable[[], Awaitable[None]],
        every: timedelta = EVERY,
    ) -> None:
        """*read* and *receive* are what live events pass through.

        *reconnect* is called when an open connection turns out to tell nothing. *every*: how often
        threads are looked through although nothing seems to be missing.
        """
        self._client = client
        self._store = store
        self._clock = clock
        self._read = read
        self._receive = receive
        self._reconnect = reconnect
        self._every = every
        self._pace = Pace()
        self._marks: dict[Place, str] = {}
        """The `ts` of the latest reply in each thread when it was read."""
        self._asked = asyncio.Event()
        self._storing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; the first look is taken when `look` asks for it."""
        self._task = asyncio.create_task(self._keep_looking(), name="read-back")

    async def stop(self) -> None:
        """Look no more.

        Called off in the middle of a transaction, it would keep the database from being closed.
        """
        if self._task is not None:
            async with self._storing:
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def look(self) -> None:
        """Look for what was missed, now: there was a gap. A look under way begins anew."""
        self._asked.set()

    async def _keep_looking(self) -> None:
        await self._asked.wait()
        while True:
            after_gap = self._asked.is_set()
            self._asked.clear()
            try:
                await self._look_through(after_gap)
            except Exception:
                log.exception("slack.read_back_failed")
                await asyncio.sleep(_LONGEST_PAUSE)
                self._asked.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), self._every.total_seconds())

    async def _look_through(self, after_gap: bool) -> None:
        if after_gap:  # an edit leaves no trace on the thread, so lively ones are read again
            lively = _before(f"{self._clock.now().timestamp():.6f}", _LIVELY_FOR)
            self._marks = {
                place: mark
                for place, mark in self._marks.items()
                if _moment(mark) < _moment(lively)
            }
        found: list[Incoming] = []
        threads = await self._changed()
        for place in threads:
            if self._asked.is_set():
                break
            found += await self._take_in(place)
        log.info("slack.read_back", found=len(found), threads=len(threads))
        if not after_gap and any(self._is_late(each) for each in found):
            log.warning("slack.deaf", found=len(found))
            await self._reconnect()

    async def _changed(self) -> list[Place]:
        """Return the open threads that have what was not there when they were read.

        Those with the latest reply come first: what was missed is most likely there.
        """
        async with self._storing, self._store.transaction() as tx:
            threads = await tx.open_threads(self._clock.now() - Policy.reopen_within)
        places = [read_place(each) for each in threads]
        self._marks = {place: self._marks[place] for place in places if place in self._marks}
        latest: dict[Place, str] = {}
        for channel in dict.fromkeys(place.channel for place in places):
            in_channel = [place for place in places if place.channel == channel]
            try:
                latest |= await self._latest_replies(channel, in_channel)
            except GiveUp as error:
                log.warning("slack.room_not_read", room=channel, reason=error.reason)
                latest |= {place: self._marks.get(place, "") for place in in_channel}
        changed = [
            place
            for place in places
            if place not in latest or latest[place] != self._marks.get(place, "")
        ]
        return sorted(changed, key=lambda each: _moment(latest.get(each, "")), reverse=True)

    async def _latest_replies(self, channel: str, places: Sequence[Place]) -> dict[Place, str]:
        """Return the `ts` of the latest reply in these threads of a room, "" where there is none.

        The room tells it of all its threads, page by page. Where that would take more calls than
        reading the threads one by one, those not yet found are left out. Raises `GiveUp`.
        """
        missing = set(places)
        oldest = min((place.ts for place in places), key=_moment)
        found: dict[Place, str] = {}
        pages, cursor = 0, None
        while pages == 0 or (cursor and pages < len(missing)):
            answer = await self._call(
                self._client.conversations_history,
                channel=channel,
                oldest=oldest,
                inclusive=True,
                limit=_PAGE,
                cursor=cursor,
            )
            for message in answer["messages"]:
                place = Place(channel, message["ts"])
                if place in missing:
                    missing.remove(place)
                    found[place] = message.get("latest_reply", "")
            pages, cursor = pages + 1, _next_cursor(answer)
        return found

    async def _take_in(self, place: Place) -> list[Incoming]:
        """Have the desk receive what it does not know of a thread, and return that."""
        try:
            messages = await self._replies(place, since=self._marks.get(place, ""))
        except GiveUp as error:  # its root was deleted
            log.warning("slack.thread_not_read", thread=str(place), reason=error.reason)
            return []
        told: list[Incoming] = []
        for body in _as_told(messages, place.channel):
            try:
                each = await self._read(body)
            except Exception:  # one message that nobody can read must not hide the others
                log.exception("slack.message_not_read", thread=str(place))
                continue
            if each is not None:
                told.append(each)
        async with self._storing:
            async with self._store.transaction() as tx:
                news = await _unknown(tx, told)
            await self._receive(news)
        self._marks[place] = next(
            (each["latest_reply"] for each in messages if each.get("latest_reply")), ""
        )
        return news

    async def _replies(self, place: Place, since: str) -> list[Json]:
        """Return the thread's root, and its replies from shortly before *since* on."""
        messages: list[Json] = []
        cursor = None
        while not messages or cursor:
            answer = await self._call(
                self._client.conversations_replies,
                channel=place.channel,
                ts=place.ts,
                oldest=_before(since, _EDITED_WITHIN) if since else None,
                limit=_PAGE,
                cursor=cursor,
            )
            messages += answer["messages"]
            cursor = _next_cursor(answer)
            if not answer["messages"]:
                break
        return messages

    async def _call(
        self, method: Callable[..., Awaitable[AsyncSlackResponse]], **arguments: Any
    ) -> AsyncSlackResponse:
        """Call when it is allowed, and again until Slack answers. Raises `GiveUp`."""
        pause = _FIRST_PAUSE
        while True:
            now = self._clock.monotonic()
            await asyncio.sleep(self._pace.free_at([_TOLL], now) - now)
            self._pace.spend([_TOLL], self._clock.monotonic())
            try:
                with translated(harmless=True):
                    return await method(**arguments)
            except Retry as later:
                await asyncio.sleep(later.after or pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _is_late(self, incoming: Incoming) -> bool:
        event = incoming.event
        return isinstance(event, AgentWrote) and event.sent_at < self._clock.now() - _LATE


async def _unknown(tx: Transaction, told: Sequence[Incoming]) -> list[Incoming]:
    """Return what the desk has not heard, neither under this key nor under this message's id.

    A message that is new comes as it reads now: its edit is no news besides.
    """
    recorded = await tx.recorded([each.key for each in told])
    ids = {each.event.message_id for each in told if isinstance(each.event, AgentWrote)}
    known = await tx.messages(ids)
    news: list[Incoming] = []
    fresh = set()
    for each in told:
        match each.event:
            case _ if each.key in recorded:
                continue
            case AgentWrote(message_id=message_id) if message_id not in known:
                fresh.add(message_id)
                news.append(each)
            case AgentEdited(message_id=message_id, text=text) if message_id not in fresh:
                if message_id not in known or known[message_id].text != text:
                    news.append(each)
    return news


def _as_told(messages: Sequence[Json], channel: str) -> Iterator[Json]:
    """Yield the events by which Slack would have told of these messages, as they read now."""
    for message in messages:
        yield {"event": {**message, "channel": channel}}
        if message.get("edited"):
            changed = {"type": "message", "subtype": "message_changed", "channel": channel}
            yield {"event": {**changed, "message": message, "previous_message": {}}}


def _next_cursor(answer: AsyncSlackResponse) -> str | None:
    return (answer.get("response_metadata") or {}).get("next_cursor") or None


def _moment(ts: str) -> tuple[int, int]:
    """Return what moments are compared by; a float would lose the last digits."""
    seconds, _, micros = ts.partition(".")
    return int(seconds or 0), int(micros or 0)


def _before(ts: str, span: timedelta) -> str:
    """Return the moment that is *span* before, in whole seconds."""
    return f"{max(0, _moment(ts)[0] - int(span.total_seconds()))}.000000"
