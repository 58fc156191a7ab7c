"""Tickets: how a conversation goes on as one, and what its ID looks like."""

import pytest

from core.conversation import Conversation, Stage
from core.message import Side
from core.ticket import ALPHABET, FiledBecause, TicketStatus, ticket_id
from tests.support.builders import MILA, NIGHT, contact, conversation, known, policy
from tests.support.play import (
    Line,
    agent,
    customer,
    fails,
    files,
    leaves,
    passes,
    play,
    resolves,
    takes,
)


def filed_at_night(*script: Line, start: Conversation | None = None) -> Conversation:
    """Play on from a question that was asked at night."""
    return play(
        start or conversation(known(), opened_at=NIGHT),
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


def status(filed: Conversation) -> TicketStatus | None:
    return filed.ticket.status if filed.ticket else None


def test_a_ticket_is_answered_in_the_chat_and_by_mail() -> None:
    """Wherever the customer looks first, the answer is there."""
    answered = filed_at_night(
        (
            agent("Have a look"),
            "customer < Have a look",
            "mail: answer, Have a look",
            "agents: card updated",
        ),
        (agent("And here"), "customer < And here", "mail: answer, And here"),
    )

    assert answered.stage is Stage.TICKETED
    assert status(answered) is TicketStatus.ANSWERED
    assert answered.assignee == MILA
    assert answered.waiting_since is None


def test_a_ticket_without_an_address_is_answered_in_the_chat() -> None:
    """No mail is promised and none is written."""
    play(
        conversation(contact(), opened_at=NIGHT),
        policy(),
        (customer("My site is down"),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
        (passes(minutes=30), "agents: card", "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_HERE"),
        (agent("Have a look"), "customer < Have a look", "agents: card updated"),
    )


def test_the_customer_goes_on_in_the_chat() -> None:
    """Their words reach the thread, and the ticket says who has to act next."""
    waiting = filed_at_night(
        (customer("Is anybody there"), "agents < Is anybody there", "agents: card updated"),
        (customer("Please"), "agents < Please"),
    )

    assert status(waiting) is TicketStatus.CUSTOMER_REPLY


def test_thanks_do_not_make_a_ticket_wait_for_us() -> None:
    """An answered ticket stays answered."""
    answered = filed_at_night(
        (agent("Done"), "customer < Done", "mail: answer, Done", "agents: card updated"),
        (customer("Hvala!"), "agents < Hvala!"),
    )

    assert status(answered) is TicketStatus.ANSWERED


def test_an_agent_can_file_a_ticket_at_any_time() -> None:
    """The customer hears who did it; pressing again does nothing."""
    filed = play(
        conversation(known()),
        policy(),
        (customer("My site is down"),),
        (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD"),
        (
            files(),
            "desk: TICKET_BY_AGENT, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
            "agents: card updated",
            "agents: AGENTS_TICKET_MAILED",
        ),
        (files(),),
    )

    assert filed.ticket is not None
    assert filed.ticket.because is FiledBecause.AGENT


def test_a_ticket_that_is_taken_says_so() -> None:
    """A ticket has an assignee like any conversation."""
    filed_at_night((takes(), "desk: AGENT_TOOK", "agents: card updated", "agents: AGENTS_TAKEN"))


CLOSED: Line = (
    resolves(),
    "desk: RESOLVED",
    "mail: ticket-closed",
    "agents: card updated",
    "agents: AGENTS_RESOLVED",
)


def test_a_resolved_ticket_is_closed_and_the_customer_is_told_both_ways() -> None:
    """The conversation ends with its ticket."""
    over = filed_at_night(CLOSED)

    assert over.stage is Stage.RESOLVED
    assert status(over) is TicketStatus.CLOSED


def test_a_closed_ticket_is_the_same_ticket_when_the_customer_writes_again() -> None:
    """Reopened, with the ID that the customer knows."""
    again = filed_at_night(
        CLOSED,
        (
            customer("It is back"),
            "agents < It is back",
            "agents: card updated",
            "agents: AGENTS_REOPENED",
            "desk: REOPENED",
        ),
    )

    assert again.stage is Stage.TICKETED
    assert status(again) is TicketStatus.CUSTOMER_REPLY


def test_an_answer_after_the_end_opens_the_ticket_again() -> None:
    """It goes both ways, as before."""
    again = filed_at_night(
        CLOSED,
        (agent("Wait"), "customer < Wait", "mail: answer, Wait", "agents: card updated"),
    )

    assert status(again) is TicketStatus.ANSWERED


def test_a_ticket_whose_customer_left_the_chat_goes_on_by_mail() -> None:
    """Nothing new is filed, and agents know why the chat is silent."""
    filed_at_night(
        (leaves(), "agents: AGENTS_CUSTOMER_LEFT"),
        (agent("Done"), "mail: answer, Done", "agents: card updated"),
        (fails(Side.CUSTOMER, "Done", by_mail=True), "agents: AGENTS_MAIL_FAILED"),
        (resolves(), "mail: ticket-closed", "agents: card updated", "agents: AGENTS_RESOLVED"),
    )


@pytest.mark.parametrize("number", range(len(ALPHABET)))
def test_an_id_can_be_read_aloud(number: int) -> None:
    """No letter is mistaken for another, whatever chance gives."""
    made = ticket_id("MNT", [number] * 9)

    assert made == f"MNT-{ALPHABET[number] * 5}"
    assert not set(made.removeprefix("MNT-")) & set("01OIL")
