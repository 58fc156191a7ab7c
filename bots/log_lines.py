"""What the log says of the desk's work: kinds and ids, never what people wrote."""

import structlog

from core.attempt import Attempt
from core.events import Happened
from core.ports import Changes, Delivered

log = structlog.get_logger()


def log_changes(changes: Changes) -> None:
    """Log what happened and what was decided, by kind; never what people wrote."""
    for key, error in changes.put_down.items():
        log.error("event.put_down", key=key, error=error)
    for entry in changes.journal:
        kind = type(entry.what).__name__
        if isinstance(entry.what, Happened):
            log.info("conversation.event", conversation=entry.conversation_id, event_kind=kind)
        else:
            log.debug("conversation.effect", conversation=entry.conversation_id, effect=kind)


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
