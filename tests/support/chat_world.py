"""The website's chat on a real web server and a real database; a list stands for the desk."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from prometheus_client import CollectorRegistry

from adapters.browser_files import Brought
from adapters.files import Files
from adapters.phrasebook import load_phrasebook
from adapters.store import SqlStore
from adapters.web.app import make_app
from adapters.web.channel import WebChannel
from adapters.web.chat import Chat
from adapters.web.doors import DoorLimits, Doors
from adapters.web.origins import Origins
from adapters.web.polls import Polls
from adapters.web.render import said
from adapters.web.rounds import Rounds
from adapters.web.routes import ChatParts, chat_router
from adapters.web.script import Script
from adapters.web.server import WebServer, take
from adapters.web.sessions import Sessions
from adapters.web.standing import Standing
from adapters.web.together import Together
from adapters.web.uploads import Uploads
from adapters.web.visitors import Visitors
from core.events import Event
from core.ids import MessageId
from core.ports import FromCustomer, Incoming
from core.richtext import plain
from tests.support.builders import ManualClock
from tests.support.stored import add_department
from tests.support.visitor import SITE, Visitor, a_visitor

GRACE = timedelta(minutes=2)
SECRET = "a secret that the website and the desk share"


@dataclass(kw_only=True)
class DeskEar:
    """Takes events in as the desk does: each once, or none."""

    store: SqlStore
    clock: ManualClock
    told: list[Incoming] = field(default_factory=list)
    declines: bool = False
    fails: bool = False

    async def receive(self, incoming: Sequence[Incoming]) -> None:
        """Take events in."""
        if self.fails:
            raise ConnectionError("the database is away")
        if self.declines:
            return
        async with self.store.transaction() as tx:
            self.told += await tx.admit(incoming, self.clock.now())

    @property
    def events(self) -> list[Event]:
        """What has happened, in order."""
        return [each.event for each in self.told]

    def visitor(self) -> str:
        """Return who told the last thing."""
        origin = self.told[-1].origin
        assert isinstance(origin, FromCustomer)
        return origin.identity.address


@dataclass(kw_only=True)
class ChatWorld:
    """A chat that is served."""

    url: str
    store: SqlStore
    clock: ManualClock
    desk: DeskEar
    visitors: Visitors
    files: Files
    channel: WebChannel
    polls: Polls
    rounds: Rounds
    server: WebServer

    async def answers(self, visitor: str, words: str, name: str = "Marko") -> None:
        """Let an agent say something to a visitor."""
        key = uuid4().hex
        body = said(key, "agent", plain(words), name=name)
        now = self.clock.now()
        async with self.store.transaction() as tx:
            await tx.add_frame(
                visitor, key, body, now, answer=MessageId(words), away_at=now + GRACE
            )
        self.visitors.wake(visitor)


@asynccontextmanager
async def chat_world(
    folder: Path,
    *,
    limits: DoorLimits | None = None,
    wait: float = 25.0,
    proxies: Sequence[str] = (),
    spare: int = 0,
) -> AsyncIterator[ChatWorld]:
    """Serve a chat inside the block, for `SITE` alone."""
    clock, phrasebook, visitors = ManualClock(), load_phrasebook(), Visitors()
    store = await SqlStore.open(f"sqlite:///{folder}/desk.db")
    await add_department(store)
    desk = DeskEar(store=store, clock=clock)
    files = Files(folder / "attachments", spare=spare)
    files.fetch_with({"web": Brought()})
    together = Together(store)
    chat = Chat(
        together=together,
        clock=clock,
        receive=desk.receive,
        visitors=visitors,
        phrasebook=phrasebook,
        grace=GRACE,
    )
    standing, uploads = Standing(store, clock, phrasebook), Uploads(store, clock, files)
    polls = Polls(chat, visitors, wait=wait)
    parts = ChatParts(
        chat=chat,
        sessions=Sessions(store, clock, SECRET),
        visitors=visitors,
        standing=standing,
        polls=polls,
        uploads=uploads,
        doors=Doors(limits or DoorLimits()),
        origins=Origins([SITE]),
        script=Script(phrasebook),
        phrasebook=phrasebook,
        language="en",
    )
    rounds = Rounds(
        store=store,
        clock=clock,
        receive=desk.receive,
        visitors=visitors,
        standing=standing,
        tidy=uploads.forget_unused,
        every=timedelta(seconds=60),
        grace=GRACE,
    )
    app = make_app(
        checks={},
        registry=CollectorRegistry(),
        refresh_metrics=_nothing,
        routers=[chat_router(parts)],
    )
    server = WebServer(app, take("127.0.0.1", 0), trusted_proxies=proxies)
    server.start()
    try:
        yield ChatWorld(
            url=f"http://127.0.0.1:{server.port}",
            store=store,
            clock=clock,
            desk=desk,
            visitors=visitors,
            files=files,
            channel=WebChannel(together, clock, visitors, phrasebook, files, grace=GRACE),
            polls=polls,
            rounds=rounds,
            server=server,
        )
    finally:
        polls.stop()
        await server.stop()
        await store.close()


async def _nothing() -> None:
    pass


@asynccontextmanager
async def talking(there: ChatWorld) -> AsyncIterator[tuple[Visitor, str]]:
    """Have a visitor who has asked something over an open line; and what the desk calls them."""
    async with a_visitor(there.url) as ana:
        await ana.comes()
        await ana.connects()
        await ana.asks("My site is down")
        yield ana, there.desk.visitor()
