"""How fast events are taken in: the batch against one transaction each, in one run."""

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from adapters.clock import SystemClock
from adapters.ids import RandomIds
from adapters.store import SqlStore
from bots.bench.figures import Figure, ratio
from bots.bench.sizes import Sizes
from core.contact import Identity
from core.desk import Desk
from core.events import CustomerWrote
from core.hours import WorkingHours
from core.ids import MessageId
from core.known import Rules
from core.outbox import AGENTS, Fits
from core.policy import Allowance, Department, Limits, Policy
from core.ports import Audit, FromCustomer, Incoming
from core.richtext import plain

CUSTOMERS = 100
GENEROUS = Limits(messages=Allowance(at_once=10**9, then=1, every=timedelta(seconds=1)))
"""However fast it is, none of it is a flood."""


async def measure(sizes: Sizes) -> list[Figure]:
    """Return the row of the table: events a second, alone and together, in interleaved rounds."""
    alone: list[float] = []
    together: list[float] = []
    for number in range(sizes.rounds):
        alone.append(await _measure(number, sizes.in_batches, at_once=False))
        together.append(await _measure(number, sizes.in_batches, at_once=True))
    return [
        Figure(
            what="taken in together / one by one",
            value=ratio(together, alone),
            form="{:.1f}×",
            how=f"{median(together):.0f}/s, against {median(alone):.0f}/s; new customers",
        )
    ]


async def _measure(number: int, count: int, *, at_once: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        store = await SqlStore.open(f"sqlite:///{Path(folder) / 'bench.db'}")
        try:
            desk = await _desk(store)
            events = [_event(number, each) for each in range(count)]
            begun = time.perf_counter()
            if at_once:
                await asyncio.gather(*(desk.receive([each]) for each in events))
            else:
                for each in events:
                    await desk.receive([each])
            return count / (time.perf_counter() - begun)
        finally:
            await store.close()


async def _desk(store: SqlStore) -> Desk:
    clock = SystemClock()
    department = Department(
        key="support", name="Support", room="#support", hours=WorkingHours(week="24/7", zone="UTC")
    )
    entry = Audit(at=clock.now(), who="bench", what="department", before="", after="")
    async with store.transaction() as tx:
        await tx.save_department(department, entry)
    fits = {AGENTS: Fits(text=3000, file=0), "telegram": Fits(text=4000, file=0)}
    patience = Policy(departments=(department,), limits=GENEROUS)
    rules = Rules(language="en", fits=fits, patience=patience)
    return Desk(store=store, clock=clock, ids=RandomIds("MNT"), rules=rules)


def _event(number: int, each: int) -> Incoming:
    return Incoming(
        key=f"bench:{number}:{each}",
        origin=FromCustomer(identity=Identity("telegram", str(each % CUSTOMERS)), name="Ana"),
        event=CustomerWrote(
            at=datetime.now(UTC),
            sent_at=datetime.now(UTC),
            message_id=MessageId(f"bench:{number}:{each}"),
            text=plain(f"message {each}"),
        ),
    )
