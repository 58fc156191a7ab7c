"""Which conversation wants to be woken next."""

from collections.abc import Mapping
from datetime import datetime
from heapq import heappop, heappush

from core.conversation import Conversation
from core.ids import ConversationId


class Wakes:
    """Wake times in order; one that no longer holds is dropped when its turn comes."""

    def __init__(self, conversations: Mapping[ConversationId, Conversation]) -> None:
        self._conversations = conversations
        self._heap: list[tuple[datetime, ConversationId]] = []
        for each in conversations.values():
            self.add(each)

    def add(self, conversation: Conversation) -> None:
        """Take note of its wake time, if it has one."""
        if conversation.wake is not None:
            heappush(self._heap, (conversation.wake.at, conversation.id))

    def due(self, at: datetime, limit: int) -> list[ConversationId]:
        """Return whose wake time has come, the longest overdue first."""
        found: dict[ConversationId, datetime] = {}
        while len(found) < limit and (first := self.first()) is not None and first <= at:
            moment, id_ = heappop(self._heap)
            found[id_] = moment
        for id_, moment in found.items():
            heappush(self._heap, (moment, id_))
        return list(found)

    def first(self) -> datetime | None:
        """Return the earliest wake time."""
        while self._heap:
            moment, id_ = self._heap[0]
            wake = self._conversations[id_].wake
            if wake is not None and wake.at == moment:
                return moment
            heappop(self._heap)
        return None
