"""The dispatcher: carries deliveries out, lane by lane, in order, many lanes at once."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from core.attempt import PATIENCE, Attempt, attempt, failures, is_looked_for
from core.desk import Desk
from core.effects import Relay
from core.errors import DeliveryError, FileAway, InDoubt, Retry, ThreadGone
from core.ids import ConversationId, DeliveryId, Receipt, Thread
from core.outbox import Delivery, DeliveryState, Fits, Head, Outgoing, joined
from core.outbox_port import Postponed
from core.pace import Pace
from core.ports import Channel, Clock, Delivered, Store, Transaction
from core.turns import Turns

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 15 * 60.0
DOUBT_PAUSE = 5.0
"""Seconds before a platform is asked again whether it has what is in doubt: it may show it late."""

AWAY = "away"
"""What the lane of a file is called that cannot be fetched yet."""
LONGEST_SLEEP = 15.0
"""Seconds after which the outbox is looked into although nobody asked: a clock may have jumped."""

GROWS = PATIENCE / 2
"""How long more is joined to a post that cannot be sent: what came last is tried for as long."""

_MOST_LANES = 1000
"""How many lanes are looked at together."""
_ROUNDS = 4
"""How often in one turn the outbox is asked for lanes besides those that must wait."""
_MOST_DOUBLINGS = 20


class Dispatcher:
    """Takes deliveries from the outbox and has them carried out."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        desk: Desk,
        channels: Mapping[str, Channel],
        chance: Callable[[], float],
        pace: Pace | None = None,
        at_once: int = 64,
        report: Callable[[Attempt], None] = lambda attempt: None,
    ) -> None:
        """Take *chance*, numbers from 0 to 1 for jitter, and *report*, told how calls ended."""
        self._store = store
        self._clock = clock
        self._desk = desk
        self._channels = channels
        self._chance = chance
        self._at_once = at_once
        self._report = report
        self._pace = pace or Pace()
        self._turns = Turns()
        self._closed: dict[str, float] = {}
        """Tolls that are used up, by key, and until when (seconds, monotonic)."""
        self._ended: list[Attempt] = []
        self._calls: dict[str, asyncio.Task[None]] = {}
        """The calls under way, by lane."""
        self._woken = asyncio.Event()
        self._stopping = False
        self.turned_at = clock.monotonic()
        """When it last looked into the outbox (seconds, monotonic): for the health check."""

    def wake(self) -> None:
        """Look into the outbox now."""
        self._woken.set()

    async def recover(self) -> None:
        """Before the first turn: what was being sent when the process ended is in doubt."""
        async with self._store.transaction() as tx:
            await tx.doubt_unfinished(self._clock.now())

    async def run(self) -> None:
        """Deliver until `stop`; the calls under way then go on, see `drain`."""
        while not self._stopping:
            self._woken.clear()
            await self._wait(await self.turn())

    def stop(self) -> None:
        """Let `run` return after its turn; cancelled in the middle, it would leave doubts."""
        self._stopping = True
        self.wake()

    async def drain(self, seconds: float) -> None:
        """After `run`: let the calls under way end, at most *seconds*, and write down how.

        What has not ended by then is in doubt when the desk starts again.
        """
        if self._calls:
            await asyncio.wait(self._calls.values(), timeout=seconds)
        for call in self._calls.values():
            call.cancel()
        await self._settle()

    async def turn(self) -> float | None:
        """Write down what has ended and begin what can; return the seconds until the next turn.

        None: nothing waits for a time, only for being woken.
        """
        await self._settle()
        self.turned_at = self._clock.monotonic()
        async with self._store.transaction() as tx:
            begun, pause = await self._begin(tx)
        for outgoing in begun:
            call = asyncio.create_task(self._call(outgoing))
            self._calls[outgoing.delivery.lane] = call
        return pause

    async def _wait(self, pause: float | None) -> None:
        try:
            async with asyncio.timeout(
                LONGEST_SLEEP if pause is None else min(pause, LONGEST_SLEEP)
            ):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _begin(self, tx: Transaction) -> tuple[list[Outgoing], float | None]:
        """Choose what may go now, at most one delivery of each lane."""
        monotonic = self._clock.monotonic()
        self._pace.forget(monotonic)
        self._closed = {key: at for key, at in self._closed.items() if at > monotonic}
        chosen, pauses = await self._choose(tx)
        await self._join(tx, chosen)
        begun = await tx.begin([each.id for each in chosen]) if chosen else []
        pauses += [at - monotonic for at in self._closed.values()]
        return begun, min(pauses, default=None)

    async def _choose(self, tx: Transaction) -> tuple[list[Delivery], list[float]]:
        """Return what may go now, and in how many seconds something else may."""
        now = self._clock.now()
        chosen: list[Delivery] = []
        pauses: list[float] = []
        for _ in range(_ROUNDS):
            if self._room(chosen) <= 0:
                break
            heads = await tx.heads(now, _MOST_LANES, _places(self._closed))
            if heads.next_due is not None:
                pauses.append((heads.next_due - now).total_seconds())
            busy = {*self._calls, *(each.lane for each in chosen)}
            shut = len(self._closed)
            free = [each for each in heads.due if each.lane not in busy]
            pauses += await self._take(tx, self._turns.in_turn(free), chosen)
            if len(heads.due) < _MOST_LANES or len(self._closed) == shut:
                break
        return chosen, pauses

    async def _take(
        self, tx: Transaction, heads: Sequence[Head], chosen: list[Delivery]
    ) -> list[float]:
        """Add to *chosen* those of *heads* that may go; return in how many seconds others may."""
        pauses: list[float] = []
        while heads and (room := self._room(chosen)) > 0:
            open_ones = [each for each in heads if not self._is_closed(each)]
            looked_at, heads = open_ones[:room], open_ones[room:]
            for each in await tx.claim([head.id for head in looked_at]):
                if pause := self._pay(each):
                    pauses.append(pause)
                else:
                    chosen.append(each)
        return pauses

    def _room(self, chosen: Sequence[Delivery]) -> int:
        """Return how many more calls may be under way."""
        return self._at_once - len(self._calls) - len(chosen)

    def _is_closed(self, head: Head) -> bool:
        """Whether nothing may go to its place now, or to no place of its channel."""
        return not self._closed.keys().isdisjoint((head.channel, f"{head.channel}:{head.place}"))

    def _pay(self, delivery: Delivery) -> float:
        """Pay what sending it costs if it may go now; else return in how many seconds it may.

        Where it is the place that must wait, or all of the channel, the rest is not even looked at.
        """
        now = self._clock.monotonic()
        tolls = self._channels[delivery.channel].tolls(delivery)
        free_at = self._pace.free_at(tolls, now)
        if free_at <= now:
            self._pace.spend(tolls, now)
            self._turns.serve(delivery.lane)
            return 0.0
        for toll in tolls:
            if (open_at := self._pace.free_at([toll], now)) > now:
                self._closed[toll.key] = open_at
        return free_at - now

    async def _join(self, tx: Transaction, chosen: Sequence[Delivery]) -> None:
        """Join what has piled up behind these into one post with each, as long as nobody saw it.

        Nothing waits for more to come: where nothing stands behind one, it goes alone.
        """
        heads = [each for each in chosen if self._may_grow(each)]
        if not heads:
            return
        most = max(self._fits(each).joins for each in heads)
        behind = await tx.behind([each.id for each in heads], most - 1)
        heads = [each for each in heads if each.id in behind]
        if not heads:
            return
        standing = [each for head in heads for each in (head, *behind[head.id])]
        messages = await tx.messages({each.message_id for each in standing if each.message_id})
        await tx.join(
            [
                [each.id for each in joined(head, behind[head.id], messages, self._fits(head))]
                for head in heads
            ]
        )

    def _may_grow(self, head: Delivery) -> bool:
        """Whether more may go in one post with *head*: certainly, nobody has seen any of it."""
        return (
            isinstance(head.effect, Relay)
            and head.state is DeliveryState.PENDING
            and self._fits(head).joins > 1
            and self._clock.now() - head.created_at <= GROWS
        )

    def _fits(self, delivery: Delivery) -> Fits:
        return self._channels[delivery.channel].fits

    async def _call(self, outgoing: Outgoing) -> None:
        delivery = outgoing.delivery
        ended = await attempt(self._channels[delivery.channel], outgoing)
        self._ended.append(ended)
        self._calls.pop(delivery.lane, None)
        self._report(ended)
        self.wake()

    async def _settle(self) -> None:
        """Write down how calls have ended; should that fail, they are written down next time."""
        ended = self._ended.copy()
        if not ended:
            return
        now = self._clock.now()
        # Told first: a crash in between repeats the delivery, whose failure is then known by key.
        await self._desk.receive([told for each in ended for told in failures(each, now)])
        receipts = dict[DeliveryId, Receipt]()
        threads = dict[ConversationId, Thread]()
        postponed = list[Postponed]()
        failed = dict[DeliveryId, str]()
        for each in ended:
            delivery = each.outgoing.delivery
            match each.end:
                case Delivered(receipt, thread):
                    receipts[delivery.id] = receipt
                    if thread is not None:
                        threads[delivery.conversation_id] = thread
                case ThreadGone():
                    continue  # the desk has withdrawn it, and all that was to follow it there
                case DeliveryError(reason=reason) if each.lost(now) is not None:
                    failed[delivery.id] = reason
                case DeliveryError() as error:
                    postponed.append(self._postponed(each, error, now))
        async with self._store.transaction() as tx:
            await tx.finish(receipts)
            await tx.set_threads(threads)
            await tx.postpone(postponed)
            await tx.fail(failed)
        del self._ended[: len(ended)]
        if threads:
            await self._desk.take_up(threads.values())

    def _postponed(self, ended: Attempt, error: DeliveryError, now: datetime) -> Postponed:
        """Return how a delivery goes on after an error, and when."""
        delivery = ended.outgoing.delivery
        pause = timedelta(seconds=self._pause(delivery, error))
        # Out of line, so that a file that a platform does not hand out holds up no words.
        lane = f"{AWAY}:{delivery.id}" if isinstance(error, FileAway) else None
        return Postponed(
            id=delivery.id, state=ended.state, due_at=now + pause, reason=error.reason, lane=lane
        )

    def _pause(self, delivery: Delivery, error: DeliveryError) -> float:
        """Return the seconds after which a delivery is tried again."""
        channel = self._channels[delivery.channel]
        if isinstance(error, Retry) and error.after is not None:
            # The first toll is the place's own, or the call's; others are not to blame.
            for toll in channel.tolls(delivery)[:1]:
                self._pace.hold(toll.key, self._clock.monotonic() + error.after)
            return error.after
        doublings = min(delivery.attempts, _MOST_DOUBLINGS)
        longest = min(FIRST_PAUSE * 2.0**doublings, LONGEST_PAUSE)
        pause = longest * (0.5 + self._chance() / 2)
        looks_again = isinstance(error, InDoubt) and is_looked_for(channel, delivery)
        return max(pause, DOUBT_PAUSE) if looks_again else pause


def _places(keys: Iterable[str]) -> list[tuple[str, str]]:
    """Return the places, each with its channel, whose tolls have these keys; "" for all of it."""
    split = (key.partition(":") for key in keys)
    return [(channel, place) for channel, _, place in split]
