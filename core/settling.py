"""What becomes of deliveries whose calls have ended: delivered, tried again, or given up."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.attempt import Attempt, failures, is_looked_for
from core.channel_port import Channel, Delivered
from core.errors import DeliveryError, FileAway, GiveUp, InDoubt, Retry, ThreadGone, Withdrawn
from core.ids import ConversationId, DeliveryId, Receipt, Thread
from core.outbox import Delivery, DeliveryState
from core.outbox_port import Failed, Outbox, Postponed
from core.pace import Pace
from core.ports import Incoming

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 15 * 60.0
DOUBT_PAUSE = 5.0
"""Seconds before a platform is asked again whether it has what is in doubt: it may show it late."""

AWAY = "away"
"""What the lane of a file is called that cannot be fetched yet."""
YOUNG = 60.0
"""Seconds in which a thread that replaced another is not replaced itself: nobody is so fast."""

_MOST_DOUBLINGS = 20


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What is told to the desk, and what is written into the outbox, of calls that have ended."""

    told: list[Incoming] = field(default_factory=list)
    """Told first: a crash in between repeats the delivery, whose failure is then known by key."""
    receipts: dict[DeliveryId, Receipt] = field(default_factory=dict)
    threads: dict[ConversationId, Thread] = field(default_factory=dict)
    postponed: list[Postponed] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)

    async def write(self, outbox: Outbox) -> None:
        """Write it down."""
        await outbox.finish(self.receipts)
        await outbox.set_threads(self.threads)
        await outbox.postpone(self.postponed)
        await outbox.fail(self.failed)


class Settling:
    """Knows what becomes of a delivery after its call, and when it is tried again."""

    def __init__(
        self, *, channels: Mapping[str, Channel], chance: Callable[[], float], pace: Pace
    ) -> None:
        """Take *chance*, numbers from 0 to 1 for jitter; demanded pauses are held in *pace*."""
        self._channels = channels
        self._chance = chance
        self._pace = pace
        self._replaced: dict[ConversationId, float] = {}
        """When threads were lost (seconds, monotonic), as long as those after them are young."""

    def settle(self, ended: Sequence[Attempt], now: datetime, monotonic: float) -> Settled:
        """Return what becomes of these calls' deliveries."""
        settled = Settled()
        young = {id_: at for id_, at in self._replaced.items() if monotonic - at < YOUNG}
        for each in (_seen_with(young, each) for each in ended):
            delivery = each.outgoing.delivery
            settled.told.extend(failures(each, now))
            match each.end:
                case Delivered(receipt, thread):
                    settled.receipts[delivery.id] = receipt
                    if thread is not None:
                        settled.threads[delivery.conversation_id] = thread
                case ThreadGone():
                    # The desk has withdrawn it, and all that was to follow it there.
                    young[delivery.conversation_id] = monotonic
                case DeliveryError() as error if each.lost(now) is not None:
                    settled.failed.append(_failed(each, error))
                case DeliveryError() as error:
                    settled.postponed.append(self._postponed(each, error, now, monotonic))
        self._replaced = young
        return settled

    def _postponed(
        self, ended: Attempt, error: DeliveryError, now: datetime, monotonic: float
    ) -> Postponed:
        """Return how a delivery goes on after an error, and when."""
        delivery = ended.outgoing.delivery
        pause = timedelta(seconds=self._pause(delivery, error, monotonic))
        # Out of line, so that a file that a platform does not hand out holds up no words.
        lane = f"{AWAY}:{delivery.id}" if isinstance(error, FileAway) else None
        return Postponed(
            id=delivery.id, state=ended.state, due_at=now + pause, reason=error.reason, lane=lane
        )

    def _pause(self, delivery: Delivery, error: DeliveryError, monotonic: float) -> float:
        """Return the seconds after which a delivery is tried again."""
        channel = self._channels[delivery.channel]
        if isinstance(error, Retry) and error.after is not None:
            # The first toll is the place's own, or the call's; others are not to blame.
            for toll in channel.tolls(delivery)[:1]:
                self._pace.hold(toll.key, monotonic + error.after)
            return error.after
        doublings = min(delivery.attempts, _MOST_DOUBLINGS)
        longest = min(FIRST_PAUSE * 2.0**doublings, LONGEST_PAUSE)
        pause = longest * (0.5 + self._chance() / 2)
        looks_again = isinstance(error, InDoubt) and is_looked_for(channel, delivery)
        return max(pause, DOUBT_PAUSE) if looks_again else pause


def _seen_with(young: Container[ConversationId], ended: Attempt) -> Attempt:
    """Return the attempt as one that has simply failed where it is a young thread that is gone.

    Else a platform that never says that a post stands in a thread would be sent cards without end.
    """
    match ended.end:
        case ThreadGone() as gone if ended.outgoing.conversation.id in young:
            return replace(ended, end=GiveUp(gone.reason, why=gone.why))
    return ended


def _failed(ended: Attempt, error: DeliveryError) -> Failed:
    return Failed(
        id=ended.outgoing.delivery.id,
        reason=error.reason,
        state=DeliveryState.DROPPED if isinstance(error, Withdrawn) else DeliveryState.FAILED,
        doubted=ended.state is DeliveryState.IN_DOUBT,
    )
