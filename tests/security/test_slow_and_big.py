"""Who sends or reads too slowly, sends too much, or opens too many lines: others are served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
from fastapi import APIRouter
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from adapters.web.app import make_app
from adapters.web.server import WebServer, take
from core.message import MEGABYTE
from tests.support.access import People
from tests.support.open_desk import OpenDesk, Somebody, open_desk
from tests.support.routes import addresses_of
from tests.support.visitor import SITE

GRACE = 0.3
"""Seconds that a request may take here."""
WITHIN = 20.0
STRANGER = Somebody("a stranger", "x" * 43)

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[OpenDesk]:
    """Open every door that a desk can have."""
    async with open_desk(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def impatient(*more: BaseRoute) -> AsyncIterator[int]:
    """Serve the least that there is, and *more*, to who is quick; yield the port."""

    async def nothing() -> None: ...

    async def telegram(secret: str | None, body: bytes) -> int:
        return 200 + len(body) % 2

    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())

    router = APIRouter(routes=[WebSocketRoute("/echo", echo), *more])
    app = make_app(
        checks={},
        registry=CollectorRegistry(),
        refresh_metrics=nothing,
        telegram=telegram,
        routers=[router],
    )
    server = WebServer(app, take("127.0.0.1", 0), grace=GRACE, unread=GRACE)
    server.start()
    try:
        yield server.port
    finally:
        await server.stop()


async def connect(port: int, says: bytes = b"") -> Line:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(says)
    await writer.drain()
    return reader, writer


async def is_well(desk: OpenDesk) -> None:
    """Check that somebody else is served, from another network."""
    for path in ("/healthz", "/chat/state", "/portal", "/widget.js"):
        answer = await desk.ask(Somebody("somebody else"), "GET", path)
        assert answer.status == 200, path


HEAD = b"POST /telegram/webhook HTTP/1.1\r\nHost: desk\r\n"
UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET /hea",
        HEAD,
        HEAD + b"Content-Length: 1000\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n",
    ],
    ids=["nothing", "half a line", "half a head", "no body", "half a piece"],
)
async def test_who_sends_a_byte_now_and_then_loses_the_line(beginning: bytes) -> None:
    """Before the head has come, or the body; those who are quick are served all the while."""
    async with impatient() as port, aiohttp.ClientSession() as quick:
        reader, writer = await connect(port, beginning)
        ended = asyncio.create_task(reader.read())
        async with asyncio.timeout(WITHIN):
            while not ended.done():
                for _ in range(25):
                    async with quick.get(f"http://127.0.0.1:{port}/healthz") as answer:
                        assert answer.status == 200
                if beginning:
                    writer.write(b"x")
        with suppress(ConnectionError):
            assert await ended == b""
        writer.close()


async def test_who_is_slow_and_steady_is_waited_for() -> None:
    """A large file over a bad line comes for longer than a request may take that says nothing."""
    async with impatient() as port:
        idle, its_writer = await connect(port)
        size = 10_001
        reader, writer = await connect(port, HEAD + f"Content-Length: {size}\r\n\r\n".encode())
        writer.write(b"x" * (size - 1))
        assert await asyncio.wait_for(idle.read(), WITHIN) == b""  # who connected before is gone
        writer.write(b"x")
        assert (await asyncio.wait_for(reader.readline(), WITHIN)).startswith(b"HTTP/1.1 201")
        writer.close()
        its_writer.close()


async def test_a_socket_may_be_silent() -> None:
    """It is no request that is still to come."""
    async with (
        impatient() as port,
        aiohttp.ClientSession() as http,
        http.ws_connect(f"http://127.0.0.1:{port}/echo") as socket,
    ):
        for _ in range(3):  # what a request's bytes gain it is over by then, too
            idle, its_writer = await connect(port)
            assert await asyncio.wait_for(idle.read(), WITHIN) == b""
            its_writer.close()
        await socket.send_str("still here")
        assert await socket.receive_str() == "still here"


@pytest.mark.parametrize("path", ["/much", "/talk"])
async def test_who_does_not_read_loses_the_line(path: str) -> None:
    """Neither a connection nor what was to be sent over it is kept for them."""
    has_ended = asyncio.Event()

    async def much(request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x" * 10_000
                    await asyncio.sleep(0)
            finally:
                has_ended.set()

        return StreamingResponse(pieces())

    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        try:
            while True:
                await socket.send_text("x" * 10_000)
        finally:
            has_ended.set()

    async with impatient(Route("/much", much), WebSocketRoute("/talk", talk)) as port:
        upgrade = UPGRADE if path == "/talk" else b""
        _, writer = await connect(port)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(f"GET {path} HTTP/1.1\r\nHost: desk\r\n".encode() + upgrade + b"\r\n")
        await asyncio.wait_for(has_ended.wait(), WITHIN)
        writer.transport.abort()


@pytest.mark.parametrize(
    "frame",
    [b"\x89\x80\0\0\0\0", b"\x8a\x80\0\0\0\0", b"\0\x80\0\0\0\0"],
    ids=["ping", "pong", "piece"],
)
async def test_frames_without_an_end_end_the_line(frame: bytes) -> None:
    """Also those that no application ever sees."""
    async with impatient() as port:
        head = b"GET /echo HTTP/1.1\r\nHost: desk\r\n" + UPGRADE + b"\r\n"
        reader, writer = await connect(port, head)
        assert (await reader.readline()).startswith(b"HTTP/1.1 101")
        writer.write(b"\x01\x80\0\0\0\0")  # a text begins
        writer.write(frame * 1000)
        with suppress(ConnectionError):
            await asyncio.wait_for(reader.read(), WITHIN)
        writer.close()


async def test_bodies_beyond_the_cap_are_refused(desk: OpenDesk) -> None:
    """By every address that takes one, before it has come; also where it does not say its size."""
    sizes = {"Content-Length": str(10**12)}, {"Transfer-Encoding": "chunked"}
    for address in [each for each in addresses_of(desk.app) if each.method == "POST"]:
        path = address.path.replace("{rest:path}", "no").replace("{", "").replace("}", "")
        for size in sizes:
            status, _ = await floods(desk, STRANGER, path, size)
            assert 400 <= status < 500, (str(address), size)
    await is_well(desk)


async def test_who_may_send_files_may_not_send_as_many_words(desk: OpenDesk) -> None:
    """Files go to the disk as they come; what is held in memory is capped for everybody."""
    people = People(desk)
    await people.log_in()
    chunked = {"Transfer-Encoding": "chunked"}
    for name, path in (
        ("customer", "/portal/new"),
        ("customer", "/portal"),
        ("program", "/api/tickets"),
        ("visitor", "/chat/poll"),
        ("visitor", "/chat/session"),
    ):
        status, sent = await floods(desk, people.everybody[name], path, chunked)
        assert status == 413, path
        assert sent < 20 * MEGABYTE, path  # of which most lies in the sockets
    await is_well(desk)


async def floods(desk: OpenDesk, who: Somebody, path: str, size: dict[str, str]) -> tuple[int, int]:
    """Send megabytes until there is an answer; return its status, and how much was sent."""
    kind = "application/json" if path.startswith("/api") else "application/x-www-form-urlencoded"
    lines = {**who.headers, **desk.network(), **size, "Host": "desk", "Content-Type": kind}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    port = int(desk.url.rpartition(":")[2])
    reader, writer = await connect(port, f"POST {path} HTTP/1.1\r\n{head}\r\n".encode())
    answer = asyncio.create_task(reader.readline())
    sent = 0
    with suppress(ConnectionError):
        while not answer.done():
            sent += 0x10000
            writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            await writer.drain()
    status = int((await asyncio.wait_for(answer, WITHIN)).split()[1])
    writer.close()
    return status, sent


@pytest.mark.parametrize(
    ("count", "size", "statuses"), [(1000, 10, {200}), (1000, 100, {200, 400}), (1, 10**6, {400})]
)
async def test_floods_of_headers(desk: OpenDesk, count: int, size: int, statuses: set[int]) -> None:
    """Many are read, too many are not; nobody else notices."""
    port = int(desk.url.rpartition(":")[2])
    head = "".join(f"X-{number}: {'x' * size}\r\n" for number in range(count))
    reader, writer = await connect(port)
    answer = asyncio.create_task(reader.readline())  # it may come before all is sent, and the end
    with suppress(ConnectionError):
        writer.write(f"GET /healthz HTTP/1.1\r\nHost: desk\r\n{head}\r\n".encode())
        await writer.drain()
    status = (await asyncio.wait_for(answer, WITHIN)).split()[1]
    assert int(status) in statuses
    writer.close()
    await is_well(desk)


async def test_a_flood_of_sockets_from_one_network(desk: OpenDesk) -> None:
    """It gets so many and no more, by whichever of its addresses; another network gets in."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        )
        lines, refused = [], []
        for number in range(140):
            headers = {"Origin": SITE, "X-Forwarded-For": f"192.0.2.{number % 250}"}
            try:
                lines.append(await http.ws_connect(f"{desk.url}/chat/socket", headers=headers))
            except aiohttp.WSServerHandshakeError as error:
                refused.append(error.status)
        assert (len(lines), len(refused)) == (100, 40)
        assert set(refused) <= {429, 503}
        await is_well(desk)
        other = {"Origin": SITE, **desk.network()}
        async with http.ws_connect(f"{desk.url}/chat/socket", headers=other) as socket:
            await socket.send_json({"type": "hello", "token": "x" * 43, "after": 0})
            assert (await socket.receive_json())["type"] == "bye"


async def test_a_flood_of_half_requests(desk: OpenDesk) -> None:
    """Three hundred that never end: whoever is not one of them is served."""
    port = int(desk.url.rpartition(":")[2])
    lines = [await connect(port, HEAD) for _ in range(300)]
    await is_well(desk)
    for _, writer in lines:
        writer.close()
