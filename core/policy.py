"""What a decision may depend on besides the conversation and the event."""

from dataclasses import dataclass, replace
from datetime import timedelta

from core.hours import WorkingHours
from core.message import MEGABYTE


@dataclass(frozen=True, kw_only=True)
class Department:
    """What a conversation belongs to: who answers it, where, when and how fast."""

    key: str
    """Short and lasting, such as `support`; what commands and buttons call it."""
    name: str
    room: str
    """The room in which its agents are told; opaque outside the agents' adapter."""
    hours: WorkingHours
    answer_within: timedelta = timedelta(minutes=10)
    """How long a customer may wait for an agent before a ticket is filed."""
    idle: timedelta = timedelta(hours=24)
    """How long the customer may be silent after an answer before the conversation is resolved."""
    remind_after: timedelta = timedelta(hours=24)
    """How long a ticket may wait for an agent before they are reminded, and again after that."""
    close_after: timedelta = timedelta(days=7)
    """How long the customer may be silent after an answer to a ticket before it is closed."""
    on_call: str = ""
    """The group mentioned in a reminder; opaque outside the agents' adapter."""
    email: str = ""
    """The address to which its customers write; mail to any other is the first department's."""

    def with_hours(self, hours: WorkingHours) -> "Department":
        """Return this department with other working hours."""
        return replace(self, hours=hours)


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """How much one customer may bring: so much at once, and *then* so much in each stretch."""

    at_once: float
    then: float
    """More than nothing."""
    every: timedelta

    @property
    def a_second(self) -> float:
        """How fast what was used up comes back."""
        return self.then / self.every.total_seconds()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much is taken in from one identity; what is over it is not stored."""

    messages: Allowance = Allowance(at_once=100, then=30, every=timedelta(minutes=1))
    """What they write or change. Somebody forwards a whole talk at once: that must pass."""
    presses: Allowance = Allowance(at_once=60, then=30, every=timedelta(minutes=1))
    """Buttons, commands, comings and goings."""
    files: Allowance = Allowance(
        at_once=200 * MEGABYTE, then=200 * MEGABYTE, every=timedelta(days=1)
    )
    """Bytes of files that are carried over."""
    begun_by_mail: int = 5
    """How many requests an address may begin in 24 hours; what it mails beyond that is put beside
    its newest one, as long as that is open."""


@dataclass(frozen=True, kw_only=True)
class MailLimits:
    """How many mails that no person wrote are sent at most; the rest agents see undone.

    An address that somebody typed may be a stranger's: without limits the desk would bury it.
    """

    a_day: int = 3
    """To an address that is not proven."""
    ever: int = 20
    """To such an address, in all."""
    an_hour_in_all: int = 60
    """To all such addresses together."""
    a_day_proven: int = 20
    """To an address that is proven; a mail program that answers everything may be behind it, so
    that no more than `a_day` acknowledge a request that came by mail."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The departments, and the desk's own patience."""

    departments: tuple[Department, ...]
    burst: timedelta = timedelta(seconds=1.5)
    """How long the desk listens for more before it speaks: a burst of messages is one thought."""
    patience: timedelta = timedelta(minutes=30)
    """How long a question of the intake may stay unanswered before agents get what is known."""
    reopen_within: timedelta = timedelta(days=7)
    """How long after its end a conversation is taken up again rather than begun anew."""
    reading: timedelta = timedelta(minutes=10)
    """How long after their last word in the chat a customer is taken to read it."""
    unread: timedelta = timedelta(minutes=10)
    """How long an answer waits for a sign that it was read there, before it is mailed, too."""
    warn_before: timedelta = timedelta(days=2)
    """How long before a silent customer's ticket is closed they are told; see `ticket_times`."""
    largest_from_customer: int = 20 * MEGABYTE
    """The largest file that can be taken from a customer, in bytes."""
    largest_from_agent: int = 50 * MEGABYTE
    """The largest file that can be sent to a customer, in bytes."""
    limits: Limits = Limits()
    """How much one customer may bring."""
    mail_limits: MailLimits = MailLimits()
    typical_answer: timedelta | None = None
    """How long a first answer usually takes at this hour; None where too little is known."""

    def department(self, key: str | None) -> Department:
        """Return the department called *key*; the first one if there is none of that name."""
        return next((each for each in self.departments if each.key == key), self.departments[0])
