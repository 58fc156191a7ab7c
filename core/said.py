"""From an event to the message that it says, new or changed."""

from collections.abc import Mapping
from dataclasses import replace

from core.conversation import Conversation, Stage
from core.events import (
    AgentAdopted,
    AgentEdited,
    AgentWrote,
    CustomerAsked,
    CustomerEdited,
    CustomerMailed,
    CustomerReplied,
    CustomerWrote,
    Event,
)
from core.ids import MessageId
from core.intake import is_answer
from core.live import is_note
from core.mailed import is_theirs
from core.message import Message, Part, Side
from core.policy import Policy
from core.richtext import clean_name


def message_of(
    event: Event, now: Conversation, policy: Policy, known: Mapping[MessageId, Message]
) -> Message | None:
    """Return the message that the event says, new or changed; None for other events.

    *known*: the messages that the event may be about.
    """
    name = now.contact.name or now.contact.offered_name
    match event:
        case CustomerWrote():
            part = Part.TALK
            if now.stage is Stage.ASKING:
                part = Part.ANSWER if is_answer(now, event, policy) else Part.PROBLEM
            return _said(event, now, Side.CUSTOMER, name, part)
        case CustomerAsked() | CustomerReplied():
            part = Part.TALK if now.handed_over else Part.PROBLEM
            if isinstance(event, CustomerAsked):
                name = clean_name(event.name) or name
            return _said(event, now, Side.CUSTOMER, name, part)
        case CustomerMailed() if not is_theirs(now, event):
            return _said(event, now, Side.CUSTOMER, event.sender, Part.NOTE)
        case CustomerMailed():
            part = Part.PROBLEM if now.stage is Stage.ASKING else Part.TALK
            return _said(event, now, Side.CUSTOMER, name or event.sender, part)
        case AgentWrote():
            part = Part.NOTE if is_note(event.text) else Part.TALK
            return _said(event, now, Side.AGENTS, event.agent.name, part)
        case AgentAdopted() if event.sender and event.message_id in known:
            return replace(known[event.message_id], part=Part.TALK)
        case CustomerEdited() | AgentEdited() if event.message_id in known:
            before = known[event.message_id]
            part = before.part
            if isinstance(event, AgentEdited) and event.text:
                part = Part.NOTE if is_note(event.text) else Part.TALK
            return replace(before, text=event.text, edited_at=event.at, part=part)
    return None


def _said(
    event: CustomerWrote | CustomerAsked | CustomerReplied | CustomerMailed | AgentWrote,
    now: Conversation,
    side: Side,
    author: str,
    part: Part,
) -> Message:
    return Message(
        id=event.message_id,
        conversation_id=now.id,
        side=side,
        author=author,
        at=event.sent_at,
        part=part,
        text=event.text,
        attachments=event.attachments,
    )
