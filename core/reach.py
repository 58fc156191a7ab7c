"""When words do not arrive: the customer has left, a delivery has failed, there are too many."""

from core.conversation import Conversation, Stage
from core.decision import Decision
from core.effects import (
    Effect,
    Mail,
    MailKind,
    OpenThread,
    Say,
    TellAgents,
    TryAgain,
    Words,
)
from core.events import (
    AgentRetried,
    CustomerFlooded,
    CustomerLeft,
    CustomerReturned,
    DeliveryFailed,
    Excess,
    FloodEnded,
    ThreadLost,
)
from core.handover import about_customer, file_ticket, tell_not_taken
from core.message import Side
from core.phrases import Phrase
from core.policy import Policy
from core.ticket import FiledBecause, TicketStatus
from core.ticket_times import with_status
from core.unread import mailed

_TOO_MUCH = {
    Excess.MESSAGES: Phrase.TOO_FAST,
    Excess.FILES: Phrase.TOO_MANY_FILES,
    Excess.PRESSES: Phrase.TOO_MANY_PRESSES,
}
_TOO_MUCH_FOR_AGENTS = {
    Excess.MESSAGES: Phrase.AGENTS_TOO_FAST,
    Excess.FILES: Phrase.AGENTS_TOO_MANY_FILES,
}


def customer_left(now: Conversation, event: CustomerLeft, policy: Policy) -> Decision:
    """Tell the agents; what was talked about in the chat goes on by e-mail, if there is one."""
    if not now.reachable:
        return Decision(now)
    return _unreachable(now, event, policy)


def customer_returned(now: Conversation, event: CustomerReturned, policy: Policy) -> Decision:
    """Words reach the customer in the chat again."""
    if now.reachable:
        return Decision(now)
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_CUSTOMER_RETURNED))
    return Decision(now.evolve(reachable=True), (told,) if now.handed_over else ())


def customer_flooded(now: Conversation, event: CustomerFlooded, policy: Policy) -> Decision:
    """Say what did not reach us, and when to send it again; the agents are told once."""
    effects: list[Effect] = []
    if now.reachable:
        words = Words(
            phrase=_TOO_MUCH[event.too_much],
            moment=event.until,
            now=event.at,
            zone=policy.department(now.department).hours.zone,
            span=event.until - event.at,
        )
        effects.append(Say(words=words))
    told = _TOO_MUCH_FOR_AGENTS.get(event.too_much)
    if told is not None and now.handed_over and not event.again:
        effects.append(TellAgents(words=about_customer(now, told)))
    return Decision(now, tuple(effects))


def flood_ended(now: Conversation, event: FloodEnded, policy: Policy) -> Decision:
    """Tell the agents how much did not pass; before the handover, keep it for them."""
    missing = now.not_taken + event.not_taken
    if not now.handed_over:
        return Decision(now.evolve(not_taken=missing))
    return Decision(now.evolve(not_taken=0), (tell_not_taken(now, missing),))


def delivery_failed(now: Conversation, event: DeliveryFailed, policy: Policy) -> Decision:
    """Show it to the person who wrote, and try the other way where there is one."""
    if event.by_mail:
        words = Words(
            phrase=Phrase.AGENTS_MAIL_FAILED,
            values={"email": now.contact.email},
            parts={"reason": event.reason},
        )
        return Decision(now, (TellAgents(words=words, retry=event.delivery_id),))
    if event.to is Side.AGENTS:
        return _not_passed_on(now, event, policy)
    lost = _unreachable(now, event, policy) if event.gone else Decision(now)
    if event.message_id is None:
        return lost
    words = Words(phrase=Phrase.AGENTS_NOT_DELIVERED, parts={"reason": event.reason})
    by_mail_instead = now.ticket is None and lost.conversation.ticket is not None
    retry = None if by_mail_instead else event.delivery_id
    told: list[Effect] = [TellAgents(words=words, retry=retry)]
    if event.gone and not now.contact.takes_mail:
        told.append(TellAgents(words=Words(phrase=Phrase.AGENTS_NO_WAY)))
    if by_mail_instead:
        values = {"email": now.contact.email}
        told.append(TellAgents(words=Words(phrase=Phrase.AGENTS_BY_MAIL_INSTEAD, values=values)))
        answered = with_status(lost.conversation, TicketStatus.ANSWERED, event.at, policy)
        mail = Mail(kind=MailKind.ANSWER, message_ids=(event.message_id,))
        answered = mailed(answered, mail.message_ids).evolve(waiting_since=None)
        lost = Decision(answered, (*lost.effects, mail))
    return lost.after(*told)


def thread_lost(now: Conversation, event: ThreadLost, policy: Policy) -> Decision:
    """Open a new thread for it; what was on its way to the old one follows there."""
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_THREAD_LOST))
    return Decision(now.evolve(thread=None), (OpenThread(), told))


def agent_retried(now: Conversation, event: AgentRetried, policy: Policy) -> Decision:
    """Try again what has failed, and tell the agents by whom it was asked for."""
    if not event.failed:
        return Decision(now, (TellAgents(words=Words(phrase=Phrase.AGENTS_NOTHING_TO_RETRY)),))
    values = {"agent": event.agent.name}
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_TRYING_AGAIN, values=values))
    return Decision(now, (TryAgain(event.failed), told))


def _unreachable(
    now: Conversation, event: CustomerLeft | DeliveryFailed, policy: Policy
) -> Decision:
    """Remember that the chat carries nothing; with an e-mail address, go on as a ticket."""
    if not now.reachable:
        return Decision(now)
    lost = now.evolve(reachable=False)
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_CUSTOMER_LEFT))
    if now.stage in (Stage.WAITING, Stage.ACTIVE) and now.contact.takes_mail:
        return file_ticket(lost, FiledBecause.UNREACHABLE, event, policy).after(told)
    return Decision(lost, (told,) if now.handed_over else ())


def _not_passed_on(now: Conversation, event: DeliveryFailed, policy: Policy) -> Decision:
    """Agents do not see what was said: tell the customer, and keep it as a ticket."""
    if event.message_id is None and not event.gone:
        return Decision(now)
    live = now.stage in (Stage.WAITING, Stage.ACTIVE)
    kept = file_ticket(now, FiledBecause.UNANSWERED, event, policy) if live else Decision(now)
    if not now.reachable or (event.message_id is None and not live):
        return kept
    words = Words(phrase=Phrase.NOT_PASSED_ON, parts={"reason": event.reason})
    return kept.after(Say(words=words))
