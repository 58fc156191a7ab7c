"""What the log says of the desk's work: kinds and ids, never what people wrote.

What comes with every message is said at the level "debug"; "info" is for what is worth a line.
"""

from collections.abc import Iterator
from datetime import datetime

import structlog

from core.attempt import Attempt
from core.channel_port import Delivered
from core.conversation import Conversation
from core.effects import OpenThread
from core.events import (
    AgentEdited,
    AgentWrote,
    CustomerAsked,
    CustomerEdited,
    CustomerReplied,
    CustomerSaw,
    CustomerWrote,
    Happened,
)
from core.ids import ConversationId
from core.ports import Changes

# By its name: otherwise the stack is searched for it at every call.
log = structlog.get_logger(__name__)

_EVERYDAY = (
    CustomerWrote,
    CustomerAsked,
    CustomerReplied,
    CustomerEdited,
    CustomerSaw,
    AgentWrote,
    AgentEdited,
)


def log_changes(changes: Changes) -> None:
    """Log what happened and what was decided, by kind; never what people wrote."""
    told = log.bind()  # once for all lines: those below the level then cost next to nothing
    for key, error in changes.put_down.items():
        told.error("event.put_down", key=key, error=error)
    turns: dict[tuple[ConversationId, str], None] = {}  # each once, in the order in which they came
    for entry in changes.journal:
        which, kind = entry.conversation_id, type(entry.what).__name__
        if isinstance(entry.what, Happened):
            say = told.debug if isinstance(entry.what, _EVERYDAY) else told.info
            say("conversation.event", conversation=which, event_kind=kind)
            if now := changes.conversations.get(which):
                moments = (entry.at, entry.what.at)
                turns |= dict.fromkeys((which, turn) for turn in _turns(now, moments))
        else:
            told.debug("conversation.effect", conversation=which, effect=kind)
            if isinstance(entry.what, OpenThread):
                turns[which, "handed_over"] = None
    for which, turn in turns:
        told.info(f"conversation.{turn}", conversation=which)


def _turns(now: Conversation, moments: tuple[datetime, ...]) -> Iterator[str]:
    """Yield what became of a conversation at one of these moments."""
    if now.opened_at in moments:
        yield "opened"
    if now.ticket is not None and now.ticket.filed_at in moments:
        yield "ticket_filed"
    if now.resolved_at in moments:
        yield "resolved"


def log_attempt(attempt: Attempt) -> None:
    """Log how a call to a platform ended."""
    delivery = attempt.outgoing.delivery
    where = {
        "conversation": delivery.conversation_id,
        "delivery": delivery.id,
        "channel": delivery.channel,
        "effect": type(delivery.effect).__name__,
    }
    if isinstance(attempt.end, Delivered):
        log.debug("delivery.delivered", **where)
    else:
        end = type(attempt.end).__name__
        log.warning("delivery.not_delivered", end=end, reason=attempt.end.reason, **where)
