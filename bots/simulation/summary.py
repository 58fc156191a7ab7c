"""What a run comes to, in figures. Spans are in seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from bots.simulation.figures import percentile
from bots.simulation.world import Outcome

PERCENTS = (50, 95, 99)


@dataclass(frozen=True)
class Waits:
    """The waits that so many percent did not exceed."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, waits: Sequence[float]) -> "Waits":
        """Work them out."""
        return cls(*(percentile(waits, each) for each in PERCENTS))


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The figures of one run."""

    conversations: int
    to_agents: Waits
    """From a customer's word, or the end of the questions, until agents can read it."""
    first_answer: Waits
    """From when agents were told until the customer can read the first answer."""
    tickets: int
    """Conversations that nobody answered in time, or that began while the desk was closed."""
    gave_up: int
    """Customers who had lost patience before the first answer."""
    posts: int
    refused: int
    largest_backlog: int
    """Deliveries that had been decided and not carried out."""
    fairness: float
    """The longest average wait of a customer for being read, against the median one."""
    agents_busy: float
    """The share of agents' places that were taken, over the whole run."""
    busiest_room: float
    """Posts a second in the busiest room, over the whole run."""


def summarise(outcome: Outcome) -> Summary:
    """Return the figures of a run."""
    measures, scenario = outcome.measures, outcome.scenario
    by_customer = [fmean(each) for each in measures.by_customer.values()] or [0.0]
    places = scenario.agents * scenario.chats
    return Summary(
        conversations=measures.begun,
        to_agents=Waits.of([wait for _, wait in measures.to_agents]),
        first_answer=Waits.of([wait for _, wait in measures.first_answers]),
        tickets=outcome.tickets,
        gave_up=measures.left,
        posts=sum(measures.posts.values()),
        refused=measures.refused,
        largest_backlog=outcome.largest_backlog,
        fairness=max(by_customer) / (median(by_customer) or 1.0),
        agents_busy=measures.busy / (places * scenario.seconds),
        busiest_room=max(measures.posts.values(), default=0) / scenario.seconds,
    )
