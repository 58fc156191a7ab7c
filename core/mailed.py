"""What comes by mail: a request of its own, the customer's words in a ticket, or somebody else's.

Only who answers from the mailbox to which the ticket was mailed is its customer. What anybody else
sends into a ticket stays among agents, who may say whose it is.
"""

from core.conversation import Conversation, Stage
from core.decision import Decision
from core.effects import (
    Effect,
    Mail,
    MailKind,
    Relay,
    TellAgents,
    UpdateCard,
    Words,
)
from core.elsewhere import heard, words_of
from core.events import AgentAdopted, AgentSplit, CustomerMailed, MailBounced
from core.filing import filed_at_once
from core.handover import opening
from core.ids import MessageId
from core.message import Side
from core.phrases import Phrase
from core.policy import Policy
from core.ticket import FiledBecause, TicketStatus
from core.ticket_times import timed, with_status
from core.unread import seen

_MOST_MAIL_IDS = 10


def is_theirs(now: Conversation, event: CustomerMailed) -> bool:
    """Whether the mail is the customer's word, and not a note among agents."""
    if now.stage is Stage.ASKING:
        return True
    if event.automatic:
        return False
    if event.proven and event.sender == now.contact.email.lower():
        return True
    return event.authentic and event.sender in now.also


def begun(now: Conversation, event: CustomerMailed, policy: Policy) -> Decision:
    """Make it a ticket, show it to the agents, and acknowledge it; a machine gets no answer."""
    whose = now.with_contact(
        email=event.sender,
        email_works=True,
        email_proven=now.contact.email_proven and now.contact.email.lower() == event.sender,
    )
    filed, shown = filed_at_once(whose, event, FiledBecause.MAIL, policy, subject=event.subject)
    filed = filed.evolve(
        mail_ids=_with(now, event),
        by_machine=event.automatic,
        # Else a stranger may have typed it, and it would be read by whom he likes.
        mail_subject=event.subject if event.authentic or event.proven else "",
    )
    effects: list[Effect] = [*shown, *_damage(event)]
    if event.automatic:
        effects.append(_told(Phrase.AGENTS_MAIL_AUTOMATIC, event.sender))
    elif filed.contact.takes_mail:
        effects.append(
            Mail(
                kind=MailKind.TICKET_FILED,
                expect=opening(policy.department(filed.department), event.at),
                answers_theirs=event.authentic or event.proven,
            )
        )
    return Decision(filed, tuple(effects))


def mailed(now: Conversation, event: CustomerMailed, policy: Policy) -> Decision:
    """Take it as the customer's word where that is proven; what is not stays among agents."""
    if not is_theirs(now, event):
        phrase = Phrase.AGENTS_MAIL_OF_STRANGER
        stranger = event.message_id if not event.automatic else None
        if event.automatic:
            phrase = Phrase.AGENTS_MAIL_AUTOMATIC
        relay = Relay(to=Side.AGENTS, message_id=event.message_id)
        return Decision(now, (_told(phrase, event.sender, stranger), relay, *_damage(event)))
    known = now.evolve(mail_ids=_with(now, event), by_machine=False)
    if event.proven:
        known = known.with_contact(email_proven=True, email_works=True)
    return heard(known, words_of(event), policy).then(*_damage(event))


def bounced(now: Conversation, event: MailBounced, policy: Policy) -> Decision:
    """Tell the agents; where the address does not work, nothing more is mailed there."""
    named = {each.lower() for each in event.emails}
    ours = not named or now.contact.email.lower() in named
    final = event.is_final and ours
    values = {
        "email": ", ".join(event.emails) or now.contact.email,
        "detail": event.detail or "?",
    }
    phrase = Phrase.AGENTS_MAIL_BOUNCED if final else Phrase.AGENTS_MAIL_CAME_BACK
    told = TellAgents(words=Words(phrase=phrase, values=values))
    if not final or not now.contact.email_works:
        return Decision(now, (told,) if now.handed_over else ())
    lost = seen(now.with_contact(email_works=False, email_proven=False))
    if now.unmailed:
        lost = timed(lost, event.at, policy)
    return Decision(lost, (UpdateCard(), told) if now.handed_over else ())


def adopted(now: Conversation, event: AgentAdopted, policy: Policy) -> Decision:
    """Count what they mailed, and will mail, as the customer's words."""
    if not event.sender or event.sender in now.also:
        return Decision(now)
    known = now.evolve(also=(*now.also, event.sender))
    told = TellAgents(words=_by_agent(Phrase.AGENTS_ADOPTED, event))
    if known.ticket is None or known.stage is Stage.RESOLVED:
        return Decision(known, (told,))
    waiting = known.evolve(waiting_since=known.waiting_since or event.at)
    asked = with_status(waiting, TicketStatus.CUSTOMER_REPLY, event.at, policy)
    return Decision(asked, (UpdateCard(), told))


def split_off(now: Conversation, event: AgentSplit, policy: Policy) -> Decision:
    """Say that it has become a ticket of its own; the desk makes it."""
    if not event.sender:
        return Decision(now)
    return Decision(now, (TellAgents(words=_by_agent(Phrase.AGENTS_SPLIT, event)),))


def _damage(event: CustomerMailed) -> tuple[Effect, ...]:
    """Tell the agents what could not be read of a mail, and where all of it is."""
    if not event.damage:
        return ()
    values = {"damage": event.damage, "mail": event.message_id.removeprefix("mail:")}
    return (TellAgents(words=Words(phrase=Phrase.AGENTS_MAIL_DAMAGED, values=values)),)


def _with(now: Conversation, event: CustomerMailed) -> tuple[str, ...]:
    known = (*now.mail_ids, event.mail_id) if event.mail_id else now.mail_ids
    return tuple(dict.fromkeys(known))[-_MOST_MAIL_IDS:]


def _told(phrase: Phrase, sender: str, stranger: MessageId | None = None) -> TellAgents:
    words = Words(phrase=phrase, values={"sender": sender or "?"})
    return TellAgents(words=words, stranger=stranger)


def _by_agent(phrase: Phrase, event: AgentAdopted | AgentSplit) -> Words:
    return Words(phrase=phrase, values={"agent": event.agent.name, "sender": event.sender})
