"""What is kept, in dictionaries, with a note of how to take back what a transaction changed."""

from bisect import insort
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Final, TypeVar

from adapters.store.memory.lanes import Lanes, Row
from adapters.store.memory.wakes import Wakes
from core.contact import Contact, Identity
from core.conversation import Conversation
from core.ids import ContactId, ConversationId, DeliveryId, MessageId, Thread, TicketId
from core.mail_port import Cursor, KeptMail
from core.message import Message
from core.outbox import Delivery
from core.passes_port import Pass
from core.policy import Department
from core.portal_port import LoginLink
from core.ports import Audit, Incoming
from core.web_port import Frame, Visit, WebFile

K = TypeVar("K")
V = TypeVar("V")

_ABSENT: Final = object()


@dataclass(frozen=True, kw_only=True)
class Held:
    """An event that was not handled, or what nobody could read."""

    seq: int
    incoming: Incoming | str
    waits_for: str | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Said:
    """An entry of a visitor's log, and whose words it has, if they are an agent's."""

    frame: Frame
    answer: MessageId | None


class Tables:
    """Everything. Only `put`, `drop` and `add` may change it: they know the way back.

    `lanes`, `wakes` and `answers` say the same once more in the order in which it is asked for;
    after a rollback, which is rare, they are made anew.
    """

    def __init__(self) -> None:
        self._undo: list[tuple[dict[Any, Any], Any, Any]] = []
        self.inbox: dict[str, datetime] = {}
        self.numbers = count()
        """The order in which events were held."""
        self.held: dict[str, Held] = {}
        self.waiting: dict[str, dict[str, None]] = {}
        """By what they wait for: the keys of held events."""
        self.contacts: dict[ContactId, Contact] = {}
        self.identities: dict[Identity, ContactId] = {}
        self.conversations: dict[ConversationId, Conversation] = {}
        self.newest: dict[Identity, tuple[datetime, ConversationId]] = {}
        self.begun: dict[Identity, dict[ConversationId, None]] = {}
        self.of_contact: dict[ContactId, dict[ConversationId, None]] = {}
        self.threads: dict[Thread, ConversationId] = {}
        self.marks: dict[Thread, str] = {}
        """How far each thread was read."""
        self.tickets: dict[TicketId, ConversationId] = {}
        self.messages: dict[MessageId, Message] = {}
        self.said: dict[ConversationId, dict[MessageId, None]] = {}
        self.last_said: dict[ConversationId, int] = {}
        """How many messages there were when the last one was said in a conversation."""
        self.deliveries: dict[DeliveryId, Row] = {}
        self.carrying: dict[MessageId, dict[DeliveryId, None]] = {}
        """By message: the deliveries of its text, in order."""
        self.automatic: dict[DeliveryId, Delivery] = {}
        """The mails that no person wrote, as they were decided."""
        self.posts: dict[DeliveryId, tuple[DeliveryId, ...]] = {}
        """Joined posts, by the delivery by which they are known."""
        self.doubted: dict[DeliveryId, None] = {}
        """What failed and may have arrived all the same."""
        self.departments: dict[str, Department] = {}
        self.audits: dict[int, Audit] = {}
        self.mails: dict[str, KeptMail] = {}
        self.fingerprints: dict[str, None] = {}
        """Of all mails."""
        self.cursors: dict[str, Cursor] = {}
        self.mail_keys: dict[bytes, datetime] = {}
        self.passes: dict[str, Pass] = {}
        self.visits: dict[str, Visit] = {}
        self.web_log: dict[str, dict[int, Said]] = {}
        """By visitor and place in the log."""
        self.web_keys: dict[tuple[str, str], int] = {}
        self.web_files: dict[str, WebFile] = {}
        self.login_links: dict[str, LoginLink] = {}
        self.links_to_mail: dict[str, None] = {}
        self._index()

    def put(self, table: dict[K, V], key: K, value: V) -> None:
        """Set *key* of one of the tables."""
        self._undo.append((table, key, table.get(key, _ABSENT)))
        table[key] = value

    def drop(self, table: dict[K, V], key: K) -> None:
        """Remove *key* from one of the tables, if it is there."""
        if key in table:
            self._undo.append((table, key, table.pop(key)))

    def add(self, table: dict[K, dict[V, None]], key: K, value: V) -> None:
        """Add *value* to the ordered set that stands under *key*."""
        if key not in table:
            self.put(table, key, {})
        self.put(table[key], value, None)

    def commit(self) -> None:
        """Keep what was changed."""
        self._undo.clear()

    def roll_back(self) -> None:
        """Take back what was changed since the last commit."""
        if not self._undo:
            return
        for table, key, before in reversed(self._undo):
            if before is _ABSENT:
                del table[key]
            else:
                table[key] = before
        self._undo.clear()
        self._index()

    def keep(self, conversation: Conversation) -> None:
        """Write a conversation, and all by which it is found."""
        id_, identity = conversation.id, conversation.identity
        before = self.conversations.get(id_)
        self.put(self.conversations, id_, conversation)
        if before is None:
            self.add(self.begun, identity, id_)
            self.add(self.of_contact, conversation.contact.id, id_)
            if identity not in self.identities:
                self.put(self.identities, identity, conversation.contact.id)
        place = (conversation.opened_at, id_)
        if identity not in self.newest or place > self.newest[identity]:
            self.put(self.newest, identity, place)
        if conversation.thread is not None:
            self.put(self.threads, conversation.thread, id_)
        if conversation.ticket is not None:
            self.put(self.tickets, conversation.ticket.id, id_)
        if conversation.wake is not None and (before is None or before.wake != conversation.wake):
            self.wakes.add(conversation)
        if conversation.answered_at and (before is None or before.answered_at is None):
            self._answered(conversation)

    def _index(self) -> None:
        self.lanes = Lanes(self.deliveries)
        self.wakes = Wakes(self.conversations)
        self.answers: defaultdict[tuple[str | None, int], list[tuple[datetime, ConversationId]]] = (
            defaultdict(list)
        )
        """By department and hour (UTC): when answered conversations were opened, in order."""
        for each in self.conversations.values():
            if each.answered_at:
                self._answered(each)

    def _answered(self, each: Conversation) -> None:
        insort(self.answers[each.department, each.opened_at.hour], (each.opened_at, each.id))
