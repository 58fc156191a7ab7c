"""The sandbox's mail server: takes mail over SMTP and keeps it, by recipient, to be read."""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, Literal
from urllib.parse import quote

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

from sandbox.clock import Clock
from sandbox.faults import Fault, FaultKind, Faults
from sandbox.letter import Mail, read_mail
from sandbox.mail_customer import MailCustomer
from sandbox.mailbox import Mailbox
from sandbox.trace import traced

HOST: Final = "127.0.0.1"
SIZE_LIMIT: Final = 25 * 1024 * 1024
"""The largest mail that is taken, in bytes, where nothing else is said; Gmail's is the same."""


class MailServer:
    """A mail server on loopback, in the caller's event loop, with a mailbox for every address."""

    def __init__(
        self,
        clock: Clock,
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        scheme: Literal["smtp", "smtps"] = "smtp",
        login: tuple[str, str] | None = None,
        size_limit: int = SIZE_LIMIT,
    ) -> None:
        """Prepare the server.

        With *tls*, `smtp` offers STARTTLS and `smtps` speaks TLS from the first byte. With *login*,
        a user and a password, mail is taken only after AUTH PLAIN or LOGIN, and where STARTTLS is
        offered, only after that. *size_limit* is in bytes.
        """
        self.faults = Faults()
        """What goes wrong with the next MAIL, RCPT and DATA (the whole mail having been sent)."""
        self._clock = clock
        self._port = port
        self._tls = tls
        self._scheme = scheme
        self._login = login
        self._size_limit = size_limit
        self._mailboxes: dict[str, Mailbox] = {}
        self._customers: dict[str, MailCustomer] = {}
        self._watchers: list[Callable[[], None]] = []
        self._server: asyncio.Server | None = None
        self._connections: list[SMTP] = []

    async def start(self) -> None:
        """Listen; on the same port again if the server was stopped. Raises OSError."""
        self._server = await asyncio.get_running_loop().create_server(
            self._connection,
            HOST,
            self._port,
            ssl=self._tls if self._scheme == "smtps" else None,
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and break all connections; the mail stays."""
        if self._server is None:
            return
        self._server.close()
        for connection in self._connections:
            _abort(connection)
        self._connections.clear()
        await self._server.wait_closed()
        self._server = None

    @property
    def url(self) -> str:
        """Where the server is reached, with user and password: what `SMTP_URL` takes."""
        login = ":".join(quote(part, safe="") for part in self._login or ())
        return f"{self._scheme}://{login}{'@' if login else ''}{HOST}:{self._port}"

    def mailbox(self, address: str) -> Mailbox:
        """Return the mailbox of *address*, in any case; empty if nothing has come for it.

        What stands behind a plus sign names no other mailbox (RFC 5233).
        """
        plain = _without_detail(address.lower())
        return self._mailboxes.setdefault(plain, Mailbox(plain))

    @property
    def addresses(self) -> list[str]:
        """The addresses for which mail has come."""
        return [address for address, box in self._mailboxes.items() if box.mails]

    @property
    def customers(self) -> list[MailCustomer]:
        """The people with a mail program, in the order in which they came."""
        return list(self._customers.values())

    def customer(self, address: str, name: str = "", language: str = "en") -> MailCustomer:
        """Return whom *address* belongs to; *name* and *language* are told the first time."""
        inbox = self.mailbox(address)
        if inbox.address not in self._customers:
            self._customers[inbox.address] = self._person(inbox, name, language, proven=True)
        return self._customers[inbox.address]

    def pretender(self, address: str, name: str = "", language: str = "en") -> MailCustomer:
        """Return a stranger who writes under the address of somebody else."""
        return self._person(self.mailbox(address), name, language, proven=False)

    def _person(self, inbox: Mailbox, name: str, language: str, *, proven: bool) -> MailCustomer:
        return MailCustomer(
            inbox,
            name=name,
            language=language,
            now=self._clock.now,
            hand_in=partial(self.hand_in, proven=proven),
        )

    def hand_in(self, raw: bytes, sender: str, to: Sequence[str], *, proven: bool) -> Mail:
        """Take a mail from another mail server: at once, and past all faults.

        *sender* ("" for a bounce) and *to* are the envelope's. Whether the mail is *proven* to come
        from whom it says is written on top of it; what comes over SMTP never is.
        """
        mail = read_mail(raw, sender, to, self._clock.now())
        for address in dict.fromkeys(mail.to):
            self.mailbox(address).put(mail, traced(mail, address, proven=proven))
        for watcher in self._watchers:
            watcher()
        return mail

    def on_change(self, watcher: Callable[[], None]) -> None:
        """Call *watcher* after every mail that was taken."""
        self._watchers.append(watcher)

    def snapshot(self) -> dict[str, Any]:
        """Return all mailboxes and their mail as plain JSON."""
        return {
            address: [mail.as_json() for mail in mailbox.mails]
            for address, mailbox in self._mailboxes.items()
        }

    def _connection(self) -> SMTP:
        offers_starttls = self._tls is not None and self._scheme == "smtp"
        connection = SMTP(
            _Hooks(self.faults, self._login, self._deliver),
            data_size_limit=self._size_limit,
            enable_SMTPUTF8=True,
            hostname="localhost",
            tls_context=self._tls if offers_starttls else None,
            # Without a login this hides AUTH, since there is nothing to log in with.
            auth_require_tls=offers_starttls or self._login is None,
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._connections = [each for each in self._connections if each.transport] + [connection]
        return connection

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        if self._login is None or not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        user, password = self._login
        known = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=known, handled=False)

    def _deliver(self, envelope: Envelope) -> None:
        sender = envelope.mail_from or ""
        self.hand_in(
            envelope.original_content or b"",
            "" if sender == "<>" else sender,
            envelope.rcpt_tos,
            proven=False,
        )


def _without_detail(address: str) -> str:
    name, _, domain = address.rpartition("@")
    return f"{name.partition('+')[0]}@{domain}" if name.partition("+")[0] else address


class _Hooks:
    """What is answered to one client, and what goes wrong: aiosmtpd calls these by their names."""

    def __init__(
        self,
        faults: Faults,
        login: tuple[str, str] | None,
        deliver: Callable[[Envelope], None],
    ) -> None:
        self._faults = faults
        self._login = login
        self._deliver = deliver

    async def handle_MAIL(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> object:
        if self._login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        fault = self._faults.take("MAIL")
        return await _before(fault, smtp) or await _after(fault, smtp)

    async def handle_RCPT(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> object:
        fault = self._faults.take("RCPT")
        return await _before(fault, smtp) or await _after(fault, smtp)

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> object:
        fault = self._faults.take("DATA")
        if refusal := await _before(fault, smtp):
            return refusal
        self._deliver(envelope)
        return await _after(fault, smtp)


async def _before(fault: Fault | None, smtp: SMTP) -> str | None:
    """Return the answer to a command that has no effect, if that is the fault."""
    match fault and fault.kind:
        case FaultKind.LIMIT:
            return "451 4.7.1 Too many mails: try again later"
        case FaultKind.ERROR:
            # RFC 5321, 3.8: after a 421 the server closes the connection.
            smtp.loop.call_soon(_close, smtp)
            return "421 4.3.0 The server is in trouble: closing the connection"
        case FaultKind.REFUSE if fault:
            return f"550 {fault.error}"
        case FaultKind.CUT_BEFORE:
            await _cut(smtp)
    return None


async def _after(fault: Fault | None, smtp: SMTP) -> object:
    """Return the answer to a command that has had its effect: the usual one, but for the fault."""
    match fault and fault.kind:
        case FaultKind.ERROR_AFTER:
            return "451 4.3.0 The server is in trouble: try again later"
        case FaultKind.CUT_AFTER:
            await _cut(smtp)
        case FaultKind.SLOW if fault:
            await asyncio.sleep(fault.seconds)
    return MISSING


async def _cut(smtp: SMTP) -> None:
    """Break the connection, and wait for the end: the lost connection cancels its task."""
    _abort(smtp)
    await asyncio.Event().wait()


def _abort(smtp: SMTP) -> None:
    if isinstance(smtp.transport, asyncio.Transport):  # None, once the connection is lost
        smtp.transport.abort()


def _close(smtp: SMTP) -> None:
    if smtp.transport is not None:
        smtp.transport.close()
