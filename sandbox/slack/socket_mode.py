"""Socket Mode: the app's WebSockets (docs: "Using Socket Mode")."""

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from sandbox.slack.events import Envelope, NoAnswerError
from sandbox.slack.state import Json


@dataclass(eq=False)
class _Connection:
    socket: web.WebSocketResponse
    transport: asyncio.Transport
    silent: bool = False


class Sockets:
    """The open connections; each payload goes to one of them."""

    def __init__(self, *, ack_seconds: float, changed: Callable[[], None]) -> None:
        self._open: list[_Connection] = []
        self._ack_seconds = ack_seconds
        self._changed = changed
        self._waiting: dict[str, tuple[_Connection, asyncio.Future[Json]]] = {}
        self._numbers = itertools.count(1)

    @property
    def connected(self) -> int:
        """How many connections are open."""
        return len(self._open)

    async def serve(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport, hello: Json
    ) -> None:
        """Greet a connection and take its acknowledgements until it ends."""
        connection = _Connection(socket, transport)
        await socket.send_json(hello)
        self._open.append(connection)
        self._changed()
        try:
            async for frame in socket:
                if frame.type == WSMsgType.TEXT:
                    self._acknowledge(json.loads(frame.data))
        finally:
            self._forget(connection)

    async def send(self, envelope: Envelope) -> Json:
        """Send an envelope over one connection and return what its acknowledgement carried.

        Raises NoAnswerError("connection_failed") without any connection, else ("timeout").
        """
        if not self._open:
            raise NoAnswerError("connection_failed")
        number = next(self._numbers)
        connection, envelope_id = self._open[number % len(self._open)], f"envelope-{number}"
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = (connection, answer)
        try:
            if not connection.silent:
                await connection.socket.send_json(_frame(envelope_id, envelope))
            async with asyncio.timeout(self._ack_seconds):
                return await answer
        except (TimeoutError, ConnectionError):
            raise NoAnswerError("timeout") from None
        finally:
            del self._waiting[envelope_id]

    async def disconnect(self, reason: str) -> None:
        """Ask the app to connect anew; Slack's reasons are `warning` and `refresh_requested`."""
        for connection in list(self._open):
            await connection.socket.send_json({"type": "disconnect", "reason": reason})

    def silence(self) -> None:
        """Turn today's connections into zombies: open, answering pings, and without events."""
        for connection in self._open:
            connection.silent = True

    def freeze(self) -> None:
        """Let today's connections hang: open, but whatever the app sends, even pings, is not read.

        They count as closed, for Slack's side has forgotten them.
        """
        for connection in list(self._open):
            self._forget(connection)
            connection.transport.pause_reading()

    def cut(self) -> None:
        """Break every connection off."""
        for connection in list(self._open):
            self._forget(connection)
            connection.transport.abort()

    async def close(self) -> None:
        """Close every connection in good manners."""
        for connection in list(self._open):
            await connection.socket.close()

    def _acknowledge(self, answer: Json) -> None:
        _, future = self._waiting.get(str(answer.get("envelope_id")), (None, None))
        if future is not None and not future.done():
            future.set_result(answer.get("payload") or {})

    def _forget(self, connection: _Connection) -> None:
        if connection not in self._open:
            return
        self._open.remove(connection)
        for waiting_on, future in self._waiting.values():
            if waiting_on is connection and not future.done():
                future.set_exception(NoAnswerError("timeout"))
        self._changed()


def _frame(envelope_id: str, envelope: Envelope) -> Json:
    frame = {"envelope_id": envelope_id, "type": envelope.kind, "payload": envelope.payload}
    if envelope.kind != "events_api":
        return {**frame, "accepts_response_payload": True}
    retry = {"retry_attempt": envelope.attempt, "retry_reason": envelope.reason}
    return {**frame, "accepts_response_payload": False, **retry}
