"""Whether the database takes anything, asked once at a time and never waited for long."""

import asyncio
from collections.abc import Awaitable, Callable


class Pulse:
    """Tries the database for whoever asks.

    A database that hangs keeps only the first question; who asks then learns soon that it does.
    """

    def __init__(self, ping: Callable[[], Awaitable[None]], patience: float = 2.0) -> None:
        """Take *ping*, which raises when nothing can be written; *patience* in seconds."""
        self._ping = ping
        self._patience = patience
        self._asking: asyncio.Task[str | None] | None = None

    async def trouble(self) -> str | None:
        """Return what is wrong; None if something was written just now."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name="pulse")
        asking = self._asking
        await asyncio.wait({asking}, timeout=self._patience)
        return asking.result() if asking.done() else "does not answer"

    async def stop(self) -> None:
        """Return when no question is open."""
        if self._asking is not None:
            await asyncio.wait({self._asking})

    async def _ask(self) -> str | None:
        try:
            await self._ping()
        except Exception as error:
            return f"cannot be written ({type(error).__name__})"
        return None
