"""Tickets: how a conversation becomes one, and how it goes on."""

import pytest

from core.conversation import Conversation, Stage
from core.ticket import ALPHABET, FiledBecause, Ticket, TicketStatus, ticket_id
from tests.support.builders import MILA, NIGHT, conversation, known, policy
from tests.support.play import (
    Line,
    agent,
    customer,
    files,
    passes,
    play,
    resolves,
    takes,
)


def ticketed(*script: Line, proven_way: bool = True) -> Conversation:
    """Play on from a question that came at night."""
    who = known() if proven_way else known(email="")
    begun = conversation(who, opened_at=NIGHT, problem=("x",), stage=Stage.TICKETED)
    ...


def filed_at_night(*script: Line) -> Conversation:
    """Play on from a question that was asked at night."""
    return play(
        conversation(known(), opened_at=NIGHT),
        policy(),
        (customer("My site is down"),),
        (
            passes(seconds=2),
            "agents: card",
            "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
        ),
        *script,
    )
