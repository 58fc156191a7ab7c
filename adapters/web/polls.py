"""The chat without a WebSocket: what a visitor does and what is new, by requests that wait."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from adapters.web.chat import Caller, Chat
from adapters.web.parse import Json, Unreadable, number_in, read_frame
from adapters.web.render import wire
from adapters.web.visitors import Visitors

WAIT: Final = 25.0
"""Seconds that a request waits for news: proxies give up after 30."""
PAGE: Final = 100
MOST_FRAMES: Final = 20


class Poll:
    """A browser that waits for an answer."""

    def __init__(self, language: str, token_hash: str) -> None:
        self.language = language
        self.token_hash = token_hash
        self.woken = asyncio.Event()
        self.told: dict[str, Json] = {}

    def news(self) -> None:
        """Look again."""
        self.woken.set()

    def tell(self, frame: Json) -> None:
        """Answer with this."""
        self.told[frame["type"]] = frame
        self.woken.set()

    def end(self, why: str) -> None:
        """Answer with a goodbye."""
        self.tell({"type": "bye", "why": why})


class Polls:
    """Answers requests that wait."""

    def __init__(self, chat: Chat, visitors: Visitors, *, wait: float = WAIT) -> None:
        self._chat = chat
        self._visitors = visitors
        self._wait = wait
        self._waiting: set[Poll] = set()
        self._is_over = False

    def stop(self) -> None:
        """Answer all that wait, and let nobody wait any more."""
        self._is_over = True
        for each in self._waiting:
            each.news()

    async def answer(self, caller: Caller, body: Json) -> list[Json]:
        """Take what came, and return what a socket would have been sent. Raises `Unreadable`."""
        after, frames = number_in(body, "after"), _frames(body)
        last, _ = await self._chat.welcome(caller.visitor)
        if after > last:
            after = 0  # it knows another log: it gets this one
        poll = Poll(caller.language, caller.session.token_hash)
        with self._visitors.listening(caller.visitor, poll):
            answers = [await self._chat.take(caller, each) for each in frames]
            found: list[Json] = [each for each in answers if each is not None]
            poll.woken.clear()
            found += await self._new(caller, after)
            if not found and body.get("wait") is True:
                found = await self._wait_for(poll, caller, after)
        return [*poll.told.values(), *found]

    async def _wait_for(self, poll: Poll, caller: Caller, after: int) -> list[Json]:
        self._waiting.add(poll)
        left = self._wait
        try:
            while not (self._is_over or poll.told) and left > 0:
                begun_at = asyncio.get_running_loop().time()
                with suppress(TimeoutError):
                    await asyncio.wait_for(poll.woken.wait(), left)
                left -= asyncio.get_running_loop().time() - begun_at
                poll.woken.clear()
                if found := await self._new(caller, after):
                    return found
        finally:
            self._waiting.discard(poll)
        return []

    async def _new(self, caller: Caller, after: int) -> list[Json]:
        return [wire(each) for each in await self._chat.after(caller.visitor, after, PAGE)]


def _frames(body: Json) -> list[Any]:
    given = body.get("frames") or []
    if not isinstance(given, list) or len(given) > MOST_FRAMES:
        raise Unreadable("no frames")
    if not all(isinstance(each, dict) for each in given):
        raise Unreadable("no frame")
    return [read_frame(each) for each in given]
