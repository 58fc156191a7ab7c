"""The desk's web server: health, readiness, figures, and the platforms' doors, over real HTTP."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from fastapi import Request, Response
from prometheus_client import CollectorRegistry, Gauge

from adapters.web.app import LARGEST_BODY, make_app
from adapters.web.server import CannotListen, WebServer, take
from tests.support.waiting import PATIENCE

HERE = "127.0.0.1"


async def well() -> str | None:
    return None


async def deaf() -> str | None:
    return "no poll has succeeded for a minute"


async def broken() -> str | None:
    raise ConnectionError("secret-host refused")


async def nothing() -> None:
    pass


class Door:
    """A platform's door that notes what came through it."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.came: list[Any] = []

    async def telegram(self, secret: str | None, body: bytes) -> int:
        self.came.append((secret, body))
        return self.status

    async def slack(self, request: Request) -> Response:
        self.came.append(await request.body())
        return Response(status_code=self.status)


@asynccontextmanager
async def serving(**parts: Any) -> AsyncIterator[aiohttp.ClientSession]:
    """Serve an application made of *parts*, and yield a client for it."""
    given: dict[str, Any] = {
        "checks": {},
        "registry": CollectorRegistry(),
        "refresh_metrics": nothing,
        **parts,
    }
    server = WebServer(make_app(**given), take(HERE, 0))
    server.start()
    try:
        async with aiohttp.ClientSession(f"http://{HERE}:{server.port}") as client:
            yield client
    finally:
        await server.stop()


async def test_it_says_that_it_lives() -> None:
    """Whatever else is broken: the process answers."""
    async with serving(checks={"database": broken}) as client, client.get("/healthz") as answer:
        assert (answer.status, await answer.text()) == (200, "ok")


async def test_it_is_ready_when_every_part_is() -> None:
    """Each part is named, so that one sees what was asked."""
    checks = {"database": well, "slack": well}
    async with serving(checks=checks) as client, client.get("/readyz") as answer:
        assert answer.status == 200
        assert await answer.json() == {"database": "ok", "slack": "ok"}


async def test_it_names_the_part_that_is_not_ready() -> None:
    """With 503, and what is wrong; the parts that are well are said to be so."""
    checks = {"database": well, "telegram": deaf}
    async with serving(checks=checks) as client, client.get("/readyz") as answer:
        assert answer.status == 503
        assert await answer.json() == {"database": "ok", "telegram": await deaf()}


async def test_a_part_that_cannot_even_be_asked_is_named_too() -> None:
    """Its error is no error of the page's, and tells strangers nothing but its kind."""
    checks = {"database": broken, "slack": well}
    async with serving(checks=checks) as client, client.get("/readyz") as answer:
        assert answer.status == 503
        assert await answer.json() == {
            "database": "does not answer: ConnectionError",
            "slack": "ok",
        }


async def test_figures_are_read_when_they_are_asked_for() -> None:
    """In Prometheus's text form."""
    registry = CollectorRegistry()
    gauge = Gauge("podrska_count", "Things.", ["what"], registry=registry)

    async def refresh() -> None:
        gauge.labels("conversations.waiting").set(3)

    async with (
        serving(registry=registry, refresh_metrics=refresh) as client,
        client.get("/metrics") as answer,
    ):
        assert answer.content_type == "text/plain"
        assert 'podrska_count{what="conversations.waiting"} 3.0' in await answer.text()


async def test_there_is_nothing_else() -> None:
    """No page about the server itself, and no door that is not set up."""
    async with serving() as client:
        for path in ("/", "/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect", "/../etc"):
            async with client.get(path) as answer:
                assert answer.status == 404, path
        for path in ("/telegram/webhook", "/slack/events"):
            async with client.post(path, data=b"{}") as answer:
                assert answer.status == 404, path


@pytest.mark.parametrize("status", [200, 403, 500])
async def test_telegram_is_answered_with_what_the_listener_says(status: int) -> None:
    """The secret and the body go through as they came; the status comes back."""
    door = Door(status)
    headers = {"X-Telegram-Bot-Api-Secret-Token": "s-1"}
    async with (
        serving(telegram=door.telegram) as client,
        client.post("/telegram/webhook", data=b'{"update_id": 1}', headers=headers) as answer,
    ):
        assert (answer.status, await answer.read()) == (status, b"")
    assert door.came == [("s-1", b'{"update_id": 1}')]


