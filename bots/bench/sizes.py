"""How much is said in a bench."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What one run takes; the defaults are for the table of docs/benchmarks.md."""

    rounds: int = 5
    conversations: int = 100
    customers_burst: int = 4000
    """Messages from customers, all at once."""
    agents_burst: int = 4000
    """Messages from agents, all at once."""
    agents_spread: int = 600
    """Messages from agents, as many under way as a naive relay bears."""
    far: int = 600
    """Messages where each call takes a tenth of a second."""
    far_one_by_one: int = 40
    """The same, for a relay that handles one after the other."""
    to_get_to_know: int = 700
    """Agents' messages before that, at the same pace: 35 seconds."""
    paced: int = 60
    """Messages at twenty a second, per round, and way."""
    visitors: int = 100
    """Conversations with visitors of the website."""
    visited: int = 100
    """What they say per round, at fifty a second."""
    idle_visitors: int = 2000
    idle_for: float = 25.0
    """Seconds: in which each of them is asked once whether they are still there."""
    open_conversations: int = 10_000
    history: int = 1_000_000
    """Messages stored before."""
    with_history: int = 1000
    """Messages said to a desk with that history, and to one without."""
    rush: int = 600
    rush_customers: int = 200
    in_batches: int = 1000
