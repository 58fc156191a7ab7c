"""The fake platforms' process: `python -m bots.bench.fakes` prints its port.

Telegram is at `/bot<token>/<method>`, Slack at `/slack/<method>` and `/socket`. Whoever measures
posts to `/set`, `/run` and `/converse`, and gets what came of it, pickled.
"""

import asyncio
import json
import pickle
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from bots.bench.browsers import browsers
from bots.bench.fake_slack import FakeSlack
from bots.bench.fake_telegram import FakeTelegram
from bots.bench.ledger import Ledger
from bots.bench.talk import Mark, Outcome, Script

Speak = Callable[[Sequence[Mark]], Awaitable[None]]


class Fakes:
    """Both platforms, and what is said on them."""

    def __init__(self, url: str) -> None:
        self.telegram = FakeTelegram()
        self.slack = FakeSlack(url)
        self._latency = 0.0

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer any request."""
        path = request.path
        if path.startswith("/bot"):
            answer = await self.telegram.answer(path.rpartition("/")[2], request)
        elif path.startswith("/slack/"):
            answer = await self.slack.answer(path.removeprefix("/slack/"), request)
        elif path == "/socket":
            return await self.slack.socket(request)
        else:
            return await self._control(path, json.loads(await request.read()))
        if self._latency:
            await asyncio.sleep(self._latency)
        return answer

    async def _control(self, path: str, given: dict[str, Any]) -> web.Response:
        if path == "/run":
            return web.Response(body=pickle.dumps(await self._run(Script(**given))))
        if path == "/converse":
            door, script = given.pop("door"), Script(**given)
            return web.Response(body=pickle.dumps(await self._converse(script, door)))
        self._latency = given.get("latency", 0.0)
        self.slack.posts_per_second = given.get("posts_per_second")
        self.slack.threads = given.get("threads", self.slack.threads)
        return web.Response()

    async def _run(self, script: Script) -> Outcome:
        self.telegram.ledger = self.slack.ledger = ledger = Ledger()
        speak = self.slack.speak if script.agents else self.telegram.speak
        speaking = asyncio.create_task(self._speak(script, ledger, speak))
        await self._arrived(script, ledger, speaking)
        return ledger.outcome(script)

    async def _converse(self, script: Script, door: str) -> tuple[Outcome, Outcome]:
        """Have visitors speak, and agents answer at once; return what became of each way."""
        self.slack.ledger, self.slack.answers = asked, answered = Ledger(), Ledger()
        here = range(script.first, script.first + script.conversations)
        try:
            async with browsers(door, here, answered) as speak:
                speaking = asyncio.create_task(self._speak(script, asked, speak))
                await self._arrived(script, asked, speaking)
                await self._arrived(script, answered, speaking)
        finally:
            self.slack.answers = None
        return asked.outcome(script), answered.outcome(script)

    async def _arrived(self, script: Script, ledger: Ledger, speaking: asyncio.Task[None]) -> None:
        """Return when all has been said and has arrived, or nothing arrives any more."""
        left = True
        while left and (not speaking.done() or ledger.under_way):
            left = await ledger.progress(script.patience)
        speaking.cancel()

    async def _speak(self, script: Script, ledger: Ledger, speak: Speak) -> None:
        marks, began = script.marks(), time.monotonic()
        step = 1 if script.per_second or script.window else len(marks)
        for number in range(0, len(marks), step):
            if script.per_second:
                await asyncio.sleep(began + number / script.per_second - time.monotonic())
            while script.window and ledger.under_way >= script.window:
                await ledger.progress(script.patience)
            together = marks[number : number + step]
            ledger.say(together)
            await speak(together)


async def serve() -> None:
    """Serve on a free port until the process is ended."""
    handler: Fakes | None = None

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return await handler.handle(request) if handler else web.Response(status=503)

    runner = web.ServerRunner(web.Server(handle, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    handler = Fakes(f"http://{host}:{port}")
    print(port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
