"""Visitors who have the chat open and say nothing: `python -m bots.bench.idlers DOOR COUNT`.

Prints how many seconds they took to be welcomed, and goes on until it is ended, or until one of
them is sent away.
"""

import asyncio
import sys
import time

from aiohttp import ClientSession, ClientWebSocketResponse

from bots.bench.browsers import connect, let_in, open_web
from bots.open_files import allow_connections

AT_ONCE = 50
"""How many come at a time: a few seconds' worth of a busy website's visitors."""


async def run(door: str, count: int) -> None:
    """Bring them, and keep them."""
    allow_connections(count)
    async with open_web() as web:
        began = time.monotonic()
        lines: list[ClientWebSocketResponse] = []
        for first in range(0, count, AT_ONCE):
            batch = range(first, min(first + AT_ONCE, count))
            lines += await asyncio.gather(*(_come(web, door) for _ in batch))
        print(time.monotonic() - began, flush=True)
        waiting = [asyncio.create_task(_stay(each)) for each in lines]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)


async def _come(web: ClientSession, door: str) -> ClientWebSocketResponse:
    return await connect(web, door, await let_in(web, door))


async def _stay(line: ClientWebSocketResponse) -> None:
    async for _ in line:  # who reads answers the server's pings as well
        pass


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2])))
