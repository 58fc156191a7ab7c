"""How a delivery can end badly. Adapters turn every failure of their platform into one of these.

DeliveryError
├── Retry      it was certainly not delivered; try again, perhaps at a given time
│   └── FileAway     because a file cannot be fetched yet
├── GiveUp     it was not delivered, and never will be
│   └── ThreadGone   because its thread was deleted
└── InDoubt    the call broke off: nobody knows
"""

from core.effects import Words
from core.phrases import Phrase


class DeliveryError(Exception):
    """A delivery did not end well."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        """What happened, for operators; never a secret, never a customer's words."""


class Retry(DeliveryError):
    """It was not delivered; the same call may succeed later."""

    def __init__(self, reason: str, *, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after
        """Seconds to wait, where the platform said so: for everything that goes to that place."""


class FileAway(Retry):
    """The file that is to be delivered cannot be fetched yet; what stands behind it can go."""


class GiveUp(DeliveryError):
    """It was not delivered, and no repetition will change that."""

    def __init__(self, reason: str, *, why: Words, gone: bool = False) -> None:
        super().__init__(reason)
        self.why = why
        """The same for people, in their language."""
        self.gone = gone
        """Whether the place is gone, so that nothing else will arrive there either."""


class ThreadGone(GiveUp):
    """The thread that it was to stand in was deleted: it belongs into a new one."""

    def __init__(self) -> None:
        super().__init__("the thread was deleted", why=Words(phrase=Phrase.WHY_THREAD_GONE))


class Withdrawn(GiveUp):
    """It was not delivered, and nobody wants it to be any more: there is nothing to try again."""


class InDoubt(DeliveryError):
    """The call was sent and no answer came: it may have taken effect."""
