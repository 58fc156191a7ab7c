"""The inbox, and all that a batch of events touches."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.store.memory.lanes import Row
from adapters.store.memory.part import Part
from adapters.store.memory.tables import Held, Tables
from core.automatic_mail import is_automatic
from core.contact import Contact, Identity
from core.conversation import Conversation, Stage
from core.effects import Effect, Relay
from core.ids import ContactId, ConversationId, MessageId, Thread, TicketId
from core.message import Message
from core.outbox import Delivery, DeliveryState
from core.policy import Department
from core.ports import AGAIN, Changes, Incoming, Unhandled


class Receiving(Part):
    """The part of a transaction that takes events in and has them decided."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._known: dict[ContactId, Contact] = {}
        """Contacts as this transaction has seen them."""

    async def admit(self, incoming: Sequence[Incoming], at: datetime) -> list[Incoming]:
        """Record the events in the inbox; return those not recorded before, each once, in order."""
        admitted = []
        for each in incoming:
            if each.key not in self._tables.inbox:
                self._tables.put(self._tables.inbox, each.key, at)
                admitted.append(each)
        return admitted

    async def recorded(self, keys: Collection[str]) -> set[str]:
        """Return those of these keys that the inbox has."""
        return {each for each in keys if each in self._tables.inbox}

    async def set_aside(self, incoming: Incoming, waits_for: str) -> None:
        """Keep an admitted event until what it refers to is there."""
        self._hold(incoming.key, incoming, waits_for=waits_for)

    async def take_up(self, waited_for: Iterable[str]) -> list[Incoming]:
        """Return the events set aside for any of these, oldest first; they are aside no more."""
        tables = self._tables
        keys = [key for each in waited_for for key in tables.waiting.get(each, ())]
        taken = sorted((tables.held[key] for key in keys), key=lambda held: held.seq)
        for key in keys:
            self._release(key)
        return [each.incoming for each in taken if isinstance(each.incoming, Incoming)]

    async def waits_over(self) -> list[str]:
        """Return what events were set aside for and is there by now."""
        return [each for each in self._tables.waiting if self._is_there(each)]

    async def unhandled(self, limit: int) -> list[Unhandled]:
        """Return the events that could not be handled, oldest first."""
        held = sorted(self._tables.held.items(), key=lambda each: each[1].seq)
        return [
            Unhandled(
                key=key,
                received_at=self._tables.inbox[key],
                error=each.error,
                is_readable=isinstance(each.incoming, Incoming),
            )
            for key, each in held
            if each.error
        ][:limit]

    async def handle_again(self, keys: Collection[str] | None = None) -> int:
        """Set events that could not be handled aside, to be taken up by the desk; return how many.

        Those with these keys, or all. Left out is what could not even be read.
        """
        again = [
            (key, each.incoming)
            for key, each in self._tables.held.items()
            if each.error and isinstance(each.incoming, Incoming) and (keys is None or key in keys)
        ]
        for key, incoming in again:
            self._hold(key, incoming, waits_for=AGAIN)
        return len(again)

    async def put_down(self, incoming: Incoming, error: str) -> None:
        """Mark an admitted event as one that the desk could not handle; its text is kept."""
        self._hold(incoming.key, incoming, error=error)

    async def keep_unreadable(self, key: str, raw: str, at: datetime) -> None:
        """Keep what a platform sent and nobody could read, for operators; once for each *key*."""
        self._tables.put(self._tables.inbox, key, at)
        self._hold(key, raw, error="unreadable")

    async def departments(self) -> tuple[Department, ...]:
        """Return the departments, the first one first."""
        return tuple(self._tables.departments.values())

    async def contacts(self, identities: Collection[Identity]) -> dict[Identity, Contact]:
        """Return what is known of the customers behind these identities."""
        tables = self._tables
        known = ((each, tables.identities.get(each)) for each in identities)
        found = {each: tables.contacts[id_] for each, id_ in known if id_ is not None}
        self._know(found.values())
        return found

    async def latest_conversations(
        self, identities: Collection[Identity]
    ) -> dict[Identity, Conversation]:
        """Return the newest conversation of each identity that has one."""
        newest = self._tables.newest
        return {each: self._load(newest[each][1]) for each in identities if each in newest}

    async def conversations_in(self, threads: Collection[Thread]) -> dict[Thread, Conversation]:
        """Return the conversations that these threads mirror."""
        known = self._tables.threads
        return {each: self._load(known[each]) for each in threads if each in known}

    async def open_threads(self, ended_since: datetime) -> dict[Thread, str]:
        """Return the threads of conversations that are not over, or ended only since then.

        With the mark of each, "" where there is none. Those in which something was said last come
        first.
        """
        tables = self._tables
        alive = [
            each
            for each in tables.conversations.values()
            if each.resolved_at is None or each.resolved_at > ended_since
        ]
        alive.sort(key=lambda each: (-tables.last_said.get(each.id, 0), each.id))
        threads = [each.thread for each in alive if each.thread is not None]
        return {each: tables.marks.get(each, "") for each in threads}

    async def mark_read(self, marks: Mapping[Thread, str]) -> None:
        """Write down up to where all is known of these threads, in the words of their platform."""
        for thread in marks.keys() & self._tables.threads.keys():
            self._tables.put(self._tables.marks, thread, marks[thread])

    async def conversations(
        self, ids: Collection[ConversationId]
    ) -> dict[ConversationId, Conversation]:
        """Return the conversations with these ids."""
        return {each: self._load(each) for each in ids if each in self._tables.conversations}

    async def messages(self, ids: Collection[MessageId]) -> dict[MessageId, Message]:
        """Return the messages with these ids."""
        kept = self._tables.messages
        return {each: kept[each] for each in ids if each in kept}

    async def pieces_of(self, ids: Collection[MessageId]) -> dict[MessageId, int]:
        """Return how many text pieces each of these messages was relayed in, if it was."""
        rows, carrying = self._tables.deliveries, self._tables.carrying
        counts = {
            each: sum(
                rows[id_].delivery.state not in (DeliveryState.FAILED, DeliveryState.DROPPED)
                for id_ in carrying.get(each, ())
            )
            for each in ids
        }
        return {each: count for each, count in counts.items() if count}

    async def is_ticket_taken(self, ticket_id: TicketId) -> bool:
        """Whether a ticket with this ID exists."""
        return ticket_id in self._tables.tickets

    async def save(self, changes: Changes) -> None:
        """Write a batch's changes; deliveries go to the end of their lanes, in order."""
        tables = self._tables
        # Only who was changed: another conversation of theirs may hold them as they were.
        changed = {
            each.contact.id: each.contact
            for each in changes.conversations.values()
            if self._known.get(each.contact.id) != each.contact
        }
        for contact in changed.values():
            tables.put(tables.contacts, contact.id, contact)
        self._known |= changed
        for conversation in changes.conversations.values():
            tables.keep(conversation)
        for message in changes.messages.values():
            self._say(message)
        for delivery in changes.deliveries:
            self._append(delivery)

    async def due(self, at: datetime, limit: int) -> list[ConversationId]:
        """Return conversations whose wake time has come, the longest overdue first."""
        return self._tables.wakes.due(at, limit)

    async def wakes_ahead(self, at: datetime, stages: Collection[Stage]) -> list[ConversationId]:
        """Return the conversations in these stages whose wake time is still to come."""
        talks = self._tables.conversations.values()
        return sorted(
            each.id for each in talks if each.stage in stages and each.wake and each.wake.at > at
        )

    async def next_wake(self) -> datetime | None:
        """Return the earliest wake time of all conversations."""
        return self._tables.wakes.first()

    def _say(self, message: Message) -> None:
        tables = self._tables
        if message.id not in tables.messages:
            tables.put(tables.last_said, message.conversation_id, len(tables.messages) + 1)
            tables.add(tables.said, message.conversation_id, message.id)
        tables.put(tables.messages, message.id, message)

    def _append(self, delivery: Delivery) -> None:
        tables = self._tables
        if delivery.id in tables.deliveries:
            raise ValueError(f"the id of a delivery must be unique: {delivery.id}")
        row = Row(delivery, len(tables.deliveries))
        tables.put(tables.deliveries, delivery.id, row)
        if delivery.message_id is not None and _is_text(delivery.effect):
            tables.add(tables.carrying, delivery.message_id, delivery.id)
        if is_automatic(delivery.effect):
            tables.put(tables.automatic, delivery.id, delivery)
        tables.lanes.append(row)

    def _load(self, id_: ConversationId) -> Conversation:
        conversation = self._tables.conversations[id_]
        contact = self._tables.contacts[conversation.contact.id]
        self._known[contact.id] = contact
        if conversation.contact is contact:
            return conversation
        return replace(conversation, contact=contact)

    def _know(self, found: Iterable[Contact]) -> None:
        self._known |= {each.id: each for each in found}

    def _hold(
        self, key: str, what: Incoming | str, *, waits_for: str | None = None, error: str = ""
    ) -> None:
        self._release(key)
        tables = self._tables
        held = Held(seq=next(tables.numbers), incoming=what, waits_for=waits_for, error=error)
        tables.put(tables.held, key, held)
        if waits_for is not None:
            tables.add(tables.waiting, waits_for, key)

    def _release(self, key: str) -> None:
        tables = self._tables
        held = tables.held.get(key)
        if held is None:
            return
        tables.drop(tables.held, key)
        if held.waits_for is not None:
            tables.drop(tables.waiting[held.waits_for], key)
            if not tables.waiting[held.waits_for]:
                tables.drop(tables.waiting, held.waits_for)

    def _is_there(self, waited_for: str) -> bool:
        if waited_for == AGAIN:
            return True
        kind, _, name = waited_for.partition(":")
        known = self._tables.threads if kind == "thread" else self._tables.messages
        return name in known


def _is_text(effect: Effect) -> bool:
    """Whether it relays a message's words, rather than a file or an edit, or that once more."""
    match effect:
        case Relay(piece=piece, again=False):
            return piece is None or piece.attachment is None
    return False
