"""From the intake to the agents, and from the chat to a ticket."""

from dataclasses import replace
from datetime import datetime, timedelta

from core.conversation import Conversation, Stage, Wake, WakeFor
from core.decision import Decision
from core.effects import (
    Effect,
    Mail,
    MailKind,
    OpenThread,
    Relay,
    Say,
    TellAgents,
    UpdateCard,
    Words,
)
from core.events import Happened
from core.hours import closes_at, is_open, next_opening
from core.message import Side
from core.phrases import Phrase
from core.policy import Department, Policy
from core.ticket import FiledBecause, Ticket, TicketStatus
from core.ticket_times import timed, with_status


def hand_over(now: Conversation, event: Happened, policy: Policy) -> Decision:
    """Tell the agents; or, when the department is closed, file a ticket at once."""
    department = policy.department(now.department)
    known = now.evolve(
        department=department.key,
        handed_over=True,
        question=None,
        waiting_since=event.at,
        wake=None,
        not_taken=0,
    )
    rest = (
        Relay(to=Side.AGENTS, message_id=each) for each in now.problem if each != now.card_message
    )
    missing = (tell_not_taken(now, now.not_taken),) if now.not_taken else ()
    opened: tuple[Effect, ...] = (OpenThread(), *rest, *missing)
    if not is_open(department.hours, event.at):
        return file_ticket(known, FiledBecause.CLOSED, event, policy).after(*opened)
    if not now.reachable and now.contact.takes_mail:
        return file_ticket(known, FiledBecause.UNREACHABLE, event, policy).after(*opened)
    waiting = wait_for_answer(known.evolve(stage=Stage.WAITING), event.at, department)
    told = Words(phrase=Phrase.AGENTS_TOLD)
    if policy.typical_answer is not None:
        told = Words(phrase=Phrase.AGENTS_TOLD_TYPICAL, span=policy.typical_answer)
    return Decision(waiting, (*opened, Say(words=told)) if now.reachable else opened)


def wait_for_answer(now: Conversation, at: datetime, department: Department) -> Conversation:
    """Start the wait for an agent: a reminder at half time, a ticket at the deadline.

    Nobody waits into the night: what is unanswered at closing time becomes a ticket then.
    """
    deadline = at + department.answer_within
    closing = closes_at(department.hours, at)
    if closing is not None and at < closing < deadline:
        deadline = closing
    reminder = at + (deadline - at) / 2
    return now.evolve(
        waiting_since=now.waiting_since or at,
        deadline=deadline,
        wake=Wake(at=reminder, reason=WakeFor.REMINDER),
    )


def file_ticket(
    now: Conversation, because: FiledBecause, event: Happened, policy: Policy, agent: str = ""
) -> Decision:
    """Make the conversation a ticket, tell the customer its ID here and by mail."""
    ticket = Ticket(id=event.fresh_ticket_id, filed_at=event.at, because=because)
    filed = now.evolve(stage=Stage.TICKETED, ticket=ticket, question=None)
    filed = timed(filed, event.at, policy)
    department = policy.department(now.department)
    expect = opening(department, event.at)
    said = _filed_words(filed, because, expect, agent)
    effects: list[Effect] = []
    if filed.reachable:
        effects.append(Say(words=said, more=(*_closed(because, expect), _answer_comes(filed))))
    if filed.contact.takes_mail:
        effects.append(Mail(kind=MailKind.TICKET_FILED, expect=expect))
    if because is not FiledBecause.CLOSED:
        effects += [UpdateCard(), TellAgents(words=_filed_for_agents(filed))]
    return Decision(filed, tuple(effects))


def reopen(
    now: Conversation, event: Happened, policy: Policy, why: Phrase = Phrase.AGENTS_REOPENED
) -> Decision:
    """Take a resolved conversation up again: as the ticket it was, or with the agents.

    Agents are told *why*.
    """
    awake = now.evolve(stage=Stage.WAITING, resolved_at=None, waiting_since=event.at)
    told = TellAgents(words=Words(phrase=why))
    if awake.ticket is not None:
        again = awake.evolve(stage=Stage.TICKETED)
        again = with_status(again, TicketStatus.CUSTOMER_REPLY, event.at, policy)
        return Decision(again, (UpdateCard(), told, Say(words=Words(phrase=Phrase.REOPENED))))
    department = policy.department(awake.department)
    if not is_open(department.hours, event.at):
        return file_ticket(awake, FiledBecause.CLOSED, event, policy).after(UpdateCard(), told)
    waiting = wait_for_answer(awake, event.at, department)
    return Decision(waiting, (UpdateCard(), told, Say(words=Words(phrase=Phrase.REOPENED))))


