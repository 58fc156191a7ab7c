"""Places that no call arrives at: the ways in which a connection is not even made."""

import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

import trustme
from aiohttp import web

Unreachable = Callable[[], AbstractAsyncContextManager[str]]
"""Gives the address of such a place, while it is entered."""


@asynccontextmanager
async def no_name() -> AsyncIterator[str]:
    """Give a name that stands in no DNS (RFC 6761)."""
    yield "http://no-such-host.invalid"


@asynccontextmanager
async def no_line() -> AsyncIterator[str]:
    """Give a port at which nobody listens."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{nobody.getsockname()[1]}"


@asynccontextmanager
async def no_certificate() -> AsyncIterator[str]:
    """Give a server whose certificate has expired; it must not be asked for anything."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"ok": True})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=_expired()).start()
        yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
    assert not asked


def _expired() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    trustme.CA().issue_cert("127.0.0.1", not_after=yesterday).configure_cert(context)
    return context


UNREACHABLE: tuple[Unreachable, ...] = (no_name, no_line, no_certificate)
