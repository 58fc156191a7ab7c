"""What a customer fills in at once: who they are, how they are reached, and what they ask.

In a chat that is the intake in one go; elsewhere it is a ticket.
"""

from core import intake
from core.contact import Contact
from core.conversation import Conversation
from core.decision import Decision
from core.effects import Mail, MailKind, UpdateCard
from core.elsewhere import spoken, words_of
from core.email_address import Accepted, Doubtful, read_email
from core.events import CustomerAsked, CustomerProved
from core.filing import filed_at_once
from core.handover import begun_anew, opening
from core.policy import Policy
from core.questions import next_question
from core.richtext import clean_name
from core.ticket import FiledBecause
from core.ticket_life import LONGEST_SUBJECT


def asked(now: Conversation, event: CustomerAsked, policy: Policy) -> Decision:
    """Take name, address and department for known, and the words for the problem."""
    told = _introduced(now, event)
    if event.department in [each.key for each in policy.departments]:
        told = told.evolve(department=event.department)
    if event.as_ticket:
        return _ticket(told, event, policy)
    answered = now.question is not next_question(told, policy)
    told = told.evolve(
        question=None if answered else now.question, doubtful_email="", suggested_email=""
    )
    return intake.hear_problem(told, words_of(event), policy)


def asked_again(now: Conversation, event: CustomerAsked, policy: Policy) -> Decision:
    """Take the words as any others, and keep what they say anew of themselves."""
    if not now.handed_over:
        return asked(begun_anew(now, event.at), event, policy)
    told = _introduced(now, event)
    decision = spoken(told, words_of(event), policy)
    if told.contact == now.contact or UpdateCard() in decision.effects:
        return decision
    return decision.then(UpdateCard())


def proved(now: Conversation, event: CustomerProved, policy: Policy) -> Decision:
    """Know that the address is theirs, if it still is the one that they gave."""
    if not _same(event.email, now.contact):
        return Decision(now)
    known = now.with_contact(email_proven=True, email_works=True)
    if known == now:
        return Decision(now)
    return Decision(known, (UpdateCard(),) if now.handed_over else ())


def _ticket(now: Conversation, event: CustomerAsked, policy: Policy) -> Decision:
    """File a ticket, show it to the agents, and acknowledge it."""
    subject = clean_name(event.subject, LONGEST_SUBJECT)
    filed, shown = filed_at_once(now, event, FiledBecause.FORM, policy, subject=subject)
    if filed.contact.email_proven:  # else a stranger may have typed it for somebody else to read
        filed = filed.evolve(mail_subject=subject)
    if not filed.contact.takes_mail:
        return Decision(filed, shown)
    expect = opening(policy.department(filed.department), event.at)
    return Decision(filed, (*shown, Mail(kind=MailKind.TICKET_FILED, expect=expect)))


def _introduced(now: Conversation, event: CustomerAsked) -> Conversation:
    """Return it with what the customer says of themselves, as far as it can be."""
    if name := clean_name(event.name):
        now = now.with_contact(name=name).evolve(name_from=None)
    match read_email(event.email):
        case Accepted(address) | Doubtful(address):
            same = _same(address, now.contact)
            return now.with_contact(
                email=address,
                email_proven=event.proven or (same and now.contact.email_proven),
                email_works=event.proven or not same or now.contact.email_works,
            ).evolve(email_from=None)
    return now


def _same(address: str, contact: Contact) -> bool:
    return bool(address) and address.lower() == contact.email.lower()
