"""Connections to public addresses only, whatever a name leads to at the moment.

The check is made where the socket is: what was looked up, checked and connected to is one address,
so that no name can change in between and no way of writing an address gets around it.
"""

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

from adapters.networks import is_this_machine

_TRANSLATED: Final = ip_network("64:ff9b::/96")
"""IPv6 addresses behind which an IPv4 address stands (RFC 6052)."""
_UNICAST: Final = ip_network("2000::/3")
"""All that is given out of IPv6 (iana.org, "IPv6 Global Unicast Address Assignments")."""
_SPECIAL: Final = (ip_network("192.0.0.0/24"), ip_network("192.88.99.0/24"))
"""Addresses of protocols and of tunnels, some of which count as global."""

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]


class NotPublicError(OSError):
    """The address is not one of the public internet; no connection was made."""

    def __init__(self) -> None:
        super().__init__("the address is not public")


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the public internet, also by the one that it stands for.

    An address within a tunnel counts as none, for nobody can tell where it ends.
    """
    try:
        found = ip_address(address)
    except ValueError:  # one with a zone, which is never public
        return False
    found = _meant(found)
    if isinstance(found, IPv6Address):
        tunnel = found.sixtofour or found.teredo
        return found in _UNICAST and found.is_global and not tunnel
    special = any(found in each for each in _SPECIAL)
    return found.is_global and not (special or found.is_multicast)


def guarded(*, local: bool) -> Callable[[AddressInfo], socket.socket]:
    """Return what makes sockets for public addresses alone; for *local* ones, on this machine.

    What it returns raises `NotPublicError` (`socket_factory` of aiohttp's connectors).
    """

    def make(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, where = info
        if not (is_this_machine(where[0]) if local else is_public(where[0])):
            raise NotPublicError
        return socket.socket(family, kind, protocol)

    return make


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _TRANSLATED:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
