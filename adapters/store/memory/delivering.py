"""The outbox: what is due, what is under way, and how it ended."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.store.memory.lanes import Row
from adapters.store.memory.part import Part
from core.effects import RelayEdit
from core.ids import ConversationId, DeliveryId, Receipt, Thread
from core.outbox import Delivery, DeliveryState, Outgoing


class Delivering(Part):
    """The part of a transaction that has deliveries carried out."""

    async def heads(
        self, at: datetime, limit: int, not_to: Collection[tuple[str, str]]
    ) -> list[Delivery]:
        """Return the first unfinished delivery of each lane, where it is due.

        Lanes whose first one is being sent are left out, and those to a (channel, place) of
        *not_to*. Oldest first.
        """
        return self._tables.lanes.heads(at, limit, not_to)

    async def behind(self, delivery: DeliveryId, limit: int) -> list[Delivery]:
        """Return the unfinished deliveries that come next in the same lane, in order."""
        return self._tables.lanes.behind(delivery, limit)

    async def join(self, ids: Sequence[DeliveryId]) -> None:
        """Make these one post for good: what becomes of the first one becomes of all."""
        tables = self._tables
        for each in ids:
            row = tables.deliveries[each]
            tables.put(tables.deliveries, each, replace(row, post=ids[0]))
        tables.put(tables.posts, ids[0], tuple(ids))

    async def begin(self, ids: Sequence[DeliveryId]) -> list[Outgoing]:
        """Mark these as being sent, count the attempt, and return all that sending them needs.

        The deliveries returned have the state they had before, so that one in doubt can be told.
        Of deliveries that were joined only the first one is named and returned.
        """
        rows = [self._tables.deliveries[each] for each in ids if each in self._tables.deliveries]
        begun = []
        for row in rows:
            if row.ended or row.delivery.state is DeliveryState.SENDING:
                continue
            self._mark(
                row.delivery.id, state=DeliveryState.SENDING, attempts=row.delivery.attempts + 1
            )
            begun.append(self._completed(row))
        return begun

    async def finish(self, delivery: DeliveryId, receipt: Receipt) -> None:
        """Mark a delivery as delivered."""
        self._end(delivery, state=DeliveryState.DELIVERED, receipt=receipt, reason="")

    async def set_thread(self, conversation: ConversationId, thread: Thread) -> None:
        """Write down which thread mirrors the conversation."""
        tables = self._tables
        tables.put(
            tables.conversations,
            conversation,
            replace(tables.conversations[conversation], thread=thread),
        )
        tables.put(tables.threads, thread, conversation)

    async def postpone(
        self, delivery: DeliveryId, state: DeliveryState, due_at: datetime, reason: str
    ) -> None:
        """Mark a delivery as pending or in doubt, to be looked at again at *due_at*."""
        self._mark(delivery, state=state, due_at=due_at, reason=reason)
        self._tables.lanes.rest(self._tables.deliveries[delivery])

    async def fail(self, delivery: DeliveryId, reason: str) -> None:
        """Mark a delivery as failed for good."""
        self._end(delivery, state=DeliveryState.FAILED, reason=reason)

    async def next_due(self) -> datetime | None:
        """Return when the next delivery that waits is due."""
        return self._tables.lanes.next_due()

    async def doubt_unfinished(self, at: datetime) -> int:
        """Mark all that was being sent when the process died as in doubt; return how many."""
        tables = self._tables
        sending = [
            row for row in tables.lanes.unfinished() if row.delivery.state is DeliveryState.SENDING
        ]
        for row in sending:
            doubted = replace(row.delivery, state=DeliveryState.IN_DOUBT, due_at=at, reason="")
            tables.put(tables.deliveries, doubted.id, replace(row, delivery=doubted))
            tables.lanes.rest(tables.deliveries[doubted.id])
        return len(sending)

    def _end(self, head: DeliveryId, **values: Any) -> None:
        self._mark(head, **values)
        self._tables.lanes.end(self._tables.deliveries[head])

    def _mark(self, head: DeliveryId, **values: Any) -> None:
        """Change a delivery, and all that was joined to it."""
        tables = self._tables
        for each in tables.posts.get(head, (head,)):
            row = tables.deliveries[each]
            changed = replace(row, delivery=replace(row.delivery, **values))
            tables.put(tables.deliveries, each, changed)

    def _completed(self, row: Row) -> Outgoing:
        """Return a delivery, as it was in *row*, with all that sending it needs."""
        tables, delivery = self._tables, row.delivery
        conversation = tables.conversations[delivery.conversation_id]
        contact = tables.contacts[conversation.contact.id]
        departments = tables.departments
        first = next(iter(departments.values()))
        pieces = self._pieces(delivery)
        post = _edited_post(delivery, pieces) or row.post
        together = (
            [tables.deliveries[each].delivery for each in tables.posts.get(post, ())]
            if post
            else []
        )
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
            ),
        )

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
