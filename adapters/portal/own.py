"""Tickets as their owners see them: what is theirs, and how it is said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from adapters.passes import hash_of
from adapters.portal.parts import LoggedOut, NotThere, Parts, Visit
from core.conversation import Conversation
from core.effects import Words
from core.hours import closes_at, is_open, next_opening
from core.ids import ConversationId, MessageId
from core.message import CARRIED, Attachment, Message, Part, Side
from core.phrases import Phrase
from core.policy import Department, Policy
from core.ports import Transaction
from core.richtext import RichText, clean_name
from core.ticket import Ticket, TicketStatus

MOST_TICKETS: Final = 200
_LONGEST_TITLE: Final = 80


@dataclass(frozen=True, kw_only=True)
class Row:
    """A ticket in the list."""

    path: str
    id: str
    title: str
    status: TicketStatus
    filed: str
    """When, as people read it."""


@dataclass(frozen=True, kw_only=True)
class ShownFile:
    """A file of a message."""

    label: str
    path: str
    """Where it is had; "" where it cannot be."""


@dataclass(frozen=True, kw_only=True)
class ShownMessage:
    """Something said in a ticket."""

    by: str
    when: str
    is_own: bool
    text: RichText
    is_edited: bool
    files: tuple[ShownFile, ...]


@dataclass(frozen=True, kw_only=True)
class Owned:
    """A ticket of the visitor's, with all that its pages need."""

    conversation: Conversation
    department: Department
    said: tuple[Message, ...]
    """What both sides said, without what is among agents."""
    title: str
    takes_words: bool
    """Whether what its owner says belongs here, and not to a new one."""

    @property
    def path(self) -> str:
        """Where its page is."""
        return path_of(self.conversation)

    @property
    def id(self) -> str:
        """What people call it; it opens nothing."""
        return self.conversation.ticket.id if self.conversation.ticket else ""

    @property
    def status(self) -> TicketStatus:
        """Who has to act next."""
        ticket = self.conversation.ticket
        return ticket.status if ticket else TicketStatus.OPEN

    @property
    def is_closed(self) -> bool:
        """Whether it is over."""
        return self.status is TicketStatus.CLOSED


class Own:
    """The one way to a customer's tickets: whatever is shown or changed comes from here."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def tickets(self, visit: Visit) -> list[Row]:
        """Return the visitor's tickets, the newest first. Raises `LoggedOut`."""
        async with self._parts.store.transaction() as tx:
            found = await tx.own_tickets(_whose(visit), MOST_TICKETS)
            first = await tx.messages([each.problem[0] for each in found if each.problem])
            departments = await tx.departments()
        policy = replace(self._parts.policy, departments=departments)
        return [
            self._row(visit, each, each.ticket, first, policy)
            for each in found
            if each.ticket is not None
        ]

    async def ticket(self, visit: Visit) -> Owned:
        """Return the ticket that the request's path names.

        Raises `LoggedOut`, and `NotThere` for what is not there or somebody else's.
        """
        id_ = ConversationId(visit.request.path_params["ticket"])
        async with self._parts.store.transaction() as tx:
            found = await tx.own_ticket(_whose(visit), id_)
            if found is None:
                raise NotThere
            said = [each for each in await tx.messages_in(found.id) if each.part is not Part.NOTE]
            policy = replace(self._parts.policy, departments=await tx.departments())
        merged = found.merged_into is not None
        return Owned(
            conversation=found,
            department=policy.department(found.department),
            said=tuple(said),
            title=title_of(found, said[:1]),
            takes_words=not merged and found.takes(self._parts.clock.now(), policy),
        )

    async def goes_on_in(self, visit: Visit, ticket: Owned) -> Row | None:
        """Return the ticket in which a merged one goes on, if that is theirs, too."""
        into = ticket.conversation.merged_into
        return next((r for r in await self.tickets(visit) if r.path.endswith(f"/{into}")), None)

    def shown(self, visit: Visit, ticket: Owned) -> list[ShownMessage]:
        """Return what was said in a ticket, as its page shows it."""
        zone = ticket.department.hours.zone
        return [
            ShownMessage(
                by=clean_name(each.author),
                when=self._parts.phrasebook.stamp(visit.language, each.at, zone),
                is_own=each.side is Side.CUSTOMER,
                text=each.text,
                is_edited=each.edited_at is not None,
                files=tuple(
                    self._file(visit, ticket, each.id, number, file)
                    for number, file in enumerate(each.attachments)
                ),
            )
            for each in ticket.said
            if each.text or each.attachments  # else somebody took it back
        ]

    async def departments(self) -> Sequence[Department]:
        """Return the departments, the first one first."""
        async with self._parts.store.transaction() as tx:
            return await tx.departments()

    def hours(self, visit: Visit, department: Department) -> str:
        """Return whether anybody is there now, and until or from when."""
        at, hours = self._parts.clock.now(), department.hours
        phrase, moment = Phrase.STATUS_OPENS, next_opening(hours, at)
        if is_open(hours, at):
            phrase, moment = Phrase.STATUS_OPEN_UNTIL, closes_at(hours, at)
        if moment is None:
            return ""
        words = Words(phrase=phrase, moment=moment, now=at, zone=hours.zone)
        return self._parts.phrasebook.say(visit.language, words)

    def stamp(self, visit: Visit, at: datetime, department: Department) -> str:
        """Return a time as the visitor reads it."""
        return self._parts.phrasebook.stamp(visit.language, at, department.hours.zone)

    def _row(
        self,
        visit: Visit,
        each: Conversation,
        ticket: Ticket,
        first: dict[MessageId, Message],
        policy: Policy,
    ) -> Row:
        begun = [first[id_] for id_ in each.problem[:1] if id_ in first]
        return Row(
            path=path_of(each),
            id=ticket.id,
            title=title_of(each, begun),
            status=ticket.status,
            filed=self.stamp(visit, ticket.filed_at, policy.department(each.department)),
        )

    def _file(
        self, visit: Visit, ticket: Owned, message: MessageId, number: int, file: Attachment
    ) -> ShownFile:
        named = replace(file, name=clean_name(file.name), detail=clean_name(file.detail))
        carried = file.kind in CARRIED and bool(file.ref)
        return ShownFile(
            label=(named.name if carried else "")
            or self._parts.phrasebook.sent(visit.language, named),
            path=f"{ticket.path}/files/{name_of(message)}/{number}" if carried else "",
        )


async def is_said(tx: Transaction, id_: MessageId) -> ConversationId | None:
    """Return the conversation in which this was said; None if it was not."""
    found = (await tx.messages([id_])).get(id_)
    return None if found is None else found.conversation_id


def name_of(message: MessageId) -> str:
    """Return what a message is called in an address: nothing of what its platform calls it."""
    return hash_of(message)[:20]


def path_of(conversation: Conversation) -> str:
    """Return where a ticket's page is: its random id is in it, and nothing that can be guessed."""
    return f"/portal/tickets/{conversation.id}"


def title_of(conversation: Conversation, said: Sequence[Message]) -> str:
    """Return what a ticket is about, in its customer's words; how agents call it is their own."""
    title = clean_name(conversation.mail_subject, _LONGEST_TITLE)
    for each in said:
        title = title or each.text.first_words(_LONGEST_TITLE)
    return title or (conversation.ticket.id if conversation.ticket else "")


def _whose(visit: Visit) -> str:
    if not visit.email:
        raise LoggedOut
    return visit.email
