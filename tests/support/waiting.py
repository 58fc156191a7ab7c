"""Waiting for what nobody announces: looked for again and again, for as long as it may take."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable

PATIENCE = 60.0
"""Seconds: many times as long as a slow and busy machine needs, so nobody gives up in vain."""
_LOOK_EVERY = 0.01


async def until(condition: Callable[[], bool | Awaitable[bool]], within: float = PATIENCE) -> None:
    """Return as soon as a condition holds. Raises TimeoutError after *within* seconds."""
    async with asyncio.timeout(within):
        while not (await holds if isawaitable(holds := condition()) else holds):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_EVERY)


def block_until(condition: Callable[[], bool], within: float = PATIENCE) -> None:
    """Return as soon as a condition holds, also without an event loop. Raises TimeoutError."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"nothing of it within {within} s")
        time.sleep(_LOOK_EVERY)
