"""How often one may do something over HTTP."""

from time import time

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter


class Allowance:
    """How often something may be done by one, such as "20/minute". Kept in memory."""

    def __init__(self, rate: str) -> None:
        self._rate = parse(rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def takes(self, who: str) -> bool:
        """Count one more, and return whether that is still within the rate."""
        return await self._limiter.hit(self._rate, who)

    async def seconds_to_wait(self, who: str) -> int:
        """Return in how many seconds there is room again."""
        until, left = await self._limiter.get_window_stats(self._rate, who)
        return 0 if left else max(1, round(until - time()))
