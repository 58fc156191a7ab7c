"""A mail server in front of another: it hands on what it gets of who encrypts and logs in."""

import asyncio
import smtplib
import ssl
from collections.abc import Callable, Sequence
from typing import Final

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST: Final = "127.0.0.1"

HandOn = Callable[[bytes, str, Sequence[str]], None]
"""Gives a mail, with its envelope's sender and recipients, to the server behind; blocks."""


class Relay:
    """Listens on loopback, in the caller's event loop; it keeps nothing itself.

    A mail is taken when the server behind has taken it: until then the sender keeps it.
    """

    def __init__(self, *, tls: ssl.SSLContext, login: tuple[str, str], hand_on: HandOn) -> None:
        """*login*: the user and the password."""
        self.port = 0
        self._tls = tls
        self._login = login
        self._hand_on = hand_on
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.get_running_loop().create_server(self._connection, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more; those who are connected have gone by then."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        """Hand a mail on: aiosmtpd calls this by its name."""
        content = envelope.original_content or b""
        try:
            await asyncio.to_thread(
                self._hand_on, content, envelope.mail_from or "", envelope.rcpt_tos
            )
        except (smtplib.SMTPException, OSError) as error:
            return f"451 4.4.1 The server behind does not take it: {type(error).__name__}"
        return "250 2.0.0 Taken"

    def _connection(self) -> SMTP:
        return SMTP(
            self,
            hostname="localhost",
            tls_context=self._tls,
            require_starttls=True,
            auth_required=True,
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        user, password = self._login
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (
            user.encode(),
            password.encode(),
        )
        return AuthResult(success=known, handled=False)
