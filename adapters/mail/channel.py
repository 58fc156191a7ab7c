"""Outgoing mail: answers with their files, and what the desk writes by itself."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from email.headerregistry import Address
from typing import Final

from adapters.files import Files
from adapters.mail.address import SmtpServer
from adapters.mail.enclosures import ROOM, Enclosure, enclose, fitted
from adapters.mail.heading import Desk, recipient
from adapters.mail.render import render
from adapters.mail.smtp import TIMEOUT, connected
from adapters.mail.tokens import Tokens
from core.channel_port import Delivered
from core.conversation import Conversation
from core.effects import Mail, MailKind
from core.ids import Receipt
from core.message import Attachment, Part
from core.outbox import MAIL, Delivery, Fits, Outgoing
from core.pace import Toll
from core.wording import Phrasebook

_WORDS: Final = 512 * 1024
"""Bytes that are kept free for what a mail says, where a server says how much it takes."""

_WITH_FILES: Final = 4
"""How many mails with files are under way at once: each is in memory several times over."""

Proof = Callable[[Conversation], Awaitable[str]]
"""Makes a link to a conversation, for whoever its mail goes to; a new one each time."""


class MailChannel:
    """The way to a customer's mailbox. Each mail is handed in over a connection of its own."""

    name = MAIL
    # A mail server that does not answer keeps few of the desk's calls from the chats.
    fits = Fits(text=100_000, file=ROOM, at_once=16)

    def __init__(
        self,
        server: SmtpServer,
        sender: Address,
        phrasebook: Phrasebook,
        *,
        files: Files,
        tokens: Tokens | None,
        proof: Proof | None = None,
        tls: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        """Prepare to write as *sender*, with agents' files from *files*.

        *tokens* tie replies to their tickets; None where no replies are read. *proof* makes links
        to tickets for the mails that acknowledge them; None where nothing is to be seen online.
        *tls* says whose certificates are trusted: those that the system trusts, if it is None.
        *timeout* is how many seconds each answer of the server's may take.
        """
        self._server = server
        self._desk = Desk(sender, tokens)
        self._phrasebook = phrasebook
        self._files = files
        self._proof = proof
        self._tls = tls
        self._timeout = timeout
        self._few = asyncio.Semaphore(_WITH_FILES)

    def tolls(self, delivery: Delivery) -> tuple[Toll, ...]:
        """Return our own limits: no mailbox is flooded, and no provider's patience used up."""
        return (
            Toll(f"{MAIL}:{delivery.place}", per_second=1, burst=5),
            Toll(MAIL, per_second=10),
        )

    async def deliver(self, outgoing: Outgoing) -> Delivered:
        """Send a `Mail`; its Message-ID is the receipt, and stays the same if it is sent again.

        What the server would not take for its size goes without its files, which are named.
        """
        effect = outgoing.delivery.effect
        if not isinstance(effect, Mail):
            raise TypeError(f"a {type(effect).__name__} is not sent by mail")
        attachments = _attachments(outgoing)
        async with self._few if attachments else nullcontext():
            return Delivered(await self._send(outgoing, effect, attachments))

    async def _send(
        self, outgoing: Outgoing, effect: Mail, attachments: Sequence[Attachment]
    ) -> Receipt:
        to = recipient(outgoing).addr_spec
        enclosures = await enclose(attachments, self._files)
        follow = ""
        if self._proof is not None and effect.kind is MailKind.TICKET_FILED:
            follow = await self._proof(outgoing.conversation)
        async with connected(
            self._server, self._desk.sender.domain, tls=self._tls, timeout=self._timeout
        ) as server:
            room = ROOM if server.largest is None else (server.largest - _WORDS) * 18 // 25
            kept = fitted(enclosures, room)  # files of 18 bytes are less than 25 in the mail
            # To put many megabytes together takes a while, during which others want to be served.
            receipt, mail = await asyncio.to_thread(self._rendered, outgoing, effect, kept, follow)
            await server.hand_in(self._desk.sender.addr_spec, to, mail)
        return receipt

    def _rendered(
        self, outgoing: Outgoing, mail: Mail, enclosures: Sequence[Enclosure], follow: str
    ) -> tuple[Receipt, bytes]:
        message = render(outgoing, mail, self._phrasebook, self._desk, enclosures, follow=follow)
        return Receipt(message["Message-ID"]), message.as_bytes()


def _attachments(outgoing: Outgoing) -> list[Attachment]:
    """Return what came with the answers that a mail carries."""
    answers = outgoing.with_messages or (outgoing.message,)
    said = [each for each in answers if each is not None and each.part is not Part.NOTE]
    return [each for message in said for each in message.attachments]
