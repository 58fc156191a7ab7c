"""Outgoing mail, handed in at an SMTP server."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final

import aiosmtplib
import structlog

from adapters.mail.address import Encryption, SmtpServer
from adapters.mail.render import render
from core.effects import Mail, Words
from core.errors import DeliveryError, GiveUp, InDoubt, Retry
from core.ids import Receipt
from core.message import MEGABYTE
from core.outbox import MAIL, Delivery, Fits, Outgoing
from core.pace import Toll
from core.phrases import Phrase
from core.ports import Delivered
from core.wording import Phrasebook

_TIMEOUT: Final = 60.0
"""Seconds to wait for each answer of the server's; many think for long after DATA."""

_PARTING: Final = 2.0
"""Seconds to wait for the server's goodbye."""

_STARTTLS: Final = {
    Encryption.TLS: False,
    Encryption.STARTTLS: True,
    Encryption.IF_OFFERED: None,
}

_NOT_LOGGED_IN: Final = range(530, 539)
"""What a server answers to those it wants to log in first, or otherwise (RFC 4954, section 6)."""

_ENHANCED_CODE: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")

_log = structlog.get_logger()


class MailChannel:
    """The way to a customer's mailbox. Each mail is handed in over a connection of its own."""

    name = MAIL
    fits = Fits(text=100_000, file=20 * MEGABYTE)

    def __init__(
        self,
        server: SmtpServer,
        sender: Address,
        phrasebook: Phrasebook,
        *,
        tls: ssl.SSLContext | None = None,
        timeout: float = _TIMEOUT,
    ) -> None:
        """Prepare to write as *sender*.

        *tls* says whose certificates are trusted: those that the system trusts, if it is None.
        *timeout* is how many seconds each answer of the server's may take.
        """
        self._server = server
        self._sender = sender
        self._phrasebook = phrasebook
        self._tls = tls
        self._timeout = timeout

    def tolls(self, delivery: Delivery) -> tuple[Toll, ...]:
        """Return our own limits: no mailbox is flooded, and no provider's patience used up."""
        return (
            Toll(f"{MAIL}:{delivery.place}", per_second=1, burst=5),
            Toll(MAIL, per_second=10),
        )

    async def deliver(self, outgoing: Outgoing) -> Delivered:
        """Send a `Mail`; its Message-ID is the receipt, and stays the same if it is sent again."""
        effect = outgoing.delivery.effect
        if not isinstance(effect, Mail):
            raise TypeError(f"a {type(effect).__name__} is not sent by mail")
        message = render(outgoing, effect, self._phrasebook, self._sender)
        client = self._client()
        try:
            await _connect(client)
            await _hand_in(client, message)
            with suppress(aiosmtplib.SMTPException):  # the mail is theirs now, whatever happens
                await client.quit(timeout=_PARTING)
        finally:
            client.close()
        return Delivered(Receipt(message["Message-ID"]))

    async def check(self) -> None:
        """Connect, encrypt and log in, and leave again. Raises `Retry` with what is wrong."""
        client = self._client()
        try:
            await _connect(client)
            await client.quit(timeout=_PARTING)
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.encryption is Encryption.TLS,
            start_tls=_STARTTLS[server.encryption],
            tls_context=self._tls,
            validate_certs=server.encryption is not Encryption.IF_OFFERED,
            local_hostname=self._sender.domain,
            timeout=self._timeout,
        )


async def _connect(client: aiosmtplib.SMTP) -> None:
    """Connect, encrypt and log in. Whatever goes wrong here is no fault of the mail's."""
    try:
        await client.connect()
    except (aiosmtplib.SMTPException, OSError) as error:
        reason = str(error)
        if isinstance(error, aiosmtplib.SMTPResponseException):
            reason = _codes(error)
        _log.error("mail_server_not_usable", error=type(error).__name__, reason=reason)
        raise Retry(f"the mail server cannot be used: {reason}") from error


async def _hand_in(client: aiosmtplib.SMTP, message: EmailMessage) -> None:
    with _translated(broken_off=Retry):
        await client.mail(message["From"].addresses[0].addr_spec)
        await client.rcpt(message["To"].addresses[0].addr_spec)
    with _translated(broken_off=InDoubt):
        await client.data(message.as_bytes())


@contextmanager
def _translated(broken_off: type[DeliveryError]) -> Iterator[None]:
    """Turn what the server answers into an error of the desk's, and silence into *broken_off*."""
    try:
        yield
    except aiosmtplib.SMTPResponseException as error:
        raise _refusal(error) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise broken_off(f"the connection broke: {type(error).__name__}") from error


def _refusal(error: aiosmtplib.SMTPResponseException) -> DeliveryError:
    codes = _codes(error)
    reason = f"the mail server answered {codes}"
    if 400 <= error.code < 500 or error.code in _NOT_LOGGED_IN:
        return Retry(reason)
    if 500 <= error.code < 600:
        return GiveUp(reason, why=Words(phrase=Phrase.WHY_MAIL_REFUSED, values={"detail": codes}))
    return InDoubt(reason)


def _codes(error: aiosmtplib.SMTPResponseException) -> str:
    """Return the codes of an answer without its words, in which servers repeat addresses."""
    enhanced = _ENHANCED_CODE.match(error.message)
    return f"{error.code} {enhanced[0]}" if enhanced else str(error.code)
