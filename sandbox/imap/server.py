"""The IMAP server itself: where it listens, whom it lets in, and what can be done to it."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import quote

from sandbox.faults import Faults
from sandbox.mail import MailServer
from sandbox.mailbox import Mailbox

from .line import LINE_LIMIT, Line
from .session import House, Session

HOST: Final = "127.0.0.1"


class ImapServer:
    """An IMAP server on loopback, over the mailboxes of the sandbox's mail server."""

    def __init__(
        self,
        mail: MailServer,
        accounts: Mapping[str, str],
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        scheme: Literal["imap", "imaps"] = "imap",
        idle: bool = True,
    ) -> None:
        """Prepare the server for *accounts*: passwords by address.

        With *tls*, `imap` demands STARTTLS before the login and `imaps` speaks TLS from the first
        byte. Without *idle*, clients have to ask again and again.
        """
        self.faults = Faults()
        """What goes wrong with the next command of a name (`FETCH`, with or without UID before it),
        or with the next greeting (`CONNECT`). A cut after the effect breaks the answer off in its
        middle; a slow IDLE tells no news for so long."""
        self._mail = mail
        self._accounts = {address.lower(): password for address, password in accounts.items()}
        self._port = port
        self._tls = tls
        self._scheme = scheme
        self._house = House(
            open=self._open,
            faults=self.faults,
            idle=idle,
            starttls=tls if scheme == "imap" else None,
        )
        self._server: asyncio.Server | None = None
        self._sessions: dict[asyncio.Task[None], Line] = {}

    async def start(self) -> None:
        """Listen; on the same port again if the server was stopped. Raises OSError."""
        self._server = await asyncio.start_server(
            self._connected,
            HOST,
            self._port,
            limit=LINE_LIMIT,
            ssl=self._tls if self._scheme == "imaps" else None,
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and break all connections; the mail stays."""
        if self._server is None:
            return
        self._server.close()
        await self.cut()
        await self._server.wait_closed()
        self._server = None

    async def cut(self) -> None:
        """Break all connections, as a router does that has forgotten them."""
        sessions = dict(self._sessions)
        for session, line in sessions.items():
            line.cut()
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

    def url(self, address: str) -> str:
        """Return where a mailbox is read, with user and password: what `IMAP_URL` takes.

        Raises KeyError if it is no account.
        """
        login = ":".join(
            quote(part, safe="") for part in (address, self._accounts[address.lower()])
        )
        return f"{self._scheme}://{login}@{HOST}:{self._port}/INBOX"

    def _open(self, user: str, password: str) -> Mailbox | None:
        known = self._accounts.get(user.lower()) == password
        return self._mail.mailbox(user) if known else None

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        session = asyncio.create_task(self._serve(line))
        self._sessions[session] = line
        session.add_done_callback(self._sessions.pop)

    async def _serve(self, line: Line) -> None:
        try:
            await Session(line, self._house).run()
        except OSError:
            pass  # the client has gone, or does not trust the certificate
        finally:
            await line.close()
