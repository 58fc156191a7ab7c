"""A port for a server that has to be told its own before it starts."""

import secrets
from contextlib import suppress

from adapters.web.server import CannotListen, take

_FIRST, _COUNT = 15_000, 17_000
"""Below what systems give to calls, and to servers without a wish: from 32768 on, or 49152."""


def free_port() -> int:
    """Return a port of 127.0.0.1 at which nobody listens; nobody is given it by the system."""
    while True:
        port = _FIRST + secrets.randbelow(_COUNT)
        with suppress(CannotListen), take("127.0.0.1", port):
            return port
