"""Customers' own tickets, and login links that are to be mailed."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Select, and_, delete, func, select, update

from adapters.store.loading import CONVERSATIONS, Part, conversation_of
from adapters.store.tables import contacts, conversations, login_links
from core.conversation import Conversation
from core.email_address import mailbox_of
from core.ids import ConversationId
from core.portal_port import LinksAsked, LoginLink

_LINK = [each for each in login_links.c if each.name not in ("mailbox", "ended")]


class Portal(Part):
    """The part of a transaction by which customers look after their own tickets."""

    async def own_tickets(self, email: str, limit: int) -> list[Conversation]:
        """Return the tickets of whoever has proven that this address is theirs, newest first.

        Capitals make no difference.
        """
        rows = await self._connection.execute(
            _own(email).order_by(conversations.c.filed_at.desc(), conversations.c.id).limit(limit)
        )
        return [conversation_of(row) for row in rows]

    async def own_ticket(self, email: str, id_: ConversationId) -> Conversation | None:
        """Return this one if it is among `own_tickets`."""
        rows = await self._connection.execute(_own(email).where(conversations.c.id == id_))
        row = rows.one_or_none()
        return None if row is None else conversation_of(row)

    async def ask_link(self, link: LoginLink) -> None:
        """Write down that a link is to be mailed."""
        row = asdict(link) | {"mailbox": mailbox_of(link.email), "ended": False}
        await self._connection.execute(login_links.insert(), row)

    async def links_asked(self, email: str, since: datetime) -> LinksAsked:
        """Return how many links were asked for after *since*."""
        to_it = func.count().filter(login_links.c.mailbox == mailbox_of(email))
        rows = await self._connection.execute(
            select(to_it, func.count()).where(login_links.c.asked_at > since)
        )
        mailed, in_all = rows.one()
        return LinksAsked(to_it=mailed, in_all=in_all)

    async def links_to_mail(self, limit: int) -> list[LoginLink]:
        """Return the links that are still to be mailed, those first whose time comes first."""
        rows = await self._connection.execute(
            select(*_LINK)
            .where(login_links.c.ended.is_(False))
            .order_by(login_links.c.due_at, login_links.c.id)
            .limit(limit)
        )
        return [LoginLink(**row._asdict()) for row in rows]

    async def postpone_link(self, id_: str, due_at: datetime) -> None:
        """Count an attempt, and have the link mailed at another time."""
        await self._connection.execute(
            update(login_links)
            .where(login_links.c.id == id_)
            .values(due_at=due_at, attempts=login_links.c.attempts + 1)
        )

    async def end_link(self, id_: str) -> None:
        """Have a link mailed no more: it was, or it never will be."""
        await self._connection.execute(
            update(login_links).where(login_links.c.id == id_).values(ended=True)
        )

    async def forget_links(self, asked_before: datetime) -> None:
        """Forget what was asked for before then and is not to be mailed any more."""
        await self._connection.execute(
            delete(login_links).where(
                login_links.c.asked_at < asked_before, login_links.c.ended.is_(True)
            )
        )


def _own(email: str) -> Select[tuple[object, ...]]:
    """Return the one statement that says whose a ticket is."""
    theirs = and_(
        conversations.c.ticket_id.is_not(None),
        contacts.c.email_proven.is_(True),
        func.lower(contacts.c.email) == email.lower(),
        contacts.c.email != "",
    )
    return CONVERSATIONS.where(theirs)
