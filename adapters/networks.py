"""Who knocks over HTTP, and how often one network may."""

from ipaddress import IPv6Address, ip_address, ip_network
from time import time
from typing import Final

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

UNKNOWN: Final = "unknown"
"""The network of whoever has no address that can be read: they all share one."""


def network_of(host: str) -> str:
    """Return the network that an address belongs to: all of it counts as one visitor.

    A household or an office shares a /24 of IPv4 or a /64 of IPv6; a single address of IPv6 costs
    nobody anything, and is worth no more.
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    bits = 24 if address.version == 4 else 64
    return str(ip_network(f"{address}/{bits}", strict=False))


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
