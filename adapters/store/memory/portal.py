"""Customers' own tickets, and login links that are to be mailed."""

from dataclasses import replace
from datetime import datetime

from adapters.store.memory.looking import Looking
from core.conversation import Conversation
from core.email_address import mailbox_of
from core.ids import ConversationId
from core.portal_port import LinksAsked, LoginLink


class Portal(Looking):
    """The part of a transaction by which customers look after their own tickets."""

    async def own_tickets(self, email: str, limit: int) -> list[Conversation]:
        """Return the tickets of whoever has proven that this address is theirs, newest first.

        Capitals make no difference.
        """
        found = [
            (each.ticket.filed_at, each)
            for each in map(self._whole, self._tables.tickets.values())
            if each.ticket is not None
            and each.contact.email_proven
            and each.contact.email.lower() == email.lower() != ""
        ]
        found.sort(key=lambda pair: (-pair[0].timestamp(), pair[1].id))
        return [each for _, each in found[:limit]]

    async def own_ticket(self, email: str, id_: ConversationId) -> Conversation | None:
        """Return this one if it is among `own_tickets`."""
        own = await self.own_tickets(email, len(self._tables.tickets))
        return next((each for each in own if each.id == id_), None)

    async def ask_link(self, link: LoginLink) -> None:
        """Write down that a link is to be mailed."""
        self._tables.put(self._tables.login_links, link.id, link)
        self._tables.put(self._tables.links_to_mail, link.id, None)

    async def links_asked(self, email: str, since: datetime) -> LinksAsked:
        """Return how many links were asked for after *since*."""
        asked = [each for each in self._tables.login_links.values() if each.asked_at > since]
        to_it = [each for each in asked if mailbox_of(each.email) == mailbox_of(email)]
        return LinksAsked(to_it=len(to_it), in_all=len(asked))

    async def links_to_mail(self, limit: int) -> list[LoginLink]:
        """Return the links that are still to be mailed, those first whose time comes first."""
        found = [self._tables.login_links[each] for each in self._tables.links_to_mail]
        return sorted(found, key=lambda each: (each.due_at, each.id))[:limit]

    async def postpone_link(self, id_: str, due_at: datetime) -> None:
        """Count an attempt, and have the link mailed at another time."""
        if (link := self._tables.login_links.get(id_)) is not None:
            later = replace(link, due_at=due_at, attempts=link.attempts + 1)
            self._tables.put(self._tables.login_links, id_, later)

    async def end_link(self, id_: str) -> None:
        """Have a link mailed no more: it was, or it never will be."""
        self._tables.drop(self._tables.links_to_mail, id_)

    async def forget_links(self, asked_before: datetime) -> None:
        """Forget what was asked for before then and is not to be mailed any more."""
        for each in list(self._tables.login_links.values()):
            if each.asked_at < asked_before and each.id not in self._tables.links_to_mail:
                self._tables.drop(self._tables.login_links, each.id)
