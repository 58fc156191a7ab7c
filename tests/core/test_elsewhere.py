"""What customers do in the portal: write, reopen, close; and what of it a chat hears."""

from datetime import timedelta
from typing import Any

import pytest

from core.contact import Identity
from core.conversation import Conversation, Stage, WakeFor
from core.events import Command
from core.message import Part
from core.said import message_of
from core.ticket import FiledBecause, TicketStatus
from tests.support.builders import MONDAY, NIGHT, contact, conversation, message_id, policy
from tests.support.play import (
    Line,
    agent,
    asks,
    commands,
    customer,
    goes_away,
    passes,
    play,
    presses,
    reopens,
    replies,
    resolves,
)

PORTAL = Identity("portal", "ana@example.com")
RESOLVED = (resolves(), "desk: RESOLVED", "mail: ticket-closed", "agents: card updated")


def in_chat(*script: Line, at: Any = NIGHT) -> Conversation:
    """Play on from a ticket that began in a chat."""
    return play(
        conversation(contact(offered_name=""), opened_at=at),
        policy(),
        (asks("My site is down"),),
        (
            passes(seconds=2),
            "agents: card",
            "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
        ),
        *script,
    )


def in_portal(*script: Line) -> Conversation:
    """Play on from a ticket that began in the portal."""
    return play(
        conversation(contact(offered_name=""), identity=PORTAL),
        policy(),
        (
            asks("My site is down", as_ticket=True, proven=True),
            "agents: card",
            "mail: ticket-filed",
        ),
        *script,
    )


def status(now: Conversation) -> TicketStatus | None:
    return now.ticket.status if now.ticket else None


def test_a_reply_is_the_customers_word() -> None:
    """Agents see it, and the ticket waits for them."""
    now = in_portal(
        (agent("Is it?"), "mail: answer, Is it?", "agents: card updated"),
        (replies("Yes"), "agents < Yes", "agents: card updated"),
    )

    assert status(now) is TicketStatus.CUSTOMER_REPLY
    assert not now.reachable


def test_a_reply_in_the_portal_does_not_say_that_the_chat_was_read() -> None:
    """What waits to be mailed still is; and they are not taken to be there."""
    now = in_chat(
        (customer("Hello?"), "agents < Hello?", "agents: card updated"),
        (agent("Yes?"), "customer < Yes?", "agents: card updated"),
        (passes(minutes=2),),
        (replies("It is down"), "agents < It is down", "agents: card updated"),
        (passes(minutes=8), "mail: answer, Yes?"),
    )

    assert now.unmailed == ()
    assert now.heard_at == NIGHT + timedelta(seconds=2)


def test_a_reply_into_a_talk_is_answered_there() -> None:
    """Wherever it is written: agents have as long for it as for a word in the chat."""
    now = play(
        conversation(contact(offered_name="")),
        policy(),
        (asks("My site is down"),),
        (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD"),
        (agent("Now?"), "customer < Now?", "agents: card updated"),
        (replies("Still"), "agents < Still"),
    )

    assert now.deadline is not None


def test_a_reply_reopens_what_is_over() -> None:
    """In the chat that is said, where there is one; a mere "thank you" reopens nothing."""
    over = in_chat((resolves(), *RESOLVED[1:], "agents: AGENTS_RESOLVED"))
    play(
        over,
        policy(),
        (replies("Thank you"), "agents < Thank you"),
        (
            replies("Not solved"),
            "agents < Not solved",
            "agents: card updated",
            "agents: AGENTS_REOPENED",
            "desk: REOPENED",
        ),
    )
    again = in_portal(
        (resolves(), "mail: ticket-closed", "agents: card updated", "agents: AGENTS_RESOLVED"),
        (
            replies("Not solved"),
            "agents < Not solved",
            "agents: card updated",
            "agents: AGENTS_REOPENED",
        ),
    )

    assert status(again) is TicketStatus.CUSTOMER_REPLY


def test_a_reply_before_agents_were_told_belongs_to_the_problem() -> None:
    """It is never taken for the answer to a question that was put in the chat."""
    begun = conversation(contact(offered_name=""))
    now = play(
        begun,
        policy(),
        (customer("My site is down"),),
        (passes(seconds=2), "desk: ASK_NAME"),
        (replies("Server"),),
    )
    said = message_of(replies("Server")(MONDAY), now, policy(), {})

    assert now.problem == ("My site is down", "Server")
    assert now.contact.name == ""
    assert said is not None
    assert said.part is Part.PROBLEM


def test_a_button_reopens_it() -> None:
    """Agents read that nothing was written; once more does nothing."""
    over = in_chat((resolves(), *RESOLVED[1:], "agents: AGENTS_RESOLVED"))
    now = play(
        over,
        policy(),
        (
            reopens(),
            "agents: card updated",
            "agents: AGENTS_REOPENED_BY_BUTTON",
            "desk: REOPENED",
        ),
        (reopens(),),
    )

    assert status(now) is TicketStatus.CUSTOMER_REPLY
    assert now.wake is not None
    assert now.wake.reason is WakeFor.TICKET_REMINDER


def test_what_ended_before_agents_saw_it_cannot_be_reopened() -> None:
    """There is nothing to go on with."""
    play(
        conversation(contact(offered_name="")),
        policy(),
        (customer("My site is down"),),
        (passes(seconds=2), "desk: ASK_NAME"),
        (commands(Command.CANCEL), "desk: CANCELLED"),
        (reopens(),),
    )


def test_a_talk_that_is_reopened_at_night_is_a_ticket() -> None:
    """Nobody is there to go on with it now."""
    over = play(
        conversation(contact(offered_name="")),
        policy(),
        (asks("My site is down"),),
        (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD"),
        (resolves(), "desk: RESOLVED", "agents: card updated", "agents: AGENTS_RESOLVED"),
    )
    now = play(
        over.evolve(opened_at=NIGHT),
        policy(),
        (
            reopens(),
            "agents: card updated",
            "agents: AGENTS_REOPENED_BY_BUTTON",
            "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
        ),
    )

    assert now.ticket is not None
    assert now.ticket.because is FiledBecause.CLOSED


def test_customers_close_their_own_tickets() -> None:
    """Agents are told who did it; nobody is told so in a chat that is not there."""
    now = in_portal(
        (commands(Command.END), "agents: card updated", "agents: AGENTS_CUSTOMER_ENDED")
    )
    chatted = in_chat(
        (
            commands(Command.END),
            "desk: ENDED",
            "agents: card updated",
            "agents: AGENTS_CUSTOMER_ENDED",
        )
    )

    assert (now.stage, chatted.stage) == (Stage.RESOLVED, Stage.RESOLVED)
    assert (status(now), status(chatted)) == (TicketStatus.CLOSED, TicketStatus.CLOSED)


@pytest.mark.parametrize("channel", ["portal", "api", "mail"])
def test_nothing_is_said_where_there_is_no_chat(channel: str) -> None:
    """Whatever is asked there: the page itself answers."""
    now = in_portal().evolve(identity=Identity(channel, "ana@example.com"))
    play(
        now,
        policy(),
        (commands(Command.STATUS),),
        (commands(Command.LANGUAGE),),
        (presses("nonsense"),),
        (presses("lang:sr"), "agents: card updated", "agents: AGENTS_LANGUAGE"),
        (goes_away(),),
    )


def test_what_is_written_elsewhere_is_talk() -> None:
    """It stands under the customer's name."""
    said = message_of(replies("Yes")(MONDAY), in_portal(), policy(), {})

    assert said is not None
    assert (said.id, said.author, said.part) == (message_id("Yes"), "Ana", Part.TALK)
