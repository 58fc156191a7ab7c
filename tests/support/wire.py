"""A wire between browsers and the desk that can be cut, or swallow what the desk says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

_CHUNK = 65536


class Wire:
    """Passes on what is said, until it is cut; whoever connects again gets a new one."""

    def __init__(self, desk: str) -> None:
        self._desk = urlsplit(desk)
        self._lines: set[asyncio.StreamWriter] = set()
        self._pending: set[asyncio.Task[None]] = set()
        self.is_deaf = False
        """Whether what the desk says is lost from now on, while it hears everything."""
        self.url = ""

    def cut(self) -> None:
        """Break all connections at once."""
        for each in self._lines:
            each.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            answers, asked = await asyncio.open_connection(self._desk.hostname, self._desk.port)
        except OSError:
            writer.transport.abort()
            return
        self._lines |= {writer, asked}
        with suppress(OSError):
            await asyncio.gather(self._pass(reader, asked), self._pass(answers, writer, back=True))
        self._lines -= {writer, asked}
        for each in (writer, asked):
            each.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, back: bool = False
    ) -> None:
        while said := await reader.read(_CHUNK):
            if not (back and self.is_deaf):
                writer.write(said)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def a_wire(desk: str) -> AsyncIterator[Wire]:
    """Have a wire to *desk* inside the block."""
    wire = Wire(desk)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        server.close()
        wire.cut()
        await server.wait_closed()
