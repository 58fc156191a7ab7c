"""A program of the house's that is told of tickets: a real web server, which may be in trouble."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from tests.support.waiting import until

SECRET = "whsec_cG9kcsWha2EgdGVzdHMgYSBzZWNyZXQgb2YgMzI="


@dataclass(frozen=True)
class Told:
    """A call that came."""

    id: str
    body: bytes
    answer: int
    is_signed: bool

    @property
    def content(self) -> Any:
        """What the body says."""
        return json.loads(self.body)


@dataclass
class Program:
    """Takes what it is told, or answers as it is made to."""

    answers: list[int] = field(default_factory=list)
    """How the next calls are answered, one after the other; 0 cuts the line. Then all is well."""
    headers: dict[str, str] = field(default_factory=dict)
    """What stands beside an answer that is no success."""
    patience: asyncio.Event | None = None
    """Answers wait for this."""
    calls: list[Told] = field(default_factory=list)
    url: str = ""

    @property
    def told(self) -> list[Told]:
        """What it has taken, each once."""
        taken = {each.id: each for each in self.calls if each.answer < 300}
        return list(taken.values())

    def in_words(self) -> list[str]:
        """Return what it was told, in the order in which it took it."""
        return [_words(each.content) for each in self.told]

    async def until(self, *words: str) -> None:
        """Return when it has been told exactly this, in this order."""
        await until(lambda: self.in_words() == list(words))

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        answer = self.answers.pop(0) if self.answers else 204
        headers = {key.lower(): value for key, value in request.headers.items()}
        told = Told(headers["webhook-id"], body, answer or 999, _is_signed(headers, body))
        if self.patience is not None:
            await self.patience.wait()
        self.calls.append(told)
        if not answer:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=answer or 500, headers=self.headers if answer >= 300 else None)


def _is_signed(headers: dict[str, str], body: bytes) -> bool:
    """Whether the signature is right at the time that it names; the tests' clock is moved."""
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=UTC)
    signature = Webhook(SECRET).sign(headers["webhook-id"], at, body.decode())
    return headers["webhook-signature"] == signature


def _words(content: Any) -> str:
    data = content["data"]
    message = data.get("message")
    what = f"{message['side']}: {message['text']}" if message else data["ticket"]["status"]
    return f"{content['type'].removeprefix('ticket.')} {what}"


@asynccontextmanager
async def program(port: int = 0) -> AsyncIterator[Program]:
    """Run a program inside the block, on loopback."""
    there = Program()
    app = web.Application()
    app.router.add_post("/hook", there.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    there.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield there
    finally:
        await runner.cleanup()
