"""What the house's programs ask for: a ticket, a word in one, a look at one."""

import asyncio
import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from weakref import WeakValueDictionary

from adapters.api.models import NewMessage, NewTicket
from adapters.api.problems import Flaw, Problem, wrong
from core.contact import Identity
from core.conversation import Agent, Conversation
from core.desk import Desk
from core.email_address import Refused, read_email
from core.events import AgentPrioritised, CustomerAsked, CustomerReplied, Event
from core.ids import AgentId, MessageId, TicketId
from core.message import Message
from core.ports import About, Clock, FromCustomer, Incoming, Origin, Store
from core.public import is_public
from core.richtext import clean_name, plain
from core.ticket import Priority
from core.ticket_life import LONGEST_SUBJECT

CHANNEL: Final = "api"
"""What identities, messages and events are called by that came this way; nothing goes back it."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as the desk knows it: told again, it is the same one."""

    key: str
    """Of the event."""
    message_id: MessageId
    """Made of the key and of what was asked: another request by the same key has another."""


def asked(program: str, key: str, what: NewTicket | NewMessage, ticket: str = "") -> Asked:
    """Return what a program's request is called that it knows by *key*."""
    name = _digest(program, key)
    content = _digest(ticket, json.dumps(what.model_dump(), sort_keys=True))
    return Asked(key=f"{CHANNEL}:{name}", message_id=MessageId(f"{CHANNEL}:{name}:{content[:16]}"))


class Requests:
    """Carries out what programs ask for."""

    def __init__(self, desk: Desk, store: Store, clock: Clock) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._turns = WeakValueDictionary[str, asyncio.Lock]()
        """Those who ask by the same key are answered one after the other."""

    async def departments(self) -> list[str]:
        """Return the departments' keys, the first one first."""
        async with self._store.transaction() as tx:
            return [each.key for each in await tx.departments()]

    async def find(self, ticket: str) -> tuple[Conversation, list[Message]]:
        """Return a ticket, and what both sides said in it, in order. Raises `Problem`."""
        found = await self._ticket(ticket)
        async with self._store.transaction() as tx:
            said = await tx.messages_in(found.id)
        return found, [each for each in said if is_public(each)]

    async def open(self, wanted: NewTicket, known_as: Asked, program: str) -> TicketId:
        """Open a ticket, or return the one that this request has opened. Raises `Problem`."""
        email = await self._checked(wanted)
        name, now = clean_name(wanted.name), self._clock.now()
        origin = FromCustomer(
            identity=Identity(CHANNEL, email.lower()), name=name, language=wanted.language
        )
        event = CustomerAsked(
            at=now,
            message_id=known_as.message_id,
            sent_at=now,
            name=name,
            email=email,
            text=plain(wanted.text),
            subject=clean_name(wanted.subject, LONGEST_SUBJECT),
            department=wanted.department,
            as_ticket=True,
        )
        said = await self._tell(known_as, origin, event)
        async with self._store.transaction() as tx:
            opened = (await tx.conversations([said.conversation_id]))[said.conversation_id]
        if opened.ticket is None:
            raise LookupError(f"conversation {opened.id} is no ticket")
        if (hurries := Priority(wanted.priority)) is not Priority.MEDIUM:
            agent = Agent(AgentId(f"{CHANNEL}:{program}"), program)
            priority = AgentPrioritised(at=now, agent=agent, priority=hurries)
            key, about = f"{known_as.key}:priority", About(opened.id)
            await self._desk.receive([Incoming(key=key, origin=about, event=priority)])
        return opened.ticket.id

    async def say(self, ticket: str, wanted: NewMessage, known_as: Asked) -> Message:
        """Say something in a ticket in the customer's name, once. Raises `Problem`."""
        found = await self._ticket(ticket)
        now = self._clock.now()
        event = CustomerReplied(
            at=now, message_id=known_as.message_id, sent_at=now, text=plain(wanted.text)
        )
        return await self._tell(known_as, About(found.id), event)

    async def _tell(self, known_as: Asked, origin: Origin, event: Event) -> Message:
        """Tell the desk, and return what was said: now, or when it was told first."""
        async with self._turns.setdefault(known_as.key, asyncio.Lock()):
            return await self._tell_in_turn(known_as, origin, event)

    async def _tell_in_turn(self, known_as: Asked, origin: Origin, event: Event) -> Message:
        async with self._store.transaction() as tx:
            before = await tx.recorded([known_as.key])
        if not before:
            incoming = Incoming(key=known_as.key, origin=origin, event=event)
            await self._desk.receive([incoming])
        async with self._store.transaction() as tx:
            said = await tx.messages([known_as.message_id])
            after = await tx.recorded([known_as.key])
        if known_as.message_id in said:
            return said[known_as.message_id]
        if before:
            raise Problem(
                HTTPStatus.CONFLICT,
                "This Idempotency-Key belongs to another request. Take a new one for this.",
            )
        if not after:
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                "Too much was asked for this customer. Nothing was taken; try again in a minute.",
                headers={"Retry-After": "60"},
            )
        raise LookupError(f"event {known_as.key} could not be handled")

    async def _ticket(self, ticket: str) -> Conversation:
        async with self._store.transaction() as tx:
            found = await tx.ticket(TicketId(ticket)) if _may_be_one(ticket) else None
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, "There is no such ticket.")
        return found

    async def _checked(self, wanted: NewTicket) -> str:
        """Return the address, if all that a schema cannot say is right. Raises `Problem`."""
        flaws = []
        email = read_email(wanted.email)
        if isinstance(email, Refused) or len(wanted.email.split()) != 1:
            flaws.append(Flaw(pointer="/email", detail="No mail can be sent to this address."))
        if wanted.department is not None and wanted.department not in await self.departments():
            flaws.append(Flaw(pointer="/department", detail="There is no such department."))
        if flaws or isinstance(email, Refused):
            raise wrong(flaws)
        return email.address


def _may_be_one(ticket: str) -> bool:
    """Whether it looks like a ticket's ID; what does not is not asked of the database."""
    return len(ticket) <= 20 and ticket.isascii() and ticket.replace("-", "").isalnum()


def _digest(*parts: str) -> str:
    content = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()[:32]
