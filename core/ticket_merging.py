"""Two tickets of one customer that are about the same: one goes on in the other."""

from collections.abc import Iterable
from dataclasses import replace

from core.conversation import Conversation, Stage
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
    AgentMerged,
    AgentRetried,
    AgentWrote,
    DeliveryFailed,
    Event,
    Survivor,
    ThreadLost,
    TicketTookIn,
    TimerFired,
)
from core.handover import resolve
from core.message import Message, Part, Side
from core.phrases import Phrase
from core.policy import Policy
from core.richtext import clean_name
from core.ticket import TicketStatus
from core.ticket_times import with_status
from core.unread import mail_unread

MOST_SHOWN = 20
"""How many messages of a merged ticket are shown in the thread in which it goes on."""

STAYS = (ThreadLost, DeliveryFailed, AgentRetried, TimerFired, TicketTookIn)
"""What happens to a merged ticket itself; all else that happens in it belongs to the other one."""


def why_not(ticket: Conversation, into: Conversation | None, called: str) -> Words | None:
    """Return why a ticket cannot be merged *into* what is *called* so; None if it can.

    Whoever merges tickets of two people shows one of them what the other said: so they must be of
    one contact, or of one e-mail address that is proven for both.
    """
    phrase: Phrase | None = None
    if into is None:
        phrase = Phrase.MERGE_UNKNOWN
    elif into.id == ticket.id:
        phrase = Phrase.MERGE_SAME
    elif not of_one_customer(ticket, into):
        phrase = Phrase.MERGE_STRANGER
    elif ticket.stage is not Stage.TICKETED or into.stage is not Stage.TICKETED:
        phrase = Phrase.MERGE_NOT_OPEN
    return Words(phrase=phrase, values={"ticket": clean_name(called) or "?"}) if phrase else None


def of_one_customer(one: Conversation, other: Conversation) -> bool:
    """Whether two conversations are certainly held with the same person."""
    if one.contact.id == other.contact.id:
        return True
    proven = one.contact.email_proven and other.contact.email_proven
    return proven and one.contact.email.casefold() == other.contact.email.casefold() != ""


def judged(event: AgentMerged, ticket: Conversation, into: Conversation | None) -> AgentMerged:
    """Return the event with what becomes of it: the ticket that it leads to, or why not."""
    refused = why_not(ticket, into, event.into)
    if refused is not None or into is None or into.ticket is None:
        return replace(event, refused=refused)
    survivor = Survivor(id=into.id, ticket=into.ticket.id, thread=into.thread)
    return replace(event, survivor=survivor)


def taken_in(event: AgentMerged, merged: Conversation, said: Iterable[Message]) -> TicketTookIn:
    """Return what the surviving ticket is told of one that was *merged* into it, as it was."""
    public = [each.id for each in said if each.part in (Part.PROBLEM, Part.TALK)]
    return TicketTookIn(
        at=event.at,
        agent=event.agent,
        ticket=merged.ticket.id if merged.ticket else event.fresh_ticket_id,
        thread=merged.thread,
        identity=merged.identity,
        reachable=merged.reachable,
        waiting_since=merged.waiting_since,
        said=tuple(public[-MOST_SHOWN:]),
        before_that=max(0, len(public) - MOST_SHOWN),
        mailed=mail_unread(merged)[0].mailed,
    )


def goes_on_elsewhere(event: Event) -> bool:
    """Whether an event in a merged ticket belongs to the one in which it goes on."""
    return not isinstance(event, STAYS)


def shown_here(event: Event, effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """Return *effects* of what happened in a merged ticket so that this one's agents see it.

    What agents write in the other thread is shown in this one; what the customer changes, whole.
    """
    if isinstance(event, AgentWrote):
        return (*effects, Relay(to=Side.AGENTS, message_id=event.message_id, again=True))
    return tuple(
        Relay(to=Side.AGENTS, message_id=each.message_id, again=True)
        if isinstance(each, RelayEdit) and each.to is Side.AGENTS
        else each
        for each in effects
    )


def agent_merged(now: Conversation, event: AgentMerged, policy: Policy) -> Decision:
    """Close it, and tell its customer where it goes on; or tell the agents why it cannot be."""
    if event.survivor is None:
        refused = event.refused or Words(phrase=Phrase.MERGE_UNKNOWN, values={"ticket": event.into})
        return Decision(now, (TellAgents(words=refused),))
    into = event.survivor
    merged = resolve(now.with_ticket(merged_into=into.ticket), event.at)
    values = {"ticket": now.ticket.id if now.ticket else "", "into": into.ticket}
    words = Words(phrase=Phrase.TICKET_MERGED, values=values)
    told: list[Effect] = [*mail_unread(now)[1]]
    if now.reachable:
        told.append(Say(words=words))
    elif now.contact.takes_mail:
        told.append(Mail(kind=MailKind.MERGED, expect=words))
    noted = Words(
        phrase=Phrase.AGENTS_MERGED, values={"agent": event.agent.name, "ticket": into.ticket}
    )
    tell = TellAgents(words=noted, leads_to=into.thread)
    return Decision(merged.evolve(merged_into=into.id), (*told, UpdateCard(), tell))


def took_in(now: Conversation, event: TicketTookIn, policy: Policy) -> Decision:
    """Show what was said in the merged ticket last; what waits in it for an answer waits here."""
    values = {"agent": event.agent.name, "ticket": event.ticket}
    head = TellAgents(
        words=Words(phrase=Phrase.AGENTS_TOOK_IN, values=values), leads_to=event.thread
    )
    before = Words(phrase=Phrase.AGENTS_SAID_BEFORE, values={"count": str(event.before_that)})
    said = [Relay(to=Side.AGENTS, message_id=each, again=True) for each in event.said]
    more = [TellAgents(words=before)] if event.before_that else []
    if not now.identity.is_chat and event.identity.is_chat:  # now there is a chat, too
        now = now.evolve(identity=event.identity, reachable=event.reachable, mailed=event.mailed)
    if event.waiting_since is not None:
        since = min(event.waiting_since, now.waiting_since or event.waiting_since)
        waiting = now.evolve(waiting_since=since)
        now = with_status(waiting, TicketStatus.CUSTOMER_REPLY, event.at, policy)
    return Decision(now, (head, *more, *said, UpdateCard()))
