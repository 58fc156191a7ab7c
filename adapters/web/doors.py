"""How often one network may knock, and how many lines it may hold open."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from adapters.allowance import Allowance
from adapters.http_requests import network_in


@dataclass(frozen=True, kw_only=True)
class DoorLimits:
    """What one network address range may do. An office shares one."""

    sessions: str = "60/minute"
    looks: str = "240/minute"
    """How often it asks whether anybody is there."""
    sockets: str = "120/minute"
    polls: str = "600/minute"
    uploads: str = "120/minute"
    open_at_once: int = 100
    """Sockets and waiting polls of one network."""
    open_in_all: int = 5000


class Full(Exception):
    """There is no room for one more line."""


class Doors:
    """Counts who comes in."""

    def __init__(self, limits: DoorLimits) -> None:
        self._limits = limits
        self.sessions = Allowance(limits.sessions)
        self.looks = Allowance(limits.looks)
        self.sockets = Allowance(limits.sockets)
        self.polls = Allowance(limits.polls)
        self.uploads = Allowance(limits.uploads)
        self._open: Counter[str] = Counter()

    @contextmanager
    def line(self, connection: HTTPConnection) -> Iterator[None]:
        """Hold a line open inside the block. Raises `Full`."""
        network = network_in(connection)
        limits = self._limits
        if self._open[network] >= limits.open_at_once or self._open.total() >= limits.open_in_all:
            raise Full
        self._open[network] += 1
        try:
            yield
        finally:
            self._open[network] -= 1
            if not self._open[network]:
                del self._open[network]
