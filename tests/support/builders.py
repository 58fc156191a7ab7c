"""What the core's tests are made of: a Monday morning, a department, a customer, an agent."""

from datetime import UTC, datetime, timedelta
from typing import Any

from core.contact import Contact, Identity
from core.conversation import Agent, Conversation
from core.hours import WorkingHours
from core.ids import AgentId, ContactId, ConversationId, MessageId, Thread, TicketId
from core.message import Attachment, AttachmentKind
from core.policy import Department, Policy

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""10:00 in Belgrade: the department is open until 20:00."""
NIGHT = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
"""22:00 in Belgrade: the department opens on Tuesday at 08:00."""

MILA = Agent(AgentId("U1"), "Mila")
IVAN = Agent(AgentId("U2"), "Ivan")
THREAD = Thread("thread-1")
ANA = Identity("chat", "ana")


def department(key: str = "support", **changes: Any) -> Department:
    """Return a department that answers on weekdays from 08:00 to 20:00 in Belgrade."""
    hours = WorkingHours(week="Mo-Fr 08:00-20:00", zone="Europe/Belgrade")
    given = {"name": key.capitalize(), "room": f"#{key}", "hours": hours, "on_call": "@oncall"}
    return Department(key=key, **{**given, **changes})


def policy(*departments: Department, **changes: Any) -> Policy:
    return Policy(departments=departments or (department(),), **changes)


def contact(**changes: Any) -> Contact:
    """Return a customer of whom only their platform has told something."""
    given = {"id": ContactId("ana"), "language": "en", "offered_name": "Ana A."}
    return Contact(**{**given, **changes})


def known(**changes: Any) -> Contact:
    """Return a customer who has been here before."""
    return contact(**{"name": "Ana", "email": "ana@example.com", **changes})


def conversation(who: Contact | None = None, **changes: Any) -> Conversation:
    """Return a conversation in which nobody has said anything."""
    begun = Conversation(
        id=ConversationId("c1"), contact=who or contact(), identity=ANA, opened_at=MONDAY
    )
    return begun.evolve(**changes)


def photo(name: str = "shot.jpg", **changes: Any) -> Attachment:
    given = {"kind": AttachmentKind.PHOTO, "channel": "chat", "ref": name, "name": name}
    return Attachment(**{**given, **changes})


def message_id(text: str) -> MessageId:
    """Return the id of what somebody wrote: in these tests, its own first words."""
    return MessageId(text)


class ManualClock:
    """A clock that goes on only when it is told to, and is wrong only when it is set."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self._begun = at
        self._now = at
        self._wrong = timedelta()

    def now(self) -> datetime:
        return self._now + self._wrong

    def monotonic(self) -> float:
        return (self._now - self._begun).total_seconds()

    def go_to(self, at: datetime) -> None:
        assert at >= self._now, f"the clock would go back from {self._now} to {at}"
        self._now = at

    def go_on(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def be_wrong(self, by: float) -> None:
        """Tell a time of day that is so many seconds ahead; the monotonic clock goes on."""
        self._wrong = timedelta(seconds=by)


class CountingIds:
    """Ids that can be told apart, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._tickets = 0
        self._others = 0

    def contact(self) -> ContactId:
        return ContactId(self._next("contact"))

    def conversation(self) -> ConversationId:
        return ConversationId(self._next("conversation"))

    def delivery(self) -> Any:
        return self._next("delivery")

    def ticket(self) -> TicketId:
        self._tickets += 1
        return TicketId(f"MNT-{self._tickets}")

    def _next(self, kind: str) -> str:
        self._others += 1
        return f"{kind}-{self._others}"
