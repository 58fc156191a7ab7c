"""Ports for servers that are told theirs before they start, or come back to it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_port() -> Iterator[int]:
    """Hold a port of 127.0.0.1 inside the block, so that nobody else is given it.

    What holds it is bound and does not listen: calls are refused. Whoever listens with
    SO_REUSEADDR, as servers do, can have the port beside it, as often as they like (socket(7)).
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])
