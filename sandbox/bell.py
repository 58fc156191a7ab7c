"""A way to wait for the next change without asking again and again."""

import asyncio
from typing import Final

PATIENCE: Final = 20.0
"""Seconds for which people wait to see something, unless told otherwise; machines may be busy."""


class Bell:
    """Wakes everybody who waits, each time it is rung.

    Look first, then wait: between the look and `heard` nothing may be awaited, or a ring is
    missed.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake all who wait now."""
        self._event.set()
        self._event = asyncio.Event()

    def listen(self) -> asyncio.Event:
        """Return what is set by the next ring: whoever listens before looking misses none."""
        return self._event

    async def heard(self) -> None:
        """Wait for the next ring."""
        await self._event.wait()
