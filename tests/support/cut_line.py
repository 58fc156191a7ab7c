"""A line to a database that breaks at the worst moment: COMMIT was done, and nobody heard of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

SOCKET = ".s.PGSQL.5432"
_CHUNK = 65536


class CutLine:
    """Passes on what is said between a client and a server, each over a socket in a folder."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self._served: list[asyncio.Task[None]] = []
        self.cuts = 0
        """How many of the next commits are done without anybody hearing of it."""

    async def serve(
        self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        """Serve one connection until either side ends it, or it is cut."""
        from_server, to_server = await asyncio.open_unix_connection(self._server / SOCKET)
        answers = asyncio.create_task(_pass_on(from_server, to_client))
        try:
            while said := await from_client.read(_CHUNK):
                to_server.write(said)
                if b"COMMIT" in said and self.cuts:
                    self.cuts -= 1
                    answers.cancel()
                    await asyncio.wait({answers})
                    await from_server.read(_CHUNK)  # it is done now
                    break
        finally:
            answers.cancel()
            to_client.close()
            to_server.close()
            await asyncio.gather(
                answers, to_client.wait_closed(), to_server.wait_closed(), return_exceptions=True
            )

    async def ended(self) -> None:
        """Return when no connection is served any more."""
        await asyncio.gather(*self._served, return_exceptions=True)

    def serve_apart(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection in a task of its own."""
        self._served.append(asyncio.create_task(self.serve(reader, writer)))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while said := await reader.read(_CHUNK):
        writer.write(said)
    writer.close()


@asynccontextmanager
async def cut_line(server: Path, folder: Path) -> AsyncIterator[CutLine]:
    """Listen in *folder* as a PostgreSQL would that is in *server*, inside the block.

    Whoever connects must have disconnected at its end.
    """
    line = CutLine(server)
    listening = await asyncio.start_unix_server(line.serve_apart, folder / SOCKET)
    try:
        yield line
    finally:
        listening.close()
        await line.ended()
