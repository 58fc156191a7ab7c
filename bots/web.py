"""The website's chat, joined to the desk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from fastapi import APIRouter

from adapters.files import Files
from adapters.web.chat import Chat
from adapters.web.doors import Doors
from adapters.web.origins import Origins
from adapters.web.polls import Polls
from adapters.web.rounds import Rounds
from adapters.web.routes import ChatParts, chat_router
from adapters.web.script import Script
from adapters.web.sessions import Sessions
from adapters.web.standing import Standing
from adapters.web.together import Together
from adapters.web.uploads import Uploads
from adapters.web.visitors import Visitors
from bots.open_files import allow_connections
from bots.settings import Settings
from bots.tuning import Tuning
from core.desk import Desk
from core.ports import Clock, Store
from core.wording import Phrasebook

log = structlog.get_logger()

SILENT = 60.0
"""Seconds without a round after which the chat counts as in trouble."""


@dataclass(frozen=True, kw_only=True)
class Website:
    """The chat of the websites that embed it."""

    router: APIRouter
    visitors: Visitors
    rounds: Rounds
    polls: Polls
    clock: Clock

    async def trouble(self) -> str | None:
        """Return what is wrong, for `/readyz`."""
        silent = self.clock.monotonic() - self.rounds.went_at
        return f"has not gone round for {silent:.0f} s" if silent > SILENT else None

    @asynccontextmanager
    async def going(self) -> AsyncIterator[None]:
        """Go round inside the block; at its end, those that wait are answered."""
        self.rounds.start()
        try:
            yield
        finally:
            self.visitors.are_sent_away = True
            self.polls.stop()
            await self.rounds.stop()


def website(
    settings: Settings,
    *,
    store: Store,
    clock: Clock,
    desk: Desk,
    visitors: Visitors,
    together: Together,
    phrasebook: Phrasebook,
    files: Files,
    tuning: Tuning,
) -> Website | None:
    """Return the chat; None where no website may embed it."""
    if not settings.web_origins:
        return None
    room = allow_connections(tuning.doors.open_in_all)
    if room < tuning.doors.open_in_all:
        log.warning("web.little_room", visitors=room, mend="raise the limit of open files")
    secret = settings.web_identity_secret
    standing = Standing(store, clock, phrasebook)
    uploads = Uploads(store, clock, files)
    chat = Chat(
        together=together,
        clock=clock,
        receive=desk.receive,
        visitors=visitors,
        phrasebook=phrasebook,
        grace=tuning.away_after,
    )
    polls = Polls(chat, visitors)
    parts = ChatParts(
        chat=chat,
        sessions=Sessions(store, clock, secret.get_secret_value() if secret else ""),
        visitors=visitors,
        standing=standing,
        polls=polls,
        uploads=uploads,
        doors=Doors(tuning.doors),
        origins=Origins(settings.web_origins),
        script=Script(phrasebook),
        phrasebook=phrasebook,
        language=settings.default_language,
    )
    rounds = Rounds(
        store=store,
        clock=clock,
        receive=desk.receive,
        visitors=visitors,
        standing=standing,
        tidy=uploads.forget_unused,
        every=tuning.look_every,
        grace=tuning.away_after,
    )
    return Website(
        router=chat_router(parts), visitors=visitors, rounds=rounds, polls=polls, clock=clock
    )
