"""What the portal needs of the store: a customer's own tickets, and login links to be mailed.

A login link belongs to no conversation, so it is no delivery of the outbox's. It is kept here in
the same way: written down first, and mailed only because it stands here, until that has succeeded
or the link would be too old. No secret is kept with it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.conversation import Conversation
from core.ids import ConversationId


@dataclass(frozen=True, kw_only=True)
class LoginLink:
    """Somebody asked for a link by which whoever reads this mailbox logs in."""

    id: str
    email: str
    language: str
    """What the mail is written in."""
    asked_at: datetime
    due_at: datetime
    """When it is mailed, or tried again (UTC)."""
    attempts: int = 0


@dataclass(frozen=True, kw_only=True)
class LinksAsked:
    """How many links were asked for."""

    to_it: int
    """To one mailbox, as `email_address.mailbox_of` has it."""
    in_all: int


class Portal(Protocol):
    """The part of a transaction by which customers look after their own tickets."""

    async def own_tickets(self, email: str, limit: int) -> list[Conversation]:
        """Return the tickets of whoever has proven that this address is theirs, newest first.

        Capitals make no difference.
        """
        ...

    async def own_ticket(self, email: str, id_: ConversationId) -> Conversation | None:
        """Return this one if it is among `own_tickets`."""
        ...

    async def ask_link(self, link: LoginLink) -> None:
        """Write down that a link is to be mailed."""
        ...

    async def links_asked(self, email: str, since: datetime) -> LinksAsked:
        """Return how many links were asked for after *since*."""
        ...

    async def links_to_mail(self, limit: int) -> list[LoginLink]:
        """Return the links that are still to be mailed, those first whose time comes first."""
        ...

    async def postpone_link(self, id_: str, due_at: datetime) -> None:
        """Count an attempt, and have the link mailed at another time."""
        ...

    async def end_link(self, id_: str) -> None:
        """Have a link mailed no more: it was, or it never will be."""
        ...

    async def forget_links(self, asked_before: datetime) -> None:
        """Forget what was asked for before then and is not to be mailed any more."""
        ...
