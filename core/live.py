"""Once agents have been told: words carried both ways, deadlines, and endings."""

from datetime import datetime

from core import intake
from core.conversation import Conversation, Stage, Wake, WakeFor
from core.decision import Decision
from core.effects import (
    Effect,
    Mail,
    MailKind,
    Relay,
    RelayEdit,
    Say,
    TellAgents,
    UpdateCard,
    Words,
)
from core.email_address import Accepted, read_email
from core.events import (
    AgentEdited,
    AgentFiledTicket,
    AgentResolved,
    AgentTook,
    AgentWrote,
    CustomerEdited,
    CustomerWrote,
    TimerFired,
)
from core.handover import (
    begun_anew,
    file_ticket,
    idle_wake,
    reopen,
    resolve,
    wait_for_answer,
)
from core.hours import is_open
from core.message import AttachmentKind, Side, too_big
from core.phrases import Phrase
from core.policy import Department, Policy
from core.richtext import RichText
from core.smalltalk import is_thanks
from core.ticket import FiledBecause, TicketStatus
from core.ticket_times import timed, with_status
from core.unread import answer_by_mail, mail_unread, seen, taken_back

NOTE_MARK = "//"
"""What an agent's text begins with when it stays among agents."""


def is_note(text: RichText) -> bool:
    """Whether an agent's text is meant for agents only."""
    return text.text.lstrip().startswith(NOTE_MARK)


def customer_wrote(now: Conversation, event: CustomerWrote, policy: Policy) -> Decision:
    """Carry it to the agents and wait for their answer; when they are not there, file a ticket."""
    department = policy.department(now.department)
    heard = _heard_in_chat(now, event)
    relayed = _to_agents(event, policy, card=heard.contact != now.contact)
    if now.deadline is not None:
        return Decision(heard, relayed)
    if _only_thanks(event):
        return Decision(idle_wake(heard, event.at, department.idle), relayed)
    waiting = heard.evolve(waiting_since=now.waiting_since or event.at)
    if not is_open(department.hours, event.at):
        filed = file_ticket(waiting, FiledBecause.CLOSED, event, policy)
        return filed.after(*relayed, UpdateCard())
    return Decision(wait_for_answer(waiting, event.at, department), relayed)


def customer_wrote_to_ticket(now: Conversation, event: CustomerWrote, policy: Policy) -> Decision:
    """Carry it to the agents; the ticket waits for our answer, unless it was a mere "thank you"."""
    heard = _heard_in_chat(now, event)
    relayed = _to_agents(event, policy, card=heard.contact != now.contact)
    if _only_thanks(event):
        if now.ticket is not None and now.ticket.status is TicketStatus.ANSWERED:
            heard = timed(heard, event.at, policy)
        return Decision(heard, relayed)
    waiting = heard.evolve(waiting_since=now.waiting_since or event.at)
    return _with_status(waiting, TicketStatus.CUSTOMER_REPLY, event.at, policy).after(*relayed)


def customer_wrote_again(now: Conversation, event: CustomerWrote, policy: Policy) -> Decision:
    """Take it up again; a mere "thank you" is carried over and reopens nothing."""
    if not now.handed_over:
        return intake.hear(begun_anew(now, event.at), event, policy)
    heard = _heard_in_chat(now, event)
    relayed = _to_agents(event, policy, card=heard.contact != now.contact)
    if _only_thanks(event):
        return Decision(heard, relayed)
    return reopen(heard, event, policy).after(*relayed)


def customer_edited(now: Conversation, event: CustomerEdited, policy: Policy) -> Decision:
    """Carry the edit to the agents; what stands on the card is changed there."""
    if not now.handed_over:
        return Decision(now)
    if event.message_id == now.card_message:
        return Decision(now, (UpdateCard(),))
    if event.message_id in (now.name_from, now.email_from):
        return intake.correct_card(now, event)
    return Decision(now, (RelayEdit(to=Side.AGENTS, message_id=event.message_id),))


