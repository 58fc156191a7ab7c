"""Mails that no person wrote: which they are, and when there are too many."""

from core.effects import Effect, Mail
from core.mail_port import AutomaticMails
from core.policy import MailLimits


def is_automatic(effect: Effect) -> bool:
    """Whether it is a mail that carries nobody's words."""
    return isinstance(effect, Mail) and not effect.message_ids


def mailbox_of(address: str) -> str:
    """Return what the spellings of an address have in common that lead to one mailbox.

    Capitals, and what stands after a plus. Otherwise one victim would count as many.
    """
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def allows(limits: MailLimits, sent: AutomaticMails, *, proven: bool) -> bool:
    """Whether one more may go to an address; *proven*: whether that is known to be theirs."""
    if proven:
        return sent.to_it_today < limits.a_day_proven
    return (
        sent.to_it_today < limits.a_day
        and sent.to_it < limits.ever
        and sent.this_hour < limits.an_hour_in_all
    )
