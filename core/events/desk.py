"""What becomes of what the desk has sent, and the passing of time."""

from dataclasses import dataclass

from core.effects import Words
from core.events.happened import Happened
from core.ids import DeliveryId, MessageId
from core.message import Side


@dataclass(frozen=True, kw_only=True)
class MailBounced(Happened):
    """A mail of the desk's came back."""

    emails: tuple[str, ...]
    """The addresses that did not take it, as far as the servers name them."""
    detail: str
    """Why, in the words of the mail servers; for agents."""
    is_final: bool = True
    """Whether the next mail would come back, too."""


@dataclass(frozen=True, kw_only=True)
class TimerFired(Happened):
    """The conversation's wake time has come, or may have been set by a clock that was ahead."""


@dataclass(frozen=True, kw_only=True)
class DeliveryFailed(Happened):
    """Something could not be delivered, and never will be."""

    to: Side
    delivery_id: DeliveryId | None = None
    """Which delivery can be tried again; None where that would be of no use."""
    by_mail: bool = False
    message_id: MessageId | None = None
    """What somebody wrote, if it was that; None for the desk's own words."""
    reason: Words
    """Why."""
    gone: bool = False
    """Whether the place itself is gone, so that nothing else will arrive there either."""


@dataclass(frozen=True, kw_only=True)
class ThreadLost(Happened):
    """Somebody deleted the thread; what was on its way there is to be delivered anew."""
