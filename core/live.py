"""Once agents have been told: words carried both ways, deadlines, and endings."""

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
from core.events import (
    AgentEdited,
    AgentFiledTicket,
    AgentResolved,
    AgentTook,
    AgentWrote,
    CustomerEdited,
    CustomerLeft,
    CustomerReturned,
    CustomerWrote,
    DeliveryFailed,
    TimerFired,
)
from core.handover import file_ticket, idle_wake, reopen, resolve, wait_for_answer
from core.message import Side, too_big
from core.phrases import Phrase
from core.policy import Policy
from core.richtext import RichText
from core.smalltalk import is_thanks
from core.ticket import FiledBecause, TicketStatus

NOTE_MARK = "//"
"""What an agent's text begins with when it stays among agents."""


def is_note(text: RichText) -> bool:
    """Whether an agent's text is meant for agents only."""
    return text.text.lstrip().startswith(NOTE_MARK)


def customer_wrote(now: Conversation, event: CustomerWrote, policy: Policy) -> Decision:
    """Carry it to the agents; an agent's silence starts the clock again."""
    waiting = now.evolve(waiting_since=now.waiting_since or event.at)
    if now.stage is Stage.ACTIVE and now.deadline is None:
        department = policy.department(now.department)
        waiting = wait_for_answer(waiting, event.at, department)
    return Decision(waiting, _to_agents(event, policy))


def customer_wrote_to_ticket(now: Conversation, event: CustomerWrote, policy: Policy) -> Decision:
    """Carry it to the agents; the ticket waits for our answer."""
    waiting = now.evolve(waiting_since=now.waiting_since or event.at)
    return _with_status(waiting, TicketStatus.CUSTOMER_REPLY).after(*_to_agents(event, policy))


def customer_wrote_again(now: Conversation, event: CustomerWrote, policy: Policy) -> Decision:
    """Take it up again; a mere "thank you" is carried over and reopens nothing."""
    if not now.handed_over:
        afresh = now.evolve(stage=Stage.ASKING, resolved_at=None)
        return intake.hear(afresh, event, policy)
    relayed = _to_agents(event, policy)
    if is_thanks(event.text.text) and not event.attachments:
        return Decision(now, relayed)
    return reopen(now, event, policy).after(*relayed)


def customer_edited(now: Conversation, event: CustomerEdited, policy: Policy) -> Decision:
    """Carry the edit to the agents."""
    if event.message_id == now.card_message:
        return Decision(now, (UpdateCard(),))
    return Decision(now, (RelayEdit(to=Side.AGENTS, message_id=event.message_id),))


def agent_wrote(now: Conversation, event: AgentWrote, policy: Policy) -> Decision:
    """Carry it to the customer, unless it is a note; whoever answers first is the assignee."""
    if is_note(event.text):
        return Decision(now)
    relayed = _to_customer(now, event, policy)
    if now.ticket is not None:
        return _answered_ticket(now, event, relayed)
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
    """Carry the edit to the customer; what is, or becomes, a note stays inside."""
    if is_note(event.text):
        return Decision(now)
    if event.was_note:
        return Decision(now, (Relay(to=Side.CUSTOMER, message_id=event.message_id),))
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
    over = resolve(now, event.at)
    values = {"agent": event.agent.name}
    say = Say(words=Words(phrase=Phrase.RESOLVED, values=values))
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_RESOLVED, values=values))
    effects: list[Effect] = [say] if now.reachable else []
    if now.ticket is not None and now.contact.email:
        effects.append(Mail(kind=MailKind.TICKET_CLOSED))
    return Decision(over, (*effects, UpdateCard(), told))


def agent_filed(now: Conversation, event: AgentFiledTicket, policy: Policy) -> Decision:
    """File a ticket because an agent wants one."""
    return file_ticket(now, FiledBecause.AGENT, event, policy, agent=event.agent.name)


def wake(now: Conversation, event: TimerFired, policy: Policy) -> Decision:
    """Remind the agents at half time; file a ticket at the deadline; end what is idle."""
    if now.wake is None or event.at < now.wake.at:
        return Decision(now)
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


def customer_left(now: Conversation, event: CustomerLeft, policy: Policy) -> Decision:
    """Tell the agents; what was talked about in the chat goes on by e-mail, if there is one."""
    if not now.reachable:
        return Decision(now)
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_CUSTOMER_LEFT))
    return _unreachable(now, event, policy).after(told)


def customer_returned(now: Conversation, event: CustomerReturned, policy: Policy) -> Decision:
    """Words reach the customer in the chat again."""
    if now.reachable:
        return Decision(now)
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_CUSTOMER_RETURNED))
    return Decision(now.evolve(reachable=True), (told,) if now.handed_over else ())


