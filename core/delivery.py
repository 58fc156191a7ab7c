"""The dispatcher: carries deliveries out, lane by lane, in order, many lanes at once."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeGuard

from core.desk import Desk
from core.effects import Mail, Relay, UpdateCard, Words
from core.errors import DeliveryError, GiveUp, InDoubt, Retry
from core.events import DeliveryFailed
from core.ids import DeliveryId, MessageId
from core.message import Part, Side
from core.outbox import AGENTS, MAIL, Delivery, DeliveryState, Outgoing, joined
from core.pace import Pace
from core.phrases import Phrase
from core.ports import About, CanFind, Channel, Clock, Delivered, Incoming, Store, Transaction

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 15 * 60.0
DOUBT_PAUSE = 5.0
"""Seconds before a platform is asked again whether it has what is in doubt: it may show it late."""

PATIENCE = timedelta(hours=24)
PATIENCE_WITH_MAIL = timedelta(days=5)
LONGEST_SLEEP = 15.0
"""Seconds after which the outbox is looked into although nobody asked: a clock may have jumped."""

LOOKED_ONCE = "looked for once, not found"

_ROUNDS = 4
"""How often in one turn the outbox is asked for lanes besides those that must wait."""


@dataclass(frozen=True)
class Attempt:
    """How a call ended."""

    outgoing: Outgoing
    end: Delivered | DeliveryError


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
        self._pace = Pace()
        self._ended: list[Attempt] = []
        self._calls: dict[DeliveryId, asyncio.Task[None]] = {}
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
            self._calls[outgoing.delivery.id] = call
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
        now, monotonic = self._clock.now(), self._clock.monotonic()
        room = self._at_once - len(self._calls)
        chosen: list[Delivery] = []
        closed: dict[tuple[str, str], float] = {}
        for _ in range(_ROUNDS):
            if room <= len(chosen):
                break
            heads = await tx.heads(now, room - len(chosen), closed.keys())
            seen = {each.id for each in chosen}
            heads = [each for each in heads if each.id not in seen]
            shut = len(closed)
            for head in heads:
                tolls = self._channels[head.channel].tolls(head)
                free_at = self._pace.free_at(tolls, monotonic)
                if free_at > monotonic:
                    closed[head.channel, head.place] = free_at - monotonic
                else:
                    self._pace.spend(tolls, monotonic)
                    chosen.append(head)
            if len(closed) == shut:
                break
        for each in chosen:
            await self._join(tx, each)
        begun = await tx.begin([each.id for each in chosen]) if chosen else []
        pauses = list(closed.values())
        if (due_at := await tx.next_due()) is not None and due_at > now:
            pauses.append((due_at - now).total_seconds())
        self._pace.forget(monotonic)
        return begun, min(pauses, default=None)

    async def _join(self, tx: Transaction, head: Delivery) -> None:
        """Freeze what has piled up behind *head* into one post with it, before its first attempt.

        Nothing waits for more to come: where nothing stands behind it, it goes alone.
        """
        fits = self._channels[head.channel].fits
        if fits.joins <= 1 or head.attempts or not isinstance(head.effect, Relay):
            return
        behind = await tx.behind(head.id, fits.joins - 1)
        named = {each.message_id for each in (head, *behind) if each.message_id is not None}
        post = joined(head, behind, await tx.messages(named), fits) if behind else [head]
        if len(post) > 1:
            await tx.join([each.id for each in post])

    async def _call(self, outgoing: Outgoing) -> None:
        channel = self._channels[outgoing.delivery.channel]
        end: Delivered | DeliveryError
        try:
            end = await _carry_out(channel, outgoing)
        except DeliveryError as error:
            end = error
        except Exception as error:  # not understood, so it may have taken effect
            end = InDoubt(repr(error))
        attempt = Attempt(outgoing, end)
        self._ended.append(attempt)
        self._calls.pop(outgoing.delivery.id, None)
        self._report(attempt)
        self.wake()

    async def _settle(self) -> None:
        """Write down how calls have ended; should that fail, they are written down next time."""
        ended = self._ended.copy()
        if not ended:
            return
        now = self._clock.now()
        lost = [(each, why) for each in ended if (why := self._lost(each)) is not None]
        # Told first: a crash in between repeats the delivery, whose failure is then known by key.
        await self._desk.receive(
            [failed for each, why in lost for failed in _failed(each, why, self._clock)]
        )
        threads = []
        async with self._store.transaction() as tx:
            for attempt in ended:
                delivery = attempt.outgoing.delivery
                match attempt.end:
                    case Delivered(receipt, thread):
                        await tx.finish(delivery.id, receipt)
                        if thread is not None:
                            await tx.set_thread(delivery.conversation_id, thread)
                            threads.append(thread)
                    case Retry() | InDoubt() as error if self._lost(attempt) is None:
                        state, pause = self._again(delivery, error)
                        due_at = now + timedelta(seconds=pause)
                        await tx.postpone(delivery.id, state, due_at, error.reason)
                    case error:
                        await tx.fail(delivery.id, error.reason)
        del self._ended[: len(ended)]
        if threads:
            await self._desk.take_up(threads)

    def _again(self, delivery: Delivery, error: DeliveryError) -> tuple[DeliveryState, float]:
        """Return how a delivery goes on after an error, and in how many seconds."""
        # A refusal to say whether it is there leaves as much in doubt as there was before.
        doubted = delivery.state is DeliveryState.IN_DOUBT or isinstance(error, InDoubt)
        state = DeliveryState.IN_DOUBT if doubted else DeliveryState.PENDING
        if isinstance(error, Retry) and error.after is not None:
            tolls = self._channels[delivery.channel].tolls(delivery)
            for toll in tolls[:1]:  # the first one is the place's own; others are not to blame
                self._pace.hold(toll.key, self._clock.monotonic() + error.after)
            return state, error.after
        longest = min(FIRST_PAUSE * 2**delivery.attempts, LONGEST_PAUSE)
        pause = longest * (0.5 + self._chance() / 2)
        looks_again = isinstance(error, InDoubt) and _is_looked_for(
            self._channels[delivery.channel], delivery
        )
        return state, max(pause, DOUBT_PAUSE) if looks_again else pause

    def _lost(self, attempt: Attempt) -> Words | None:
        """Return why the delivery has failed for good; None if it has not."""
        delivery = attempt.outgoing.delivery
        match attempt.end:
            case GiveUp(why=why):
                return why
            case Retry() | InDoubt():
                patience = PATIENCE_WITH_MAIL if delivery.channel == MAIL else PATIENCE
                if self._clock.now() - delivery.created_at > patience:
                    return Words(phrase=Phrase.WHY_TOO_LATE)
        return None


async def _carry_out(channel: Channel, outgoing: Outgoing) -> Delivered:
    """Deliver; what is in doubt is looked for first, twice, where the platform can be asked."""
    delivery = outgoing.delivery
    said = outgoing.message
    if delivery.channel != AGENTS and said is not None and said.part is Part.NOTE:
        raise GiveUp("it is a note now", why=Words(phrase=Phrase.WHY_NOTE))
    if delivery.state is DeliveryState.IN_DOUBT and _is_looked_for(channel, delivery):
        found = await channel.find(outgoing)
        if found is not None:
            return found
        if delivery.reason != LOOKED_ONCE:
            raise InDoubt(LOOKED_ONCE)
    return await channel.deliver(outgoing)


def _is_looked_for(channel: Channel, delivery: Delivery) -> TypeGuard[CanFind]:
    """Whether a doubt is settled by asking; a card updated once more just shows the same."""
    return isinstance(channel, CanFind) and not isinstance(delivery.effect, UpdateCard)


def _failed(attempt: Attempt, why: Words, clock: Clock) -> list[Incoming]:
    """Return that a delivery has failed: for each message of a joined post on its own."""
    delivery = attempt.outgoing.delivery
    key = f"failed:{delivery.id}"
    own = None if isinstance(delivery.effect, UpdateCard) else delivery.message_id
    failed = [_failure(attempt, key, own, why, clock)]
    if isinstance(delivery.effect, Relay):
        others = (each.id for each in attempt.outgoing.with_messages if each.id != own)
        failed += [_failure(attempt, f"{key}:{other}", other, why, clock) for other in others]
    return failed


def _failure(
    attempt: Attempt, key: str, message_id: MessageId | None, why: Words, clock: Clock
) -> Incoming:
    delivery = attempt.outgoing.delivery
    by_mail = isinstance(delivery.effect, Mail)
    return Incoming(
        key=key,
        origin=About(delivery.conversation_id),
        event=DeliveryFailed(
            at=clock.now(),
            to=Side.AGENTS if delivery.channel == AGENTS else Side.CUSTOMER,
            by_mail=by_mail,
            message_id=message_id,
            reason=why,
            gone=isinstance(attempt.end, GiveUp) and attempt.end.gone,
        ),
    )
