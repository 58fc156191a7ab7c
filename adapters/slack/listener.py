"""What comes from Slack: over Socket Mode, or by HTTP.

An event is acknowledged after the desk has stored it, never before: a failure on the way leaves it
unacknowledged, and Slack tells it again. Bolt's defaults would acknowledge first, and would drop
events of ours that we want to judge ourselves (docs.slack.dev, "Events API", "Using Socket Mode").
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from starlette.requests import Request
from starlette.responses import Response

from adapters.slack.errors import NotAcceptedError, translated
from adapters.slack.parse import ACTIONS, Ourselves, author_of, parse_action, parse_event
from adapters.slack.people import People
from core.errors import GiveUp, Retry
from core.ports import Clock, Incoming

log = logging.getLogger(__name__)

Receive = Callable[[Sequence[Incoming]], Awaitable[None]]
Json = Mapping[str, Any]

_ANY = re.compile(".*")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds
_PING_EVERY = 5.0  # seconds; a line that answers none is replaced by the SDK within 25
_PATIENCE = 5.0  # seconds for a start to wait for the line


class SlackLoginError(Exception):
    """Slack does not accept a token; the message says which one, and Slack's word for it."""


class SlackListener:
    """Hears what agents write and press, and hands it to the desk."""

    def __init__(
        self,
        client: AsyncWebClient,
        people: People,
        receive: Receive,
        clock: Clock,
        *,
        app_token: str = "",
        signing_secret: str = "",
        connected: Callable[[], None] = lambda: None,
    ) -> None:
        """With an *app_token* it listens over Socket Mode, else by `http_handler`.

        *receive* returns when the events are stored, and raises when they are not. *connected* is
        called with each new connection of Socket Mode, over HTTP once the desk has logged in:
        before, something may have been missed.
        """
        self._client = client
        self._people = people
        self._receive = receive
        self._clock = clock
        self._app_token = app_token
        self._connected = connected
        self._verifier = SignatureVerifier(signing_secret) if signing_secret else None
        self._login: AuthorizeResult | None = None
        self._socket: AsyncSocketModeHandler | None = None
        self._tasks: list[asyncio.Task[None]] = []

        async def authorize() -> AuthorizeResult:  # Bolt would take a method's self for an argument
            return self._who_we_are()

        self.app = _make_app(client, authorize)
        """Bolt's application; commands and views of others are added to it before `start`."""

    async def start(self) -> None:
        """Log in, and connect if it is Socket Mode; while Slack is away, go on trying.

        Raises `SlackLoginError`: that is for the operator to mend.
        """
        self.app.event("message")(self._on_message)
        self.app.event(_ANY)(_ignore)  # what nobody takes would be told again, and count as failed
        for action_id in ACTIONS:
            self.app.action(action_id)(self._on_action)
        try:
            await self._log_in()
        except Retry as away:
            log.warning("Slack cannot be listened to yet: %s", away)
        self._tasks.append(asyncio.create_task(self._stay_connected()))

    async def stop(self) -> None:
        """Disconnect; what is not acknowledged by then is told again later."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close_async()  # type: ignore[no-untyped-call]

    async def is_connected(self) -> bool:
        """Say whether Slack reaches the desk: the socket is alive, or over HTTP, we are ready."""
        if self._app_token:
            return self._socket is not None and await self._socket.client.is_connected()
        return self._login is not None

    async def reconnect(self) -> None:
        """Replace the connection, which seems deaf; over HTTP there is none to replace."""
        if self._socket is not None:
            await self._socket.client.connect_to_new_endpoint(force=True)

    async def read(self, body: Json) -> Incoming | None:
        """Return what a `message` event brings the desk; None for nothing.

        Raises RuntimeError before the login.
        """
        ourselves = self._us()
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
        """Learn who we are, and connect. Raises `Retry` and `SlackLoginError`."""
        auth = await _accepted("SLACK_BOT_TOKEN", self._client.auth_test())
        self._login = AuthorizeResult(
            enterprise_id=auth.get("enterprise_id"),
            team_id=auth["team_id"],
            bot_token=self._client.token,
            bot_id=auth.get("bot_id"),
            bot_user_id=auth["user_id"],
        )
        if self._app_token:
            # Asked for here because Bolt would go on asking with a wrong token for ever.
            opened = self._client.apps_connections_open(app_token=self._app_token)
            await self._connect((await _accepted("SLACK_APP_TOKEN", opened))["url"])
        else:
            self._connected()

    async def _connect(self, url: str) -> None:
        self._socket = AsyncSocketModeHandler(
            self.app, self._app_token, web_client=self._client, ping_interval=_PING_EVERY
        )
        self._socket.client.wss_uri = url
        self._socket.client.message_listeners.append(self._on_frame)
        connecting = asyncio.create_task(self._socket.connect_async())  # type: ignore[no-untyped-call]
        self._tasks.append(connecting)
        await asyncio.wait({connecting}, timeout=_PATIENCE)

    async def _stay_connected(self) -> None:
        pause = _FIRST_PAUSE
        while self._login is None or (self._app_token and self._socket is None):
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            try:
                await self._log_in()
            except (Retry, SlackLoginError) as error:
                log.warning("Slack cannot be listened to yet: %s", error)
        while self._socket is not None:
            await asyncio.sleep(_LONGEST_PAUSE)
            if not await self.is_connected():
                # Slack's addresses work once: the SDK would go on trying one that is used up.
                self._socket.client.wss_uri = None

    def _who_we_are(self) -> AuthorizeResult:
        """Return what Bolt would ask Slack for; a refusal would make it discard the event."""
        if self._login is None:
            raise RuntimeError("the listener has not been started")
        return self._login

    async def _on_message(self, body: dict[str, Any]) -> None:
        incoming = await self.read(body)
        if incoming is not None:
            await self._receive([incoming])

    async def _on_frame(self, _client: object, frame: Json, _raw: str | None) -> None:
        if frame.get("type") == "hello":  # Slack's first word over a new connection
            self._connected()

    async def _on_action(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        incoming = parse_action(
            body,
            self._clock.now(),
            ourselves=self._us(),
            agent_name=await self._people.name(body["user"]["id"]),
        )
        if incoming is not None:
            await self._receive([incoming])
        await ack()

    def _us(self) -> Ourselves:
        login = self._who_we_are()
        return Ourselves(login.team_id or "", login.bot_user_id or "")

    def _is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether Slack signed it; the SDK's own check raises on headers that make no sense."""
        try:
            verifier = self._verifier
            return verifier is not None and verifier.is_valid_request(body, dict(headers))
        except (ValueError, TypeError):
            return False


def _make_app(
    client: AsyncWebClient, authorize: Callable[[], Awaitable[AuthorizeResult]]
) -> AsyncApp:
    # The client that Bolt is given has no token: each request gets it from *authorize*.
    nameless = AsyncWebClient(base_url=client.base_url, session=client.session, retry_handlers=[])
    return AsyncApp(
        name="podrska",
        client=nameless,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,  # `http_handler` does it, before anything else
        ignoring_self_events_enabled=False,
    )


async def _accepted(setting: str, call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Return the answer to a call with the token of *setting*. Raises as `_log_in` does."""
    try:
        with translated(harmless=True):
            return await call
    except (NotAcceptedError, GiveUp) as error:
        raise SlackLoginError(f"{setting}: {error.reason}") from None


async def _ignore() -> None:
    """Acknowledge an event that means nothing to the desk."""
