"""One page of a website visitor, with a line of its own that comes back whatever breaks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.faults.mishaps import Moment
from tests.support.visitor import Frame

if TYPE_CHECKING:
    from tests.faults.browser import Browser

_TICK = 0.05
_PAUSES = (0.05, 0.1, 0.2, 0.4)
"""Seconds before the next attempt; the widget begins with half a second."""
_FRESH = 1.0
"""Seconds in which a line that came up repeats whatever waits."""
_TAKEN_WITHIN = 8.0
_WELCOME_WITHIN = 15.0
_BURST, _A_SECOND = 15.0, 4.0
"""How much is sent at once, and then: the desk allows 20 and 5."""
_MOST = 20
"""How many frames go with one poll."""
_MOST_SEEN_EVERY = 1.0
_BROKEN = (aiohttp.ClientError, OSError, TimeoutError)


class Cut(OSError):
    """The line is lost."""


class Page:
    """What is open in one tab."""

    def __init__(
        self, browser: Browser, *, polls: bool, looks: bool, shown: Callable[[Frame], None]
    ) -> None:
        self.log: dict[int, Frame] = {}
        """What it was shown, by number."""
        self.cut_at: Moment | None = None
        """When it is to lose its line."""
        self.again: list[Frame] = []
        """What it is to send once more, for nothing."""
        self.asleep_until = 0.0
        self._browser = browser
        self._polls = polls
        self._looks = looks
        self._shown = shown
        self._sent: dict[str, float] = {}
        """When what was not answered yet was sent on this line."""
        self._room = _BURST
        self._room_at = self._online_at = self._looked_at = time.monotonic()
        self._seen = 0
        self._failures = 0
        self._staying: asyncio.Task[None] | None = None

    def opens(self) -> None:
        """Load the page."""
        self._staying = asyncio.create_task(self._stay())

    async def closes(self) -> None:
        """Close it. Raises what it has failed with, if it has."""
        if self._staying is not None:
            self._staying.cancel()
            with suppress(asyncio.CancelledError):
                await self._staying

    def is_sending(self, id_: str) -> bool:
        """Whether this is on its line, and nothing that was written before it is still to come."""
        return id_ in self._sent

    @property
    def last(self) -> int:
        """The newest entry that it has."""
        return max(self.log, default=0)

    async def _stay(self) -> None:
        while True:
            with suppress(*_BROKEN):
                await self._browser.begin()
                await (self._poll_on() if self._polls else self._plug())
            self._sent.clear()
            await asyncio.sleep(_PAUSES[min(self._failures, len(_PAUSES) - 1)])
            self._failures += 1

    # With a WebSocket.

    async def _plug(self) -> None:
        socket = await self._browser.http.ws_connect(f"{self._browser.url}/chat/socket")
        try:
            await socket.send_json(
                {
                    "type": "hello",
                    "token": self._browser.token,
                    "after": self.last,
                    "language": "en",
                }
            )
            self._hear(await _heard(socket, _WELCOME_WITHIN))
            self._is_online()
            while True:
                await self._wakes()
                if due := self._due():
                    for each in due:
                        await socket.send_json(each)
                    self._lose(Moment.SENT)
                with suppress(TimeoutError):
                    self._hear(await _heard(socket, _TICK))
        finally:
            _abort(socket)

    # Without.

    async def _poll_on(self) -> None:
        await self._exchange([], wait=False)
        self._is_online()
        listening = asyncio.create_task(self._exchange([], wait=True))
        try:
            while True:
                await self._wakes()
                if due := self._due()[:_MOST]:
                    await self._send_by_poll(due)
                await asyncio.wait({listening}, timeout=_TICK)
                if listening.done():
                    listening.result()
                    listening = asyncio.create_task(self._exchange([], wait=True))
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _send_by_poll(self, due: Sequence[Frame]) -> None:
        sending = asyncio.create_task(self._exchange(due, wait=False))
        try:
            if self.cut_at is Moment.SENT:
                await asyncio.wait({sending}, timeout=0.01)
                self._lose(Moment.SENT)
            await sending
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _exchange(self, frames: Sequence[Frame], *, wait: bool) -> None:
        bearer = {"Authorization": f"Bearer {self._browser.token}"}
        body = {"after": self.last, "frames": list(frames), "wait": wait, "language": "en"}
        async with self._browser.http.post(
            f"{self._browser.url}/chat/poll", json=body, headers=bearer
        ) as answer:
            answer.raise_for_status()
            found = (await answer.json())["frames"]
        for each in found:
            self._hear(each)

    # Either way.

    def _is_online(self) -> None:
        self._online_at, self._failures = time.monotonic(), 0

    async def _wakes(self) -> None:
        while (left := self.asleep_until - time.monotonic()) > 0:  # noqa: ASYNC110, may be put off
            await asyncio.sleep(left)

    def _due(self) -> list[Frame]:
        """Return what is to be sent now. Raises `Cut` where an answer is overdue."""
        now = time.monotonic()
        if self._sent and now - min(self._sent.values()) > _TAKEN_WITHIN:
            raise Cut
        self._room = min(_BURST, self._room + (now - self._room_at) * _A_SECOND)
        self._room_at = now
        again, self.again = self.again, []
        is_fresh = now - self._online_at < _FRESH
        due = self._browser.due(self, is_fresh=is_fresh)
        waits = [*(each for each in due if each["id"] not in self._sent), *again]
        sends = waits[: int(self._room)]
        self._room -= len(sends)
        self._sent |= {each["id"]: now for each in sends if each not in again}
        return [*sends, *self._sees(now)]

    def _sees(self, now: float) -> list[Frame]:
        """Return what tells the desk that somebody looks at the page."""
        if not self._looks or self._seen == self.last or now - self._looked_at < _MOST_SEEN_EVERY:
            return []
        if self._room < 1:
            return []
        self._room -= 1
        self._looked_at, self._seen = now, self.last
        return [{"type": "seen", "seq": self.last}]

    def _hear(self, frame: Frame) -> None:
        match frame["type"]:
            case "frame":
                self._show(frame)
            case "taken":
                self._lose(Moment.UNHEARD)
                self._sent.pop(frame["id"], None)
                self._browser.was_taken(frame["id"], frame["seq"])
                self._lose(Moment.HEARD)
            case "refused":
                self._sent.pop(frame["id"], None)
                self._browser.was_refused(frame)
            case "bye":
                self._browser.wrong.append(f"sent away: {frame['why']}")
                raise Cut

    def _show(self, frame: Frame) -> None:
        seq, wrong = frame["seq"], self._browser.wrong
        if seq > self.last + 1:
            wrong.append(f"entry {seq} came after {self.last}")
        if self.log.setdefault(seq, frame) != frame:
            wrong.append(f"entry {seq} has changed")
        self._shown(frame)

    def _lose(self, moment: Moment) -> None:
        if self.cut_at is moment:
            self.cut_at = None
            raise Cut


async def _heard(socket: aiohttp.ClientWebSocketResponse, seconds: float) -> Any:
    """Return the next frame. Raises `Cut` when there will be none, and `TimeoutError`."""
    message = await socket.receive(timeout=seconds)
    if message.type is not aiohttp.WSMsgType.TEXT:
        raise Cut
    return message.json()


def _abort(socket: aiohttp.ClientWebSocketResponse) -> None:
    """End a line without a word, as networks do."""
    connection = socket._response.connection
    if connection is not None and connection.transport is not None:
        connection.transport.abort()
