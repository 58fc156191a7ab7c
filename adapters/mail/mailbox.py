"""Takes in what comes to the desk's mailbox. The mailbox is told so only after it is stored.

The library waits by blocking, so it has a thread of its own. That thread is a daemon: one that
waits for a server which never answers does not keep the process from ending.
"""

import asyncio
import random
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from adapters.mail.fetching import Batch, Fetched, Fetcher
from adapters.mail.fingerprint import fingerprint
from adapters.mail.imap import Folder, opened
from adapters.mail.imap_url import ImapServer
from adapters.mail.trouble import MailboxTrouble
from core.mail_port import Cursor, Extent, KeptMail, MailRecord
from core.ports import Clock, Store

Take = Callable[[], Awaitable[None]]
"""Has the desk take the mails that are kept and new."""
T = TypeVar("T")

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How often things are done; all in seconds."""

    pauses: Sequence[float] = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 60.0)
    """After the first failure, the second, …; the last for all that follow. A quarter is chance."""
    idle: float = 120.0
    """How long the server is trusted to tell of new mail, before it is asked."""
    poll: float = 30.0
    """Between two questions, where the server tells of nothing by itself."""
    take: float = 30.0
    """Between two looks for mails that an operator wants taken once more."""
    timeout: float = 60.0
    """For each answer of the server's."""
    parting: float = 1.0
    """How long a stop waits for the thread."""


class _Stopped(Exception):
    """The desk stops; what is not stored is fetched again the next time."""


