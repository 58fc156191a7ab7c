"""How long a request may take to come, and an answer to be read.

Whoever is slower, or sends without an end, holds a connection and memory that others need.
"""

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from adapters.web.pail import Pail

GRACE: Final = 20.0
"""Seconds that any request may take to come, its body included."""
RATE: Final = 500.0
"""Bytes a second that a larger one must come at, after that."""
UNREAD: Final = 60.0
"""Seconds within which whoever is answered must read some of it."""
FRAMES_A_SECOND, FRAMES_AT_ONCE = 50.0, 200.0
"""How many frames of all kinds a WebSocket takes; a browser sends a few, and answers pings."""

_PIECE: Final = 4096
"""Bytes that are looked into at once: there may be hundreds of frames in them."""


class Reader:
    """The other side of a connection, which has to read what it is sent."""

    def __init__(self, within: float) -> None:
        self._within = within
        self._timer: asyncio.TimerHandle | None = None

    def wait(self, transport: asyncio.Transport) -> None:
        """End the connection unless more and more of what waits to be sent is taken."""
        self.end()
        loop, waiting = asyncio.get_running_loop(), transport.get_write_buffer_size()
        self._timer = loop.call_later(self._within, self._look, transport, waiting)

    def end(self) -> None:
        """Wait no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, transport: asyncio.Transport, before: int) -> None:
        if transport.get_write_buffer_size() < before:
            self.wait(transport)
        else:
            transport.abort()


class Patient(H11Protocol):
    """A connection over HTTP that ends when a request does not come, or comes ever so slowly.

    It also ends when an answer is not read. Between two requests, and while the desk is at work on
    one, others keep the time.
    """

    def __init__(self, *, grace: float = GRACE, unread: float = UNREAD, **given: Any) -> None:
        super().__init__(**given)
        self._grace = grace
        self._reader = Reader(unread)
        self._timer: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._came = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # whatever waits to be read is waited for
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        if self._timer is None:
            self._wait()
        self._came += len(data)
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._stop()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Leave the connection to the socket that it becomes, which may be silent."""
        self._stop()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop()
        self._reader.end()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait until what was sent is read."""
        self._reader.wait(self.transport)
        super().pause_writing()

    def resume_writing(self) -> None:
        """Go on: it was."""
        self._reader.end()
        super().resume_writing()

    def _wait(self) -> None:
        self._began, self._came = self.loop.time(), 0
        self._timer = self.loop.call_later(self._grace, self._look)

    def _look(self) -> None:
        left = self._began + self._grace + self._came / RATE - self.loop.time()
        if left > 0:
            self._timer = self.loop.call_later(left, self._look)
        else:
            self.transport.abort()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class PatientSocket(WebSocketsSansIOProtocol):
    """A WebSocket that ends when it is not read, or when there is no end of frames.

    Frames are answered and put together beneath the application, which sees nothing of pings and of
    pieces: whoever sends nothing else, and reads no answer, would fill the memory.
    """

    def __init__(self, *, unread: float = UNREAD, **given: Any) -> None:
        super().__init__(**given)
        self._reader = Reader(unread)
        self._frames = Pail(a_second=FRAMES_A_SECOND, at_once=FRAMES_AT_ONCE)

    def data_received(self, data: bytes) -> None:
        """Take what has come, as long as it is not too much."""
        for at in range(0, len(data), _PIECE):
            super().data_received(data[at : at + _PIECE])
            if self.transport.is_closing():
                return

    def handle_events(self) -> None:
        """Take the frames that have come."""
        if self._frames.takes(len(self.conn.events)):
            super().handle_events()
        else:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._reader.end()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait until what was sent is read."""
        self._reader.wait(self.transport)
        super().pause_writing()

    def resume_writing(self) -> None:
        """Go on: it was."""
        self._reader.end()
        super().resume_writing()

    async def send(self, message: Any) -> None:
        """Do what the application says; once it has refused, that is how the handshake ended.

        uvicorn takes a WebSocket that is refused with a status for a mistake, and logs an error.
        """
        await super().send(message)
        if self.close_sent:
            self.handshake_complete = True
