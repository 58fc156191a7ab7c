"""Talks as scripts: what happens, and after it every effect that it must have, in words.

A line of a script is a step and the effects in their order. A line without effects says that the
desk does nothing then. Effects read like this:

    desk: ASK_NAME [Ana A.]           the desk to the customer: the phrases' names, then the buttons
    agents: card                      the thread is opened; "agents: card updated" later on
    agents: AGENTS_REMINDER           the desk to the agents
    agents < My site is down          somebody's words on their way to the agents, or
    customer < Have a look            to the customer; "(edited)" for an edit
    mail: answer, Have a look         a mail to the customer
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from core.conversation import Agent, Conversation
from core.decide import decide
from core.effects import (
    Announce,
    Effect,
    Mail,
    OpenThread,
    Relay,
    RelayEdit,
    Say,
    TellAgents,
    TryAgain,
    UpdateCard,
    Words,
)
from core.events import (
    AgentEdited,
    AgentFiledTicket,
    AgentHeld,
    AgentMerged,
    AgentPrioritised,
    AgentRenamed,
    AgentResolved,
    AgentRetried,
    AgentTook,
    AgentWrote,
    Command,
    CustomerAsked,
    CustomerAway,
    CustomerChose,
    CustomerCommanded,
    CustomerEdited,
    CustomerLeft,
    CustomerProved,
    CustomerReopened,
    CustomerReplied,
    CustomerReturned,
    CustomerSaw,
    CustomerWrote,
    DeliveryFailed,
    Event,
    TimerFired,
)
from core.ids import DeliveryId, TicketId
from core.message import Attachment, Side
from core.phrases import Phrase
from core.policy import Policy
from core.richtext import plain
from core.ticket import Priority
from tests.support.builders import MILA, message_id

# What happens


@dataclass(frozen=True)
class Passes:
    """Time goes by; the conversation is woken whenever it wants to be, or only at the end."""

    span: timedelta
    asleep: bool = False


Happens = Callable[[datetime], Event]
Line = tuple[Happens | Passes | str, ...]
"""What happens, at once if it is more than one thing, and the effects that it must have."""


def customer(text: str, *attachments: Attachment, forwarded: bool = False, id: str = "") -> Happens:
    """Have the customer write; what was said twice needs an *id* of its own."""
    said = id or text or attachments[0].name
    return lambda at: CustomerWrote(
        at=at,
        message_id=message_id(said),
        sent_at=at,
        text=plain(text),
        attachments=attachments,
        forwarded=forwarded,
    )


def asks(text: str, name: str = "Ana", email: str = "ana@example.com", **given: Any) -> Happens:
    """Have the customer send a form."""
    return lambda at: CustomerAsked(
        at=at,
        message_id=message_id(text),
        sent_at=at,
        name=name,
        email=email,
        text=plain(text),
        **given,
    )


def replies(text: str) -> Happens:
    """Have the customer write elsewhere than in the chat."""
    return lambda at: CustomerReplied(
        at=at, message_id=message_id(text), sent_at=at, text=plain(text)
    )


def reopens() -> Happens:
    return lambda at: CustomerReopened(at=at)


def proves(email: str = "ana@example.com") -> Happens:
    return lambda at: CustomerProved(at=at, email=email)


def sees() -> Happens:
    return lambda at: CustomerSaw(at=at)


def goes_away(*unread: str) -> Happens:
    """Have the customer leave the page with these answers unread."""
    return lambda at: CustomerAway(at=at, unread=tuple(map(message_id, unread)))


def customer_edits(id: str, text: str) -> Happens:
    return lambda at: CustomerEdited(at=at, message_id=message_id(id), text=plain(text))


def presses(token: str) -> Happens:
    return lambda at: CustomerChose(at=at, token=token)


def commands(command: Command) -> Happens:
    return lambda at: CustomerCommanded(at=at, command=command)


def leaves() -> Happens:
    return lambda at: CustomerLeft(at=at)


def returns() -> Happens:
    return lambda at: CustomerReturned(at=at)


def agent(text: str, *attachments: Attachment, who: Agent = MILA) -> Happens:
    return lambda at: AgentWrote(
        at=at,
        message_id=message_id(text),
        sent_at=at,
        agent=who,
        text=plain(text),
        attachments=attachments,
    )


def agent_edits(id: str, text: str, *, was_note: bool = False, who: Agent = MILA) -> Happens:
    return lambda at: AgentEdited(
        at=at, message_id=message_id(id), agent=who, text=plain(text), was_note=was_note
    )


def takes(who: Agent = MILA) -> Happens:
    return lambda at: AgentTook(at=at, agent=who)


def resolves(who: Agent = MILA) -> Happens:
    return lambda at: AgentResolved(at=at, agent=who)


def files(who: Agent = MILA) -> Happens:
    return lambda at: AgentFiledTicket(at=at, agent=who)


def holds(who: Agent = MILA) -> Happens:
    """Have an agent put the ticket on hold, or take it off."""
    return lambda at: AgentHeld(at=at, agent=who)


def renames(subject: str, who: Agent = MILA) -> Happens:
    return lambda at: AgentRenamed(at=at, agent=who, subject=subject)


def prioritises(priority: Priority, who: Agent = MILA) -> Happens:
    return lambda at: AgentPrioritised(at=at, agent=who, priority=priority)


def merges(into: str, who: Agent = MILA) -> Happens:
    """Have an agent merge the ticket into another one, as far as they may."""
    return lambda at: AgentMerged(at=at, agent=who, into=TicketId(into))


def retries(delivery_id: str, who: Agent = MILA) -> Happens:
    """Have an agent press the button beside the failure of a delivery."""
    return lambda at: AgentRetried(at=at, agent=who, delivery_id=DeliveryId(delivery_id))


def fails(to: Side, said: str = "", *, by_mail: bool = False, gone: bool = False) -> Happens:
    """Have a delivery fail: of what somebody *said*, or of the desk's own words."""
    return lambda at: DeliveryFailed(
        at=at,
        to=to,
        by_mail=by_mail,
        message_id=message_id(said) if said else None,
        reason=Words(phrase=Phrase.WHY_BLOCKED),
        gone=gone,
    )