def agent_wrote(now: Conversation, event: AgentWrote, policy: Policy) -> Decision:
    """Carry it to the customer, unless it is a note; whoever answers first is the assignee."""
    if is_note(event.text):
        return Decision(now)
    if now.ticket is None and not now.reachable and now.contact.takes_mail:
        awake = now.evolve(stage=Stage.WAITING, question=None, resolved_at=None, handed_over=True)
        filed = file_ticket(awake, FiledBecause.UNREACHABLE, event, policy)
        return agent_wrote(filed.conversation, event, policy).after(*filed.effects)
    relayed = _to_customer(now, event, policy)
    if now.ticket is not None:
        return _answered_ticket(now, event, relayed, policy)
    department = policy.department(now.department)
    answered = now.evolve(
        stage=Stage.ACTIVE,
        question=None,
        handed_over=True,
        assignee=now.assignee or event.agent,
        answered_at=now.answered_at or event.at,
        resolved_at=None,
    )
    answered = idle_wake(answered, event.at, department.idle)
    changed = (now.stage, now.assignee) != (answered.stage, answered.assignee)
    return Decision(answered, (*relayed, UpdateCard()) if changed else relayed)


def agent_edited(now: Conversation, event: AgentEdited, policy: Policy) -> Decision:
    """Carry the edit to the customer, a deletion too; what is, or becomes, a note stays inside."""
    if event.message_id in now.unmailed and (is_note(event.text) or not event.text):
        now = timed(taken_back(now, event.message_id), event.at, policy)
    if is_note(event.text) or (event.was_note and not event.text):
        return Decision(now)
    if event.was_note:
        return agent_wrote(now, _as_written(event), policy)
    if not now.reachable and now.ticket is not None:
        return Decision(now, (TellAgents(words=Words(phrase=Phrase.AGENTS_MAIL_IS_GONE)),))
    return Decision(now, (RelayEdit(to=Side.CUSTOMER, message_id=event.message_id),))


def agent_took(now: Conversation, event: AgentTook, policy: Policy) -> Decision:
    """Make the agent the assignee, and tell the customer who is looking at it."""
    if now.assignee == event.agent:
        return Decision(now)
    taken = now.evolve(assignee=event.agent)
    told = Words(phrase=Phrase.AGENT_TOOK, values={"agent": event.agent.name})
    noted = Words(phrase=Phrase.AGENTS_TAKEN, values={"agent": event.agent.name})
    say = (Say(words=told),) if now.reachable else ()
    return Decision(taken, (*say, UpdateCard(), TellAgents(words=noted)))


def agent_resolved(now: Conversation, event: AgentResolved, policy: Policy) -> Decision:
    """End it, and tell both sides."""
    read, unread = mail_unread(now)
    over = resolve(read, event.at)
    values = {"agent": event.agent.name}
    say = Say(words=Words(phrase=Phrase.RESOLVED, values=values))
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_RESOLVED, values=values))
    effects: list[Effect] = [say] if now.reachable else []
    if now.ticket is not None and now.contact.takes_mail:
        effects += unread
        effects.append(Mail(kind=MailKind.TICKET_CLOSED))
    return Decision(over, (*effects, UpdateCard(), told))


def agent_filed(now: Conversation, event: AgentFiledTicket, policy: Policy) -> Decision:
    """File a ticket because an agent wants one."""
    return file_ticket(now, FiledBecause.AGENT, event, policy, agent=event.agent.name)


def wake(now: Conversation, event: TimerFired, policy: Policy) -> Decision:
    """Remind the agents at half time; file a ticket at the deadline; end what is idle."""
    if now.wake is None:
        return Decision(now)
    if event.at < now.wake.at:
        return Decision(_set_right(now, event.at, policy.department(now.department)))
    if now.wake.reason is WakeFor.IDLE:
        return _idle(now, event, policy)
    if now.deadline is None or event.at >= now.deadline:
        return file_ticket(now, FiledBecause.UNANSWERED, event, policy)
    department = policy.department(now.department)
    words = Words(
        phrase=Phrase.AGENTS_REMINDER,
        span=event.at - (now.waiting_since or event.at),
        moment=now.deadline,
        now=event.at,
        zone=department.hours.zone,
    )
    waiting = now.evolve(wake=Wake(at=now.deadline, reason=WakeFor.DEADLINE))
    return Decision(waiting, (TellAgents(words=words, on_call=True),))