def delivery_failed(now: Conversation, event: DeliveryFailed, policy: Policy) -> Decision:
    """Show it to the person who wrote, and try the other way where there is one."""
    if event.by_mail:
        words = Words(
            phrase=Phrase.AGENTS_MAIL_FAILED,
            values={"email": now.contact.email},
            parts={"reason": event.reason},
        )
        return Decision(now, (TellAgents(words=words),))
    if event.to is Side.AGENTS:
        return _not_passed_on(now, event, policy)
    if event.message_id is None:
        return _unreachable(now, event, policy) if event.gone else Decision(now)
    words = Words(phrase=Phrase.AGENTS_NOT_DELIVERED, parts={"reason": event.reason})
    told: list[Effect] = [TellAgents(words=words)]
    if not now.contact.email:
        told.append(TellAgents(words=Words(phrase=Phrase.AGENTS_NO_WAY)))
    elif now.ticket is None:
        values = {"email": now.contact.email}
        told.append(TellAgents(words=Words(phrase=Phrase.AGENTS_BY_MAIL_INSTEAD, values=values)))
    gone = _unreachable(now, event, policy) if event.gone else Decision(now)
    if now.ticket is None and gone.conversation.ticket is not None:
        gone = gone.then(Mail(kind=MailKind.ANSWER, message_id=event.message_id))
    return gone.after(*told)


def _to_agents(event: CustomerWrote, policy: Policy) -> tuple[Effect, ...]:
    relay = Relay(to=Side.AGENTS, message_id=event.message_id)
    said, noted = [], []
    for values in too_big(event.attachments, policy.largest_from_customer):
        said.append(Say(words=Words(phrase=Phrase.FILE_TOO_BIG, values=values)))
        noted.append(TellAgents(words=Words(phrase=Phrase.AGENTS_FILE_NOT_TAKEN, values=values)))
    return (relay, *said, *noted)


def _to_customer(now: Conversation, event: AgentWrote, policy: Policy) -> tuple[Effect, ...]:
    effects: list[Effect] = []
    if now.reachable:
        effects.append(Relay(to=Side.CUSTOMER, message_id=event.message_id))
    elif not (now.ticket and now.contact.email):
        effects.append(TellAgents(words=Words(phrase=Phrase.AGENTS_CUSTOMER_LEFT)))
    for values in too_big(event.attachments, policy.largest_from_agent):
        words = Words(phrase=Phrase.AGENTS_FILE_TOO_BIG, values=values)
        effects.append(TellAgents(words=words))
    return tuple(effects)


def _answered_ticket(now: Conversation, event: AgentWrote, relayed: tuple[Effect, ...]) -> Decision:
    """Send the answer to a ticket into the chat and to the e-mail address."""
    answered = now.evolve(
        stage=Stage.TICKETED,
        assignee=now.assignee or event.agent,
        answered_at=now.answered_at or event.at,
        waiting_since=None,
        resolved_at=None,
        wake=None,
    )
    if now.contact.email:
        relayed += (Mail(kind=MailKind.ANSWER, message_id=event.message_id),)
    return _with_status(answered, TicketStatus.ANSWERED).after(*relayed)


def _with_status(now: Conversation, status: TicketStatus) -> Decision:
    if now.ticket is None or now.ticket.status is status:
        return Decision(now)
    return Decision(now.with_ticket(status=status), (UpdateCard(),))


def _idle(now: Conversation, event: TimerFired, policy: Policy) -> Decision:
    idle = policy.department(now.department).idle
    told = TellAgents(words=Words(phrase=Phrase.AGENTS_RESOLVED_IDLE, span=idle))
    say = (Say(words=Words(phrase=Phrase.RESOLVED_IDLE)),) if now.reachable else ()
    return Decision(resolve(now, event.at), (*say, UpdateCard(), told))


def _unreachable(
    now: Conversation, event: CustomerLeft | DeliveryFailed, policy: Policy
) -> Decision:
    """Remember that the chat carries nothing; with an e-mail address, go on as a ticket."""
    lost = now.evolve(reachable=False)
    live = now.stage in (Stage.WAITING, Stage.ACTIVE)
    if live and now.contact.email:
        return file_ticket(lost, FiledBecause.UNREACHABLE, event, policy)
    return Decision(lost)


def _not_passed_on(now: Conversation, event: DeliveryFailed, policy: Policy) -> Decision:
    """Agents do not see what was said: tell the customer, and keep it as a ticket."""
    if now.stage not in (Stage.WAITING, Stage.ACTIVE) and event.message_id is None:
        return Decision(now)
    words = Words(phrase=Phrase.NOT_PASSED_ON, parts={"reason": event.reason})
    say = Say(words=words)
    if now.stage in (Stage.WAITING, Stage.ACTIVE):
        return file_ticket(now, FiledBecause.UNANSWERED, event, policy).after(say)
    return Decision(now, (say,))
