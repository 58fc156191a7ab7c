"""A ticket on its way: on hold, renamed, more or less urgent, remembered, and closed at last."""

from core.conversation import Conversation, WakeFor
from core.decision import Decision
from core.effects import Effect, Mail, MailKind, Say, TellAgents, UpdateCard, Words
from core.events import AgentHeld, AgentPrioritised, AgentRenamed, TimerFired
from core.handover import resolve
from core.hours import is_open
from core.phrases import Phrase
from core.policy import Policy
from core.richtext import clean_name
from core.ticket import Priority, TicketStatus
from core.ticket_times import closing, reminder, set_right, timed
from core.unread import mail_unread

LONGEST_SUBJECT = 120
"""Code points that agents may give a subject."""

PRIORITY_NAMES = {
    Priority.LOW: Phrase.PRIORITY_LOW,
    Priority.MEDIUM: Phrase.PRIORITY_MEDIUM,
    Priority.HIGH: Phrase.PRIORITY_HIGH,
}


def agent_held(now: Conversation, event: AgentHeld, policy: Policy) -> Decision:
    """Put it on hold, where it waits for nobody; once more, and it is open again."""
    held = now.ticket is not None and now.ticket.status is TicketStatus.ON_HOLD
    status, phrase = TicketStatus.ON_HOLD, Phrase.AGENTS_HELD
    if held:
        status, phrase = TicketStatus.OPEN, Phrase.AGENTS_HELD_NO_MORE
    changed = timed(now.with_ticket(status=status), event.at, policy)
    told = Words(phrase=phrase, values={"agent": event.agent.name})
    return Decision(changed, (UpdateCard(), TellAgents(words=told)))


def agent_renamed(now: Conversation, event: AgentRenamed, policy: Policy) -> Decision:
    """Give it the subject that the agent thinks fit; customers do not see it."""
    subject = clean_name(event.subject, LONGEST_SUBJECT)
    if not subject or subject == now.subject:
        return Decision(now)
    values = {"agent": event.agent.name, "subject": subject}
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_RENAMED, values=values))
    return Decision(now.evolve(subject=subject), (UpdateCard(), told))


def agent_prioritised(now: Conversation, event: AgentPrioritised, policy: Policy) -> Decision:
    """Let the card say how much it hurries."""
    if now.ticket is None or now.ticket.priority is event.priority:
        return Decision(now)
    words = Words(
        phrase=Phrase.AGENTS_PRIORITISED,
        values={"agent": event.agent.name},
        parts={"priority": Words(phrase=PRIORITY_NAMES[event.priority])},
    )
    changed = now.with_ticket(priority=event.priority)
    return Decision(changed, (UpdateCard(), TellAgents(words=words)))


def wake(now: Conversation, event: TimerFired, policy: Policy) -> Decision:
    """Remind the agents of what waits for them; warn a customer who is silent, then close it."""
    if now.wake is None:
        return Decision(now)
    if event.at < now.wake.at:
        return Decision(set_right(now, event.at, policy))
    match now.wake.reason:
        case WakeFor.TICKET_REMINDER:
            return _remind(now, event, policy)
        case WakeFor.CLOSING_SOON:
            return _warn(now, event, policy)
        case WakeFor.CLOSING:
            return _close(now, event, policy)
        case WakeFor.MAIL:
            read, mail = mail_unread(now)
            return Decision(timed(read, event.at, policy), mail)
    return Decision(timed(now, event.at, policy))


def _remind(now: Conversation, event: TimerFired, policy: Policy) -> Decision:
    """Remind the agents, if they are there; else when they are."""
    department = policy.department(now.department)
    if not is_open(department.hours, event.at):
        return Decision(now.evolve(wake=reminder(event.at, department)))
    again = timed(now, event.at, policy)
    since = now.waiting_since or (now.ticket.filed_at if now.ticket else event.at)
    words = Words(
        phrase=Phrase.AGENTS_TICKET_WAITS,
        values={"ticket": now.ticket.id if now.ticket else ""},
        span=event.at - since,
    )
    return Decision(again, (TellAgents(words=words),))


def _warn(now: Conversation, event: TimerFired, policy: Policy) -> Decision:
    """Say when it will be closed; nobody's ticket is closed without that."""
    department = policy.department(now.department)
    last = closing(event.at, department, policy)
    words = Words(
        phrase=Phrase.TICKET_CLOSING_SOON,
        values={"ticket": now.ticket.id if now.ticket else ""},
        moment=last.at,
        now=event.at,
        zone=department.hours.zone,
    )
    effects: list[Effect] = [Say(words=words)] if now.reachable else []
    if now.contact.takes_mail:
        effects.append(Mail(kind=MailKind.CLOSING_SOON, expect=words))
    return Decision(now.evolve(wake=last), tuple(effects))


def _close(now: Conversation, event: TimerFired, policy: Policy) -> Decision:
    """Close it, and tell both sides why."""
    silent = policy.department(now.department).close_after
    values = {"ticket": now.ticket.id if now.ticket else ""}
    words = Words(phrase=Phrase.TICKET_CLOSED_SILENT, values=values)
    effects: list[Effect] = [Say(words=words)] if now.reachable else []
    if now.contact.takes_mail:
        effects.append(Mail(kind=MailKind.TICKET_CLOSED))
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_RESOLVED_IDLE, span=silent))
    return Decision(resolve(now, event.at), (*effects, UpdateCard(), told))