class Mailbox:
    """Reads one folder, for as long as it is started."""

    def __init__(
        self,
        server: ImapServer,
        store: Store,
        clock: Clock,
        take: Take,
        *,
        tls: ssl.SSLContext | None = None,
        rhythm: Rhythm | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Call *take* at the start, after mail was kept, and now and then.

        *tls* says whose certificates are trusted: those that the system trusts, if it is None.
        """
        self._server = server
        self._store = store
        self._clock = clock
        self._take = take
        self._tls = tls
        self._rhythm = rhythm or Rhythm()
        self._chance = chance
        self._fetcher = Fetcher(0)
        self._folder: Folder | None = None
        self._stopping = threading.Event()
        self._ended = asyncio.Event()
        self._storing = asyncio.Lock()
        self._taking = asyncio.Lock()
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._failures = 0
        self._problem = ""
        self._sound_at: float | None = None
        """When the server last answered as it should."""

    async def start(self) -> None:
        """Begin to read; it returns before anything was heard of the server."""
        self._loop = asyncio.get_running_loop()
        self._started_at = self._clock.monotonic()
        self._tasks = [asyncio.create_task(self._keep_taking(), name="mails")]
        self._thread = threading.Thread(target=self._run, name="mailbox", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Stop between two batches; what is not stored stays unseen, and is fetched again."""
        self._stopping.set()
        if folder := self._folder:
            folder.abandon()
        async with self._storing, self._taking:
            for task in self._tasks:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._tasks:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._rhythm.parting):
                    await self._ended.wait()

    def trouble(self, within: float = 60) -> str | None:
        """Return why no mail comes in, if it has been so for *within* seconds or from the start."""
        if not self._tasks or self._stopping.is_set() or not self._thread.is_alive():
            return "is not being read"
        since = self._started_at if self._sound_at is None else self._sound_at
        silent = self._clock.monotonic() - since
        if self._problem and (self._sound_at is None or silent > within):
            return self._problem
        longest = within + max(self._rhythm.idle, self._rhythm.poll) + self._rhythm.timeout
        return f"has told nothing for {silent:.0f} s" if silent > longest else None

    # In the event loop

    async def _keep_taking(self) -> None:
        while True:
            self._news.clear()
            try:
                async with self._taking:
                    await self._take()
            except Exception as error:  # whatever it is, the next look may go well
                _log.error("mails_not_taken", error=type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._rhythm.take):
                    await self._news.wait()

    async def _cursor(self) -> Cursor | None:
        async with self._store.transaction() as tx:
            return await tx.cursor(self._server.mailbox)

    async def _keep(self, mails: Sequence[KeptMail], cursor: Cursor) -> None:
        async with self._storing:
            if self._stopping.is_set():
                raise _Stopped
            async with self._store.transaction() as tx:
                new = await tx.keep_mails(mails)
                await tx.set_cursor(self._server.mailbox, cursor)
        for each in new:
            if each.record.extent is not Extent.WHOLE:
                _log.warning("mail_not_whole", mail=each.record.key, extent=each.record.extent)
        if new:
            _log.info("mails_kept", count=len(new))
            self._news.set()

    # In the thread

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with opened(self._server, tls=self._tls, timeout=self._rhythm.timeout) as folder:
                    self._folder = folder
                    self._read_on(folder)
            except Exception as error:  # this loop outlives whatever goes wrong
                self._failed(error)
            finally:
                self._folder = None
        with suppress(RuntimeError):  # the event loop may have ended before
            self._loop.call_soon_threadsafe(self._ended.set)

    def _read_on(self, folder: Folder) -> None:
        """Take in all there is, and what comes, until something breaks."""
        while not self._stopping.is_set():
            self._catch_up(folder)
            if folder.told_of_mail():  # in its very last answer
                self._catch_up(folder)
            self._went_well()
            if not folder.can_idle:
                self._stopping.wait(self._rhythm.poll)
            elif not self._stopping.is_set():
                folder.idle(self._rhythm.idle)

    def _catch_up(self, folder: Folder) -> None:
        validity = folder.uid_validity
        if self._fetcher.uid_validity != validity:
            self._fetcher = Fetcher(validity)
        cursor = self._in_loop(self._cursor())
        read_to = cursor.last_uid if cursor and cursor.uid_validity == validity else 0
        while uids := folder.uids_after(read_to):
            for batch in self._fetcher.batches(folder, uids):
                read_to = batch.up_to
                mails = [self._mail(validity, each) for each in batch.mails]
                self._in_loop(self._keep(mails, Cursor(uid_validity=validity, last_uid=read_to)))
                self._went_well()
                folder.mark_seen(_fetched(batch))

    def _mail(self, uid_validity: int, fetched: Fetched) -> KeptMail:
        place = f"{self._server.mailbox} {uid_validity} {fetched.uid}"
        same = fingerprint(fetched.raw or place.encode())
        record = MailRecord(
            key=same[:32],
            fingerprint=same,
            mailbox=self._server.mailbox,
            uid_validity=uid_validity,
            uid=fetched.uid,
            size=fetched.size,
            extent=fetched.extent,
            received_at=self._clock.now(),
            error=fetched.error,
        )
        return KeptMail(record, fetched.raw)

    def _in_loop(self, work: Coroutine[Any, Any, T]) -> T:
        """Have the event loop do this, and wait for it."""
        try:
            if self._stopping.is_set():
                raise _Stopped
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        except BaseException:
            work.close()
            raise
        return future.result()

    def _went_well(self) -> None:
        self._failures, self._problem = 0, ""
        self._sound_at = self._clock.monotonic()

    def _failed(self, error: Exception) -> None:
        """Say what is wrong, and wait before the next try."""
        if self._stopping.is_set():
            return
        pauses = self._rhythm.pauses
        pause = pauses[min(self._failures, len(pauses) - 1)] * (1 - self._chance() / 4)
        self._failures += 1
        code = error.code if isinstance(error, MailboxTrouble) else type(error).__name__
        self._problem = str(error) if isinstance(error, MailboxTrouble) else f"fails: {code}"
        _log.warning("mailbox_failed", error=code, pause=round(pause, 3))
        self._stopping.wait(pause)


def _fetched(batch: Batch) -> list[int]:
    return [each.uid for each in batch.mails if each.extent is not Extent.NOTHING]
