"""Agents: so many places at which one conversation is held at a time, and a queue before them."""

import asyncio
import random
from dataclasses import dataclass
from itertools import count

from bots.simulation.customers import whole
from bots.simulation.measures import Measures
from bots.simulation.mouth import Mouth
from bots.simulation.scenario import Scenario
from core.channel_port import Delivered
from core.conversation import Agent
from core.effects import OpenThread, TellAgents
from core.events import AgentResolved, AgentTook, AgentWrote
from core.hours import WorkingHours, next_opening
from core.ids import AgentId, ConversationId, MessageId, Thread
from core.outbox import Outgoing
from core.phrases import Phrase
from core.ports import FromThread
from core.richtext import plain

_TAKES = 0.2
_NOTES = 0.15


@dataclass
class _Case:
    """A thread in a room, and whether somebody is at it or will be."""

    thread: Thread
    open: bool = True


class Agents:
    """Everybody who answers. What they know is what the rooms show them."""

    def __init__(
        self,
        scenario: Scenario,
        hours: WorkingHours,
        mouth: Mouth,
        dice: random.Random,
        measures: Measures,
    ) -> None:
        self._scenario = scenario
        self._hours = hours
        self._mouth = mouth
        self._dice = dice
        self._measures = measures
        self._cases: dict[ConversationId, _Case] = {}
        self._queue: asyncio.Queue[_Case] = asyncio.Queue()
        self._numbers = count()
        self._busy = 0

    @property
    def waiting(self) -> int:
        """How many conversations nobody has begun to answer."""
        return self._queue.qsize()

    @property
    def idle(self) -> bool:
        """Whether nobody has anything to do."""
        return not self._busy and self._queue.empty()

    def see(self, outgoing: Outgoing, delivered: Delivered) -> None:
        """Notice what was posted in a room."""
        talk = outgoing.delivery.conversation_id
        match outgoing.delivery.effect:
            case OpenThread() if delivered.thread is not None:
                self._cases[talk] = _Case(delivered.thread)
                self._queue.put_nowait(self._cases[talk])
            case TellAgents(words=words) if words.phrase is Phrase.AGENTS_REOPENED:
                case = self._cases[talk]
                if not case.open:
                    case.open = True
                    self._queue.put_nowait(case)

    async def work(self, number: int) -> None:
        """Keep one place at work: whatever has waited longest comes next."""
        name = f"Agent {number // self._scenario.chats + 1}"
        agent = Agent(AgentId(name), name)
        while True:
            case = await self._queue.get()
            await self._until_open()
            self._busy += 1
            began = self._mouth.clock.monotonic()
            await self._handle(case, agent)
            self._measures.busy += self._mouth.clock.monotonic() - began
            self._busy -= 1

    async def _handle(self, case: _Case, agent: Agent) -> None:
        pause = self._scenario.handling / (self._scenario.answers + 1)
        if self._dice.random() < _TAKES:
            await self._say(case, AgentTook(at=self._mouth.clock.now(), agent=agent))
        if self._dice.random() < _NOTES:
            await self._write(case, agent, "// has anybody seen this before?", awaited=False)
        for _ in range(1 + whole(self._dice, self._scenario.answers - 1)):
            await asyncio.sleep(self._dice.expovariate(1 / pause))
            await self._write(case, agent, "Have you tried it again?")
        await asyncio.sleep(self._dice.expovariate(1 / pause))
        case.open = False
        await self._say(case, AgentResolved(at=self._mouth.clock.now(), agent=agent))

    async def _write(self, case: _Case, agent: Agent, text: str, *, awaited: bool = True) -> None:
        now = self._mouth.clock.now()
        said = AgentWrote(
            at=now,
            message_id=MessageId(f"a{next(self._numbers)}"),
            sent_at=now,
            agent=agent,
            text=plain(text),
        )
        await self._mouth.say(said.message_id, FromThread(case.thread), said, awaited=awaited)

    async def _say(self, case: _Case, event: AgentTook | AgentResolved) -> None:
        await self._mouth.say(f"b{next(self._numbers)}", FromThread(case.thread), event)

    async def _until_open(self) -> None:
        now = self._mouth.clock.now()
        opening = next_opening(self._hours, now)
        if opening is not None and opening > now:
            await asyncio.sleep((opening - now).total_seconds())
