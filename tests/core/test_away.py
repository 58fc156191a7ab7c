"""Customers who leave a page: what they have not read goes by mail, once, and nothing is lost."""

from datetime import timedelta

import pytest

from core.contact import Contact
from core.conversation import Conversation, Stage, WakeFor
from core.ticket import FiledBecause, TicketStatus
from tests.support.builders import NIGHT, contact, conversation, known, policy
from tests.support.play import (
    Line,
    agent,
    customer,
    files,
    goes_away,
    passes,
    play,
    resolves,
    sees,
)

AWAY = ("agents: AGENTS_CUSTOMER_AWAY", "desk: TICKET_AWAY, TICKET_ANSWER_BOTH")
FILED = ("agents: card updated", "agents: AGENTS_TICKET_MAILED")
ANSWERED = (agent("Now?"), "customer < Now?", "agents: card updated")
NOWHERE = "agents: AGENTS_CUSTOMER_AWAY_UNMAILED"


def talk(*script: Line, who: Contact | None = None) -> Conversation:
    """Play on from a question that an agent has answered in the chat."""
    told = (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD")
    return play(
        conversation(who or known()), policy(), (customer("It is down"),), told, ANSWERED, *script
    )


def ticket(*script: Line) -> Conversation:
    """Play on from a ticket whose customer is in the chat, and an answer that they may read."""
    return play(
        conversation(known(), opened_at=NIGHT),
        policy(),
        (customer("It is down"),),
        (
            passes(seconds=2),
            "agents: card",
            "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
        ),
        (customer("Hello?"), "agents < Hello?", "agents: card updated"),
        ANSWERED,
        *script,
    )


def test_a_talk_goes_on_as_a_ticket_and_what_is_unread_by_mail() -> None:
    """In one mail; who returns sees everything there, for the chat still carries words."""
    now = talk(
        (agent("Try it"), "customer < Try it"),
        (goes_away("Now?", "Try it"), *AWAY, *FILED, "mail: answer, Now?, Try it"),
    )

    assert now.stage is Stage.TICKETED
    assert now.ticket is not None
    assert now.ticket.because is FiledBecause.UNREACHABLE
    assert now.ticket.status is TicketStatus.ANSWERED
    assert now.reachable
    assert now.wake is not None
    assert now.wake.reason is WakeFor.CLOSING_SOON


def test_told_twice_it_mails_nothing_twice() -> None:
    """Nor does what was mailed because it waited for long enough go once more."""
    talk(
        (goes_away("Now?"), *AWAY, *FILED, "mail: answer, Now?"),
        (goes_away("Now?"),),
    )
    ticket(
        (passes(minutes=10), "mail: answer, Now?"),
        (goes_away("Now?"),),
    )


def test_an_answer_after_that_is_mailed_at_once_and_only_then() -> None:
    """It stands in the chat, too; being away is told again because of it, and changes nothing."""
    talk(
        (goes_away("Now?"), *AWAY, *FILED, "mail: answer, Now?"),
        (agent("Done"), "customer < Done", "mail: answer, Done"),
        (goes_away("Now?", "Done"),),
    )


def test_who_has_left_with_nothing_unread_is_waited_for() -> None:
    """They may be back before anybody answers."""
    now = talk((goes_away(),))

    assert now.stage is Stage.ACTIVE


def test_a_question_that_waits_is_a_ticket_that_waits() -> None:
    """What they asked after the last answer that they saw is still to be answered."""
    now = talk(
        (customer("How?"), "agents < How?"),
        (goes_away("Now?"), *AWAY, *FILED, "mail: answer, Now?"),
    )

    assert now.ticket is not None
    assert now.ticket.status is TicketStatus.OPEN
    assert now.waiting_since is not None


def test_what_waits_to_be_mailed_waits_no_longer() -> None:
    """Whether or not the page has shown it: each once, in the order of writing."""
    now = ticket(
        (agent("Try it"), "customer < Try it"),
        (goes_away("Now?"), "mail: answer, Now?, Try it"),
        (passes(hours=2),),
    )

    assert now.unmailed == ()


def test_an_answer_of_the_talk_before_the_ticket_is_mailed() -> None:
    """It was said when nothing was mailed yet; nothing said is lost."""
    talk(
        (
            files(),
            "desk: TICKET_BY_AGENT, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
            "agents: card updated",
            "agents: AGENTS_TICKET_MAILED",
        ),
        (goes_away("Now?"), "mail: answer, Now?"),
    )


def test_a_last_answer_reaches_who_left_although_it_is_over() -> None:
    """A mail is about a ticket, so there is one; by it they can take it up again."""
    over = ("desk: RESOLVED", "agents: card updated", "agents: AGENTS_RESOLVED")
    now = talk(
        (resolves(), *over),
        (
            goes_away("Now?"),
            "agents: card updated",
            "agents: AGENTS_CUSTOMER_AWAY",
            "mail: answer, Now?",
        ),
        (goes_away("Now?"),),
    )

    assert now.stage is Stage.RESOLVED
    assert now.ticket is not None
    assert now.ticket.status is TicketStatus.CLOSED


def test_a_closed_tickets_answers_have_been_mailed() -> None:
    """With its end; being away repeats none of them."""
    ticket(
        (
            resolves(),
            "desk: RESOLVED",
            "mail: answer, Now?",
            "mail: ticket-closed",
            "agents: card updated",
            "agents: AGENTS_RESOLVED",
        ),
        (goes_away("Now?"),),
    )


def test_agents_learn_once_that_nothing_can_be_mailed() -> None:
    """Until the customer has been back: then they have read it, and may leave again."""
    now = play(
        talk().with_contact(email=""),
        policy(),
        (goes_away("Now?"), NOWHERE),
        (goes_away("Now?"),),
        (agent("Try it"), "customer < Try it"),
        (goes_away("Now?", "Try it"),),
        (sees(),),
        (agent("Done?"), "customer < Done?"),
        (goes_away("Done?"), NOWHERE),
        (customer("No"), "agents < No"),
        (goes_away("Done?"), NOWHERE),
    )

    assert now.stage is Stage.ACTIVE
    assert now.reachable


def test_an_address_that_does_not_work_is_none() -> None:
    """A mail to it has come back."""
    talk((goes_away("Now?"), NOWHERE), who=known(email_works=False))


@pytest.mark.parametrize("unread", [(), ("Now?",)])
def test_who_leaves_while_being_asked_is_waited_for(unread: tuple[str, ...]) -> None:
    """As whoever does not answer; and who left the questions has left nothing unread."""
    play(
        conversation(contact(offered_name="")),
        policy(),
        (customer("It is down"),),
        (passes(seconds=2), "desk: ASK_NAME"),
        (goes_away(*unread),),
    )


def test_what_is_read_in_the_chat_is_not_mailed() -> None:
    """And who reads there is there: the next answer waits a while, too."""
    now = ticket(
        (passes(minutes=9),),
        (sees(),),
        (passes(minutes=5),),
        (agent("Try it"), "customer < Try it"),
    )

    assert now.unmailed == ("Try it",)
    assert now.heard_at == NIGHT + timedelta(minutes=9, seconds=2)
    assert now.wake is not None
    assert now.wake.reason is WakeFor.MAIL


def test_reading_puts_no_reminder_off() -> None:
    """A ticket that waits for agents goes on waiting."""
    waits = ticket((customer("How?"), "agents < How?", "agents: card updated"))
    now = play(waits.evolve(opened_at=NIGHT + timedelta(hours=1)), policy(), (sees(),))

    assert now.wake == waits.wake
    assert now.wake is not None
    assert now.wake.reason is WakeFor.TICKET_REMINDER
