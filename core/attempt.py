"""One call that carries out a delivery: how it is made, and what its end means."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard

from core.channel_port import CanFind, Channel, Delivered
from core.effects import Announce, Mail, Relay, UpdateCard, Words
from core.errors import DeliveryError, GiveUp, InDoubt, Retry, ThreadGone, Withdrawn
from core.events import DeliveryFailed, ThreadLost
from core.ids import MessageId, Thread
from core.message import Part, Side
from core.outbox import AGENTS, MAIL, Delivery, DeliveryState, Outgoing
from core.phrases import Phrase
from core.ports import About, Incoming

PATIENCE = timedelta(hours=24)
PATIENCE_WITH_MAIL = timedelta(days=5)

LOOKED_ONCE = "looked for once, not found"


@dataclass(frozen=True)
class Attempt:
    """How a call ended."""

    outgoing: Outgoing
    end: Delivered | DeliveryError

    def lost(self, now: datetime) -> Words | None:
        """Return why the delivery has failed for good; None if it has not."""
        delivery = self.outgoing.delivery
        match self.end:
            case GiveUp(why=why):
                return why
            case Retry() | InDoubt():
                patience = PATIENCE_WITH_MAIL if delivery.channel == MAIL else PATIENCE
                if now - delivery.since > patience:
                    return Words(phrase=Phrase.WHY_TOO_LATE)
        return None

    @property
    def found_thread(self) -> Thread | None:
        """The thread that had been opened already, by an earlier call that broke off."""
        match self.end:
            case Delivered(thread=thread) if self.outgoing.delivery.state is DeliveryState.IN_DOUBT:
                return thread
        return None

    @property
    def state(self) -> DeliveryState:
        """What is known of a delivery after an error: certainly not there, or in doubt."""
        # A refusal to say whether it is there leaves as much in doubt as there was before.
        before = self.outgoing.delivery.state
        doubted = before is DeliveryState.IN_DOUBT or isinstance(self.end, InDoubt)
        return DeliveryState.IN_DOUBT if doubted else DeliveryState.PENDING


async def attempt(channel: Channel, outgoing: Outgoing, may_call: Callable[[], bool]) -> Attempt:
    """Carry a delivery out, if *may_call* says so in the last moment; return how that ended."""
    end: Delivered | DeliveryError
    try:
        end = await _carry_out(channel, outgoing, may_call)
    except DeliveryError as error:
        end = error
    except Exception as error:  # not understood, so it may have taken effect
        end = InDoubt(repr(error))
    return Attempt(outgoing, end)


async def _carry_out(
    channel: Channel, outgoing: Outgoing, may_call: Callable[[], bool]
) -> Delivered:
    """Deliver; what is in doubt is looked for first, twice, where the platform can be asked."""
    delivery = outgoing.delivery
    if delivery.channel != AGENTS and _is_all_notes(outgoing):
        raise Withdrawn("it is a note now", why=Words(phrase=Phrase.WHY_NOTE))
    if delivery.state is DeliveryState.IN_DOUBT and is_looked_for(channel, delivery):
        found = await channel.find(outgoing)
        if found is not None:
            return found
        if delivery.reason != LOOKED_ONCE:
            raise InDoubt(LOOKED_ONCE)
    if not may_call():
        raise Retry("another instance may be at work")
    return await channel.deliver(outgoing)


def _is_all_notes(outgoing: Outgoing) -> bool:
    """Whether what it was to carry has all been made notes: of several answers, some may remain."""
    alone = () if outgoing.message is None else (outgoing.message,)
    said = outgoing.with_messages or alone
    return bool(said) and all(each.part is Part.NOTE for each in said)


def is_looked_for(channel: Channel, delivery: Delivery) -> TypeGuard[CanFind]:
    """Whether a doubt is settled by asking; a card updated once more just shows the same."""
    return isinstance(channel, CanFind) and not isinstance(delivery.effect, UpdateCard)


def failures(attempt: Attempt, now: datetime) -> list[Incoming]:
    """Return that a delivery has failed for good: for each message of a joined post on its own.

    Nothing where it has not; and where its thread is gone, that. Nor for what programs are told:
    nobody in the conversation has to do with it.
    """
    delivery = attempt.outgoing.delivery
    if isinstance(delivery.effect, Announce):
        return []
    if isinstance(attempt.end, ThreadGone):
        lost = ThreadLost(at=now)
        return [
            Incoming(key=f"lost:{delivery.id}", origin=About(delivery.conversation_id), event=lost)
        ]
    if (why := attempt.lost(now)) is None:
        return []
    key = f"failed:{delivery.id}"
    if delivery.retried_at is not None:  # another failure than the one before
        key = f"{key}@{delivery.retried_at.isoformat()}"
    own = None if isinstance(delivery.effect, UpdateCard) else delivery.message_id
    failed = [_failure(attempt, key, own, why, now)]
    if isinstance(delivery.effect, Relay):
        others = (each.id for each in attempt.outgoing.with_messages if each.id != own)
        failed += [_failure(attempt, f"{key}:{other}", other, why, now) for other in others]
    return failed


def _failure(
    attempt: Attempt, key: str, message_id: MessageId | None, why: Words, now: datetime
) -> Incoming:
    delivery = attempt.outgoing.delivery
    by_mail = isinstance(delivery.effect, Mail)
    return Incoming(
        key=key,
        origin=About(delivery.conversation_id),
        event=DeliveryFailed(
            at=now,
            to=Side.AGENTS if delivery.channel == AGENTS else Side.CUSTOMER,
            delivery_id=None if isinstance(attempt.end, Withdrawn) else delivery.id,
            by_mail=by_mail,
            message_id=message_id,
            reason=why,
            gone=isinstance(attempt.end, GiveUp) and attempt.end.gone,
        ),
    )
