"""What a run is measured by. Moments and spans are in seconds."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from bots.simulation.ledger import Ledger
from core.effects import OpenThread, Relay
from core.ids import ConversationId
from core.outbox import Outgoing


@dataclass(kw_only=True)
class Measures:
    """Filled in by the platforms' models while a run goes on."""

    ledger: Ledger
    start: float
    """The time of day (UTC timestamp) when the run began."""
    to_agents: list[tuple[float, float]] = field(default_factory=list)
    """When a customer's words could be read by agents, and how long after they were meant to."""
    by_customer: defaultdict[ConversationId, list[float]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """The same waits, by conversation."""
    first_answers: list[tuple[float, float]] = field(default_factory=list)
    """When a customer read the first answer, and how long after the agents had been told."""
    posts: Counter[str] = field(default_factory=Counter)
    """By room."""
    refused: int = 0
    """Calls that were answered with 429."""
    busy: float = 0.0
    """Seconds that agents' places were taken, all together."""
    begun: int = 0
    left: int = 0
    """Conversations that began, and customers who gave up waiting."""
    _told: dict[ConversationId, float] = field(default_factory=dict)

    def posted(self, outgoing: Outgoing, now: float) -> None:
        """Take note of a post in a room."""
        delivery = outgoing.delivery
        self.posts[delivery.place] += 1
        if isinstance(delivery.effect, OpenThread):
            self._told[delivery.conversation_id] = delivery.created_at.timestamp() - self.start
        if not isinstance(delivery.effect, OpenThread | Relay):
            return
        alone = (outgoing.message,) if outgoing.message is not None else ()
        for message in outgoing.with_messages or alone:
            meant = self.ledger.handed_over[message.id].timestamp() - self.start
            self.to_agents.append((now, now - meant))
            self.by_customer[delivery.conversation_id].append(now - meant)

    def answered(self, outgoing: Outgoing, now: float) -> None:
        """Take note of what a customer can read."""
        delivery = outgoing.delivery
        if isinstance(delivery.effect, Relay):
            told = self._told.pop(delivery.conversation_id, None)
            if told is not None:
                self.first_answers.append((now, now - told))
