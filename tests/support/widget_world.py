"""What the widget meets: a desk that only chats, as a test tells it to, and a website."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from aiohttp import WSMsgType, web

from adapters.phrasebook import load_phrasebook
from adapters.web.widget_file import widget_js

Json = dict[str, Any]

CORS = {
    "Access-Control-Allow-Headers": "authorization, content-type, x-file-name",
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
OPEN: Json = {
    "open": True,
    "says": "Open now",
    "more": "Somebody is here until 20:00.",
    "departments": [],
    "limits": {"text": 4000, "file": 1_000_000, "files": 5},
}
CLOSED: Json = OPEN | {
    "open": False,
    "says": "Opens Monday 08:00",
    "more": "Nobody is available now. We open on Monday at 08:00. Write all the same: the answer "
    "comes by e-mail.",
}


class ChatDesk:
    """Speaks the widget's protocol for one visitor, and says only what a test has it say."""

    def __init__(self) -> None:
        self.state: Json = dict(OPEN)
        self.known: Json | None = None
        self.log: list[Json] = []
        self.heard: list[Json] = []
        """What the widget sent, in order, repeats included."""
        self.refusals: list[Json] = []
        """What to answer to the next questions instead of taking them."""
        self.is_silent = False
        """Whether it takes messages in without confirming them."""
        self.has_sockets = True
        self.sessions: list[Json] = []
        self.files: dict[str, tuple[Json, bytes]] = {}
        self.upload_gate = asyncio.Event()
        self.upload_gate.set()
        self.at = datetime.fromisoformat("2026-11-24T09:00:00+00:00")
        self._sockets: set[web.WebSocketResponse] = set()
        self._taken: dict[str, int] = {}
        self._news = asyncio.Event()
        self._said = asyncio.Event()
        self._script = widget_js(load_phrasebook())

    def routes(self) -> list[web.RouteDef]:
        """Return what it serves."""
        return [
            web.get("/widget.js", self._widget),
            web.get("/chat/state", self._state),
            web.post("/chat/session", self._session),
            web.delete("/chat/session", self._end),
            web.get("/chat/socket", self._socket),
            web.post("/chat/poll", self._poll),
            web.post("/chat/files", self._upload),
            web.get("/chat/files/{id}", self._download),
        ]

    async def say(self, text: str, *, by: str = "agent", name: str = "Marko", **more: Any) -> Json:
        """Say something to the visitor; return the frame."""
        return await self.frame("said", by=by, name=name, text=[{"t": text}], **more)

    async def frame(self, kind: str, **more: Any) -> Json:
        """Add a frame to the visitor's log."""
        seq = len(self.log) + 1
        self.at += timedelta(seconds=40)
        frame = {"type": "frame", "seq": seq, "at": self.at.isoformat(), "kind": kind}
        self.log.append(frame | {"id": f"agents:{seq}", "files": [], "buttons": []} | more)
        await self._tell(self.log[-1])
        return self.log[-1]

    async def set_state(self, state: Json) -> None:
        """Open or close the desk."""
        self.state = state
        await self._tell({"type": "state"} | state)

    def keep(self, name: str, content: bytes, mime: str) -> Json:
        """Keep a file as the agents' side of the talk would; return what is told of it."""
        file = {
            "id": f"f{len(self.files) + 1}",
            "name": name,
            "size": len(content),
            "mime": mime,
            "picture": mime.startswith("image/"),
        }
        self.files[str(file["id"])] = (file, content)
        return file

    @property
    def asked(self) -> list[Json]:
        """The questions that came with a form, each once however often it was repeated."""
        asked = {each["id"]: each for each in self.heard if each["type"] == "ask"}
        return list(asked.values())

    async def hears(self, kind: str, **values: Any) -> None:
        """Return when the widget has sent such a frame."""
        wanted = {"type": kind} | values
        async with asyncio.timeout(20):
            while not any(each | wanted == each for each in self.heard):
                self._said.clear()
                await self._said.wait()

    async def cut(self) -> None:
        """End all connections without a word."""
        for each in list(self._sockets):
            if each._req is not None and each._req.transport is not None:
                each._req.transport.abort()

    async def _tell(self, frame: Json) -> None:
        self._news.set()
        self._news = asyncio.Event()
        for each in list(self._sockets):
            with suppress(ConnectionError):  # cut meanwhile
                await each.send_json(frame)

    async def _widget(self, request: web.Request) -> web.Response:
        return web.Response(text=self._script, content_type="text/javascript", headers=CORS)

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self.state)

    async def _session(self, request: web.Request) -> web.Response:
        self.sessions.append(await request.json())
        return web.json_response({"token": "t" * 43, "known": self.known, "seq": len(self.log)})

    async def _end(self, request: web.Request) -> web.Response:
        return web.json_response({})

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if not self.has_sockets:
            return web.Response(status=502)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = await socket.receive_json()
        await socket.send_json({"type": "welcome", "seq": len(self.log), "known": self.known})
        after = hello["after"]
        while after < len(self.log):  # what is said meanwhile, too: nothing overtakes
            await socket.send_json(self.log[after])
            after += 1
        self._sockets.add(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                for answer in await self._hear(json.loads(message.data)):
                    with suppress(ConnectionError):
                        await socket.send_json(answer)
        self._sockets.discard(socket)
        return socket

    async def _poll(self, request: web.Request) -> web.Response:
        asked = await request.json()
        answers = [each for frame in asked["frames"] for each in await self._hear(frame)]
        if asked["wait"] and len(self.log) <= asked["after"]:
            await self._news.wait()
        return web.json_response({"frames": self.log[asked["after"] :] + answers})

    async def _hear(self, frame: Json) -> list[Json]:
        self.heard.append(frame)
        self._said.set()
        id_ = frame.get("id", "")
        if frame["type"] == "seen" or self.is_silent:
            return []
        if frame["type"] in ("ask", "say") and self.refusals:
            return [{"type": "refused", "id": id_} | self.refusals.pop(0)]
        if id_ not in self._taken:
            # Known before anything is awaited: it may come over two lines at once.
            self._taken[id_] = len(self.log) + 1
            await self._take(frame, id_)
        return [{"type": "taken", "id": id_, "seq": self._taken[id_]}]

    async def _take(self, frame: Json, id_: str) -> Json:
        text = [{"t": frame.get("text", "")}]
        if frame["type"] == "choose":
            return await self.frame("changed", id=self.log[-1]["id"])
        if frame["type"] == "edit" and not frame["text"]:
            return await self.frame("gone", id=frame["message"])
        if frame["type"] == "edit":
            return await self.frame("changed", id=frame["message"], text=text)
        if frame["type"] == "ask":
            self.known = {"name": frame["name"]}
        files = [self.files[each][0] for each in frame["files"]]
        own = {"id": f"web:v:{id_}", "by": "you", "name": ""}
        return await self.frame("said", **own, text=text, files=files)

    async def _upload(self, request: web.Request) -> web.Response:
        content = await request.read()
        await self.upload_gate.wait()
        mime = "image/png" if content.startswith(b"\x89PNG") else "application/octet-stream"
        return web.json_response(self.keep(request.headers["X-File-Name"], content, mime))

    async def _download(self, request: web.Request) -> web.Response:
        file, content = self.files[request.match_info["id"]]
        return web.Response(body=content, content_type=file["mime"])


@asynccontextmanager
async def serving(routes: list[web.RouteDef], port: int = 0) -> AsyncIterator[str]:
    """Serve *routes* on this machine, for pages of any origin; yield the address."""

    @web.middleware
    async def preflight(request: web.Request, handler: Any) -> web.StreamResponse:
        return web.Response() if request.method == "OPTIONS" else await handler(request)

    async def headers(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(CORS)
        response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")

    app = web.Application(middlewares=[preflight])
    app.on_response_prepare.append(headers)
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def a_website(desk: str, *, policy: bool = True, **data: str) -> list[web.RouteDef]:
    """Return a website that embeds the widget with one line, and trusts nobody else's script.

    Its policy is as strict as can be, so that a widget which needs more is found out.
    """
    said = "".join(f' data-{name}="{value}"' for name, value in data.items())
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A site</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        "<body><main><h1>A site</h1><p>Ours.</p>"
        '<p><label>Search <input id="search"></label></p></main>'
        f'<script src="{desk}/widget.js"{said} async></script></body></html>'
    )
    socket = desk.replace("http", "ws", 1)
    strict = (
        f"default-src 'none'; script-src {desk}; connect-src {desk} {socket}; img-src blob:; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )

    async def page(request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": strict} if policy else {}
        return web.Response(text=html, content_type="text/html", headers=headers)

    return [web.get("/", page)]
