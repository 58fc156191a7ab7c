"""Who of the website's visitors is here right now, and how they learn that there is news."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from weakref import WeakValueDictionary

from adapters.web.parse import Json


class Listener(Protocol):
    """A browser that listens: a socket, or a poll that waits."""

    @property
    def language(self) -> str:
        """The language it shows."""
        ...

    @property
    def token_hash(self) -> str:
        """What it was let in with."""
        ...

    def news(self) -> None:
        """There is more in the visitor's log."""
        ...

    def tell(self, frame: Json) -> None:
        """Show this; of two that come before it could, the newer one is enough."""
        ...

    def end(self, why: str) -> None:
        """Say goodbye."""
        ...


class Visitors:
    """The browsers that listen, by visitor. Lives in one process, for one works at a time."""

    def __init__(self) -> None:
        self._here: dict[str, set[Listener]] = {}
        self.are_sent_away = False
        """Whether the desk is being stopped: then nobody leaves by themselves."""
        self._turns = WeakValueDictionary[str, asyncio.Lock]()

    @property
    def connected(self) -> int:
        """How many visitors are here."""
        return len(self._here)

    def is_here(self, visitor: str) -> bool:
        """Whether any browser of theirs listens."""
        return visitor in self._here

    def listeners(self) -> list[Listener]:
        """Return every browser that listens."""
        return [each for listeners in self._here.values() for each in listeners]

    @contextmanager
    def listening(self, visitor: str, listener: Listener) -> Iterator[None]:
        """Let a browser listen inside the block."""
        self._here.setdefault(visitor, set()).add(listener)
        try:
            yield
        finally:
            listeners = self._here[visitor]
            listeners.discard(listener)
            if not listeners:
                del self._here[visitor]

    def wake(self, visitor: str) -> None:
        """Tell a visitor's browsers, and nobody else's, that there is more in their log."""
        for each in tuple(self._here.get(visitor, ())):
            each.news()

    def end(self, visitor: str, token_hash: str, why: str) -> None:
        """Say goodbye to the browsers that were let in with this token."""
        for each in tuple(self._here.get(visitor, ())):
            if each.token_hash == token_hash:
                each.end(why)

    def turn(self, visitor: str) -> asyncio.Lock:
        """Return the lock under which a visitor's log is added to.

        What they write stands in it before what the desk says to that.
        """
        return self._turns.setdefault(visitor, asyncio.Lock())
