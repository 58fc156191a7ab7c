"""Handing mail in at an SMTP server, and what its answers mean."""

import re
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final

import aiosmtplib
import structlog

from adapters.mail.address import Encryption, SmtpServer
from core.effects import Words
from core.errors import DeliveryError, GiveUp, InDoubt, Retry
from core.phrases import Phrase

TIMEOUT: Final = 60.0
"""Seconds to wait for each answer of the server's; many think for long after DATA."""

_PARTING: Final = 2.0
"""Seconds to wait for the server's goodbye."""

_SLOWEST: Final = 32 * 1024
"""Bytes in a second: what is sent slower than that is taken to be stuck."""

_STARTTLS: Final = {
    Encryption.TLS: False,
    Encryption.STARTTLS: True,
    Encryption.IF_OFFERED: None,
}

_NOT_LOGGED_IN: Final = range(530, 539)
"""What a server answers to those it wants to log in first, or otherwise (RFC 4954, section 6)."""

_ENHANCED_CODE: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")

_log = structlog.get_logger()


class Connection:
    """A server that takes mail from us."""

    def __init__(self, client: aiosmtplib.SMTP, timeout: float) -> None:
        self._client = client
        self._timeout = timeout

    @property
    def largest(self) -> int | None:
        """How large a mail the server takes, in bytes, where it says so (RFC 1870)."""
        said = self._client.esmtp_extensions.get("size", "")
        return int(said) if said.isascii() and said.isdigit() and int(said) > 0 else None

    async def hand_in(self, sender: str, recipient: str, mail: bytes) -> None:
        """Hand a mail in. Raises `Retry`, `GiveUp`, or `InDoubt` once it may have been taken."""
        with _translated(broken_off=Retry):
            await self._client.mail(sender)
            await self._client.rcpt(recipient)
        with _translated(broken_off=InDoubt):
            # The mail itself counts as a part of the answer's time.
            await self._client.data(mail, timeout=self._timeout + len(mail) / _SLOWEST)


@asynccontextmanager
async def connected(
    server: SmtpServer, ours: str, *, tls: ssl.SSLContext | None = None, timeout: float = TIMEOUT
) -> AsyncIterator[Connection]:
    """Connect, encrypt and log in; say goodbye at the end. Raises `Retry` with what is wrong.

    *ours* is the domain by which we introduce ourselves. *tls* says whose certificates are trusted:
    those that the system trusts, if it is None. *timeout* is how many seconds each answer of the
    server's may take.
    """
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user or None,
        password=server.password or None,
        use_tls=server.encryption is Encryption.TLS,
        start_tls=_STARTTLS[server.encryption],
        tls_context=tls,
        validate_certs=server.encryption is not Encryption.IF_OFFERED,
        local_hostname=ours,
        timeout=timeout,
    )
    try:
        await _connect(client)
        yield Connection(client, timeout)
        with suppress(aiosmtplib.SMTPException):  # a mail is theirs by now, whatever happens
            await client.quit(timeout=_PARTING)
    finally:
        client.close()


async def _connect(client: aiosmtplib.SMTP) -> None:
    """Connect, encrypt and log in. Whatever goes wrong here is no fault of the mail's."""
    try:
        await client.connect()
        if client.is_ehlo_or_helo_needed:  # without a login, nothing has asked for it yet
            with suppress(aiosmtplib.SMTPHeloError):  # a server of old, to which HELO is said later
                await client.ehlo()
    except (aiosmtplib.SMTPException, OSError) as error:
        reason = str(error)
        if isinstance(error, aiosmtplib.SMTPResponseException):
            reason = _codes(error)
        _log.error("mail_server_not_usable", error=type(error).__name__, reason=reason)
        raise Retry(f"the mail server cannot be used: {reason}") from error


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
