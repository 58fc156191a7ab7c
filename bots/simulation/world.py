"""A run: people, platforms and the desk between them, from the first arrival until all is quiet."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from adapters.store.memory import MemoryStore
from bots.simulation import virtual_time
from bots.simulation.agents import Agents
from bots.simulation.customers import Chat, Customer
from bots.simulation.engine import Engine
from bots.simulation.identifiers import SeededIds
from bots.simulation.ledger import Ledger
from bots.simulation.measures import Measures
from bots.simulation.mouth import Mouth
from bots.simulation.platforms import Chats, Mailboxes, Rooms, Wire
from bots.simulation.scenario import DAY, MONDAY, Scenario, arrivals
from bots.simulation.virtual_time import VirtualClock
from core.channel_port import Delivered
from core.hours import WorkingHours
from core.outbox import Outgoing
from core.policy import Department
from core.ports import Audit

_LOOKS_EVERY = 600.0
"""Seconds between two looks at what has piled up."""
_QUIET_WITHIN = 30 * DAY
"""Seconds after the last arrival by which everything must have come to an end."""

Progress = Callable[[float], None]
"""Is told now and then how much of the run is done, from 0 to 1."""


class Broken(AssertionError):
    """A run in which a promise was broken."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What had piled up at a moment (seconds from the start)."""

    at: float
    deliveries: int
    """Decided, and not delivered."""
    conversations: int
    """Posted, and taken up by nobody."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run leaves behind."""

    scenario: Scenario
    measures: Measures
    samples: list[Sample]
    tickets: int
    largest_backlog: int
    trace: str


def simulate(scenario: Scenario, progress: Progress = lambda share: None) -> Outcome:
    """Run a scenario in virtual time. Raises `Broken` with what was broken, and when."""

    async def run() -> Outcome:
        return await _World(scenario, progress, VirtualClock(MONDAY)).run()

    return virtual_time.run(run())


class _World:
    def __init__(self, scenario: Scenario, progress: Progress, clock: VirtualClock) -> None:
        self._scenario = scenario
        self._progress = progress
        self._dice = random.Random(scenario.seed)
        self._ledger = Ledger()
        self._measures = Measures(ledger=self._ledger, start=MONDAY.timestamp())
        self._clock = clock
        self._customers: dict[str, Customer] = {}
        self._samples: list[Sample] = []
        self._hours = WorkingHours(week=scenario.open_hours, zone="UTC")

    async def run(self) -> Outcome:
        await self._set_up()
        living = asyncio.create_task(self._live())
        broken = asyncio.create_task(self._ledger.broken.wait())
        await asyncio.wait((living, broken), return_when=asyncio.FIRST_COMPLETED)
        if not living.done():
            living.cancel()
            await asyncio.wait((living,))
        elif not living.cancelled():
            living.result()
            self._ledger.finish()
        broken.cancel()
        await self._engine.stop()
        if self._ledger.what_broke:
            raise Broken(self._ledger.what_broke)
        return Outcome(
            scenario=self._scenario,
            measures=self._measures,
            samples=self._samples,
            tickets=len(self._ledger.tickets),
            largest_backlog=self._ledger.largest_backlog,
            trace=self._ledger.trace,
        )

    async def _set_up(self) -> None:
        trouble = self._scenario.trouble

        def wire(of: str) -> Wire:
            return Wire(ledger=self._ledger, dice=self._dice_of(of), trouble=trouble)

        self._chats = Chats(wire=wire("chats"), measures=self._measures, show=self._to_customer)
        rooms = Rooms(
            wire=replace(wire("rooms"), outages=trouble.outages, can_find=True),
            measures=self._measures,
            show=self._to_agents,
        )
        channels = (rooms, self._chats, Mailboxes(wire=wire("mail")))
        store = MemoryStore()
        await self._add_departments(store)
        self._engine = Engine(
            store=store,
            clock=self._clock,
            ids=SeededIds(self._scenario.seed),
            channels={each.name: each for each in channels},
            chance=self._dice_of("jitter").random,
            ledger=self._ledger,
        )
        self._mouth = Mouth(
            tell=self._engine.tell,
            clock=self._clock,
            ledger=self._ledger,
            dice=self._dice_of("mouths"),
            told_again=trouble.told_again,
        )
        self._agents = Agents(
            self._scenario, self._hours, self._mouth, self._dice_of("agents"), self._measures
        )
        await self._engine.start()

    async def _add_departments(self, store: MemoryStore) -> None:
        for number in range(self._scenario.rooms):
            department = Department(
                key=f"d{number}",
                name=f"Desk {number}",
                room=f"C{number}",
                hours=self._hours,
                answer_within=timedelta(seconds=self._scenario.answer_within),
            )
            audit = Audit(at=MONDAY, who="", what="", before="", after="")
            async with store.transaction() as tx:
                await tx.save_department(department, audit)

    async def _live(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            places = self._scenario.agents * self._scenario.chats
            helpers = [tasks.create_task(self._agents.work(number)) for number in range(places)]
            helpers.append(tasks.create_task(self._watch()))
            helpers.append(tasks.create_task(self._crash()))
            for number, at in enumerate(arrivals(self._scenario, self._dice_of("arrivals"))):
                await asyncio.sleep(at - self._clock.monotonic())
                tasks.create_task(self._customer(number))
            await self._until_quiet()
            for each in helpers:
                each.cancel()

    async def _customer(self, number: int) -> None:
        chat = Chat(block=self._chats.blocked.add, gave_up=self._gave_up)
        dice = self._dice_of(f"customer {number}")
        customer = Customer(number, self._scenario, self._mouth, dice, chat)
        self._measures.begun += 1
        self._customers[customer.address] = customer
        await customer.live()
        del self._customers[customer.address]

    async def _until_quiet(self) -> None:
        give_up_at = self._clock.monotonic() + _QUIET_WITHIN
        while self._clock.monotonic() < give_up_at:
            await asyncio.sleep(60)
            if not self._customers and self._agents.idle and self._ledger.settled:
                return

    async def _watch(self) -> None:
        while True:
            now = self._clock.monotonic()
            self._samples.append(
                Sample(
                    at=now,
                    deliveries=len(self._ledger.planned),
                    conversations=self._agents.waiting,
                )
            )
            self._engine.check()
            self._progress(min(1.0, now / self._scenario.seconds))
            await asyncio.sleep(_LOOKS_EVERY)

    async def _crash(self) -> None:
        for at in self._scenario.trouble.crashes:
            await asyncio.sleep(at - self._clock.monotonic())
            await self._engine.crash()

    def _gave_up(self) -> None:
        self._measures.left += 1

    def _to_customer(self, outgoing: Outgoing, delivered: Delivered) -> None:
        customer = self._customers.get(outgoing.delivery.place)
        if customer is not None:
            customer.hear(outgoing.delivery.effect)

    def _to_agents(self, outgoing: Outgoing, delivered: Delivered) -> None:
        self._agents.see(outgoing, delivered)

    def _dice_of(self, of: str) -> random.Random:
        """Return dice of their own, so that one who throws more often disturbs nobody else's."""
        return random.Random(f"{self._scenario.seed} {of}")