def _set_right(now: Conversation, at: datetime, department: Department) -> Conversation:
    """Return it with a wake time that can be: the clock may have been ahead when it was set."""
    if now.wake is None:
        return now
    idle = now.wake.reason is WakeFor.IDLE
    if now.wake.at - at <= (department.idle if idle else department.answer_within):
        return now
    if idle:
        return idle_wake(now, at, department.idle)
    return wait_for_answer(now.evolve(waiting_since=None, deadline=None), at, department)


def _as_written(event: AgentEdited) -> AgentWrote:
    """Return what a note says that is a note no more: only now has it been said."""
    return AgentWrote(
        at=event.at,
        fresh_ticket_id=event.fresh_ticket_id,
        message_id=event.message_id,
        sent_at=event.at,
        agent=event.agent,
        text=event.text,
    )


def _only_thanks(event: CustomerWrote) -> bool:
    """Whether it asks for no answer: a "thank you", in words or as a sticker."""
    signs = [each.detail for each in event.attachments if each.kind is AttachmentKind.STICKER]
    said = " ".join((event.text.text, *signs))
    return len(signs) == len(event.attachments) and is_thanks(said)


def _to_agents(event: CustomerWrote, policy: Policy, *, card: bool = False) -> tuple[Effect, ...]:
    """Return what carries it to the agents; *card*: whether it changed what stands there."""
    relay = Relay(to=Side.AGENTS, message_id=event.message_id)
    said, noted = [], []
    for values in too_big(event.attachments, policy.largest_from_customer):
        said.append(Say(words=Words(phrase=Phrase.FILE_TOO_BIG, values=values)))
        noted.append(TellAgents(words=Words(phrase=Phrase.AGENTS_FILE_NOT_TAKEN, values=values)))
    return (relay, *said, *noted, UpdateCard()) if card else (relay, *said, *noted)


def _to_customer(now: Conversation, event: AgentWrote, policy: Policy) -> tuple[Effect, ...]:
    effects: list[Effect] = []
    if now.reachable:
        effects.append(Relay(to=Side.CUSTOMER, message_id=event.message_id))
    elif not (now.ticket and now.contact.takes_mail):
        effects.append(TellAgents(words=Words(phrase=Phrase.AGENTS_CUSTOMER_LEFT)))
    for values in too_big(event.attachments, policy.largest_from_agent):
        words = Words(phrase=Phrase.AGENTS_FILE_TOO_BIG, values=values)
        effects.append(TellAgents(words=words))
    return tuple(effects)


def _answered_ticket(
    now: Conversation, event: AgentWrote, relayed: tuple[Effect, ...], policy: Policy
) -> Decision:
    """Send the answer to a ticket into the chat and to the e-mail address."""
    answered = now.evolve(
        stage=Stage.TICKETED,
        assignee=now.assignee or event.agent,
        answered_at=now.answered_at or event.at,
        waiting_since=None,
        resolved_at=None,
    )
    answered, mail = answer_by_mail(answered, event.message_id, event.at, policy)
    return _with_status(answered, TicketStatus.ANSWERED, event.at, policy).after(*relayed, *mail)


def _with_status(now: Conversation, status: TicketStatus, at: datetime, policy: Policy) -> Decision:
    changed = now.ticket is not None and now.ticket.status is not status
    return Decision(with_status(now, status, at, policy), (UpdateCard(),) if changed else ())


def _heard_in_chat(now: Conversation, event: CustomerWrote) -> Conversation:
    """Return it with the customer in the chat: what was answered there has been read.

    Who was asked for an e-mail address and gives it only now has given it.
    """
    known = now if now.contact.email else _late_email(now, event)
    return seen(known).evolve(reachable=True, heard_at=event.at, told_away=False)


def _late_email(now: Conversation, event: CustomerWrote) -> Conversation:
    said = event.text.text
    match read_email(said):
        case Accepted(address) if len(said.split()) == 1 and not event.forwarded:
            return now.with_contact(email=address, email_proven=False, email_works=True)
    return now


def _idle(now: Conversation, event: TimerFired, policy: Policy) -> Decision:
    idle = policy.department(now.department).idle
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_RESOLVED_IDLE, span=idle))
    say = (Say(words=Words(phrase=Phrase.RESOLVED_IDLE)),) if now.reachable else ()
    return Decision(resolve(now, event.at), (*say, UpdateCard(), told))
