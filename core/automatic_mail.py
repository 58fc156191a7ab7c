"""Mails that no person wrote: which they are, and when there are too many."""

from core.effects import Effect, Mail, MailKind
from core.mail_port import AutomaticMails
from core.policy import MailLimits


def is_automatic(effect: Effect) -> bool:
    """Whether it is a mail that carries nobody's words."""
    return isinstance(effect, Mail) and not effect.message_ids


def acknowledges(effect: Effect) -> bool:
    """Whether it says that a request has come."""
    return isinstance(effect, Mail) and effect.kind is MailKind.TICKET_FILED


def allows(limits: MailLimits, sent: AutomaticMails, *, proven: bool, to_a_mail: bool) -> bool:
    """Whether one more may go to an address.

    *proven*: whether that is known to be theirs. *to_a_mail*: whether it acknowledges a mail, and
    could be acknowledged in turn by a program that makes a new request of it.
    """
    if sent.to_it_today >= (limits.a_day if to_a_mail or not proven else limits.a_day_proven):
        return False
    return proven or (sent.to_it < limits.ever and sent.this_hour < limits.an_hour_in_all)
