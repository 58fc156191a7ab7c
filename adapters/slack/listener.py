"""What comes from Slack: over Socket Mode, or by HTTP.

An event is acknowledged after the desk has stored it, never before: a failure on the way leaves it
unacknowledged, and Slack tells it again. Bolt's defaults would acknowledge first, and would drop
events of ours that we want to judge ourselves (docs.slack.dev, "Events API", "Using Socket Mode").

What an agent wrote in a thread waits for its turn, in the order of writing; and where something
written before may have been missed, until the thread has been read back.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response

from adapters.slack.card import MENU
from adapters.slack.connection import Connection, make_app
from adapters.slack.gaps import Gaps
from adapters.slack.jitter import FIRST_HOLD, Jitter
from adapters.slack.login import SlackLoginError, log_in, new_address
from adapters.slack.parse import ACTIONS, Ourselves, author_of, parse_action, parse_event
from adapters.slack.people import People
from adapters.slack.places import Place
from adapters.slack.turns import NotNow, Receive, Turns
from core.ports import Clock, Incoming

log = logging.getLogger(__name__)

Json = Mapping[str, Any]

_ANY = re.compile(".*")
_OF_A_MESSAGE = frozenset({"message_changed", "message_deleted"})
"""The subtypes that tell of a message which was there before."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds
_CHECK_EVERY = 10.0  # seconds
_PATIENCE = 4.0  # seconds for a start to wait for Slack; a stop must not have to wait longer
_LONGEST_HOLD_UP = 1.5  # seconds for a press; to whoever pressed, nothing seems to happen
_NOT_NOW = HTTPStatus.SERVICE_UNAVAILABLE


