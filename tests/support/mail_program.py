"""The part of a mail program that fetches: from an account on an IMAP server to its own machine."""

import asyncio
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from imap_tools.mailbox import MailBoxStartTls

_LOOK_EVERY = 0.05
_TIMEOUT = 60.0


@dataclass(frozen=True, kw_only=True)
class Account:
    """Where mail is fetched."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: ssl.SSLContext
    """Says whose certificates are trusted."""


class Fetching:
    """Brings each mail of an INBOX, once and in order, for as long as it is started."""

    def __init__(self, account: Account, bring: Callable[[bytes], object]) -> None:
        """*bring* is called in the event loop, with a mail as the server keeps it."""
        self._account = account
        self._bring = bring
        self._stopping = threading.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to fetch, in a thread: the library waits by blocking."""
        loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(asyncio.to_thread(self._run, loop))

    async def stop(self) -> None:
        """Fetch no more. Raises what went wrong with the server, if anything did."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        account, latest = self._account, 0
        server = MailBoxStartTls(account.host, account.port, _TIMEOUT, account.tls)
        with server.login(account.user, account.password) as box:
            while not self._stopping.wait(_LOOK_EVERY):
                found = sorted(int(uid) for uid in box.uids(f"UID {latest + 1}:*"))
                for uid in (each for each in found if each > latest):
                    ((_, raw), *_) = box.client.uid("FETCH", str(uid), "(BODY.PEEK[])")[1]
                    loop.call_soon_threadsafe(self._bring, raw)
                    latest = uid
