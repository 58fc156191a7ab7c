"""How long a request may take to come: whoever is slower holds a connection that others need."""

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

GRACE: Final = 20.0
"""Seconds that any request may take to come, its body included."""
RATE: Final = 500.0
"""Bytes a second that a larger one must come at, after that."""


class Patient(H11Protocol):
    """A connection over HTTP that ends when a request does not come, or comes ever so slowly.

    Between two requests, and while the desk is at work on one, others keep the time.
    """

    def __init__(self, *, grace: float = GRACE, **given: Any) -> None:
        super().__init__(**given)
        self._grace = grace
        self._timer: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._came = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
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
        super().connection_lost(exc)

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
