"""What is read of a request over HTTP, whichever part of the desk it is for."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.requests import ClientDisconnect, HTTPConnection, Request

from adapters.networks import network_of

PATIENCE = 30.0
"""Seconds that the next piece of a body may take."""
_LONGEST_TOKEN = 200


class TooLarge(Exception):
    """There is more of it than is taken."""


class GaveUp(Exception):
    """Whoever sent it left half-way, or was too slow: nobody reads an answer."""


async def pieces(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """Yield the body in pieces. Raises `TooLarge` beyond *limit* bytes, and `GaveUp`."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise TooLarge
    size = 0
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(PATIENCE):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        except (TimeoutError, ClientDisconnect):
            raise GaveUp from None
        size += len(piece)
        if size > limit:
            raise TooLarge
        yield piece


async def whole(request: Request, limit: int) -> bytes:
    """Return the body; it can be read again. Raises `TooLarge` beyond *limit* bytes, `GaveUp`."""
    body = b"".join([piece async for piece in pieces(request, limit)])
    request._body = body  # Starlette's own cache, which frameworks read from
    return body


def bearer_token(connection: HTTPConnection) -> str | None:
    """Return the token that a program or a page shows of itself (RFC 6750); None for none."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and 0 < len(token) <= _LONGEST_TOKEN else None


def network_in(connection: HTTPConnection) -> str:
    """Return the network that a request comes from."""
    return network_of(connection.client.host if connection.client else "")
