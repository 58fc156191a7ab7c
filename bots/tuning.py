"""What the desk's parts are set to, where tests and measurements need it otherwise."""

from dataclasses import dataclass, field
from datetime import timedelta

from adapters.mail.mailbox import Rhythm
from adapters.slack.readback import Looks
from adapters.store import Terms
from adapters.web.doors import DoorLimits
from core.policy import Limits, MailLimits, Policy


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """How often the desk looks, and how much it lets through. Operators run it as it is."""

    look_every: timedelta = timedelta(seconds=5)
    """How often the database is asked for what is due, even if nobody called."""
    looks: Looks = field(default_factory=Looks)
    """How often Slack is asked for what it did not tell."""
    mailbox: Rhythm = field(default_factory=Rhythm)
    """How often the mailbox is asked, and how long it is waited for."""
    terms: Terms = field(default_factory=Terms)
    """How long the lease lasts by which one of several instances works."""
    limits: Limits = field(default_factory=Limits)
    """How much is taken in from one customer."""
    mail_limits: MailLimits = field(default_factory=MailLimits)
    """How many automatic mails are sent."""
    reading: timedelta = Policy.reading
    """How long after their last word in the chat a customer is not mailed what they can read."""
    away_after: timedelta = timedelta(minutes=2)
    """How long a visitor of the website may be gone before answers they missed are mailed."""
    doors: DoorLimits = field(default_factory=DoorLimits)
    """How often one network may knock at the website's chat."""
    hurry: float = 1.0
    """How many times faster than they allow platforms are spoken to, and read from: more than once
    only where a measurement has platforms of its own."""

    def patience(self) -> Policy:
        """Return what decisions depend on; the departments in it are those of the store."""
        return Policy(
            departments=(),
            limits=self.limits,
            mail_limits=self.mail_limits,
            reading=self.reading,
        )
