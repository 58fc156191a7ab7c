"""Browsers of a website's visitors, as little of them as a measurement needs.

The protocol: docs/web-chat.md.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector

from bots.bench.ledger import Ledger
from bots.bench.talk import SITE, Mark, token_of


def open_web() -> ClientSession:
    """Return what any number of browsers may be connected with at once, as if each were alone."""
    return ClientSession(connector=TCPConnector(limit=0), headers={"Origin": SITE})


async def let_in(web: ClientSession, door: str) -> str:
    """Return what lets a new visitor's browser in."""
    asked = {"token": None, "identity": None, "language": "en"}
    async with web.post(f"{door}/chat/session", json=asked) as answer:
        answer.raise_for_status()
        return str((await answer.json())["token"])


async def connect(web: ClientSession, door: str, token: str) -> ClientWebSocketResponse:
    """Return the line of a browser that the desk has welcomed."""
    line = await web.ws_connect(f"{door.replace('http', 'ws', 1)}/chat/socket")
    await line.send_json({"type": "hello", "token": token, "after": 0, "language": "en"})
    welcome = await line.receive_json()
    if welcome["type"] != "welcome":
        raise RuntimeError(f"the desk says {welcome}")
    return line


@asynccontextmanager
async def browsers(
    door: str, conversations: Iterable[int], ledger: Ledger
) -> AsyncIterator[Callable[[Sequence[Mark]], Awaitable[None]]]:
    """Have visitors at the desk's *door* inside the block; yield what has them speak.

    What agents say to them is written into the *ledger*.
    """
    async with open_web() as web, AsyncExitStack() as stack:
        lines = {each: await connect(web, door, token_of(each)) for each in conversations}
        for line in lines.values():
            stack.callback(asyncio.create_task(_look_at(line, ledger)).cancel)

        async def speak(marks: Sequence[Mark]) -> None:
            for mark in marks:
                id_ = f"bench-{mark.run}-{mark.conversation}-{mark.number}"
                said = {"type": "say", "id": id_, "text": mark.text(), "files": []}
                await lines[mark.conversation].send_json(said)

        yield speak


async def _look_at(line: ClientWebSocketResponse, ledger: Ledger) -> None:
    """See what is shown to a visitor, and tell that they have seen it."""
    async for message in line:
        if message.type is not aiohttp.WSMsgType.TEXT:
            continue
        frame = json.loads(message.data)
        if frame["type"] == "refused":
            ledger.refused += 1
        elif frame.get("by") == "agent":
            ledger.hear(message.data.encode())
            await line.send_json({"type": "seen", "seq": frame["seq"]})
