"""Mails that no person wrote: to whom, and how many."""

import pytest

from core.automatic_mail import acknowledges, allows, is_automatic
from core.effects import Mail, MailKind, OpenThread
from core.email_address import mailbox_of
from core.ids import MessageId
from core.mail_port import AutomaticMails
from core.policy import MailLimits

LIMITS = MailLimits(a_day=3, ever=20, an_hour_in_all=60, a_day_proven=10)


@pytest.mark.parametrize(
    ("sent", "stranger", "proven", "proven_to_a_mail"),
    [
        (AutomaticMails(), True, True, True),
        (AutomaticMails(to_it_today=2, to_it=19, this_hour=59), True, True, True),
        (AutomaticMails(to_it_today=3, to_it=3), False, True, False),
        (AutomaticMails(to_it=20), False, True, True),
        (AutomaticMails(this_hour=60), False, True, True),
        (AutomaticMails(to_it_today=9, to_it=9), False, True, False),
        (AutomaticMails(to_it_today=10, to_it=10), False, False, False),
    ],
)
def test_how_many_are_sent(
    sent: AutomaticMails, stranger: bool, proven: bool, proven_to_a_mail: bool
) -> None:
    """Few to who may be a stranger, and few acknowledgements of mails to anybody."""
    assert allows(LIMITS, sent, proven=False, to_a_mail=False) is stranger
    assert allows(LIMITS, sent, proven=False, to_a_mail=True) is stranger
    assert allows(LIMITS, sent, proven=True, to_a_mail=False) is proven
    assert allows(LIMITS, sent, proven=True, to_a_mail=True) is proven_to_a_mail


def test_what_a_person_wrote_is_not_automatic() -> None:
    """An agent's answer names what was said."""
    answer = Mail(kind=MailKind.ANSWER, message_ids=(MessageId("m1"),))

    assert not is_automatic(answer)
    assert not is_automatic(OpenThread())
    assert is_automatic(Mail(kind=MailKind.CLOSING_SOON))
    assert [each for each in MailKind if acknowledges(Mail(kind=each))] == [MailKind.TICKET_FILED]


@pytest.mark.parametrize(
    "address", ["ana@example.com", "Ana@EXAMPLE.com", "ana+shop@example.com", "ANA++@example.com"]
)
def test_spellings_of_one_mailbox(address: str) -> None:
    """Capitals, and what stands after a plus, lead to nobody else."""
    assert mailbox_of(address) == "ana@example.com"


@pytest.mark.parametrize("address", ["", "ana", "@", "+@x", '"a@b"@example.com'])
def test_what_is_hardly_an_address_is_borne(address: str) -> None:
    """It is counted as something."""
    assert mailbox_of(mailbox_of(address)) == mailbox_of(address)
