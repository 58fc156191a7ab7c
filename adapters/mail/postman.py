"""Mails login links: what was asked for stands in the store until it is handed in, or too old."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from email.headerregistry import Address
from typing import Final

import structlog

from adapters.mail.address import SmtpServer, ascii_address
from adapters.mail.heading import Desk
from adapters.mail.render import render_login
from adapters.mail.smtp import TIMEOUT, connected
from core.errors import GiveUp, InDoubt, Retry
from core.portal_port import LoginLink
from core.ports import Clock, Store
from core.wording import Phrasebook

Login = Callable[[str], Awaitable[str]]
"""Makes a link by which whoever reads this mailbox logs in; a new one each time."""

PATIENCE: Final = timedelta(minutes=15)
"""How long a mail is tried: whoever asked for it has asked again by then."""
_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(minutes=2)
_LOOK_EVERY: Final = 30.0
"""Seconds after which the store is asked even if nobody called."""
_AT_ONCE: Final = 20

_log = structlog.get_logger()


class Postman:
    """Mails what waits, one after the other; each attempt makes a link of its own.

    So no secret is ever written down, and a mail that may have arrived is simply sent once more:
    both links are good. Its Message-ID stays the same, and programs show it once.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        server: SmtpServer,
        sender: Address,
        phrasebook: Phrasebook,
        login: Login,
        *,
        timeout: float = TIMEOUT,
    ) -> None:
        """Prepare to write as *sender*; *timeout* is how long each answer may take, in seconds."""
        self._store = store
        self._clock = clock
        self._server = server
        self._desk = Desk(sender, None)
        self._phrasebook = phrasebook
        self._login = login
        self._timeout = timeout
        self._called = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def call(self) -> None:
        """Say that there is something to be mailed."""
        self._called.set()

    def start(self) -> None:
        """Begin to mail what waits, also from before the last stop."""
        self._task = asyncio.create_task(self._work(), name="postman")

    async def stop(self) -> None:
        """Stop; what is not handed in by then waits for the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        while True:
            self._called.clear()
            try:
                pause = await self._round()
            except Exception:  # a locked or full database is waited for
                _log.exception("postman.failed")
                pause = 1.0
            try:
                async with asyncio.timeout(pause):
                    await self._called.wait()
            except TimeoutError:
                pass

    async def _round(self) -> float:
        """Mail what is due; return after how many seconds to look again."""
        async with self._store.transaction() as tx:
            waiting = await tx.links_to_mail(_AT_ONCE)
        due = [each for each in waiting if each.due_at <= self._clock.now()]
        for each in due:
            await self._mail(each)
        if not waiting:
            return _LOOK_EVERY
        return 0.0 if len(due) == _AT_ONCE else _FIRST_PAUSE.total_seconds()

    async def _mail(self, link: LoginLink) -> None:
        try:
            await self._hand_in(link)
        except GiveUp as error:
            _log.warning("login_link.refused", link=link.id, reason=error.reason)
        except (Retry, InDoubt) as error:
            now = self._clock.now()
            pause = min(_FIRST_PAUSE * 2**link.attempts, _LONGEST_PAUSE)
            if now + pause < link.asked_at + PATIENCE:
                async with self._store.transaction() as tx:
                    await tx.postpone_link(link.id, now + pause)
                return
            _log.warning("login_link.given_up", link=link.id, reason=error.reason)
        async with self._store.transaction() as tx:
            await tx.end_link(link.id)

    async def _hand_in(self, link: LoginLink) -> None:
        address = ascii_address(link.email)
        if address is None or self._clock.now() >= link.asked_at + PATIENCE:
            return
        sender = self._desk.sender
        async with connected(self._server, sender.domain, timeout=self._timeout) as server:
            url = await self._login(link.email)
            to = Address(addr_spec=address)
            mail = render_login(link, to, url, self._phrasebook, self._desk)
            await server.hand_in(sender.addr_spec, address, mail.as_bytes())