class SlackListener:
    """Hears what agents write and press, and hands it to the desk."""

    def __init__(
        self,
        client: AsyncWebClient,
        people: People,
        receive: Receive,
        clock: Clock,
        gaps: Gaps,
        *,
        app_token: str = "",
        signing_secret: str = "",
        connected: Callable[[], None] = lambda: None,
        first_hold: float = FIRST_HOLD,
    ) -> None:
        """With an *app_token* it listens over Socket Mode, else by `http_handler`.

        *receive* returns when the events are stored, and raises when they are not. *connected* is
        called with each new connection of Socket Mode, over HTTP once the desk has logged in:
        before, something may have been missed. *first_hold*: see `Jitter`.
        """
        self._client = client
        self._people = people
        self._receive = receive
        self._clock = clock
        self._gaps = gaps
        self._turns = Turns(clock, Jitter(first_hold), gaps, self._store)
        self._app_token = app_token
        self._connected = connected
        self._verifier = SignatureVerifier(signing_secret) if signing_secret else None
        self._login: AuthorizeResult | None = None
        self._to_replace = asyncio.Event()
        self._stopped = False
        self._staying: asyncio.Task[None] | None = None

        async def authorize() -> AuthorizeResult:  # Bolt would take a method's self for an argument
            return self._who_we_are()

        self.app = make_app(client, authorize)
        """Bolt's application; commands and views of others are added to it before `start`."""
        self.is_deaf = False
        """Whether Slack does not tell what it should, although it can be reached."""
        self._connection = Connection(
            self.app, client, app_token, hello=self._on_hello, on_message=self._on_message
        )

    async def start(self) -> None:
        """Log in, and connect if it is Socket Mode; while Slack is away, go on trying.

        Raises `SlackLoginError`: that is for the operator to mend.
        """
        self.app.event("message")(self._on_message_by_http)
        self.app.event(_ANY)(_ignore)  # what nobody takes would be told again, and count as failed
        for action_id in (*ACTIONS, MENU):
            self.app.action(action_id)(self._on_action)
        login = asyncio.create_task(self._log_in())
        await asyncio.wait({login}, timeout=_PATIENCE)
        if login.done() and isinstance(error := login.exception(), SlackLoginError):
            raise error
        self._staying = asyncio.create_task(self._stay_connected(login))

    async def stop(self) -> None:
        """Disconnect; what is not acknowledged by then is told again later."""
        self._stopped = True
        if self._staying is not None:
            self._staying.cancel()
            await asyncio.gather(self._staying, return_exceptions=True)
        await self._connection.close()

    async def is_connected(self) -> bool:
        """Say whether Slack reaches the desk: the socket is alive, or over HTTP, we are ready."""
        return await self._connection.is_alive() if self._app_token else self._login is not None

    def deaf(self) -> None:
        """Take note that Slack does not tell what it should; a connection is replaced.

        Over HTTP there is none to replace: it is over when Slack tells something.
        """
        self.is_deaf = True
        self._to_replace.set()

    async def read(self, body: Json) -> Incoming | None:
        """Return what a `message` event brings the desk; None for nothing.

        Raises RuntimeError before the login.
        """
        ourselves = self.ourselves()
        author = author_of(body, ourselves)
        if author is None:
            return None
        return parse_event(
            body,
            self._clock.now(),
            ourselves=ourselves,
            agent_name=await self._people.name(author),
            names=self._people.names,
        )

    def http_handler(self) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint for `POST /slack/events`: events, buttons and commands alike.

        It answers 401 to what Slack has not signed, and 503 before `start`.
        """
        bolt = AsyncSlackRequestHandler(self.app)

        async def handle(request: Request) -> Response:
            if not self._is_signed(await request.body(), request.headers):
                return Response(status_code=HTTPStatus.UNAUTHORIZED)
            if self._login is None:
                return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
            return await bolt.handle(request)

        return handle

    async def _log_in(self) -> None:
        """Learn who we are, and connect. Raises `Retry` or `SlackLoginError`."""
        self._login = await log_in(self._client)
        if self._app_token:
            await self._connect()
        else:
            self._connected()

    async def _connect(self) -> None:
        """Open a connection, in place of the one there is. Raises `Retry` or `SlackLoginError`."""
        await self._connection.open(await new_address(self._client, self._app_token))

    async def _stay_connected(self, login: Awaitable[None]) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                await login
                if not self._app_token:
                    return
                await self._look_after_connection()
                pause = _FIRST_PAUSE
                login = self._connect()
            except Exception as error:  # the line must come back whatever goes wrong
                log.warning("Slack cannot be listened to yet: %r", error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                login = self._log_in()

    async def _look_after_connection(self) -> None:
        """Return when the connection is to be replaced."""
        self._to_replace.clear()
        while not self._to_replace.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._to_replace.wait(), _CHECK_EVERY)
            if not await self._connection.is_alive():
                self._connection.forget_address()

    def _on_hello(self) -> None:
        self.is_deaf = False
        self._connected()

    def _who_we_are(self) -> AuthorizeResult:
        """Return what Bolt would ask Slack for; a refusal would make it discard the event."""
        if self._login is None:
            raise RuntimeError("the listener has not been started")
        return self._login

    async def _on_message_by_http(
        self, body: Json, request: AsyncBoltRequest
    ) -> BoltResponse | None:
        return await self._on_message(body, _is_first(request))

    async def _on_message(self, body: Json, is_first: bool) -> BoltResponse | None:
        event = body["event"]
        if event.get("subtype") in _OF_A_MESSAGE or "ts" not in event:
            return await self._pass_on(await self.read(body))
        thread, ts = Place(event["channel"], event.get("thread_ts") or event["ts"]), event["ts"]
        if not self._app_token:
            self.is_deaf = False
        self._gaps.told(thread, ts)
        if is_first:
            self._turns.heard(ts)
        if author_of(body, self.ourselves()) is None:
            return None
        with self._gaps.hearing(thread, ts):
            return await _answer(self._turns.take(thread, ts, self.read(body)))

    async def _pass_on(self, incoming: Incoming | None) -> BoltResponse | None:
        """Have stored what waits for no turn."""
        return None if incoming is None else await _answer(self._store([incoming]))

    async def _store(self, incoming: Sequence[Incoming]) -> None:
        """Have events stored. Raises `NotNow` after a stop: the store may be closed."""
        if self._stopped:
            raise NotNow
        await self._receive(incoming)

    async def _on_action(self, ack: AsyncAck, body: dict[str, Any]) -> BoltResponse | None:
        incoming = parse_action(
            body,
            self._clock.now(),
            ourselves=self.ourselves(),
            agent_name=await self._people.name(body["user"]["id"]),
        )
        card, press = body.get("container") or {}, body["actions"][0]
        if "message_ts" in card:  # "Done!" and then a press on "Resolve" come in that order
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_HOLD_UP):
                    thread = Place(card["channel_id"], card.get("thread_ts") or card["message_ts"])
                    await self._turns.none_waits_before(thread, press["action_ts"])
        refused = await self._pass_on(incoming)
        if refused is None:
            await ack()
        return refused

    def ourselves(self) -> Ourselves:
        """Return who we are in which workspace. Raises RuntimeError before the login."""
        login = self._who_we_are()
        return Ourselves(login.team_id or "", login.bot_user_id or "")

    def _is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether Slack signed it; the SDK's own check raises on headers that make no sense."""
        try:
            verifier = self._verifier
            return verifier is not None and verifier.is_valid_request(body, dict(headers))
        except (ValueError, TypeError):
            return False


def _is_first(request: AsyncBoltRequest) -> bool:
    """Whether Slack tells this event for the first time."""
    return request.headers.get("x-slack-retry-num", ["0"])[0] == "0"


async def _answer(storing: Awaitable[None]) -> BoltResponse | None:
    """Return what Slack is answered when it is to tell something again; None once it is stored."""
    try:
        await storing
    except NotNow:
        return BoltResponse(status=_NOT_NOW)
    return None


async def _ignore() -> None:
    """Acknowledge an event that means nothing to the desk."""
