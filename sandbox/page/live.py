"""Telling every open page what the sandbox looks like, whenever that changes."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

PAUSE: Final = 0.03
"""How long changes are gathered before they are told, in seconds."""


class Live:
    """Server-sent events: each is the whole snapshot (HTML Standard, "Server-sent events")."""

    def __init__(self, snapshot: Callable[[], dict[str, Any]]) -> None:
        self._snapshot = snapshot
        self._readers: set[asyncio.Event] = set()

    def changed(self) -> None:
        """Have everybody told soon."""
        for reader in self._readers:
            reader.set()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Tell one page, until it goes away."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        changed = asyncio.Event()
        changed.set()
        self._readers.add(changed)
        try:
            while True:
                await changed.wait()
                await asyncio.sleep(PAUSE)
                changed.clear()
                await response.write(f"data: {json.dumps(self._snapshot())}\n\n".encode())
        finally:
            self._readers.discard(changed)
