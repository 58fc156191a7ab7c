"""Where somebody is who knocks over HTTP, or is called: which network, which machine."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

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


def is_this_machine(host: str) -> bool:
    """Whether a host is the machine that the desk runs on."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
