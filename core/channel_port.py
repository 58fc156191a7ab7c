"""What the dispatcher needs of a channel, as narrow as it can be said."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from core.ids import Receipt, Thread
from core.message import Attachment
from core.outbox import Delivery, Fits, Outgoing
from core.pace import Toll


@dataclass(frozen=True)
class Delivered:
    """A delivery's good end."""

    receipt: Receipt
    thread: Thread | None = None
    """The thread that it opened, if it did."""


class Channel(Protocol):
    """A way to one platform. One delivery is one call, or is repeatable as a whole."""

    @property
    def name(self) -> str:
        """What effects are routed by."""
        ...

    @property
    def fits(self) -> Fits:
        """What one call can carry."""
        ...

    def tolls(self, delivery: Delivery) -> tuple[Toll, ...]:
        """Return the rates that the platform allows for this delivery.

        What limits the place has the key "channel:place", and what limits the whole channel its
        name. A pause that the platform demands is held against the first one.
        """
        ...

    async def deliver(self, outgoing: Outgoing) -> Delivered:
        """Carry it out. Raises `Retry`, `GiveUp` or `InDoubt`; anything else counts as in doubt."""
        ...


@runtime_checkable
class CanFind(Protocol):
    """A channel that can tell whether a delivery in doubt took effect."""

    async def find(self, outgoing: Outgoing) -> Delivered | None:
        """Return it as delivered if the platform has it. Raises as `deliver` does."""
        ...


class CanFetch(Protocol):
    """A channel whose attachments' bytes can be fetched."""

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """Yield the bytes. Raises `Retry` or `GiveUp`."""
        ...
