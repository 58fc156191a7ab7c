"""The page's server: it shows and operates the sandbox's three servers and its clock."""

from functools import partial
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from sandbox.clock import Clock
from sandbox.mail import MailServer
from sandbox.page.about import ABOUT, About, with_words
from sandbox.page.actions import Action, perform
from sandbox.page.clockwork import Clockwork
from sandbox.page.guard import add_headers, guard, page_policy
from sandbox.page.live import Live
from sandbox.page.office import Office
from sandbox.page.phone import Phone
from sandbox.page.post import Post
from sandbox.page.things import Things
from sandbox.slack import SlackServer
from sandbox.telegram import TelegramServer

HOST: Final = "127.0.0.1"
STATIC: Final = Path(__file__).with_name("static")
BODY_LIMIT: Final = 80 * 2**20
"""The largest post, in bytes: the 50 MB that Telegram takes, in base64 and with room to spare."""


class DemoPage:
    """One page on which a newcomer plays the customers, the agents and the clock."""

    def __init__(
        self,
        telegram: TelegramServer,
        slack: SlackServer,
        mail: MailServer,
        clock: Clock,
        port: int = 0,
        *,
        about: About = ABOUT,
        website: str = "",
    ) -> None:
        """Watch the servers from now on; `cast` brings the people in whom the page is to show.

        *website*: the address of a site that embeds the chat, to be shown in the phone's browser.
        """
        self._phone, self._office = Phone(telegram), Office(slack)
        self._clockwork = Clockwork(clock)
        self._post = Post(mail)
        self._things = Things(telegram, slack, self._post)
        self._slack = slack
        self._about = about
        self._website = website
        self._port = port
        self._live = Live(self.snapshot)
        self._runner: web.AppRunner | None = None
        telegram.on_change(lambda customer: self._live.changed())
        slack.on_change(self._live.changed)
        mail.on_change(self._live.changed)
        clock.on_move(self._live.changed)

    async def start(self) -> None:
        """Listen on 127.0.0.1; the first start chooses the port, later ones keep it."""
        app = web.Application(middlewares=[guard], client_max_size=BODY_LIMIT)
        app.on_response_prepare.append(add_headers)
        app.router.add_get("/", self._index)
        app.router.add_get("/live", self._live.stream)
        app.router.add_static("/static", STATIC)
        app.add_routes(self._things.routes())
        for name, action in self._actions().items():
            app.router.add_post(f"/do/{name}", partial(self._do, action))
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
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
        """Where the page is, known after the start."""
        return f"http://{HOST}:{self._port}/"

    def snapshot(self) -> dict[str, Any]:
        """Return all that the page shows, as plain JSON."""
        return {
            "clock": self._clockwork.snapshot(),
            "telegram": self._phone.snapshot(),
            "slack": self._slack.snapshot(),
            "mail": self._post.snapshot(),
            "website": self._website,
        }

    def _actions(self) -> dict[str, Action]:
        parts = (self._phone, self._office, self._post, self._clockwork)
        return {name: action for part in parts for name, action in part.actions().items()}

    async def _do(self, action: Action, request: web.Request) -> web.Response:
        response = await perform(action, request)
        self._live.changed()
        return response

    async def _index(self, request: web.Request) -> web.Response:
        template = (STATIC / "index.html").read_text(encoding="utf-8")
        return web.Response(
            text=with_words(template, self._about),
            content_type="text/html",
            headers={"Content-Security-Policy": page_policy(self._website)},
        )
