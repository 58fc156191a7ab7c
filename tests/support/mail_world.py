"""A desk that lives by mail, in virtual time: real engine, real reading and writing, no server."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from uuid import UUID
from zlib import crc32

from adapters.mail.channel import MailChannel
from adapters.mail.fingerprint import fingerprint
from adapters.mail.heading import Desk as Writes
from adapters.mail.listener import MailListener, Trust
from adapters.mail.own import Own
from adapters.mail.render import render
from adapters.mail.tokens import Tokens
from adapters.phrasebook import load_phrasebook
from adapters.store.memory import MemoryStore
from bots.simulation.identifiers import SeededIds
from core.conversation import Agent, Conversation
from core.desk import Desk
from core.effects import Mail, MailKind, OpenThread
from core.events import AgentWrote, Event
from core.ids import ConversationId, DeliveryId, MessageId, Receipt, Thread
from core.known import Rules
from core.mail_port import Extent, KeptMail, MailRecord, MailState
from core.message import Message
from core.outbox import AGENTS, MAIL, Fits, Outgoing
from core.policy import Department, Policy
from core.ports import About, Audit, FromThread, Incoming, Store
from core.richtext import plain
from core.ticket import OPEN_STATUSES, TicketStatus
from tests.support.builders import MILA, MONDAY, ManualClock, department

PHRASEBOOK = load_phrasebook()


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A mail on its way."""

    sender: str
    """Of the envelope: where bounces go; empty where there is none to go to."""
    to: str
    raw: bytes
    at: datetime
    kind: MailKind | None = None
    """What kind of mail of a desk's it is; None where it is another's."""
    about: ConversationId | None = None
    round: int = 0
    """How many automatic mails of a desk's led to it, each the answer to the one before."""

    @property
    def automatic(self) -> bool:
        """Whether a desk wrote it by itself."""
        return self.kind not in (None, MailKind.ANSWER)


class Ids(SeededIds):
    """Ids as they are in earnest, the same ones each time: tokens are made of them."""

    def __init__(self, seed: str) -> None:
        super().__init__(len(seed))
        self._random = random.Random(seed)

    def conversation(self) -> ConversationId:
        return ConversationId(UUID(int=self._random.getrandbits(128), version=4).hex)


