"""Delivers updates to the bot's own address."""

import asyncio
from dataclasses import dataclass

import aiohttp

from .updates import Pending, UpdateQueue
from .wire import Json

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0
"""Seconds between attempts: the platform's first retry comes at once, and its pauses double too,
but up to minutes, for which nobody in front of a sandbox would wait."""
ANSWER_WITHIN = 10.0
"""Seconds after which an attempt has failed."""

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True, kw_only=True)
class WebhookSettings:
    """What the bot asked for with setWebhook."""

    url: str
    secret: str
    max_connections: int


class Webhook:
    """Posts each update until it is taken: in order within a lane, the lanes side by side."""

    def __init__(self, settings: WebhookSettings, queue: UpdateQueue) -> None:
        self.settings = settings
        self.last_error = ""
        self.last_error_at = 0
        self._queue = queue
        self._slots = asyncio.Semaphore(settings.max_connections)
        self._lanes: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._watch = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop delivering; what was not taken stays in the queue."""
        tasks = [self._watch, *self._lanes.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                for lane in {update.lane for update in self._queue.waiting()} - self._lanes.keys():
                    self._lanes[lane] = asyncio.create_task(self._work_off(lane, session))
                await self._queue.bell.heard()

    async def _work_off(self, lane: tuple[str, int], session: aiohttp.ClientSession) -> None:
        pause = 0.0
        while update := self._first(lane):
            async with self._slots:
                taken, retry_after = await self._post(update, session)
            if taken:
                self._queue.forget(update)
                pause = 0.0
            else:
                await asyncio.sleep(retry_after or pause)
                pause = min(max(FIRST_PAUSE, pause * 2), LONGEST_PAUSE)
        del self._lanes[lane]

    def _first(self, lane: tuple[str, int]) -> Pending | None:
        return next((update for update in self._queue.waiting() if update.lane == lane), None)

    async def _post(self, update: Pending, session: aiohttp.ClientSession) -> tuple[bool, float]:
        """Return whether the update was taken, and the seconds that the bot asked to wait."""
        headers = {SECRET_HEADER: self.settings.secret} if self.settings.secret else {}
        try:
            async with session.post(
                self.settings.url, json=update.body(), headers=headers
            ) as answer:
                if answer.ok:
                    return True, 0
                self._failed(f"Wrong response from the webhook: {answer.status} {answer.reason}")
                wait = answer.headers.get("Retry-After", "")
                return False, float(wait) if wait.isdecimal() else 0
        except (aiohttp.ClientError, TimeoutError) as error:
            self._failed(str(error) or "Read timeout expired")
            return False, 0

    def _failed(self, why: str) -> None:
        self.last_error, self.last_error_at = why, self._queue.timestamp()

    def described(self) -> Json:
        """Return the fields of "WebhookInfo" that only a set webhook has."""
        error = {"last_error_date": self.last_error_at, "last_error_message": self.last_error}
        return {
            "url": self.settings.url,
            "max_connections": self.settings.max_connections,
            **(error if self.last_error else {}),
        }
