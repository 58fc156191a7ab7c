"""The outbox: what is due, what is under way, and how it ended."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import dropwhile, islice
from typing import Any

from adapters.store.memory.lanes import Row
from adapters.store.memory.part import Part
from adapters.store.said_before import SHOWN
from core.effects import Mail, RelayEdit
from core.ids import ConversationId, DeliveryId, MessageId, Receipt, Thread
from core.message import Message
from core.outbox import SAID_BEFORE, Delivery, DeliveryState, Outgoing
from core.outbox_port import Failed, Heads, Postponed


class Delivering(Part):
    """The part of a transaction that has deliveries carried out."""

    async def heads(self, at: datetime, limit: int, not_to: Collection[tuple[str, str]]) -> Heads:
        """Return the first unfinished delivery of each lane, where it is not being sent.

        What was never attempted is due at once, whatever the clock said when it was decided. Left
        out are those to a (channel, place) of *not_to*, where the place "" is all of the channel.
        """
        return self._tables.lanes.heads(at, limit, not_to)

    async def claim(self, ids: Sequence[DeliveryId]) -> list[Delivery]:
        """Return those of these that have not ended and are not being sent, in order."""
        return [row.delivery for row in self._at_rest(ids)]

    async def behind(
        self, heads: Collection[DeliveryId], limit: int
    ) -> Mapping[DeliveryId, list[Delivery]]:
        """Return for each of these the unfinished deliveries that come next in its lane, in order.

        At most *limit* for each; one with nothing behind it is left out.
        """
        behind = {each: self._tables.lanes.behind(each, limit) for each in heads}
        return {each: found for each, found in behind.items() if found}

    async def join(self, posts: Collection[Sequence[DeliveryId]]) -> None:
        """Make each of these one post: what becomes of its first one becomes of all.

        Whatever was joined to that first one before, and is not named, stands on its own again.
        """
        tables = self._tables
        for post in posts:
            for each in tables.posts.get(post[0], ()):
                self._put(replace(tables.deliveries[each], post=None))
            tables.drop(tables.posts, post[0])
            if len(post) > 1:
                for each in post:
                    self._put(replace(tables.deliveries[each], post=post[0]))
                tables.put(tables.posts, post[0], tuple(post))

    async def begin(self, ids: Sequence[DeliveryId]) -> list[Outgoing]:
        """Mark these as being sent, count the attempt, and return all that sending them needs.

        The deliveries returned have the state they had before, so that one in doubt can be told.
        Of deliveries that were joined only the first one is named and returned.
        """
        begun = []
        for row in self._at_rest(ids):
            id_, attempts = row.delivery.id, row.delivery.attempts + 1
            self._mark(id_, state=DeliveryState.SENDING, attempts=attempts)
            begun.append(self._completed(row))
        return begun

    async def finish(self, receipts: Mapping[DeliveryId, Receipt]) -> None:
        """Mark deliveries as delivered, each with what the platform called it."""
        for each, receipt in receipts.items():
            self._mark(each, state=DeliveryState.DELIVERED, receipt=receipt, reason="")

    async def set_threads(self, threads: Mapping[ConversationId, Thread]) -> None:
        """Write down which threads mirror these conversations."""
        for id_, thread in threads.items():
            self._tables.keep(replace(self._tables.conversations[id_], thread=thread))

    async def postpone(self, postponed: Collection[Postponed]) -> None:
        """Mark deliveries as pending or in doubt, to be looked at again later."""
        for each in postponed:
            moved = {} if each.lane is None else {"lane": each.lane}
            self._mark(each.id, state=each.state, due_at=each.due_at, reason=each.reason, **moved)

    async def fail(self, failed: Collection[Failed]) -> None:
        """Mark deliveries as failed for good, each with its reason."""
        for each in failed:
            self._mark(each.id, state=each.state, reason=each.reason)
            if each.doubted:
                for member in self._tables.posts.get(each.id, (each.id,)):
                    self._tables.put(self._tables.doubted, member, None)

    async def withdraw(self, lane: str) -> list[Delivery]:
        """Drop all that is unfinished in a lane, under way or not; return it, in order."""
        withdrawn = self._tables.lanes.waiting_in(lane)
        for row in withdrawn:
            self._change(row, state=DeliveryState.DROPPED)
        return [self._tables.deliveries[row.delivery.id].delivery for row in withdrawn]

    async def hasten(self, at: datetime, beyond: datetime) -> None:
        """Have everything that waits for a moment after *beyond* due *at*.

        What is being sent or has ended waits for nothing.
        """
        for row in self._tables.lanes.unfinished():
            if row.delivery.state is not DeliveryState.SENDING and row.delivery.due_at > beyond:
                self._change(row, due_at=at)

    async def doubt_unfinished(self, at: datetime) -> int:
        """Mark all that was being sent when the process died as in doubt; return how many."""
        rows = self._tables.lanes.unfinished()
        sending = [row for row in rows if row.delivery.state is DeliveryState.SENDING]
        for row in sending:
            self._change(row, state=DeliveryState.IN_DOUBT, due_at=at, reason="")
        return len(sending)

    def _at_rest(self, ids: Sequence[DeliveryId]) -> list[Row]:
        known = self._tables.deliveries
        rows = [known[each] for each in ids if each in known]
        return [
            row for row in rows if not row.ended and row.delivery.state is not DeliveryState.SENDING
        ]

    def _mark(self, head: DeliveryId, **values: Any) -> None:
        """Change a delivery, and all that was joined to it."""
        for each in self._tables.posts.get(head, (head,)):
            self._change(self._tables.deliveries[each], **values)

    def _change(self, row: Row, **values: Any) -> None:
        """Change a delivery, and what is first in its lane and in the one that it goes to."""
        changed = replace(row, delivery=replace(row.delivery, **values))
        self._put(changed)
        lanes, before = self._tables.lanes, row.delivery.lane
        if changed.delivery.lane != before:
            lanes.append(changed)
        if changed.ended or changed.delivery.lane != before:
            lanes.leave(before)
        else:
            lanes.rest(changed)

    def _put(self, row: Row) -> None:
        self._tables.put(self._tables.deliveries, row.delivery.id, row)

    def _completed(self, row: Row) -> Outgoing:
        """Return a delivery, as it was in *row*, with all that sending it needs."""
        tables, delivery = self._tables, row.delivery
        conversation = tables.conversations[delivery.conversation_id]
        contact = tables.contacts[conversation.contact.id]
        departments = tables.departments
        first = next(iter(departments.values()))
        pieces = self._pieces(delivery) if isinstance(delivery.effect, RelayEdit) else []
        post = _edited_post(delivery, pieces) or row.post
        together = (
            [tables.deliveries[each].delivery for each in tables.posts.get(post, ())]
            if post
            else []
        )
        answers = delivery.effect.message_ids if isinstance(delivery.effect, Mail) else ()
        others = tables.of_contact[contact.id]
        return Outgoing(
            delivery=delivery,
            conversation=replace(conversation, contact=contact),
            department=departments.get(conversation.department or "", first),
            message=tables.messages.get(delivery.message_id) if delivery.message_id else None,
            receipts=tuple(each.delivery.receipt for each in pieces if each.delivery.receipt),
            earlier=sum(
                tables.conversations[each].opened_at < conversation.opened_at for each in others
            ),
            with_messages=tuple(
                tables.messages[each.message_id] for each in together if each.message_id
            )
            or tuple(tables.messages[each] for each in answers if len(answers) > 1),
            said_before=self._said_before(answers),
        )

    def _said_before(self, answers: tuple[MessageId, ...]) -> tuple[Message, ...]:
        """Return what both sides said last before the last of a mail's answers."""
        tables = self._tables
        if not answers or answers[-1] not in tables.messages:
            return ()
        said = reversed(tables.said[tables.messages[answers[-1]].conversation_id])
        older = dropwhile(lambda each: each != answers[-1], said)
        others = (tables.messages[each] for each in older if each not in answers)
        shown = [*islice((each for each in others if each.part in SHOWN), SAID_BEFORE)]
        return tuple(reversed(shown))

    def _pieces(self, delivery: Delivery) -> list[Row]:
        """Return the text pieces of the same message that the same channel has delivered."""
        if delivery.message_id is None:
            return []
        tables = self._tables
        carrying = tables.carrying.get(delivery.message_id, ())
        rows = (tables.deliveries[each] for each in carrying)
        return [
            row
            for row in rows
            if row.delivery.channel == delivery.channel
            and row.delivery.state is DeliveryState.DELIVERED
        ]


def _edited_post(delivery: Delivery, pieces: Sequence[Row]) -> DeliveryId | None:
    """Return by which delivery the joined post is known that an edit changes, if it does."""
    match delivery.effect:
        case RelayEdit(number=number) if number < len(pieces):
            return pieces[number].post
    return None
