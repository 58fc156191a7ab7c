"""The HTTP and WebSocket doors of the sandbox's Slack."""

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import ceil

from aiohttp import web

from sandbox.faults import FaultKind, Faults
from sandbox.slack import uploads
from sandbox.slack.interactions import respond
from sandbox.slack.limits import LimitError
from sandbox.slack.methods import (
    CONNECT,
    METHODS,
    WITHOUT_TOKEN,
    check_token,
    read_arguments,
)
from sandbox.slack.socket_mode import Sockets
from sandbox.slack.state import Json, Refusal, Workspace

UPLOAD, DOWNLOAD, RESPONSE = "upload", "download", "response_url"
"""The names by which faults are planned for what is no Web API method."""

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body></body></html>"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call that came in."""

    method: str
    arguments: Json


class Doors:
    """Turns requests into calls, and faults into what they look like on the wire."""

    def __init__(
        self,
        workspace: Workspace,
        sockets: Sockets,
        faults: Faults,
        calls: deque[Call],
        *,
        bot_token: str,
        app_token: str,
    ) -> None:
        self._workspace = workspace
        self._sockets = sockets
        self._faults = faults
        self._calls = calls
        self._bot_token = bot_token
        self._app_token = app_token
        self._tickets: set[str] = set()

    def application(self) -> web.Application:
        """Return the application with all its routes."""
        application = web.Application(client_max_size=1 << 30)
        application.add_routes(
            [
                web.route("*", "/api/{method}", self._api),
                web.get("/socket/{ticket}", self._socket),
                web.post("/upload/v1/{file}", self._upload),
                web.get(r"/files-pri/{team}-{file}/{name:.+}", self._download),
                web.post("/response/{key}", self._response),
            ]
        )
        return application

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method, body = request.match_info["method"], await request.read()
        try:
            arguments = read_arguments(request.content_type, body, request.query_string)
        except Refusal as refusal:
            return _refused(refusal.error, refusal.details)
        shown = {name: value for name, value in arguments.items() if name != "token"}
        self._calls.append(Call(method=method, arguments=shown))

        async def answer() -> web.StreamResponse:
            try:
                return web.json_response({"ok": True, **self._call(request, method, arguments)})
            except LimitError as limit:
                return _limited(limit.seconds)
            except Refusal as refusal:
                return _refused(refusal.error, refusal.details)

        return await self._through(request, method, answer)

    def _call(self, request: web.Request, method: str, arguments: Json) -> Json:
        if method not in METHODS and method != CONNECT:
            raise Refusal("unknown_method", req_method=method)
        if method not in WITHOUT_TOKEN:
            expected = self._app_token if method == CONNECT else self._bot_token
            check_token(request.headers.get("Authorization", ""), arguments, expected)
        self._workspace.limits.call(method)
        return self._ticket() if method == CONNECT else METHODS[method](self._workspace, arguments)

    def _ticket(self) -> Json:
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return {"url": f"{self._workspace.origin.replace('http', 'ws', 1)}/socket/{ticket}"}

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        ticket, transport = request.match_info["ticket"], request.transport
        if ticket not in self._tickets or transport is None:
            return web.Response(status=404)
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse(timeout=1)
        await socket.prepare(request)
        hello = {
            "type": "hello",
            "num_connections": self._sockets.connected + 1,
            "connection_info": {"app_id": self._workspace.app_id},
            "debug_info": {"host": "sandbox", "approximate_connection_time": 18_060},
        }
        await self._sockets.serve(socket, transport, hello)
        return socket

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        data = await _uploaded_bytes(request)

        async def answer() -> web.StreamResponse:
            wrong = uploads.take_upload(self._workspace, request.match_info["file"], data)
            return web.Response(text=wrong or f"OK - {len(data)}", status=400 if wrong else 200)

        return await self._through(request, UPLOAD, answer)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        async def answer() -> web.StreamResponse:
            if request.headers.get("Authorization") != f"Bearer {self._bot_token}":
                return web.Response(text=LOGIN_PAGE, content_type="text/html")
            file = self._workspace.files.get(request.match_info["file"])
            if file is None or not file.data:
                return web.Response(status=404)
            return web.Response(body=file.data, content_type=file.mime)

        return await self._through(request, DOWNLOAD, answer)

    async def _response(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()

        async def answer() -> web.StreamResponse:
            response = self._workspace.response_urls.use(request.match_info["key"])
            if response is None:
                return web.json_response({"ok": False, "error": "expired_url"}, status=404)
            try:
                respond(self._workspace, response, read_arguments("application/json", body, ""))
            except Refusal as refusal:
                return web.json_response({"ok": False, "error": refusal.error}, status=400)
            return web.Response(text="ok")

        return await self._through(request, RESPONSE, answer)

    async def _through(
        self,
        request: web.Request,
        name: str,
        answer: Callable[[], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Answer, unless a fault is planned: then go wrong before, after, or instead."""
        fault = self._faults.take(name)
        match fault.kind if fault else None:
            case FaultKind.LIMIT if fault:
                return _limited(ceil(fault.seconds))
            case FaultKind.REFUSE if fault:
                return _refused(fault.error, {})
            case FaultKind.ERROR:
                return _broken()
            case FaultKind.CUT_BEFORE:
                return _cut(request)
        response = await answer()
        match fault.kind if fault else None:
            case FaultKind.ERROR_AFTER:
                return _broken()
            case FaultKind.CUT_AFTER:
                return _cut(request)
            case FaultKind.SLOW if fault:
                await asyncio.sleep(fault.seconds)
        return response


def _limited(seconds: int) -> web.Response:
    headers = {"Retry-After": str(seconds)}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


def _refused(error: str, details: Json) -> web.Response:
    return web.json_response({"ok": False, "error": error, **details})


def _broken() -> web.Response:
    page = "<html><body>Server Error</body></html>"
    return web.Response(text=page, content_type="text/html", status=500)


def _cut(request: web.Request) -> web.Response:
    """Break the connection off: what is returned never reaches anybody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _uploaded_bytes(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    form = await request.post()
    for field in form.values():
        if isinstance(field, web.FileField):
            return field.file.read()
    return b""