def passes(**span: float) -> Passes:
    """Return a stretch of time; the desk wakes when a conversation wants it."""
    return Passes(timedelta(**span))


def stands_still(**span: float) -> Passes:
    """Return a stretch of time in which the desk does not run; it starts again at the end."""
    return Passes(timedelta(**span), asleep=True)


# What is done about it


def in_words(effect: Effect) -> str:
    """Return an effect as a script has it."""
    match effect:
        case Say(words=words, more=more, buttons=buttons):
            labels = [each.label or (each.phrase.name if each.phrase else "") for each in buttons]
            said = ", ".join(each.phrase.name for each in (words, *more))
            return f"desk: {said}" + (f" [{', '.join(labels)}]" if labels else "")
        case OpenThread():
            return "agents: card"
        case UpdateCard():
            return "agents: card updated"
        case TellAgents(words=words, on_call=on_call):
            return f"agents: {words.phrase.name}" + (" (on call)" if on_call else "")
        case TryAgain():
            return "tried again"
        case Relay(to=to, message_id=said):
            return f"{to} < {said}"
        case RelayEdit(to=to, message_id=said):
            return f"{to} < {said} (edited)"
        case Mail(kind=kind, message_ids=answers):
            return f"mail: {', '.join((kind, *answers))}"
        case Announce(kind=kind, ticket=ticket, message=said):
            told = ticket.status if said is None else said.text or "(deleted)"
            return f"webhook: {kind} {told}"


def play(start: Conversation, rules: Policy, *script: Line) -> Conversation:
    """Play a talk through `decide` alone; return the conversation at its end."""
    talk = _Talk(start, rules)
    for number, line in enumerate(script, start=1):
        steps, expected = read(line)
        done = [in_words(effect) for step in steps for effect in talk.take(step)]

        assert done == expected, f"line {number}: the desk did {done}"
    return talk.now


def read(line: Line) -> tuple[list[Happens | Passes], list[str]]:
    """Return what happens in a line, and the effects that it must have."""
    steps = [each for each in line if not isinstance(each, str)]
    return steps, [each for each in line if isinstance(each, str)]


class _Talk:
    """A conversation, and the time."""

    def __init__(self, start: Conversation, rules: Policy) -> None:
        self.now = start
        self._rules = rules
        self._at = start.opened_at

    def take(self, step: Happens | Passes) -> Iterator[Effect]:
        if not isinstance(step, Passes):
            yield from self._decide(step(self._at))
            return
        end = self._at + step.span
        while self.now.wake is not None and self.now.wake.at <= end:
            yield from self._decide(TimerFired(at=end if step.asleep else self.now.wake.at))
        self._at = end

    def _decide(self, event: Event) -> tuple[Effect, ...]:
        event = replace(event, fresh_ticket_id=TicketId("MNT-4K7Q2"))
        decision = decide(self.now, event, self._rules)
        self.now = decision.conversation
        return decision.effects