class MailedDesk:
    """A desk whose mail is put before it by hand, and whose own mails are handed out."""

    def __init__(
        self,
        clock: ManualClock,
        address: str = "podrska@example.com",
        *,
        store: Store | None = None,
        authserv_id: str = "",
        departments: Sequence[Department] = (department(),),
    ) -> None:
        self.clock = clock
        self.address = address
        self.store: Store = store or MemoryStore()
        self.tokens = Tokens([address.encode().ljust(16)], address)
        self._writes = Writes(Address("Podrška", addr_spec=address), self.tokens)
        self._departments = departments
        fits = {"chat": Fits(text=4000, file=10**8), AGENTS: Fits(text=3000, file=10**8)}
        self.policy = Policy(departments=tuple(departments))
        self.desk = Desk(
            store=self.store,
            clock=clock,
            ids=Ids(address),
            rules=Rules(language="en", fits={**fits, MAIL: MailChannel.fits}, patience=self.policy),
        )
        own = Own([address], address.partition("@")[2])
        trust = Trust(tokens=self.tokens, own=lambda departments: own, authserv_id=authserv_id)
        self.listener = MailListener(self.store, self.desk.receive, clock, trust)
        self.sent: list[Sent] = []
        self.shown: list[Outgoing] = []
        """What was carried to the agents and into chats, in order."""
        self._told = 0

    async def start(self) -> None:
        """Set its departments up."""
        async with self.store.transaction() as tx:
            for each in self._departments:
                audit = Audit(at=MONDAY, who="test", what=each.key, before="", after="")
                await tx.save_department(each, audit)

    async def keep(self, *mails: bytes, extent: Extent = Extent.WHOLE, error: str = "") -> str:
        """Put mails into the mailbox; return how the last one is known."""
        kept = [self._mail(raw, extent, error) for raw in mails]
        async with self.store.transaction() as tx:
            await tx.keep_mails(kept)
        return kept[-1].record.key

    async def take(self, *mails: bytes) -> str:
        """Put mails into the mailbox and have them taken; return how the last one is known."""
        key = await self.keep(*mails)
        await self.listener.take()
        return key

    async def told(self, conversation: ConversationId, *events: Event) -> None:
        """Have this happen in a conversation."""
        for each in events:
            self._told += 1
            key = f"told {self._told}"
            incoming = Incoming(key=key, origin=About(conversation), event=each)
            await self.desk.receive([incoming])

    async def answer(
        self, ticket: Conversation, text: str = "Have a look now, please.", by: Agent = MILA
    ) -> None:
        """Have an agent answer in a ticket's thread."""
        assert ticket.thread is not None
        self._told += 1
        at = self.clock.now()
        event = AgentWrote(
            at=at,
            message_id=MessageId(f"agents {self._told}"),
            sent_at=at,
            agent=by,
            text=plain(text),
        )
        origin = FromThread(ticket.thread)
        await self.desk.receive([Incoming(key=f"told {self._told}", origin=origin, event=event)])

    async def carry_out(self) -> list[Sent]:
        """Carry everything out that the desk has decided; return the mails among it."""
        mails: list[Sent] = []
        while True:
            opened: list[Thread] = []
            async with self.store.transaction() as tx:
                due = (await tx.heads(self.clock.now(), 1000, ())).due
                begun = await tx.begin([each.id for each in due]) if due else []
                for each in begun:
                    mails += self._carried(each)
                    if isinstance(each.delivery.effect, OpenThread):
                        thread = Thread(f"thread of {each.conversation.id}")
                        await tx.set_threads({each.conversation.id: thread})
                        opened.append(thread)
                done: dict[DeliveryId, Receipt] = {
                    each.delivery.id: Receipt(each.delivery.id) for each in begun
                }
                await tx.finish(done)
            if not begun:
                break
            await self.desk.take_up(opened)
        self.sent += mails
        return mails

    async def sleep(self, span: timedelta) -> list[Sent]:
        """Let time go by, with everything that comes of it; return the mails among it."""
        end = self.clock.now() + span
        mails = await self.carry_out()
        while (wake := await self._next_wake()) is not None and wake <= end:
            self.clock.go_to(max(wake, self.clock.now()))
            await self.desk.tick()
            mails += await self.carry_out()
        self.clock.go_to(end)
        return mails

    async def tickets(self, *statuses: TicketStatus) -> list[Conversation]:
        """Return the tickets of these statuses, oldest first; without any, all of them."""
        async with self.store.transaction() as tx:
            return (await tx.tickets(statuses or tuple(TicketStatus), 100_000))[::-1]

    async def open_tickets(self) -> list[Conversation]:
        """Return the tickets that are not closed, oldest first."""
        return await self.tickets(*OPEN_STATUSES)

    async def said(self, conversation: Conversation) -> list[Message]:
        """Return everything said in a conversation."""
        async with self.store.transaction() as tx:
            return await tx.messages_in(conversation.id)

    async def record(self, key: str) -> MailRecord:
        """Return what is known of a mail."""
        async with self.store.transaction() as tx:
            kept = await tx.mail(key)
        assert kept is not None
        return kept.record

    async def mark(self, key: str, state: MailState) -> None:
        """Write down what has become of a mail."""
        async with self.store.transaction() as tx:
            await tx.mark_mail(key, state)

    def _mail(self, raw: bytes, extent: Extent, error: str) -> KeptMail:
        same = fingerprint(raw)
        self._told += 1
        record = MailRecord(
            key=same[:32],
            fingerprint=same,
            mailbox="INBOX",
            uid_validity=1,
            uid=self._told,
            size=len(raw),
            extent=extent,
            received_at=self.clock.now(),
            error=error,
        )
        return KeptMail(record, raw)

    def _carried(self, outgoing: Outgoing) -> list[Sent]:
        effect = outgoing.delivery.effect
        if not isinstance(effect, Mail):
            self.shown.append(outgoing)
            return []
        message = render(outgoing, effect, PHRASEBOOK, self._writes)
        to: Address = message["To"].addresses[0]
        return [
            Sent(
                sender=self.address,
                to=to.addr_spec,
                raw=message.as_bytes(),
                at=self.clock.now(),
                kind=effect.kind,
                about=outgoing.conversation.id,
            )
        ]

    async def _next_wake(self) -> datetime | None:
        async with self.store.transaction() as tx:
            return await tx.next_wake()


def written(
    sender: str = "Ana <ana@example.org>",
    to: str = "podrska@example.com",
    subject: str = "The invoice",
    text: str = "Please send me the invoice again.",
    *,
    message_id: str = "",
    **headers: str,
) -> bytes:
    """Return a mail as programs write it; in names of *headers*, an underscore is a hyphen."""
    name = crc32(f"{sender}{subject}{text}".encode())
    given = {
        "From": sender,
        "To": to,
        "Subject": subject,
        "Date": "Mon, 23 Nov 2026 08:59:00 +0000",
        "Message-ID": message_id or f"<{name}@mail.example.org>",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    return f"{head}\r\n{text}\r\n".encode()


def in_answer_to(raw: bytes, sender: str, text: str, **headers: str) -> bytes:
    """Return somebody's answer to a mail: to its Reply-To, with its subject and its thread."""
    first = message_from_bytes(raw, EmailMessage, policy=default)
    return written(
        sender,
        str(first["Reply-To"] or first["From"]),
        f"Re: {first['Subject']}".replace("Re: Re: ", "Re: "),
        text,
        **{
            "In_Reply_To": first["Message-ID"],
            "References": f"{first['References'] or ''} {first['Message-ID']}".strip(),
            **headers,
        },
    )


def bounce_of(raw: bytes, to: str = "ana@example.org", by: str = "mx.example.org") -> bytes:
    """Return what a mail server writes about a mail to an address that is not there (RFC 3464)."""
    parts = (
        "\r\nThis is the mail system. Your message could not be delivered.",
        f"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; {by}\r\n\r\n"
        f"Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such user",
        "Content-Type: message/rfc822\r\n\r\n" + raw.decode(),
    )
    lines = [f"--b\r\n{part}\r\n" for part in parts]
    return written(
        f"MAILER-DAEMON@{by}",
        subject="Undelivered Mail Returned to Sender",
        text="".join(lines) + "--b--",
        message_id=f"<{crc32(raw)}@{by}>",
        Return_Path="<>",
        Auto_Submitted="auto-replied",
        Content_Type='multipart/report; report-type=delivery-status; boundary="b"',
    )
