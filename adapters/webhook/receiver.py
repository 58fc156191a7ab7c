"""Who is told, and by which secret they know that it was us."""

import re
from base64 import b64decode
from binascii import Error
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from adapters.networks import is_this_machine

_URL: Final = re.compile(r"[!-~]{1,2000}")
_SECRET: Final = re.compile(r"(whsec_)?([A-Za-z0-9+/]+={0,2})")
_SECRET_BYTES: Final = range(24, 65)  # standardwebhooks.com, "Signature scheme"


@dataclass(frozen=True)
class Receiver:
    """The address that announcements are sent to."""

    url: str = field(repr=False)
    """What stands in its path and query may be a secret."""
    host: str
    is_local: bool
    """Whether it is on this machine; nothing else that is not public is ever called."""


def parse_receiver(url: str) -> Receiver:
    """Return the receiver that `WEBHOOK_URL` names.

    Raises ValueError, which says what is expected and never repeats the URL.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("the host or the port cannot be read") from None
    if parts.scheme not in ("https", "http") or not host or not _URL.fullmatch(url):
        raise ValueError("expected an address such as https://billing.example.com/podrska")
    if parts.username is not None or parts.fragment:
        raise ValueError("expected neither a user nor a fragment (#) in it")
    is_local = is_this_machine(host)
    if parts.scheme == "http" and not is_local:
        raise ValueError("expected https://; http:// only leads to this machine, as 127.0.0.1")
    return Receiver(url, host, is_local)


def parse_secret(secret: str) -> bytes:
    """Return the bytes that `WEBHOOK_SECRET` stands for. Raises ValueError without repeating it."""
    match = _SECRET.fullmatch(secret)
    try:
        key = b64decode(match[2]) if match else b""
    except Error:
        key = b""
    if len(key) not in _SECRET_BYTES:
        raise ValueError("24 to 64 random bytes in base64, such as `openssl rand -base64 32` makes")
    return key
