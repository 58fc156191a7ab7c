"""Slack's Web API and Socket Mode, as little of them as a relay needs, and fast.

Forms: docs.slack.dev, "chat.postMessage", "Using Socket Mode", "message event". Our own posts do
not come back as events here, as they do from Slack to an app that listens to its room.
"""

import asyncio
import itertools
import json
import math
import re
import time
from collections import defaultdict
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from aiohttp import WSMsgType, web

from bots.bench.ledger import Ledger
from bots.bench.talk import AGENT, BOT_USER, ROOM, ROOM_ID, TEAM, Mark, thread_ts
from core.pace import Pace, Toll

_PAGE = 1000
_AGAIN_AFTER = (3.0, 60.0)
"""Seconds without an acknowledgement after which an event is told again ("Events API")."""
_THREAD = re.compile(rb'"thread_ts": ?"([0-9.]+)"')


class FakeSlack:
    """One workspace with one room, in which each conversation has its thread."""

    def __init__(self, url: str) -> None:
        self.ledger = Ledger()
        self.threads = 0
        """How many threads the room has."""
        self.answers: Ledger | None = None
        """Where it is written down that an agent answers each message at once, if one does."""
        self.posts_per_second: float | None = None
        """What the room takes; None: any number."""
        self._socket_url = url.replace("http", "ws", 1) + "/socket"
        self._pace = Pace()
        self._last_ts = 0.0
        self._sockets: list[web.WebSocketResponse] = []
        self._numbers = itertools.count(1)
        self._said: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        """What agents wrote in each thread, by its `ts`."""
        self._unacknowledged: set[str] = set()
        self._telling: set[asyncio.Task[None]] = set()

    async def answer(self, method: str, request: web.BaseRequest) -> web.Response:
        """Answer a call of the Web API."""
        body = await request.read()
        match method:
            case "chat.postMessage":
                if (wait := self._wait()) > 0:
                    self.ledger.refused += 1
                    return _too_fast(wait)
                heard = self.ledger.hear(body)
                if self.answers is not None:
                    self.answers.say(heard)
                    self._soon(self.speak(heard))
                return _response(_posted(self._ts(), body))
            case "conversations.history":
                return _json(self._history(request.query))
            case "conversations.replies":
                return _json(self._replies(request.query))
            case _:
                return _json({"ok": True, **self._plain(method)})

    async def socket(self, request: web.BaseRequest) -> web.WebSocketResponse:
        """Serve a connection of Socket Mode until it ends."""
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {}})
        self._sockets.append(socket)
        try:
            async for frame in socket:
                if frame.type == WSMsgType.TEXT:
                    self._unacknowledged.discard(json.loads(frame.data).get("envelope_id"))
        finally:
            self._sockets.remove(socket)
        return socket

    async def speak(self, marks: Sequence[Mark]) -> None:
        """Have an agent write these in their threads; without a connection nobody hears them."""
        for mark in marks:
            event = self._event(mark)
            self._said[event["thread_ts"]].append(event)
            await self._tell(event)

    async def _tell(self, event: dict[str, Any], attempt: int = 0) -> None:
        if not self._sockets:
            return
        envelope_id = f"envelope-{next(self._numbers)}"
        self._unacknowledged.add(envelope_id)
        if attempt < len(_AGAIN_AFTER):
            loop = asyncio.get_running_loop()
            loop.call_later(_AGAIN_AFTER[attempt], self._tell_again, envelope_id, event, attempt)
        await self._sockets[-1].send_str(_envelope(envelope_id, event, attempt))

    def _tell_again(self, envelope_id: str, event: dict[str, Any], attempt: int) -> None:
        if envelope_id in self._unacknowledged:
            self._soon(self._tell(event, attempt + 1))

    def _soon(self, telling: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(telling)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    def _wait(self) -> float:
        """Return the seconds after which the room takes another post; 0 now, and that is one."""
        if self.posts_per_second is None:
            return 0.0
        tolls, now = [Toll(ROOM_ID, self.posts_per_second, burst=4)], time.monotonic()
        wait = self._pace.free_at(tolls, now) - now
        if wait <= 0:
            self._pace.spend(tolls, now)
        return wait

    def _replies(self, asked: Mapping[str, str]) -> dict[str, Any]:
        after = asked.get("oldest") or ""
        found = [each for each in self._said[asked.get("ts", "")] if each["ts"] > after]
        return {"ok": True, "messages": found, "response_metadata": {"next_cursor": ""}}

    def _history(self, asked: Mapping[str, str]) -> dict[str, Any]:
        first = int(asked.get("cursor") or 0)
        last = min(first + min(int(asked.get("limit") or _PAGE), _PAGE), self.threads)
        cards = [
            {"type": "message", "user": BOT_USER, "bot_id": "B0", "text": "", "ts": thread_ts(each)}
            for each in range(first, last)
        ]
        cursor = str(last) if last < self.threads else ""
        return {"ok": True, "messages": cards, "response_metadata": {"next_cursor": cursor}}

    def _plain(self, method: str) -> dict[str, Any]:
        """Return what the methods answer that are called now and then."""
        room = {"id": ROOM_ID, "name": ROOM, "is_member": True}
        profile = {"display_name": "Marko", "real_name": "Marko"}
        answers: dict[str, dict[str, Any]] = {
            "auth.test": {"team_id": TEAM, "user_id": BOT_USER, "bot_id": "B0", "user": "bench"},
            "apps.connections.open": {"url": self._socket_url},
            "conversations.list": {"channels": [room], "response_metadata": {"next_cursor": ""}},
            "users.info": {"user": {"id": AGENT, "name": "marko", "profile": profile}},
            "chat.update": {"channel": ROOM_ID, "ts": thread_ts(0)},
        }
        return answers.get(method, {})

    def _event(self, mark: Mark) -> dict[str, Any]:
        ts, text = self._ts(), mark.text()
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
        return {
            "type": "message",
            "user": AGENT,
            "team": TEAM,
            "channel": ROOM_ID,
            "channel_type": "channel",
            "text": text,
            "blocks": [{"type": "rich_text", "block_id": "b", "elements": [section]}],
            "client_msg_id": f"bench-{ts}",
            "thread_ts": thread_ts(mark.conversation),
            "ts": ts,
            "event_ts": ts,
        }

    def _ts(self) -> str:
        """Return a moment that no other message has."""
        self._last_ts = max(time.time(), self._last_ts + 2e-6)
        return f"{self._last_ts:.6f}"


def _envelope(envelope_id: str, event: dict[str, Any], attempt: int) -> str:
    payload = {
        "token": "x",
        "team_id": TEAM,
        "api_app_id": "A0BENCH000",
        "type": "event_callback",
        "event_id": f"Ev{event['ts']}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        "event": event,
    }
    envelope = {
        "envelope_id": envelope_id,
        "type": "events_api",
        "accepts_response_payload": False,
        "retry_attempt": attempt,
        "retry_reason": "timeout" if attempt else "",
        "payload": payload,
    }
    return json.dumps(envelope)


def _posted(ts: str, body: bytes) -> bytes:
    """Return the answer to a post; it says in which thread the post stands."""
    thread = _THREAD.search(body)
    within = f'"thread_ts":"{thread[1].decode()}",' if thread else ""
    return (
        f'{{"ok":true,"channel":"{ROOM_ID}","ts":"{ts}","message":{{"type":"message",{within}'
        f'"user":"{BOT_USER}","bot_id":"B0","text":"","ts":"{ts}"}}}}'
    ).encode()


def _response(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


def _json(answer: dict[str, Any]) -> web.Response:
    return _response(json.dumps(answer).encode())


def _too_fast(seconds: float) -> web.Response:
    headers = {"Retry-After": str(math.ceil(seconds))}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