def about_customer(now: Conversation, phrase: Phrase, **values: str) -> Words:
    """Return words for the agents that call the customer by `{name}`, as far as it is known."""
    name = now.contact.name or now.contact.offered_name
    if not name:
        return Words(
            phrase=phrase, values=values, parts={"name": Words(phrase=Phrase.CARD_CUSTOMER)}
        )
    return Words(phrase=phrase, values={"name": name, **values})


def opening(department: Department, at: datetime) -> Words | None:
    """Return when the department opens next; None when it is open, or never opens."""
    opens_at = next_opening(department.hours, at)
    if opens_at is None or opens_at <= at:
        return None
    return Words(phrase=Phrase.MAIL_FILED_WHEN, moment=opens_at, now=at, zone=department.hours.zone)


def tell_not_taken(now: Conversation, count: int) -> TellAgents:
    """Tell the agents how many messages were over the limit."""
    return TellAgents(words=about_customer(now, Phrase.AGENTS_NOT_TAKEN, count=str(count)))


def begun_anew(now: Conversation, at: datetime) -> Conversation:
    """Return a conversation that agents never saw as it was before its first word."""
    return Conversation(
        id=now.id,
        contact=now.contact,
        identity=now.identity,
        opened_at=at,
        continues=now.continues,
        earlier_tickets=now.earlier_tickets,
    )


def resolve(now: Conversation, at: datetime) -> Conversation:
    """Return the conversation at its end."""
    closed = now if now.ticket is None else now.with_ticket(status=TicketStatus.CLOSED)
    return closed.evolve(
        stage=Stage.RESOLVED,
        question=None,
        wake=None,
        deadline=None,
        waiting_since=None,
        unmailed=(),
        mail_at=None,
        resolved_at=at,
    )


def idle_wake(now: Conversation, at: datetime, idle: timedelta) -> Conversation:
    """Start the wait for a customer who has been answered."""
    wake = Wake(at=at + idle, reason=WakeFor.IDLE)
    return now.evolve(waiting_since=None, deadline=None, wake=wake)


def _filed_words(
    filed: Conversation, because: FiledBecause, expect: Words | None, agent: str
) -> Words:
    values = {"ticket": filed.ticket.id if filed.ticket else "", "agent": agent}
    match because:
        case FiledBecause.CLOSED if expect is not None:
            return replace(expect, phrase=Phrase.TICKET_CLOSED_NOW, values=values)
        case FiledBecause.CLOSED:
            return Words(phrase=Phrase.TICKET_CLOSED_UNKNOWN, values=values)
        case FiledBecause.AGENT:
            return Words(phrase=Phrase.TICKET_BY_AGENT, values=values)
        case FiledBecause.UNREACHABLE:
            return Words(phrase=Phrase.TICKET_AWAY, values=values)
    return Words(phrase=Phrase.TICKET_UNANSWERED, values=values)


def _closed(because: FiledBecause, expect: Words | None) -> tuple[Words, ...]:
    """Return when somebody is there again, where that is not what the ticket is about anyway."""
    if because is FiledBecause.CLOSED or expect is None:
        return ()
    return (replace(expect, phrase=Phrase.STATUS_OPENS),)


def _answer_comes(filed: Conversation) -> Words:
    if not filed.contact.takes_mail:
        return Words(phrase=Phrase.TICKET_ANSWER_HERE)
    return Words(phrase=Phrase.TICKET_ANSWER_BOTH, values={"email": filed.contact.email})


def _filed_for_agents(filed: Conversation) -> Words:
    ticket = filed.ticket.id if filed.ticket else ""
    if not filed.contact.takes_mail:
        return Words(phrase=Phrase.AGENTS_TICKET_FILED, values={"ticket": ticket})
    values = {"ticket": ticket, "email": filed.contact.email}
    return Words(phrase=Phrase.AGENTS_TICKET_MAILED, values=values)
