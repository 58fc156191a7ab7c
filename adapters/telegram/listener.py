"""Takes in what customers do. Telegram is told so only after the desk has stored it.

Rules: core.telegram.org/bots/api, "Getting updates": an update is confirmed by a call of
getUpdates with a higher offset, or by answering the webhook with 200.
"""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import chain, repeat
from typing import Any

import structlog
from telegram import Bot, BotCommand
from telegram.error import Conflict, RetryAfter, TelegramError

from core.events import Command
from core.phrases import Phrase
from core.ports import Clock, Incoming
from core.wording import Phrasebook

from .parse import parse_update
from .request import POLL_GRACE, RawBot, seconds_to_wait

Json = dict[str, Any]
Receive = Callable[[Sequence[Incoming]], Awaitable[None]]
"""Stores events; what it returned from is safe."""
OnUnreadable = Callable[[int, Json], Awaitable[None]]
"""Keeps an update that could not be understood: its id, and what Telegram sent.

What comes twice is told twice.
"""

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds to wait after the first failure, the second, …; the last for all that follow."""

_log = structlog.get_logger()

_KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
LONG_POLL = 30
"""Seconds; an outage shows within these and the grace, so within a minute."""
_BATCH = 100
_WEBHOOK_CONNECTIONS = 40

_COMMANDS: dict[Command, Phrase] = {
    Command.START: Phrase.COMMAND_START,
    Command.HELP: Phrase.COMMAND_HELP,
    Command.STATUS: Phrase.COMMAND_STATUS,
    Command.CANCEL: Phrase.COMMAND_CANCEL,
    Command.LANGUAGE: Phrase.COMMAND_LANGUAGE,
    Command.END: Phrase.COMMAND_END,
}
_MENUS = (("en", None), ("sr", "sr"))
"""The desk's language for whom Telegram has it by that code; None is for all others."""


class Reception:
    """Hands raw updates to the desk, and then tells Telegram which buttons have been pressed."""

    def __init__(
        self, bot: Bot, receive: Receive, clock: Clock, on_unreadable: OnUnreadable | None = None
    ) -> None:
        self._bot = bot
        self._receive = receive
        self._clock = clock
        self._on_unreadable = on_unreadable
        self._answers: set[asyncio.Task[None]] = set()

    async def take(self, updates: Sequence[Json]) -> None:
        """Return when all of *updates* are stored. Raises whatever storing them raises."""
        incoming = [found for raw in updates if (found := await self._read(raw))]
        if incoming:
            await self._receive(incoming)
        for raw in updates:
            match raw:
                case {"callback_query": {"id": str(query_id)}}:
                    self._answer(query_id)

    async def _read(self, raw: Json) -> Incoming | None:
        try:
            return parse_update(raw, self._clock.now())
        except Exception as error:  # whatever is wrong with one update must not stop the others
            _log.error(
                "telegram_update_unreadable",
                update_id=raw["update_id"],
                error=type(error).__name__,
            )
        if self._on_unreadable is not None:
            await self._on_unreadable(raw["update_id"], raw)
        return None

    def _answer(self, query_id: str) -> None:
        """Stop the button's progress bar; nothing depends on it ("answerCallbackQuery")."""
        task = asyncio.create_task(self._answer_quietly(query_id))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer_quietly(self, query_id: str) -> None:
        with suppress(TelegramError):
            await self._bot.answer_callback_query(query_id)

    async def close(self) -> None:
        """Leave the answers that are still on their way."""
        tasks = list(self._answers)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class TelegramPolling:
    """Asks Telegram for updates, and confirms them only when they are stored.

    One program at a time may poll with a token. Give it a bot of its own if the other one is
    busy, so that no poll waits for a connection.
    """

    def __init__(
        self,
        bot: RawBot,
        receive: Receive,
        clock: Clock,
        *,
        on_unreadable: OnUnreadable | None = None,
        pauses: Sequence[float] = PAUSES,
        long_poll: int = LONG_POLL,
        grace: float = POLL_GRACE,
    ) -> None:
        """Let Telegram wait for *long_poll* seconds for something to tell.

        A line on which there is no answer for *grace* seconds more is given up, and made anew.
        """
        self._bot = bot
        self._clock = clock
        self._long_poll = long_poll
        self._grace = grace
        self._reception = Reception(bot, receive, clock, on_unreadable)
        self._pauses = pauses
        self._webhook_may_be_set = True
        self._offset = 0
        self._storing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._again: asyncio.TimerHandle | None = None
        self._last_success = clock.monotonic()

    async def start(self) -> None:
        """Begin to poll. Nothing that Telegram keeps for the desk is thrown away."""
        self._last_success = self._clock.monotonic()
        self._begin()

    async def stop(self) -> None:
        """Stop between two batches; what is not stored is not confirmed."""
        if self._again is not None:
            self._again.cancel()
        if self._task is not None:
            self._task.remove_done_callback(self._on_death)
            async with self._storing:
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._reception.close()

    def is_alive(self, within: float = 60) -> bool:
        """Whether it polls, and took a batch, even an empty one, in the last *within* seconds."""
        polls = self._task is not None and not self._task.done()
        return polls and self._clock.monotonic() - self._last_success <= within

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._run(), name="telegram polling")
        self._task.add_done_callback(self._on_death)

    def _on_death(self, task: asyncio.Task[None]) -> None:
        """Begin anew: the task never ends by itself, but somebody may have cancelled it."""
        cause = "cancelled" if task.cancelled() else type(task.exception()).__name__
        _log.error("telegram_polling_died", cause=cause, pause=self._pauses[0])
        self._again = asyncio.get_running_loop().call_later(self._pauses[0], self._begin)

    async def _run(self) -> None:
        failures = 0
        while True:
            try:
                # After a failure the first poll does not wait, so that the end of it shows at once.
                await self._take_batch(timeout=0 if failures else self._long_poll)
                failures = 0
            except Exception as error:  # this loop outlives whatever goes wrong
                pause = self._pauses[min(failures, len(self._pauses) - 1)]
                if isinstance(error, RetryAfter):
                    pause = seconds_to_wait(error)
                # Another program polls with this token, or has set a webhook.
                self._webhook_may_be_set |= isinstance(error, Conflict)
                _log.warning("telegram_polling_failed", error=type(error).__name__, pause=pause)
                failures += 1
                await asyncio.sleep(pause)

    async def _take_batch(self, timeout: int) -> None:
        if self._webhook_may_be_set:
            await self._delete_webhook()
        updates = await self._poll(timeout)
        if updates:
            async with self._storing:
                await self._reception.take(updates)
                self._offset = updates[-1]["update_id"] + 1
        self._last_success = self._clock.monotonic()

    async def _poll(self, timeout: int) -> list[Json]:
        return await self._bot.raw_updates(
            offset=self._offset,
            limit=_BATCH,
            timeout=timeout,
            allowed_updates=_KINDS,
            grace=self._grace,
        )

    async def _delete_webhook(self) -> None:
        """Let updates wait for polls. A failure shows in the poll, if it matters."""
        self._webhook_may_be_set = False
        try:
            await self._bot.delete_webhook(drop_pending_updates=False)
        except TelegramError as error:
            _log.warning("telegram_webhook_not_deleted", error=type(error).__name__)


