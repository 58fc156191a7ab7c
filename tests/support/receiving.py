"""What stands where the desk will stand when mail comes in, and mails to come in."""

import asyncio
import imaplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from adapters.clock import SystemClock
from adapters.mail.imap_url import ImapServer, parse_imap_url
from adapters.mail.mailbox import Mailbox, Rhythm
from adapters.store.memory import MemoryStore
from adapters.store.memory.store import MemoryTransaction
from core.mail_port import KeptMail, MailRecord, MailState
from tests.support.waiting import PATIENCE, until

HASTE: dict[str, Any] = {"pauses": (0.01,), "take": 0.05, "timeout": 60.0}


def a_mail(subject: str, *headers: str, body: str = "Hello") -> bytes:
    """Return a mail with this subject, and a Message-ID made of it."""
    lines = [f"Message-ID: <{subject}@example.org>", "From: Ana <ana@example.org>"]
    lines += ["Date: Mon, 23 Nov 2026 12:00:00 +0100", f"Subject: {subject}", *headers, "", body]
    return "\r\n".join(lines).encode() + b"\r\n"


def subject_of(mail: KeptMail) -> str:
    """Return the subject of one that `a_mail` made."""
    found = [line for line in mail.raw.split(b"\r\n") if line.startswith(b"Subject: ")]
    return found[0].removeprefix(b"Subject: ").decode() if found else ""


class CarefulStore(MemoryStore):
    """Keeps mails when it may, and fails as often as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.may_commit = asyncio.Event()
        self.may_commit.set()
        self.may_go_on = asyncio.Event()
        """After a commit."""
        self.may_go_on.set()
        self.failures = 0
        self.tries = 0
        """How often mails were to be kept."""
        self._known = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryTransaction]:
        async with super().transaction() as tx:
            yield tx
            known = len(await tx.list_mails(list(MailState), 10_000))
            keeps = known > self._known
            if keeps:
                self.tries += 1
                await self.may_commit.wait()
                if self.failures:
                    self.failures -= 1
                    raise RuntimeError("database is locked")
                self._known = known
        if keeps:
            await self.may_go_on.wait()


class Desk:
    """Takes mails as the desk does, and remembers them."""

    def __init__(self) -> None:
        self.store = CarefulStore()
        self.taken: list[KeptMail] = []
        self.mailboxes: list[Mailbox] = []

    async def take(self) -> None:
        """Take what is new."""
        async with self.store.transaction() as tx:
            for record in await tx.mails_to_take(1000):
                mail = await tx.mail(record.key)
                assert mail is not None
                self.taken.append(mail)
                await tx.mark_mail(record.key, MailState.TAKEN)

    async def read(self, place: str | ImapServer, **rhythm: Any) -> Mailbox:
        """Begin to read a folder; it is stopped at the end of the test."""
        server = parse_imap_url(place) if isinstance(place, str) else place
        mailbox = self.mailbox(server, **rhythm)
        await mailbox.start()
        return mailbox

    def mailbox(self, server: ImapServer, *, tls: Any = None, **rhythm: Any) -> Mailbox:
        """Return what reads a folder."""
        beat = Rhythm(**HASTE | rhythm)
        mailbox = Mailbox(server, self.store, SystemClock(), self.take, tls=tls, rhythm=beat)
        self.mailboxes.append(mailbox)
        return mailbox

    async def stop(self) -> None:
        """Stop whatever reads."""
        for each in self.mailboxes:
            await each.stop()

    @property
    def subjects(self) -> list[str]:
        """Of the mails that were taken, in order."""
        return [subject_of(each) for each in self.taken]

    async def records(self) -> list[MailRecord]:
        """Return what is known of all mails."""
        async with self.store.transaction() as tx:
            return await tx.list_mails(list(MailState), 10_000)

    async def has(self, *subjects: str) -> None:
        """Wait until these were taken, in this order, and nothing else."""
        await until(lambda: len(self.taken) >= len(subjects))
        assert self.subjects == list(subjects)


def uids(url: str, criterion: str) -> list[int]:
    """Return which mails of a folder are such as SEEN or UNSEEN, as another program sees it."""
    server = parse_imap_url(url)
    with imaplib.IMAP4(server.host, server.port, timeout=PATIENCE) as client:
        client.login(server.user, server.password)
        client.select(server.folder, readonly=True)
        _, found = client.uid("SEARCH", criterion)
    return [int(each) for each in (found[0] or b"").split()]


async def has_uids(url: str, criterion: str, wanted: list[int]) -> None:
    """Wait until such mails of a folder are these."""

    async def found() -> bool:
        return await asyncio.to_thread(uids, url, criterion) == wanted

    await until(found)
