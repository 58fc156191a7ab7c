"""What a customer can ask of the desk itself, at any time."""

import pytest

from core.conversation import Conversation, Stage
from core.events import Command
from tests.support.builders import NIGHT, contact, conversation, known, policy
from tests.support.play import (
    Line,
    agent,
    commands,
    customer,
    passes,
    play,
    presses,
    resolves,
    takes,
)

STATUS = commands(Command.STATUS)
TOLD: Line = (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD")
NEW = conversation(known())


def test_status_says_where_the_question_stands_in_every_stage() -> None:
    """And until when the desk is there, or when it opens."""
    over = play(
        NEW,
        policy(),
        (STATUS, "desk: STATUS_NOTHING, STATUS_OPEN_UNTIL"),
        (commands(Command.START), "desk: GREETING, ASK_PROBLEM"),
        (STATUS, "desk: STATUS_ASKING, STATUS_OPEN_UNTIL"),
        (customer("My site is down"),),
        TOLD,
        (STATUS, "desk: STATUS_WAITING, STATUS_OPEN_UNTIL"),
        (takes(), "desk: AGENT_TOOK", "agents: card updated", "agents: AGENTS_TAKEN"),
        (STATUS, "desk: AGENT_TOOK, STATUS_OPEN_UNTIL"),
        (agent("Look"), "customer < Look", "agents: card updated"),
        (STATUS, "desk: STATUS_ACTIVE, STATUS_OPEN_UNTIL"),
        (resolves(), "desk: RESOLVED", "agents: card updated", "agents: AGENTS_RESOLVED"),
        (STATUS, "desk: STATUS_NOTHING, STATUS_OPEN_UNTIL"),
        (commands(Command.START), "desk: STATUS_NOTHING, STATUS_OPEN_UNTIL"),
    )

    assert over.stage is Stage.RESOLVED


def test_status_of_a_ticket_names_it() -> None:
    """At night it says when the desk opens."""
    play(
        conversation(known(), opened_at=NIGHT),
        policy(),
        (customer("My site is down"),),
        (STATUS, "desk: NOTED, STATUS_OPENS"),
        (
            passes(seconds=2),
            "agents: card",
            "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
        ),
        (STATUS, "desk: STATUS_TICKET, STATUS_OPENS"),
        (commands(Command.START), "desk: STATUS_TICKET, STATUS_OPENS"),
    )


@pytest.mark.parametrize("stage", list(Stage))
def test_help_is_there_in_every_stage(stage: Stage) -> None:
    """It changes nothing."""
    over = stage is Stage.RESOLVED
    if stage is Stage.TICKETED:
        return  # a ticket is a longer story: see test_status_of_a_ticket_names_it
    start = NEW.evolve(stage=stage, resolved_at=NEW.opened_at if over else None)
    helped = play(start, policy(), (commands(Command.HELP), "desk: HELP, HELP_COMMANDS"))

    assert helped == start


def _choice(*, then: Line, start: Conversation = NEW) -> Conversation:
    asked = "desk: CHOOSE_LANGUAGE [Српски, Srpski, English]"
    return play(start, policy(), (commands(Command.LANGUAGE), asked), then)


def test_a_chosen_language_stays() -> None:
    """The script of what is written does not change it back."""
    speaking = _choice(then=(presses("lang:sr"), "desk: LANGUAGE_CHANGED"))
    assert speaking.contact.language == "sr"

    writing = play(speaking, policy(), (customer("Ne radi mi sajt"),))
    assert writing.contact.language == "sr"


def test_an_open_question_is_put_again_in_the_new_language() -> None:
    """Who could not read it can answer it now."""
    play(
        conversation(contact(language="sr")),
        policy(),
        (commands(Command.START), "desk: GREETING, ASK_NAME [Ana A.]"),
        (presses("lang:en"), "desk: LANGUAGE_CHANGED, ASK_NAME [Ana A.]"),
    )


def test_agents_hear_of_another_language() -> None:
    """The card shows it."""
    told = NEW.evolve(stage=Stage.WAITING, handed_over=True)
    _choice(
        start=told,
        then=(
            presses("lang:sr-Latn"),
            "desk: LANGUAGE_CHANGED",
            "agents: card updated",
            "agents: AGENTS_LANGUAGE",
        ),
    )


@pytest.mark.parametrize("token", ["lang:tlh", "lang:", "nonsense", "", "name:", "dept:support"])
def test_a_button_without_meaning_says_so(token: str) -> None:
    """Old, strange and forged buttons change nothing."""
    after = play(NEW, policy(), (presses(token), "desk: BUTTON_EXPIRED"))

    assert after == NEW


def test_cancel_is_for_the_questions_only() -> None:
    """Once agents have been told there is nothing to cancel; /end closes the conversation."""
    over = play(
        NEW,
        policy(),
        (commands(Command.CANCEL), "desk: NOTHING_TO_CANCEL"),
        (commands(Command.END), "desk: NOTHING_TO_END"),
        (customer("My site is down"),),
        TOLD,
        (commands(Command.CANCEL), "desk: NOTHING_TO_CANCEL"),
        (
            commands(Command.END),
            "desk: ENDED",
            "agents: card updated",
            "agents: AGENTS_CUSTOMER_ENDED",
        ),
        (commands(Command.END), "desk: NOTHING_TO_END"),
        (passes(days=2),),
    )

    assert over.stage is Stage.RESOLVED


def test_ending_before_agents_know_tells_them_nothing() -> None:
    """There is no thread to tell it in."""
    play(
        conversation(),
        policy(),
        (customer("My site is down"),),
        (commands(Command.END), "desk: ENDED"),
    )