async def test_telegram_without_a_secret_is_left_to_the_listener() -> None:
    """It refuses what carries none."""
    door = Door(403)
    async with (
        serving(telegram=door.telegram) as client,
        client.post("/telegram/webhook", data=b"{}") as answer,
    ):
        assert answer.status == 403
    assert door.came == [(None, b"{}")]


async def test_slack_s_door_reads_the_body_as_it_came() -> None:
    """Signatures are worked out over the bytes."""
    door = Door()
    body = "payload=%7B%7D&č".encode()
    async with (
        serving(slack=door.slack) as client,
        client.post("/slack/events", data=body) as answer,
    ):
        assert answer.status == 200
    assert door.came == [body]


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    """Yield a body whose length is not said beforehand."""
    for start in range(0, size, 65536):
        yield b"x" * min(65536, size - start)


BODIES: list[Callable[[int], Any]] = [lambda size: io.BytesIO(b"x" * size), in_pieces]


@pytest.mark.parametrize("body", BODIES, ids=["at once", "in pieces"])
async def test_what_is_too_large_is_refused_unread(body: Callable[[int], Any]) -> None:
    """What fits is taken to the last byte; what is larger fills no memory."""
    door = Door()
    async with serving(telegram=door.telegram, slack=door.slack) as client:
        for path in ("/telegram/webhook", "/slack/events"):
            async with client.post(path, data=body(LARGEST_BODY)) as answer:
                assert answer.status == 200
            async with client.post(path, data=body(LARGEST_BODY + 1)) as answer:
                assert answer.status == 413
    assert len(door.came) == 2


async def test_who_leaves_half_way_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """A connection that ends before its body does leaves no error behind."""
    door = Door()
    async with serving(telegram=door.telegram) as client:
        url = client._base_url
        assert url is not None
        _, writer = await asyncio.open_connection(url.host, url.port)
        head = "POST /telegram/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
        writer.write(f"{head}half".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        async with client.get("/healthz") as answer:
            assert answer.status == 200

    assert door.came == []
    assert [each for each in caplog.records if each.levelname == "ERROR"] == []


async def test_a_taken_port_is_said_at_once() -> None:
    """Before anything else starts, with the address and the reason."""
    with socket.create_server((HERE, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotListen, match=f"{HERE}:{port}: Address already in use"):
            take(HERE, port)


async def test_an_address_that_is_not_ours_is_said_at_once() -> None:
    """A name that means nothing, or another machine's address."""
    for host in ("no-such-host.invalid", "192.0.2.1"):
        with pytest.raises(CannotListen, match=host):
            take(host, 0)


async def test_it_stops_after_the_request_under_way() -> None:
    """Who has been let in is answered; nobody else is, and the port is free again."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> str | None:
        begun.set()
        await go_on.wait()
        return None

    app = make_app(checks={"database": slow}, registry=CollectorRegistry(), refresh_metrics=nothing)
    server = WebServer(app, take(HERE, 0))
    port = server.port
    server.start()
    async with aiohttp.ClientSession(f"http://{HERE}:{port}") as client:
        asking: Awaitable[aiohttp.ClientResponse] = asyncio.ensure_future(
            client.get("/readyz", headers={"Connection": "close"})
        )
        await begun.wait()
        stopping = asyncio.create_task(server.stop())
        go_on.set()
        answer = await asking
        assert answer.status == 200
        await answer.read()
        await asyncio.wait_for(stopping, PATIENCE)
    take(HERE, port).close()


async def test_it_can_be_stopped_before_it_has_started() -> None:
    """As when the desk finds something wrong on its way up: the port is free again."""
    server = WebServer(
        make_app(checks={}, registry=CollectorRegistry(), refresh_metrics=nothing), take(HERE, 0)
    )
    port = server.port
    await server.stop()
    take(HERE, port).close()
