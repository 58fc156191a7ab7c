"""Answers to a ticket by mail: not to somebody who is reading them in the chat right now."""

from datetime import datetime

from core.conversation import Conversation
from core.effects import Effect, Mail, MailKind
from core.ids import MessageId
from core.policy import Policy

_REMEMBERED = 50
"""How many mailed answers are remembered: more than anybody leaves unread."""


def answer_by_mail(
    now: Conversation, message_id: MessageId, at: datetime, policy: Policy
) -> tuple[Conversation, tuple[Effect, ...]]:
    """Return the mail with an answer; or keep it for a while, if the customer is in the chat."""
    if not now.contact.takes_mail:
        return now, ()
    if not (now.unmailed or _reads_along(now, at, policy)):
        return mailed(now, (message_id,)), (Mail(kind=MailKind.ANSWER, message_ids=(message_id,)),)
    mail_at = now.mail_at or at + policy.unread
    return now.evolve(unmailed=(*now.unmailed, message_id), mail_at=mail_at), ()


def mail_unread(now: Conversation) -> tuple[Conversation, tuple[Effect, ...]]:
    """Return one mail with the answers that waited, and nothing waiting any more."""
    read = seen(now)
    if not now.unmailed or not now.contact.takes_mail:
        return read, ()
    effect = Mail(kind=MailKind.ANSWER, message_ids=now.unmailed)
    return mailed(read, now.unmailed), (effect,)


def mailed(now: Conversation, answers: tuple[MessageId, ...]) -> Conversation:
    """Return it with these answers remembered as mailed, where they stand in a chat, too."""
    if not now.identity.is_chat:
        return now
    return now.evolve(mailed=(*now.mailed, *answers)[-_REMEMBERED:])


def seen(now: Conversation) -> Conversation:
    """Return it with nothing to be mailed: the customer has read it in the chat."""
    return now.evolve(unmailed=(), mail_at=None) if now.unmailed else now


def taken_back(now: Conversation, message_id: MessageId) -> Conversation:
    """Return it without an answer that was taken back before it was mailed."""
    left = tuple(each for each in now.unmailed if each != message_id)
    return now.evolve(unmailed=left, mail_at=now.mail_at if left else None)


def _reads_along(now: Conversation, at: datetime, policy: Policy) -> bool:
    """Whether the customer is in the chat, as far as their last word there tells."""
    return now.reachable and now.heard_at is not None and at < now.heard_at + policy.reading
