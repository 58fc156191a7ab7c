"""The HTTP side of the sandbox's Telegram, and the handle by which tests and the demo hold it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web

from ..clock import Clock
from ..faults import Fault, FaultKind, Faults
from .account import ABOUT, shown_commands
from .customer import Customer
from .limits import Limits, Pace
from .media import MAX_UPLOAD, StoredFile
from .methods import SPEAKING
from .receiving import Receiving
from .state import CallbackAnswer, Chat, State
from .wire import ApiError, Json, Params, read_params, refusal, too_many_requests

TOKEN = "7000000001:AAsandboxsandboxsandboxsandbox12345"
"""A token as BotFather makes them, which opens nothing."""
DOWNLOAD = "download"
"""The name by which a fault of the next file download is planned."""

_REMEMBERED_CALLS = 10_000
_FIRST_CHAT_ID = 7_100_000_001  # beyond 32 bits, as new accounts are
_BODY_ROOM = 2**20


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call that the bot made."""

    method: str
    params: Json
    at: datetime


class _Cut(Exception):
    """The connection breaks instead of an answer."""


class TelegramServer:
    """A Telegram with one bot, on loopback. It can be stopped and started without forgetting."""

    def __init__(
        self, clock: Clock, token: str = TOKEN, port: int = 0, limits: Limits | None = None
    ) -> None:
        self.token = token
        self.faults = Faults()
        self.calls: deque[Call] = deque(maxlen=_REMEMBERED_CALLS)
        self._state = State(clock, bot_id=int(token.partition(":")[0]))
        self._customers: dict[int, Customer] = {}
        self._receiving = Receiving(self._state.queue)
        self._pace = Pace(limits or Limits())
        self._port = port
        self._runner: web.AppRunner | None = None
        self._methods = self._all_methods()

    # The server.

    async def start(self) -> None:
        """Listen on 127.0.0.1; the first start chooses the port, later ones keep it."""
        app = web.Application(client_max_size=MAX_UPLOAD + _BODY_ROOM)
        app.router.add_route("*", "/bot{token}/{method}", self._answer_call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._answer_download)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._receiving.resume()

    async def stop(self) -> None:
        """Stop listening and delivering; chats, files and waiting updates stay in memory."""
        await self._receiving.pause()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """The address of this Bot API server, known after the start."""
        return f"http://127.0.0.1:{self._port}"

    def _all_methods(self) -> dict[str, tuple[str, Callable[[Params], Any]]]:
        """Return each method under its lower-case name: the Bot API ignores case."""
        methods: dict[str, Callable[[Params], Any]] = {
            name: partial(method, self._state) for name, method in (SPEAKING | ABOUT).items()
        }
        methods |= {
            "getUpdates": self._receiving.get_updates,
            "setWebhook": self._receiving.set_webhook,
            "deleteWebhook": self._receiving.delete_webhook,
            "getWebhookInfo": self._receiving.get_webhook_info,
        }
        return {name.lower(): (name, method) for name, method in methods.items()}

    async def _answer_call(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
            name, method = self._method(request.match_info["method"])
            params = await read_params(request)
            self.calls.append(Call(method=name, params=dict(params.values), at=self._now()))
            fault = self.faults.take(name)
            _fail_before(fault)
            self._check_pace(name, params)
            result = method(params)
            if isinstance(result, Awaitable):
                result = await result
            await _fail_after(fault)
        except ApiError as error:
            return error.answer()
        except web.HTTPRequestEntityTooLarge:
            return ApiError(413, "Request Entity Too Large").answer()
        except _Cut:
            return _cut(request)
        return web.json_response({"ok": True, "result": result})

    async def _answer_download(self, request: web.Request) -> web.Response:
        fault = self.faults.take(DOWNLOAD)
        try:
            self._check_token(request)
            _fail_before(fault)
            file = self._state.files.at(request.match_info["path"])
            if file is None:
                raise ApiError(404, "Not Found")
            await _fail_after(fault)
        except ApiError as error:
            return error.answer()
        except _Cut:
            return _cut(request)
        return web.Response(body=file.content, content_type="application/octet-stream")

    def _check_token(self, request: web.Request) -> None:
        if request.match_info["token"] != self.token:
            raise ApiError(401, "Unauthorized")

    def _method(self, name: str) -> tuple[str, Callable[[Params], Any]]:
        try:
            return self._methods[name.lower()]
        except KeyError:
            raise ApiError(404, "Not Found") from None

    def _check_pace(self, name: str, params: Params) -> None:
        if name.startswith(("send", "edit")):
            wait = self._pace.seconds_to_wait(params.text("chat_id"))
            if wait:
                raise too_many_requests(wait)

    def _now(self) -> datetime:
        return self._state.clock.now()

    # The people, and what they and the bot leave behind.

    def customer(
        self,
        first_name: str,
        *,
        language_code: str | None = "sr",
        last_name: str | None = None,
        username: str | None = None,
    ) -> Customer:
        """Return a new person with a phone, who has not yet written to the bot."""
        chat_id = _FIRST_CHAT_ID + len(self._customers)
        details = {
            "id": chat_id,
            "is_bot": False,
            "first_name": first_name,
            "last_name": last_name,
            "username": username,
            "language_code": language_code,
        }
        user = {key: value for key, value in details.items() if value is not None}
        chat = self._state.chats[chat_id] = Chat(user)
        customer = self._customers[chat_id] = Customer(self._state, chat)
        return customer

    @property
    def bot(self) -> Json:
        """The bot, as a user of the platform."""
        return dict(self._state.bot)

    @property
    def customers(self) -> list[Customer]:
        """Everybody with a phone, in the order in which they came."""
        return list(self._customers.values())

    @property
    def answers(self) -> list[CallbackAnswer]:
        """What the bot answered to the buttons that were pressed, in order."""
        return list(self._state.answers)

    @property
    def alerts(self) -> list[str]:
        """The answers that had to be closed by hand."""
        return [answer.text for answer in self._state.answers if answer.alert]

    @property
    def commands(self) -> dict[str, list[Json]]:
        """What a private chat's menu shows, by language code ("" for all other languages)."""
        return shown_commands(self._state)

    def file(self, file_id: str) -> StoredFile:
        """Return a file's content, mime and name. Raises ApiError if there is none."""
        return self._state.files.get(file_id)

    def on_change(self, watcher: Callable[[Customer], None]) -> None:
        """Call *watcher* with the customer after everything that changes what they see."""
        self._state.watchers.append(lambda chat: watcher(self._customers[chat.id]))

    def repeat_last_update(self) -> None:
        """Deliver the latest update a second time. Raises LookupError if there was none."""
        self._state.queue.repeat_last()


def _fail_before(fault: Fault | None) -> None:
    """Let the call fail without an effect, if that is the fault."""
    if fault is None:
        return
    match fault.kind:
        case FaultKind.LIMIT:
            raise too_many_requests(fault.seconds)
        case FaultKind.ERROR:
            raise ApiError(500, "Internal Server Error")
        case FaultKind.REFUSE:
            raise refusal(fault.error)
        case FaultKind.CUT_BEFORE:
            raise _Cut


async def _fail_after(fault: Fault | None) -> None:
    """Spoil the answer to a call that took effect, if that is the fault."""
    if fault is None:
        return
    match fault.kind:
        case FaultKind.ERROR_AFTER:
            raise ApiError(500, "Internal Server Error")
        case FaultKind.CUT_AFTER:
            raise _Cut
        case FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)


def _cut(request: web.Request) -> web.Response:
    """Break the connection; the answer that is returned has nowhere to go."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
