"""The Socket Mode connection: opened, looked after, and replaced as a whole where it is of no use.

The SDK replaces a connection that answers no pings; within a connection that answers them and tells
nothing, it may be the SDK's own tasks that have died. So not only the socket is replaced.

Messages, by far the most of what comes, go past Bolt: its way to their one listener costs more CPU
than all else that is done to hear them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

OnMessage = Callable[[Mapping[str, Any], bool], Awaitable[BoltResponse | None]]
"""Is given an event's body, and whether it is told for the first time; None acknowledges it."""

_PING_EVERY = 5.0  # seconds; a line that answers none is replaced by the SDK within 25
_PATIENCE = 5.0  # seconds
_GOODBYE = 1.0  # seconds; a line that hangs does not answer it


class Connection:
    """At most one connection at a time."""

    def __init__(
        self,
        app: AsyncApp,
        client: AsyncWebClient,
        app_token: str,
        *,
        hello: Callable[[], None],
        on_message: OnMessage,
    ) -> None:
        """*hello* is called at Slack's first word over each new connection.

        *on_message* is given the `message` events, *app* everything else.
        """
        self._app = app
        self._client = client
        self._app_token = app_token
        self._hello = hello
        self._on_message = on_message
        self._handler: AsyncSocketModeHandler | None = None
        self._connecting: asyncio.Task[None] | None = None

    @property
    def exists(self) -> bool:
        """Whether it was ever opened; it may be broken, and about to be mended."""
        return self._handler is not None

    async def is_alive(self) -> bool:
        """Whether it is open, and answers pings."""
        return self._handler is not None and await self._handler.client.is_connected()

    async def open(self, url: str) -> None:
        """Connect to *url* in place of the connection there is; try on if that takes long."""
        await self.close()
        self._handler = handler = AsyncSocketModeHandler(
            self._app, self._app_token, web_client=self._client, ping_interval=_PING_EVERY
        )
        handler.client.wss_uri = url
        handler.client.message_listeners.append(self._on_frame)
        handler.client.socket_mode_request_listeners = [partial(self._on_request, handler)]
        connecting = handler.connect_async()  # type: ignore[no-untyped-call]
        self._connecting = asyncio.create_task(connecting)
        await asyncio.wait({self._connecting}, timeout=_PATIENCE)

    def forget_address(self) -> None:
        """Let the SDK ask for a new address: Slack's work once, and it would keep to the old."""
        if self._handler is not None:
            self._handler.client.wss_uri = None

    async def close(self) -> None:
        """Disconnect, with or without an answer from the other side."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        if self._handler is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_GOODBYE):
                    await self._handler.client.disconnect()  # type: ignore[no-untyped-call]
            await self._handler.close_async()  # type: ignore[no-untyped-call]

    async def _on_frame(self, _client: object, frame: Mapping[str, Any], _raw: str | None) -> None:
        if frame.get("type") == "hello":
            self._hello()

    async def _on_request(
        self, bolt: AsyncSocketModeHandler, client: SocketModeClient, request: SocketModeRequest
    ) -> None:
        event = request.payload.get("event") or {}
        if request.type != "events_api" or event.get("type") != "message":
            await bolt.handle(client, request)
        elif await self._on_message(request.payload, not request.retry_attempt) is None:
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))


def make_app(
    client: AsyncWebClient, authorize: Callable[[], Awaitable[AuthorizeResult]]
) -> AsyncApp:
    """Return Bolt's application, which acknowledges nothing before it was taken in.

    *authorize* says who we are, so that Slack is not asked while an event waits.
    """
    # The client that Bolt is given has no token: each request gets it from *authorize*.
    nameless = AsyncWebClient(base_url=client.base_url, session=client.session, retry_handlers=[])
    return AsyncApp(
        name="podrska",
        client=nameless,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,  # the listener does it, before anything else
        ignoring_self_events_enabled=False,
    )
