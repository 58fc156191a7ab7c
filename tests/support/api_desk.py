"""The API of a real desk over real HTTP, on a database of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from adapters.api.router import api_router
from adapters.ids import RandomIds
from adapters.passes import hash_of
from adapters.store import SqlStore
from adapters.web.app import make_app
from adapters.web.server import WebServer, take
from core.desk import Desk
from core.known import Rules
from core.outbox import AGENTS, MAIL, Fits
from core.passes_port import Pass, Purpose
from core.ports import Audit
from tests.support.builders import MONDAY, ManualClock, department, policy

TOKEN = "token-of-billing"
OFTEN = "100000/minute"


@dataclass(frozen=True)
class Answer:
    """What the API answered."""

    status: int
    headers: dict[str, str]
    content: Any


@dataclass(frozen=True)
class ApiDesk:
    """A desk, and a program that uses its API."""

    desk: Desk
    store: SqlStore
    clock: ManualClock
    app: FastAPI
    url: str
    session: aiohttp.ClientSession

    async def ask(
        self, method: str, path: str, content: Any = None, token: str = TOKEN, **headers: str
    ) -> Answer:
        """Ask for something; *headers* are named with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            named["Authorization"] = f"Bearer {token}"
        if isinstance(content, bytes):
            named.setdefault("Content-Type", "application/json")
            given: dict[str, Any] = {"data": content}
        else:
            given = {} if content is None else {"json": content}
        async with self.session.request(method, self.url + path, headers=named, **given) as answer:
            content = await answer.json(content_type=None)
            return Answer(answer.status, dict(answer.headers), content)

    async def let_in(self, name: str, token: str) -> None:
        """Give a program a token."""
        pass_ = Pass(hash=hash_of(token), purpose=Purpose.API, subject=name, made_at=MONDAY)
        async with self.store.transaction() as tx:
            await tx.keep_pass(pass_)


async def _nothing() -> None:
    pass


@asynccontextmanager
async def api_desk(folder: Path, *, rate: str = OFTEN, url: str = "") -> AsyncIterator[ApiDesk]:
    """Run a desk with two departments inside the block; each program may ask that often.

    *url*: its database; without one, a file in *folder*.
    """
    store = await SqlStore.open(url or f"sqlite:///{folder}/desk.db")
    clock = ManualClock()
    fits = {name: Fits(text=4000, file=10**8) for name in (AGENTS, MAIL)}
    rules = Rules(language="en", fits=fits, patience=policy())
    desk = Desk(store=store, clock=clock, ids=RandomIds("MNT"), rules=rules)
    app = make_app(
        checks={},
        registry=CollectorRegistry(),
        refresh_metrics=_nothing,
        routers=[api_router(desk, store, clock, rate=rate)],
    )
    listening = take("127.0.0.1", 0)
    web = WebServer(app, listening)
    web.start()
    try:
        async with store.transaction() as tx:
            for key in ("support", "billing"):
                audit = Audit(at=MONDAY, who="test", what=key, before="", after="")
                await tx.save_department(department(key), audit)
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{web.port}"
            there = ApiDesk(desk, store, clock, app, url, session)
            await there.let_in("billing", TOKEN)
            yield there
    finally:
        await web.stop()
        await store.close()
