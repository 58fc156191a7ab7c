"""A ticket's life: who has to act next, what is forgotten by nobody, and how it ends by itself."""

from datetime import datetime, timedelta

import pytest

from core.conversation import Conversation, Stage, WakeFor
from core.decide import decide
from core.events import TimerFired
from core.policy import Policy
from core.ticket import Priority, TicketStatus
from tests.support.builders import NIGHT, contact, conversation, department, known, policy
from tests.support.play import (
    Line,
    agent,
    customer,
    holds,
    leaves,
    passes,
    play,
    prioritises,
    renames,
    stands_still,
)

ANSWERED: Line = (
    agent("Have a look"),
    "customer < Have a look",
    "mail: answer, Have a look",
    "agents: card updated",
)
WARNED = ("desk: TICKET_CLOSING_SOON", "mail: closing-soon")
CLOSED = (
    "desk: TICKET_CLOSED_SILENT",
    "mail: ticket-closed",
    "agents: card updated",
    "agents: AGENTS_RESOLVED_IDLE",
)
REMINDED = "agents: AGENTS_TICKET_WAITS"


def filed(*script: Line, rules: Policy | None = None) -> Conversation:
    """Play on from a question that was asked on a Monday at 22:00, when nobody is there."""
    return play(
        conversation(known(), opened_at=NIGHT),
        rules or policy(),
        (customer("My site is down"),),
        (
            passes(seconds=2),
            "agents: card",
            "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
        ),
        *script,
    )


def status(ticket: Conversation) -> TicketStatus | None:
    return ticket.ticket.status if ticket.ticket else None


def wakes(ticket: Conversation) -> tuple[WakeFor, datetime] | None:
    return (ticket.wake.reason, ticket.wake.at) if ticket.wake else None


# Agents are reminded


def test_a_ticket_that_waits_is_remembered_once_a_day_when_agents_are_there() -> None:
    """A day after 22:00 nobody is there: the reminder comes in the morning, and then daily."""
    filed(
        (passes(hours=33, minutes=59),),
        (passes(minutes=1), REMINDED),
        (passes(hours=23, minutes=59),),
        (passes(minutes=1), REMINDED),
    )


def test_nobody_is_reminded_on_a_weekend() -> None:
    """Friday's reminder is followed by Monday's."""
    filed(
        (passes(days=3, hours=23), *[REMINDED] * 3), (passes(days=2),), (passes(days=1), REMINDED)
    )


def test_writing_on_does_not_put_the_reminder_off() -> None:
    """The customer waits from the first word that nobody answered."""
    waiting = filed(
        (passes(hours=30),),
        (customer("Hello?"), "agents < Hello?", "agents: card updated"),
        (passes(hours=4), REMINDED),
    )

    assert status(waiting) is TicketStatus.CUSTOMER_REPLY


def test_what_was_overdue_while_the_desk_stood_still_is_remembered_once() -> None:
    """Not once for each day that was missed; at night, when the department opens."""
    filed((stands_still(days=3, hours=14), REMINDED), (passes(hours=23),))
    filed((stands_still(days=3),), (passes(hours=10), REMINDED))


def test_a_department_that_never_opens_is_not_reminded() -> None:
    """There is nobody who would read it."""
    never = department(hours=department().hours.__class__(week="off", zone="UTC"))
    forgotten = play(
        conversation(known(), opened_at=NIGHT),
        policy(never),
        (customer("My site is down"),),
        (
            passes(seconds=2),
            "agents: card",
            "desk: TICKET_CLOSED_UNKNOWN, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
        ),
        (passes(days=30),),
    )

    assert forgotten.wake is None


# Who spoke last


def test_an_answer_ends_the_reminders_and_the_next_question_begins_them_anew() -> None:
    """The status follows who spoke last."""
    waiting = filed(
        (passes(hours=12),),
        ANSWERED,
        (passes(days=2),),
        (customer("And now?"), "agents < And now?", "agents: card updated"),
        (passes(hours=23),),
        (passes(hours=1), REMINDED),
    )

    assert status(waiting) is TicketStatus.CUSTOMER_REPLY


# The customer is silent


def test_a_silent_customer_is_warned_and_then_the_ticket_is_closed() -> None:
    """After five days a warning that says when; after seven the end, told to both sides."""
    over = filed(
        (passes(hours=12),),
        ANSWERED,
        (passes(days=4, hours=23),),
        (passes(hours=1), *WARNED),
        (passes(days=1, hours=23),),
        (passes(hours=1), *CLOSED),
        (passes(days=90),),
    )

    assert over.stage is Stage.RESOLVED
    assert status(over) is TicketStatus.CLOSED


