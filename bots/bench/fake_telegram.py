"""Telegram's Bot API, as little of it as a relay needs, and fast.

Forms: core.telegram.org/bots/api, "Getting updates", "sendMessage".
"""

import asyncio
import json
import re
import time
from collections.abc import Sequence
from urllib.parse import parse_qs

from aiohttp import web

from bots.bench.ledger import Ledger
from bots.bench.talk import Mark, chat_of

_CHAT = re.compile(rb'chat_id(?:=|": ?)(\d+)')
_MOST = 100
_OK = b'{"ok":true,"result":true}'
_ME = (
    b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"Bench","username":"bench_bot",'
    b'"can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false}}'
)


class FakeTelegram:
    """One bot's account."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self._updates: list[tuple[int, str]] = []
        self._next_update = 1
        # Higher than in any run before: to the desk, the same id is the same message.
        self._next_message = time.time_ns() // 100_000 % 2**31
        self._spoken = asyncio.Event()

    async def speak(self, marks: Sequence[Mark]) -> None:
        """Have customers write these."""
        self._updates += [(self._next_update + i, self._update(i, m)) for i, m in enumerate(marks)]
        self._next_update += len(marks)
        self._spoken.set()

    async def answer(self, method: str, request: web.BaseRequest) -> web.Response:
        """Answer a call of the Bot API."""
        body = await request.read()
        match method:
            case "sendMessage":
                self.ledger.hear(body)
                return _response(self._sent(body))
            case "getUpdates":
                return _response(await self._wait_for_updates(body))
            case "getMe":
                return _response(_ME)
        return _response(_OK)

    async def _wait_for_updates(self, body: bytes) -> bytes:
        asked = parse_qs(body.decode())
        offset, timeout = (int(asked.get(name, ["0"])[0]) for name in ("offset", "timeout"))
        limit = int(asked.get("limit", [str(_MOST)])[0])
        self._updates = [each for each in self._updates if each[0] >= offset]
        until = time.monotonic() + timeout
        while not self._updates and (left := until - time.monotonic()) > 0:
            self._spoken.clear()
            try:
                await asyncio.wait_for(self._spoken.wait(), left)
            except TimeoutError:
                break
        texts = (text for _, text in self._updates[:limit])
        return f'{{"ok":true,"result":[{",".join(texts)}]}}'.encode()

    def _update(self, index: int, mark: Mark) -> str:
        chat = chat_of(mark.conversation)
        person = {"id": chat, "first_name": "Ana", "last_name": f"{mark.conversation}"}
        message = {
            "message_id": self._message_id(),
            "from": {**person, "is_bot": False, "language_code": "en"},
            "chat": {**person, "type": "private"},
            "date": int(time.time()),
            "text": mark.text(),
        }
        return json.dumps({"update_id": self._next_update + index, "message": message})

    def _sent(self, body: bytes) -> bytes:
        found = _CHAT.search(body)
        chat = int(found[1]) if found else 0
        return (
            b'{"ok":true,"result":{"message_id":%d,"from":{"id":1,"is_bot":true,'
            b'"first_name":"Bench","username":"bench_bot"},"chat":{"id":%d,"first_name":"Ana",'
            b'"type":"private"},"date":%d,"text":"sent"}}'
        ) % (self._message_id(), chat, int(time.time()))

    def _message_id(self) -> int:
        self._next_message += 1
        return self._next_message


def _response(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")
