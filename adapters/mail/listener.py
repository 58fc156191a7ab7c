"""Has the mails that are kept become events: each is read, judged, and received by the desk."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from adapters.mail.own import Own
from adapters.mail.parse import NothingToDo, message_id, parse
from adapters.mail.reading import read
from adapters.mail.tokens import Tokens
from adapters.mail.trust import judge
from core.events import CustomerEdited, CustomerMailed
from core.mail_port import Extent, KeptMail, MailRecord, MailState
from core.message import Message
from core.policy import Department
from core.ports import Clock, Incoming, Store

Receive = Callable[[Sequence[Incoming]], Awaitable[None]]

_AT_ONCE = 20
"""How many mails are looked up at a time; their bytes are in memory one by one."""

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Trust:
    """By what the desk knows its own mail, and others'."""

    tokens: Tokens
    own: Callable[[Sequence[Department]], Own]
    """Which addresses are ours, given the departments."""
    authserv_id: str
    """Our mail server's name, whose word on senders is believed; or empty."""


class MailListener:
    """Takes what is kept of a mailbox to the desk."""

    def __init__(self, store: Store, receive: Receive, clock: Clock, trust: Trust) -> None:
        self._store = store
        self._receive = receive
        self._clock = clock
        self._trust = trust

    async def take(self) -> None:
        """Take all new mails to the desk, oldest first; what cannot be read stops none other.

        Raises what the desk raises when it cannot store an event: the mail stays new.
        """
        while True:
            async with self._store.transaction() as tx:
                records = await tx.mails_to_take(_AT_ONCE)
                departments = await tx.departments()
            if not records:
                return
            for record in records:
                await self._take(record, departments)

    async def _take(self, record: MailRecord, departments: Sequence[Department]) -> None:
        async with self._store.transaction() as tx:
            kept = await tx.mail(record.key)
            said = (await tx.messages([message_id(record.key)])).get(message_id(record.key))
        if kept is None:
            return
        state, error = MailState.TAKEN, ""
        try:
            # A large mail takes a while, in which others want to be served.
            incoming = await asyncio.to_thread(self._read, kept, departments)
        except NothingToDo as reason:
            state, error = MailState.SKIPPED, str(reason)
        except Exception as failure:  # a mail that the desk cannot bear must not stop the others
            _log.exception("mail_unreadable", mail=record.key)
            state, error = MailState.UNREADABLE, repr(failure)
        else:
            await self._receive(_again(incoming, said) if said else [incoming])
            if isinstance(incoming.event, CustomerMailed) and incoming.event.damage:
                state, error = MailState.UNREADABLE, incoming.event.damage
        async with self._store.transaction() as tx:
            await tx.mark_mail(record.key, state, error)

    def _read(self, kept: KeptMail, departments: Sequence[Department]) -> Incoming:
        trust, record = self._trust, kept.record
        letter = read(kept.raw)
        if not letter.damaged:
            letter = replace(letter, damaged=_missing(record))
        own = trust.own(departments)
        judgement = judge(
            letter, kept.raw, tokens=trust.tokens, own=own, authserv_id=trust.authserv_id
        )
        return parse(record.key, letter, judgement, self._clock.now(), departments)


def _missing(record: MailRecord) -> str:
    """Return what is not here of a mail; empty where all of it is."""
    return "" if record.extent is Extent.WHOLE else record.error


def _again(incoming: Incoming, said: Message) -> list[Incoming]:
    """Return what a mail says that was taken before, if it reads differently now."""
    event = incoming.event
    if not isinstance(event, CustomerMailed) or event.text == said.text:
        return []
    edited = CustomerEdited(at=event.at, message_id=event.message_id, text=event.text)
    return [replace(incoming, key=f"{incoming.key}:{event.at.isoformat()}", event=edited)]