def test_a_word_after_the_warning_keeps_the_ticket_open() -> None:
    """Thanks do, too: it is not closed on the day that was announced."""
    filed(
        ANSWERED,
        (passes(days=5), *WARNED),
        (customer("Not solved"), "agents < Not solved", "agents: card updated"),
        (passes(hours=23, minutes=59),),
        (agent("Now?"), "customer < Now?", "mail: answer, Now?", "agents: card updated"),
        (passes(days=5), *WARNED),
        (customer("Hvala!"), "agents < Hvala!"),
        (passes(days=4, hours=23),),
        (passes(hours=1), *WARNED),
    )


def test_each_department_has_a_patience_of_its_own() -> None:
    """A short one is warned of at half time: never at once."""
    hasty = department(close_after=timedelta(days=1))
    filed(
        ANSWERED,
        (passes(hours=12), *WARNED),
        (passes(hours=11),),
        (passes(hours=1), *CLOSED),
        rules=policy(hasty),
    )


def test_nobodys_ticket_is_closed_without_a_warning() -> None:
    """Whatever was overdue while the desk stood still: the days after the warning are theirs."""
    filed(
        ANSWERED,
        (stands_still(days=30), *WARNED),
        (passes(days=1, hours=23),),
        (passes(hours=1), *CLOSED),
    )


def test_who_has_no_address_is_told_in_the_chat_alone() -> None:
    """And who has left the chat, by mail alone."""
    play(
        conversation(contact(), opened_at=NIGHT),
        policy(),
        (customer("My site is down"),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
        (passes(minutes=30), "agents: card", "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_HERE"),
        (agent("Have a look"), "customer < Have a look", "agents: card updated"),
        (passes(days=5), WARNED[0]),
        (passes(days=2), CLOSED[0], *CLOSED[2:]),
    )
    filed(
        ANSWERED,
        (leaves(), "agents: AGENTS_CUSTOMER_LEFT"),
        (passes(days=5), WARNED[1]),
        (passes(days=2), *CLOSED[1:]),
    )


def test_a_closed_ticket_opens_again_within_the_reopening_time() -> None:
    """As the same ticket; and agents are reminded of it again."""
    again = filed(
        ANSWERED,
        (passes(days=5), *WARNED),
        (passes(days=2), *CLOSED),
        (passes(days=6),),
        (
            customer("It is back"),
            "agents < It is back",
            "agents: card updated",
            "agents: AGENTS_REOPENED",
            "desk: REOPENED",
        ),
    )

    assert status(again) is TicketStatus.CUSTOMER_REPLY
    assert again.wake is not None


# On hold


def test_on_hold_nobody_is_reminded_and_nothing_closes() -> None:
    """Until somebody speaks, or an agent takes it off hold."""
    held = filed(
        (holds(), "agents: card updated", "agents: AGENTS_HELD"),
        (passes(days=90),),
    )

    assert status(held) is TicketStatus.ON_HOLD
    play(
        held,
        policy(),
        (holds(), "agents: card updated", "agents: AGENTS_HELD_NO_MORE"),
        (passes(hours=34), REMINDED),
    )
    assert status(play(held, policy(), ANSWERED)) is TicketStatus.ANSWERED
    told: Line = (customer("And?"), "agents < And?", "agents: card updated")
    assert status(play(held, policy(), told)) is TicketStatus.CUSTOMER_REPLY


# Subject and priority


def test_an_agent_gives_it_another_subject() -> None:
    """One line of it; nothing happens where it is the same, or nothing."""
    renamed = filed(
        (renames("  DNS of\nexample.com "), "agents: card updated", "agents: AGENTS_RENAMED"),
        (renames("DNS of example.com"),),
        (renames(" \n"),),
    )

    assert renamed.subject == "DNS of example.com"


def test_an_agent_says_how_much_it_hurries() -> None:
    """The card shows it."""
    hurried = filed(
        (prioritises(Priority.HIGH), "agents: card updated", "agents: AGENTS_PRIORITISED"),
        (prioritises(Priority.HIGH),),
    )

    assert hurried.ticket is not None
    assert hurried.ticket.priority is Priority.HIGH


# A clock that was ahead


@pytest.mark.parametrize("script", [(), (ANSWERED,), (ANSWERED, (passes(days=5), *WARNED))])
def test_a_clock_that_was_ahead_puts_nothing_off(script: tuple[Line, ...]) -> None:
    """What was decided a year ahead is decided anew; what can be is left alone."""
    ahead = filed(*script)
    assert ahead.wake is not None
    right = decide(ahead, TimerFired(at=ahead.wake.at - timedelta(hours=1)), policy())
    assert right.conversation == ahead

    back = NIGHT - timedelta(days=365)
    set_right = decide(ahead, TimerFired(at=back), policy()).conversation
    found = wakes(set_right)
    assert found is not None
    assert found[0] is ahead.wake.reason
    assert back < found[1] <= back + timedelta(days=6)
    assert decide(set_right, TimerFired(at=back), policy()).conversation == set_right
