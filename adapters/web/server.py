"""uvicorn inside our own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import uvicorn
from fastapi import FastAPI

from adapters.web.patience import GRACE, UNREAD, Patient, PatientSocket

LARGEST_FRAME = 16 * 1024
"""Bytes of a frame that a WebSocket takes; a larger one closes it with 1009."""
PING_EVERY = 25.0
"""Seconds between two signs of life of a WebSocket: proxies cut what is silent for 60."""


class CannotListen(Exception):
    """The address for the web server cannot be had; the text says which, and why."""


class _Embedded(uvicorn.Server):
    """uvicorn takes over the signals and raises them again; here the desk stops it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def take(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; connections wait in it. Raises `CannotListen`."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise CannotListen(f"{host}:{port}: {error.strerror or error}") from error


class WebServer:
    """Serves the application until it is stopped."""

    def __init__(
        self,
        app: FastAPI,
        listening: socket.socket,
        *,
        trusted_proxies: Sequence[str] = (),
        grace: float = GRACE,
        unread: float = UNREAD,
    ) -> None:
        """Prepare to answer what comes through *listening*, see `take`.

        *grace*: seconds that any request may take to come, *unread*: those within which some of an
        answer must be read, see `adapters.web.patience`.

        *trusted_proxies*: addresses and networks whose word on who asks is believed; nobody else's.
        """
        self.app: Final = app
        self._socket = listening
        config = uvicorn.Config(
            app,
            http=partial(Patient, grace=grace, unread=unread),  # type: ignore[arg-type]
            ws=partial(PatientSocket, unread=unread),  # type: ignore[arg-type]
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=3,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=list(trusted_proxies),
            ws_max_size=LARGEST_FRAME,
            ws_per_message_deflate=False,  # a window for each socket would cost more than all else
            ws_ping_interval=PING_EVERY,
            ws_ping_timeout=PING_EVERY,
        )
        self._server = _Embedded(config)
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Begin to answer; what connected before has been waiting."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))

    async def stop(self) -> None:
        """Finish the requests under way, within three seconds, and listen no more."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()
