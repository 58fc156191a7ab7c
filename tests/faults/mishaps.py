"""What can go wrong in a run. Only data."""

from dataclasses import dataclass
from enum import StrEnum

from sandbox.faults import Fault


class Platform(StrEnum):
    """Whose calls fail."""

    TELEGRAM = "telegram"
    SLACK = "slack"
    MAIL = "mail"
    """The server that takes what the desk mails."""
    MAILBOX = "mailbox"
    """The server from which the desk fetches what it is mailed."""


@dataclass(frozen=True)
class Kill:
    """The desk is killed and started again."""


@dataclass(frozen=True)
class KillAtStep:
    """The desk is killed between two awaits: at the n-th step of its own tasks from now on."""

    steps: int


@dataclass(frozen=True)
class Fail:
    """The platform's next call of this method fails."""

    platform: Platform
    method: str
    fault: Fault


@dataclass(frozen=True)
class RepeatEvent:
    """Slack tells its latest event again."""

    times: int
    same_id: bool


@dataclass(frozen=True)
class RepeatUpdate:
    """Telegram tells its latest update again."""


@dataclass(frozen=True)
class RepeatMail:
    """The latest mail to the desk comes again, as when a server could not know that it arrived."""


@dataclass(frozen=True)
class Hold:
    """Slack keeps its events back for so many seconds, and then tells them in another order."""

    seconds: float
    order: int
    """The seed of that order."""


@dataclass(frozen=True)
class Disconnect:
    """Slack's socket ends: politely, or broken off."""

    politely: bool


class Moment(StrEnum):
    """When a page loses its line."""

    SENT = "sent"
    """Right after something was sent: the desk may have it."""
    UNHEARD = "unheard"
    """When the desk has said `taken`, and the page has not heard it."""
    HEARD = "heard"
    """When it has heard the first `taken`, and not those that follow."""


@dataclass(frozen=True)
class LoseLine:
    """A page of the website loses its line; visitors are counted around."""

    visitor: int
    moment: Moment


@dataclass(frozen=True)
class RepeatFrames:
    """A visitor's pages send again what was written last, under the same ids."""

    visitor: int
    most: int


@dataclass(frozen=True)
class Sleep:
    """A visitor's page neither reads nor writes for so many seconds."""

    visitor: int
    page: int
    seconds: float


@dataclass(frozen=True)
class Renumber:
    """The desk's mailbox is restored from a backup: all mails have new numbers."""


@dataclass(frozen=True)
class FillDisk:
    """Nothing can be written for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class LockDatabase:
    """Another program holds the database's lock for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Jump:
    """The desk's clock, and nobody else's, is wrong by so much for so many seconds."""

    by: float
    seconds: float


Mishap = (
    Kill
    | KillAtStep
    | Fail
    | RepeatEvent
    | RepeatUpdate
    | RepeatMail
    | Hold
    | Disconnect
    | LoseLine
    | RepeatFrames
    | Sleep
    | Renumber
    | FillDisk
    | LockDatabase
    | Jump
)
