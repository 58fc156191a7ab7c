"""A request's body, as far as it is taken."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

PATIENCE = 30.0
"""Seconds that the next piece of a body may take."""


class TooLarge(Exception):
    """There is more of it than is taken."""


class GaveUp(Exception):
    """Whoever sent it left half-way, or was too slow: nobody reads an answer."""


async def pieces(request: Request, limit: int) -> AsyncIterator[bytes]:
    """Yield the body in pieces. Raises `TooLarge` beyond *limit* bytes, and `GaveUp`."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise TooLarge
    size = 0
    stream = request.stream()
    while True:
        try:
            piece = await asyncio.wait_for(anext(stream), PATIENCE)
        except StopAsyncIteration:
            return
        except (TimeoutError, ClientDisconnect):
            raise GaveUp from None
        size += len(piece)
        if size > limit:
            raise TooLarge
        yield piece


async def whole(request: Request, limit: int) -> bytes:
    """Return the body. Raises `TooLarge` beyond *limit* bytes, and `GaveUp`."""
    return b"".join([piece async for piece in pieces(request, limit)])
