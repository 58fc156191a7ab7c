"""What was said, and what was seen of it: each promise is checked as soon as it could break."""

import asyncio
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import count

from core.attempt import Attempt
from core.channel_port import Delivered
from core.effects import Effect, Mail, MailKind, OpenThread, Relay
from core.errors import GiveUp
from core.events import AgentWrote, TimerFired
from core.ids import ConversationId, DeliveryId, MessageId, TicketId
from core.message import Message, Part
from core.outbox import AGENTS, Delivery, Outgoing
from core.ports import Changes

WAKES_WITHIN = timedelta(seconds=1)
"""By how much a wake time may be overslept."""


class Ledger:
    """The witness of a run.

    It does not raise: whoever calls a channel takes an exception for the platform's.
    """

    def __init__(self) -> None:
        self.broken = asyncio.Event()
        """Set when what is heard does not fit what was promised."""
        self.what_broke = ""
        self.largest_backlog = 0
        self.planned: dict[DeliveryId, Delivery] = {}
        """What is to be delivered and has not ended."""
        self.handed_over: dict[MessageId, datetime] = {}
        """When it was decided that agents are shown a message."""
        self.tickets: dict[ConversationId, TicketId] = {}
        self._under_way: dict[str, DeliveryId] = {}
        self._relays: dict[MessageId, DeliveryId] = {}
        """What carries a customer's message to the agents."""
        self._excused: Counter[DeliveryId] = Counter()
        self._numbers: dict[MessageId, int] = {}
        self._next_number = count(1)
        self._awaited: dict[MessageId, None] = {}
        self._seen: defaultdict[tuple[str, ConversationId], set[MessageId]] = defaultdict(set)
        self._latest: Counter[tuple[str, ConversationId]] = Counter()
        self._threads: set[ConversationId] = set()
        self._wakes: dict[ConversationId, datetime] = {}
        self._filed: set[ConversationId] = set()
        self._trace = blake2b(digest_size=16)

    @property
    def trace(self) -> str:
        """What identifies the course that the run has taken so far."""
        return self._trace.hexdigest()

    @property
    def settled(self) -> bool:
        """Whether everything that was written has been read, and nothing is under way."""
        return not self._awaited and not self.planned

    # What people do

    def written(self, message_id: MessageId, *, awaited: bool) -> None:
        """Take note that somebody wrote; *awaited*: the other side must read it in the end."""
        if message_id not in self._numbers:
            self._numbers[message_id] = next(self._next_number)
            if awaited:
                self._awaited[message_id] = None

    # What the desk does

    def committed(self, changes: Changes) -> None:
        """Check what a batch of decisions has left behind."""
        for entry in changes.journal:
            match entry.what:
                case TimerFired(at=at):
                    self._woken(entry.conversation_id, at)
                case AgentWrote(message_id=said) if not changes.conversations[
                    entry.conversation_id
                ].reachable:
                    self._awaited.pop(said, None)
        for id_, conversation in changes.conversations.items():
            if conversation.ticket is not None:
                self._hold(
                    self.tickets.setdefault(id_, conversation.ticket.id) == conversation.ticket.id,
                    f"a second ticket for {id_}",
                )
            if conversation.wake is None:
                self._wakes.pop(id_, None)
            else:
                self._wakes[id_] = conversation.wake.at
        for delivery in changes.deliveries:
            self._plan(delivery)
        self.largest_backlog = max(self.largest_backlog, len(self.planned))

    def reported(self, attempt: Attempt) -> None:
        """Take note of how a call has ended."""
        delivery = attempt.outgoing.delivery
        self._note("ended", delivery.id, type(attempt.end).__name__)
        if isinstance(attempt.end, Delivered | GiveUp):
            self.planned.pop(delivery.id, None)
            for each in attempt.outgoing.with_messages:
                self.planned.pop(self._relays.pop(each.id, delivery.id), None)
        if isinstance(attempt.end, GiveUp) and delivery.message_id is not None:
            self._awaited.pop(delivery.message_id, None)

    def rung(self, now: datetime, next_wake: datetime | None) -> None:
        """Check that nobody was left asleep when the alarm has rung."""
        in_time = next_wake is None or next_wake > now - WAKES_WITHIN
        self._hold(in_time, f"nobody was woken at {next_wake}")

    # What platforms see

    def called(self, outgoing: Outgoing) -> None:
        """Check a call before it is carried out."""
        delivery = outgoing.delivery
        self._hold(delivery.id in self.planned, f"{delivery.id} is not from the outbox")
        other = self._under_way.setdefault(delivery.lane, delivery.id)
        self._hold(other == delivery.id, f"{delivery.id} overtakes {other}")
        for message in _shown(outgoing):
            mine = message.conversation_id == outgoing.conversation.id
            self._hold(mine, f"{message.id} goes to somebody else's {delivery.place}")
            inside = delivery.channel == AGENTS or message.part is not Part.NOTE
            self._hold(inside, f"the note {message.id} goes to the customer")

    def over(self, outgoing: Outgoing) -> None:
        """Take note that a call has ended, whatever its end."""
        self._under_way.pop(outgoing.delivery.lane, None)

    def excuse(self, outgoing: Outgoing) -> None:
        """Allow one more copy: the desk was left in doubt, on a platform that cannot be asked."""
        self._excused[outgoing.delivery.id] += 1

    def took(self, outgoing: Outgoing) -> None:
        """Check what now stands on a platform for people to read."""
        delivery = outgoing.delivery
        self._note("took", delivery.channel, delivery.place, delivery.id)
        if isinstance(delivery.effect, OpenThread):
            talk = delivery.conversation_id
            self._hold(talk not in self._threads, f"{talk} has a second thread")
            self._threads.add(talk)
        for message in _shown(outgoing):
            self._read(outgoing, message)

    def died(self) -> None:
        """Take note that the process ended: what was under way leaves the next one in doubt."""
        self._excused.update(self._under_way.values())
        self._under_way.clear()

    def finish(self) -> None:
        """Check at the end that nothing is missing."""
        self._hold(not self._awaited, f"lost: {', '.join(list(self._awaited)[:5])}")
        self._hold(not self.planned, f"never delivered: {', '.join(list(self.planned)[:5])}")

    def _plan(self, delivery: Delivery) -> None:
        self._note("planned", delivery.id, delivery.lane)
        self.planned[delivery.id] = delivery
        match delivery.effect:
            case OpenThread() | Relay() if delivery.channel == AGENTS and delivery.message_id:
                self.handed_over[delivery.message_id] = delivery.created_at
                self._relays[delivery.message_id] = delivery.id
            case Mail(kind=MailKind.TICKET_FILED):
                talk = delivery.conversation_id
                self._hold(talk not in self._filed, f"{talk} is filed twice")
                self._filed.add(talk)

    def _read(self, outgoing: Outgoing, message: Message) -> None:
        delivery = outgoing.delivery
        side = delivery.channel, delivery.conversation_id
        if message.id in self._seen[side]:
            self._excused[delivery.id] -= 1
            self._hold(
                delivery.channel != AGENTS and self._excused[delivery.id] >= 0,
                f"{message.id} is doubled in {delivery.place}",
            )
            return
        number = self._numbers[message.id]
        self._hold(number > self._latest[side], f"{message.id} is out of order in {side}")
        self._latest[side] = number
        self._seen[side].add(message.id)
        self._awaited.pop(message.id, None)

    def _woken(self, talk: ConversationId, at: datetime) -> None:
        due = self._wakes.get(talk, at)
        self._hold(at <= due + WAKES_WITHIN, f"{talk} was woken at {at}, due at {due}")

    def _note(self, *what: str) -> None:
        at = asyncio.get_running_loop().time()
        self._trace.update(f"{at!r} {' '.join(what)}\n".encode())

    def _hold(self, kept: bool, otherwise: str) -> None:
        if not kept and not self.what_broke:
            self.what_broke = f"{otherwise} ({asyncio.get_running_loop().time():.3f} s)"
            self.broken.set()


def _shown(outgoing: Outgoing) -> tuple[Message, ...]:
    """Return the messages that a call puts before people, in order."""
    if not _shows_words(outgoing.delivery.effect):
        return ()
    alone = (outgoing.message,) if outgoing.message is not None else ()
    return outgoing.with_messages or alone


def _shows_words(effect: Effect) -> bool:
    return isinstance(effect, OpenThread | Relay | Mail)
