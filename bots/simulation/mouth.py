"""How people speak and listen: late, and sometimes told of twice."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bots.simulation.ledger import Ledger
from bots.simulation.platforms import LATENCY
from core.events import AgentWrote, CustomerWrote, Event
from core.ports import Clock, Incoming, Origin

Tell = Callable[[Incoming], Awaitable[None]]


@dataclass(kw_only=True)
class Mouth:
    """How anybody says anything: it takes a moment, and platforms may tell of it twice."""

    tell: Tell
    clock: Clock
    ledger: Ledger
    dice: random.Random
    told_again: float
    _again: set[asyncio.Task[None]] = field(default_factory=set)

    async def say(self, key: str, origin: Origin, event: Event, *, awaited: bool = True) -> None:
        """Return once the desk has it; *awaited*: the other side must read it in the end."""
        incoming = Incoming(key=key, origin=origin, event=event)
        if isinstance(event, CustomerWrote | AgentWrote):
            self.ledger.written(event.message_id, awaited=awaited)
        await asyncio.sleep(LATENCY)
        await self.tell(incoming)
        if self.dice.random() < self.told_again:
            again = asyncio.create_task(self._tell_again(incoming, self.dice.uniform(0, 60)))
            self._again.add(again)
            again.add_done_callback(self._again.discard)

    async def _tell_again(self, incoming: Incoming, after: float) -> None:
        await asyncio.sleep(after)
        await self.tell(incoming)
