"""A desk with every door that it can have, in this process, and people who knock at them."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from adapters.passes import hash_of, new_token
from adapters.store import SqlStore
from adapters.web.server import WebServer
from bots.demo import DemoClock, sandbox_settings
from bots.desk import running
from core.passes_port import Pass, Purpose
from sandbox.slack import Agent, Room
from tests.support.real_world import World, world
from tests.support.visitor import SITE, Answer

LASTS = timedelta(minutes=10)
"""How long what is given to somebody is good."""


@dataclass(frozen=True)
class Somebody:
    """Whoever asks: they show the one secret that they have at every door, in every way."""

    name: str
    secret: str = field(default="", repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """What goes with each request of theirs; it looks as if it came from a page of ours."""
        ours = {"Origin": SITE, "Sec-Fetch-Site": "same-origin"}
        if not self.secret:
            return ours
        shown = {"Authorization": f"Bearer {self.secret}", "Cookie": f"podrska={self.secret}"}
        return ours | shown

    @property
    def form_token(self) -> str:
        """What a form of the portal's would carry back."""
        return hash_of(f"form:{self.secret}")


@dataclass(frozen=True)
class Right:
    """What a secret is good for, and whose it is."""

    purpose: Purpose
    subject: str
    name: str = ""


class OpenDesk:
    """A desk that is open for everybody who may."""

    def __init__(
        self,
        there: World,
        web: WebServer,
        store: SqlStore,
        http: aiohttp.ClientSession,
        marko: Agent,
        room: Room,
    ) -> None:
        self.there = there
        self.marko = marko
        self.room = room
        self.app = web.app
        self.url = f"http://127.0.0.1:{web.port}"
        self.store = store
        """The desk's database, opened once more beside it."""
        self._http = http
        self._networks = count(256)

    def network(self) -> dict[str, str]:
        """Let a request come from a network of its own, by the word of a trusted proxy."""
        number = next(self._networks)
        return {"X-Forwarded-For": f"10.{number // 256 % 256}.{number % 256}.1"}

    async def ask(self, who: Somebody, method: str, path: str, **given: Any) -> Answer:
        """Send a request as *who*, and follow nothing."""
        headers = {**who.headers, **self.network(), **given.pop("headers", {})}
        async with self._http.request(
            method, self.url + path, headers=headers, allow_redirects=False, **given
        ) as answer:
            return Answer(answer.status, dict(answer.headers), await answer.read())

    async def hello(self, who: Somebody) -> str:
        """Say hello over a socket; return what the desk answers to it."""
        async with self._http.ws_connect(
            f"{self.url}/chat/socket", headers={**who.headers, **self.network()}
        ) as socket:
            await socket.send_json({"type": "hello", "token": who.secret, "after": 0})
            return str((await socket.receive_json())["type"])

    async def give(self, *rights: Right) -> list[str]:
        """Return a new secret for each of these, made beside the running desk."""
        tokens = [new_token() for _ in rights]
        now = self.there.clock.now()
        async with self.store.transaction() as tx:
            for token, right in zip(tokens, rights, strict=True):
                made = Pass(
                    hash=hash_of(token),
                    purpose=right.purpose,
                    subject=right.subject,
                    name=right.name,
                    made_at=now,
                    expires_at=None if right.purpose is Purpose.API else now + LASTS,
                )
                await tx.keep_pass(made)
        return tokens

    async def revoke(self, purpose: Purpose, subject: str) -> None:
        """Take somebody's secrets away."""
        async with self.store.transaction() as tx:
            assert await tx.revoke_passes(purpose, subject)

    async def opens_ticket(
        self, who: Somebody, subject: str, text: str, files: Mapping[str, bytes] | None = None
    ) -> str:
        """Open a ticket in the portal; return where it is."""
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        filled = {"form_token": who.form_token, "form_id": new_token(), "name": "Ana Anić"}
        for name, value in {**filled, "subject": subject, "text": text}.items():
            form.add_field(name, value)
        for name, content in (files or {}).items():
            form.add_field("files", content, filename=name)
        answer = await self.ask(who, "POST", "/portal/new", data=form)
        assert answer.status == 303, answer.content.decode()
        return answer.headers["Location"]

    async def number_of(self, who: Somebody, path: str) -> str:
        """Return what people call a ticket."""
        page = (await self.ask(who, "GET", path)).content.decode()
        return str(re.findall(r"MNT-[A-Z0-9]{5}", page)[0])


@asynccontextmanager
async def open_desk(folder: Path, **settings: Any) -> AsyncIterator[OpenDesk]:
    """Run a desk inside the block; *settings* besides those that open every door."""
    async with AsyncExitStack() as stack, world(folder, start=False) as there:
        marko = there.slack.agent("Marko", display_name="Marko")
        room = there.slack.room("support", members=[marko])
        own = sandbox_settings(
            there.telegram, there.slack, there.mail, folder, imap=there.imap, website=SITE
        )
        doors = {
            "slack_app_token": None,
            "slack_signing_secret": SecretStr(there.slack.signing_secret),
            "telegram_webhook_secret": SecretStr("a-secret"),
            "public_url": "http://127.0.0.1:8080",
            "web_identity_secret": SecretStr("s" * 40),
            "trusted_proxies": ("127.0.0.0/8",),
        }
        store = await SqlStore.open(f"sqlite:///{there.database}")
        stack.push_async_callback(store.close)
        async with (
            running(own.model_copy(update=doors | settings), DemoClock(there.clock)) as web,
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        ):
            there.slack.use_http(f"http://127.0.0.1:{web.port}/slack/events")
            yield OpenDesk(there, web, store, http, marko, room)
