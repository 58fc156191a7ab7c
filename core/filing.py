"""A request that is a ticket from its first word: it came where there is no chat to talk in."""

from core.conversation import Conversation, Stage
from core.effects import Effect, OpenThread, Relay
from core.events import CustomerAsked, CustomerMailed
from core.intake import FITS_ON_CARD
from core.message import Side
from core.policy import Policy
from core.ticket import FiledBecause, Ticket
from core.ticket_times import timed


def filed_at_once(
    now: Conversation,
    event: CustomerMailed | CustomerAsked,
    because: FiledBecause,
    policy: Policy,
    *,
    subject: str,
) -> tuple[Conversation, tuple[Effect, ...]]:
    """Return the ticket, and what shows it to the agents; nobody is asked anything."""
    on_card = 0 < len(event.text.text) <= FITS_ON_CARD and not event.attachments
    filed = now.evolve(
        stage=Stage.TICKETED,
        ticket=Ticket(id=event.fresh_ticket_id, filed_at=event.at, because=because),
        department=policy.department(now.department).key,
        problem=(*now.problem, event.message_id),
        has_problem=True,
        card_message=event.message_id if on_card else None,
        subject=subject or event.text.first_words(80),
        handed_over=True,
        reachable=False,
        question=None,
        wake=None,
        waiting_since=event.at,
    )
    rest = (
        Relay(to=Side.AGENTS, message_id=each)
        for each in filed.problem
        if each != filed.card_message
    )
    return timed(filed, event.at, policy), (OpenThread(), *rest)
