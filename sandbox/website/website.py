"""The website's server: one page, on a port of its own and so of another origin than the desk."""

from pathlib import Path
from typing import Final

from aiohttp import web

HOST: Final = "127.0.0.1"
STATIC: Final = Path(__file__).with_name("static")


class Website:
    """The site of Gnezdo, a web host that does not exist."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._desk = ""
        self._framed_by = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on 127.0.0.1; the first start chooses the port, later ones keep it."""
        app = web.Application()
        app.router.add_get("/", self._index)
        app.router.add_static("/static", STATIC)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """Where the site is, known after the start; it is also its origin."""
        return f"http://{HOST}:{self._port}"

    def embed(self, desk: str, framed_by: str = "") -> None:
        """Have the page load the chat of the desk at *desk*, and let *framed_by* show it inside."""
        self._desk, self._framed_by = desk, framed_by

    async def _index(self, request: web.Request) -> web.Response:
        html = (STATIC / "index.html").read_text(encoding="utf-8").replace("{desk}", self._desk)
        return web.Response(
            text=html,
            content_type="text/html",
            headers={"Content-Security-Policy": self._policy(), "Cache-Control": "no-store"},
        )

    def _policy(self) -> str:
        """Return what a site has to allow the chat: its script, its calls, and its pictures."""
        socket = self._desk.replace("http", "ws", 1)
        return (
            f"default-src 'self'; script-src {self._desk}; connect-src {self._desk} {socket}; "
            f"img-src 'self' blob:; base-uri 'none'; form-action 'none'; "
            f"frame-ancestors 'self' {self._framed_by}"
        )
