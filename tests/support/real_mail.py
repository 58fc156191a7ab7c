"""Mail as on the internet: a server that wants encryption and a login, and Dovecot behind it.

Customers have their accounts there, too, and mail programs of their own.
"""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote

from sandbox.clock import Clock
from sandbox.letter import Mail, read_mail
from sandbox.mail_customer import MailCustomer
from sandbox.mailbox import Mailbox
from sandbox.trace import traced
from tests.support.dovecot import NOT_LOCAL, PASSWORD, Dovecot
from tests.support.mail_program import Account, Fetching
from tests.support.relay import Relay

_LOGIN: Final = ("desk", "p@ss: words/")


class Post(Protocol):
    """Where people have their mail: the sandbox's server, or a real one."""

    def customer(self, address: str, name: str = "", language: str = "en") -> MailCustomer:
        """Return whom *address* belongs to; *name* and *language* are told the first time."""
        ...

    def mailbox(self, address: str) -> Mailbox:
        """Return what has come for *address*."""
        ...


class RealMail:
    """Dovecot, the server in front of it, and those who have an account there."""

    def __init__(self, clock: Clock, dovecot: Dovecot, folder: Path) -> None:
        self._clock = clock
        self._dovecot = dovecot
        self._authority = folder / "authority.pem"
        dovecot.authority.cert_pem.write_to_path(self._authority)
        serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        dovecot.authority.issue_cert(NOT_LOCAL).configure_cert(serving)
        self._trusting = ssl.create_default_context(cafile=str(self._authority))
        self._customers: dict[str, MailCustomer] = {}
        self._programs: list[Fetching] = []
        self.relay = Relay(tls=serving, login=_LOGIN, hand_on=partial(self._hand_on, proven=False))

    def settings(self, desk: str) -> dict[str, str]:
        """Return the desk's settings, whose own address is *desk*.

        Its servers are called by a name that stands for a machine elsewhere: so it insists on
        encryption, and on a certificate of the authority that it is told to trust.
        """
        user, password = (quote(each, safe="") for each in _LOGIN)
        return {
            "SMTP_URL": f"smtp://{user}:{password}@{NOT_LOCAL}:{self.relay.port}",
            "IMAP_URL": self._dovecot.url(desk, host=NOT_LOCAL),
            "SSL_CERT_FILE": str(self._authority),
        }

    def customer(self, address: str, name: str = "", language: str = "en") -> MailCustomer:
        """Return whom *address* belongs to, with a mail program that fetches what comes."""
        if address not in self._customers:
            self._customers[address] = MailCustomer(
                inbox := Mailbox(address),
                name=name,
                language=language,
                now=self._clock.now,
                hand_in=self._hand_in,
            )
            self._fetch(inbox)
        return self._customers[address]

    def mailbox(self, address: str) -> Mailbox:
        """Return what a customer's program has fetched."""
        return self._customers[address].inbox

    async def stop(self) -> None:
        """Let everybody close their mail program."""
        for each in self._programs:
            await each.stop()

    def _fetch(self, inbox: Mailbox) -> None:
        account = Account(
            host=NOT_LOCAL,
            port=self._dovecot.port,
            user=inbox.address,
            password=PASSWORD,
            tls=self._trusting,
        )

        def bring(raw: bytes) -> None:
            inbox.put(read_mail(raw, "", [inbox.address], self._clock.now()))

        self._programs.append(program := Fetching(account, bring))
        program.start()

    def _hand_in(self, raw: bytes, sender: str, to: Sequence[str]) -> Mail:
        """Take a customer's mail as it comes from their own, well-kept server."""
        self._hand_on(raw, sender, to, proven=True)
        return read_mail(raw, sender, to, self._clock.now())

    def _hand_on(self, raw: bytes, sender: str, to: Sequence[str], *, proven: bool) -> None:
        """Give a mail to Dovecot, with what was found out about its sender on top."""
        mail = read_mail(raw, sender, to, self._clock.now())
        for address in mail.to:
            self._dovecot.deliver(
                traced(mail, address, proven=proven), sender=mail.sender, to=address
            )


@asynccontextmanager
async def real_mail(clock: Clock, folder: Path) -> AsyncIterator[RealMail]:
    """Run all of it inside the block; *folder* is for what the desk is to read."""
    async with AsyncExitStack() as stack:
        dovecot = Dovecot()
        stack.callback(dovecot.stop)
        dovecot.start()
        post = RealMail(clock, dovecot, folder)
        await post.relay.start()
        stack.push_async_callback(post.relay.stop)
        stack.push_async_callback(post.stop)
        yield post
