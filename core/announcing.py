"""What the house's own programs are told of tickets."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from core.conversation import Conversation
from core.effects import Announce, AnnounceKind
from core.message import Message
from core.public import is_public, public_message, public_ticket

MOST_BEFORE = 50
"""How much of what was said before a conversation became a ticket is told, the newest of it."""


def announced(
    before: Conversation,
    now: Conversation,
    said: Iterable[Message],
    was: Message | None,
    at: datetime,
) -> Iterator[Announce]:
    """Yield what a decision made of *before* is worth telling, in order.

    Of a conversation that is no ticket nothing is told. *said*: what was said with this decision,
    or all that was said so far, where it is what made it a ticket. *was*: what a message that was
    said before and is changed now was like.
    """
    if now.ticket is None:
        return
    ticket = public_ticket(now, now.ticket)
    if before.ticket is None:
        yield Announce(kind=AnnounceKind.TICKET_OPENED, at=at, ticket=ticket)
        for each in [each for each in said if is_public(each)][-MOST_BEFORE:]:
            yield _message(each, Announce(kind=AnnounceKind.MESSAGE, at=at, ticket=ticket))
        return
    for each in said:
        if is_public(each) or (was is not None and is_public(was)):
            yield _message(each, Announce(kind=AnnounceKind.MESSAGE, at=at, ticket=ticket))
    if before.ticket.status is not now.ticket.status:
        was_status = before.ticket.status
        yield Announce(kind=AnnounceKind.STATUS, at=at, ticket=ticket, before=was_status)


def _message(said: Message, announce: Announce) -> Announce:
    """Return *announce* with a message; of one that is public no more, only that it is gone."""
    message = public_message(said).in_short()
    if not is_public(said):
        message = replace(message, text="", files=(), is_cut=False)
    return replace(announce, message=message)