class TelegramWebhook:
    """Lets Telegram call the desk, and answers 200 only when the update is stored."""

    def __init__(
        self,
        bot: Bot,
        receive: Receive,
        clock: Clock,
        *,
        url: str,
        secret: str,
        on_unreadable: OnUnreadable | None = None,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        if not secret:
            raise ValueError("without a secret anybody could pretend to be Telegram")
        self._bot = bot
        self._reception = Reception(bot, receive, clock, on_unreadable)
        self._url = url
        self._secret = secret
        self._pauses = pauses
        self._task: asyncio.Task[None] | None = None
        self.is_set = False
        """Whether Telegram has taken the address."""

    async def start(self) -> None:
        """Tell Telegram the address, as often as it takes, without waiting for it."""
        self._task = asyncio.create_task(self._set_webhook(), name="telegram webhook")

    async def stop(self) -> None:
        """Leave the webhook set: Telegram keeps calling, and keeps what is not taken."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._reception.close()

    async def _set_webhook(self) -> None:
        for pause in chain(self._pauses, repeat(self._pauses[-1])):
            try:
                await self._bot.set_webhook(
                    self._url,
                    secret_token=self._secret,
                    allowed_updates=_KINDS,
                    max_connections=_WEBHOOK_CONNECTIONS,
                    drop_pending_updates=False,
                )
            except TelegramError as error:
                _log.warning("telegram_webhook_not_set", error=type(error).__name__, pause=pause)
                await asyncio.sleep(pause)
            else:
                self.is_set = True
                return

    async def handle(self, secret_header: str | None, body: bytes) -> int:
        """Take one update; return the HTTP status to answer with.

        *secret_header* is that of `X-Telegram-Bot-Api-Secret-Token`. 403 for a wrong one, 400 for
        what is no update, 500 if it could not be stored: Telegram repeats it.
        """
        given = (secret_header or "").encode()
        if not hmac.compare_digest(given, self._secret.encode()):
            return 403
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return 400
        if not (isinstance(update, dict) and isinstance(update.get("update_id"), int)):
            return 400
        try:
            await self._reception.take([update])
        except Exception as error:
            _log.error("telegram_update_not_stored", error=type(error).__name__)
            return 500
        return 200


async def register_commands(bot: Bot, phrasebook: Phrasebook) -> None:
    """Put the desk's commands into the chat's menu. A failure is logged: the desk runs without."""
    for language, code in _MENUS:
        commands = [
            BotCommand(command.value, phrasebook.phrase(language, phrase))
            for command, phrase in _COMMANDS.items()
        ]
        try:
            await bot.set_my_commands(commands, language_code=code)
        except TelegramError as error:
            _log.warning("telegram_commands_not_set", language=language, error=type(error).__name__)
