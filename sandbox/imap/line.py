"""One client's connection: whole commands in, responses out, and the ways in which it breaks."""

import asyncio
import re
import ssl
from contextlib import suppress
from typing import Final

LINE_LIMIT: Final = 8192
"""The longest line that is read, in bytes (RFC 7162, 4: servers should take that much)."""
LITERAL_LIMIT: Final = 64 * 1024
"""The most that a command may have in all: nobody puts mail into the sandbox by IMAP."""

_ANNOUNCED: Final = re.compile(rb"\{([0-9]{1,10})(\+?)\}\r\n\Z")


class TooLong(Exception):
    """The client sends more than a server listens to."""


class Line:
    """A connection to a client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._waiting: list[bytes] = []

    async def command(self) -> bytes:
        """Return the next command with its literals in place, without its last line end.

        Raises TooLong, and EOFError when the client has gone.
        """
        command = b""
        while True:
            line = await self.text()
            command += line
            announced = _ANNOUNCED.search(line)
            if announced is None:
                return command.removesuffix(b"\r\n")
            size = int(announced.group(1))
            if len(command) + size > LITERAL_LIMIT:
                raise TooLong
            if not announced.group(2):
                self.say(b"+ Ready for the literal")
                await self.flush()
            command += await self._reader.readexactly(size)

    async def text(self) -> bytes:
        """Return the next line with its end. Raises TooLong, EOFError."""
        try:
            return await self._reader.readuntil(b"\r\n")
        except asyncio.LimitOverrunError:
            raise TooLong from None

    def say(self, *responses: bytes) -> None:
        """Add responses to what is sent next."""
        self._waiting += [response + b"\r\n" for response in responses]

    async def flush(self, share: float = 1) -> None:
        """Send what waits, or only its first part (*share* is from 0 to 1) and nothing after it."""
        whole = b"".join(self._waiting)
        self._waiting.clear()
        self._writer.write(whole[: round(len(whole) * share)])
        with suppress(ConnectionError):
            await self._writer.drain()

    async def encrypt(self, context: ssl.SSLContext) -> None:
        """Go on under TLS. Raises OSError when the client does not trust that."""
        await self._writer.start_tls(context)

    async def close(self) -> None:
        """Send what was written, and hang up."""
        self._writer.close()
        with suppress(OSError):  # the client was quicker
            await self._writer.wait_closed()

    def cut(self) -> None:
        """Break the connection."""
        self._writer.transport.abort()
