"""Forms: the whole request at once, in a chat or where there is none; and proofs of an address."""

from typing import Any

import pytest

from core.contact import Identity
from core.conversation import Conversation, Question, Stage
from core.message import MEGABYTE, Part
from core.policy import Policy
from core.said import message_of
from core.ticket import FiledBecause, TicketStatus
from tests.support.builders import (
    MONDAY,
    NIGHT,
    contact,
    conversation,
    department,
    known,
    photo,
    policy,
)
from tests.support.play import (
    Line,
    agent,
    asks,
    customer,
    customer_edits,
    passes,
    play,
    presses,
    proves,
    resolves,
)

TWO = policy(department("sales"), department("support"))
TOLD = ("agents: card", "desk: AGENTS_TOLD")
PORTAL = Identity("portal", "ana@example.com")


def stranger(**changes: Any) -> Conversation:
    """Return the conversation of somebody of whom nothing is known at all."""
    return conversation(contact(offered_name=""), **changes)


def in_talk(*script: Line, rules: Policy | None = None) -> Conversation:
    """Play on from a form that agents have been told of."""
    return play(
        stranger(),
        rules or policy(),
        (asks("My site is down"),),
        (passes(seconds=2), *TOLD),
        *script,
    )


# In a chat


def test_a_form_answers_every_question() -> None:
    """Agents are told at once; the address is a claim, and the words stand on the card."""
    told = in_talk()

    assert told.stage is Stage.WAITING
    assert (told.contact.name, told.contact.email) == ("Ana", "ana@example.com")
    assert not told.contact.email_proven
    assert told.card_message == "My site is down"
    assert told.deadline is not None


def test_what_follows_a_form_in_one_breath_is_part_of_it() -> None:
    """The desk listens for more before it tells agents, as to any first words."""
    play(
        stranger(),
        policy(),
        (asks("My site is down"),),
        (passes(seconds=1),),
        (customer("Since this morning"),),
        (passes(seconds=2), "agents: card", "agents < Since this morning", "desk: AGENTS_TOLD"),
    )


def test_the_department_is_asked_for_with_buttons_where_it_was_not_chosen() -> None:
    """With it chosen, or only one there, nothing is asked."""
    asked = play(
        stranger(),
        TWO,
        (asks("My site is down"),),
        (passes(seconds=2), "desk: ASK_DEPARTMENT [Sales, Support]"),
        (presses("dept:support"), *TOLD),
    )
    chosen = play(
        stranger(), TWO, (asks("Prices?", department="support"),), (passes(seconds=2), *TOLD)
    )

    assert (asked.department, chosen.department) == ("support", "support")


def test_a_department_that_there_is_not_is_asked_for() -> None:
    """Whatever a browser sends, nobody's question lands where no one is."""
    play(
        stranger(),
        TWO,
        (asks("Prices?", department="none"),),
        (passes(seconds=2), "desk: ASK_DEPARTMENT [Sales, Support]"),
    )


@pytest.mark.parametrize("email", ["", "ana", "ana@", "@example.com", "ana@example"])
def test_an_address_that_cannot_be_one_is_asked_for_in_the_chat(email: str) -> None:
    """The rest of the form stands."""
    now = play(
        stranger(),
        policy(),
        (asks("My site is down", email=email),),
        (passes(seconds=2), "desk: ASK_EMAIL [BUTTON_CHANGE_NAME]"),
        (customer("ana@example.com"), *TOLD),
    )

    assert now.contact.name == "Ana"


def test_a_name_that_is_none_is_asked_for_in_the_chat() -> None:
    """One that platforms know is offered, as always."""
    play(
        conversation(),
        policy(),
        (asks("My site is down", name=" \u200b "),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
    )


def test_an_address_that_looks_like_a_slip_is_taken_as_it_was_insisted_on() -> None:
    """The form has offered the correction already."""
    now = play(stranger(), policy(), (asks("Help me", email="ana@gmial.com"),))

    assert now.contact.email == "ana@gmial.com"


def test_at_night_it_is_a_ticket_at_once() -> None:
    """As it is for whoever writes then."""
    filed = play(
        stranger(opened_at=NIGHT),
        policy(),
        (asks("My site is down"),),
        (
            passes(seconds=2),
            "agents: card",
            "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
        ),
    )

    assert filed.ticket is not None
    assert filed.ticket.because is FiledBecause.CLOSED
    assert filed.mail_subject == ""


def test_a_form_with_nothing_but_hello_is_asked_what_it_is_about() -> None:
    """A greeting is no problem, in a form no more than in a chat."""
    play(
        stranger(),
        policy(),
        (asks("Hello"),),
        (passes(seconds=2), "desk: ASK_PROBLEM"),
        (customer("My site is down"),),
        (passes(seconds=2), "agents: card", "agents < Hello", "desk: AGENTS_TOLD"),
    )


def test_a_file_goes_with_the_words_and_one_too_big_is_named() -> None:
    """What came with a form does not stand on the card, but in the thread."""
    play(
        stranger(),
        policy(),
        (
            asks("See this", attachments=(photo(), photo("big", size=21 * MEGABYTE))),
            "desk: FILE_TOO_BIG",
        ),
        (passes(seconds=2), "agents: card", "agents < See this", "desk: AGENTS_TOLD"),
    )


@pytest.mark.parametrize(
    ("script", "question"),
    [
        ((), Question.NAME),
        (((customer("Ana A", id="name"), "desk: ASK_EMAIL [BUTTON_CHANGE_NAME]"),), Question.EMAIL),
        (
            (
                (customer("Ana A", id="name"), "desk: ASK_EMAIL [BUTTON_CHANGE_NAME]"),
                (
                    customer("ana@gmial.com"),
                    "desk: EMAIL_DOUBTFUL [ana@gmail.com, BUTTON_EMAIL_NO]",
                ),
            ),
            Question.EMAIL,
        ),
    ],
)
def test_a_form_ends_the_questions_that_were_being_asked(
    script: tuple[Line, ...], question: Question
) -> None:
    """What was said before belongs to the problem; nothing that the form says is asked again."""
    begun = play(
        stranger(),
        policy(),
        (customer("Hey, my site!"),),
        (passes(seconds=2), "desk: ASK_NAME"),
        *script,
    )
    assert begun.question is question
    now = play(
        begun,
        policy(),
        (asks("It is down", name="Ana Anić"),),
        (customer("Server"),),
        (passes(seconds=2), "agents: card", "agents < It is down", "agents < Server", TOLD[1]),
    )

    assert (now.contact.name, now.contact.email) == ("Ana Anić", "ana@example.com")
    assert (now.name_from, now.email_from, now.suggested_email) == (None, None, "")


def test_an_edit_of_the_forms_words_changes_the_card_and_no_answer() -> None:
    """Before agents are told and after."""
    before = play(
        stranger(),
        policy(),
        (asks("My sight is down"),),
        (customer_edits("My sight is down", "My site is down"),),
        (passes(seconds=2), *TOLD),
    )
    in_talk((customer_edits("My site is down", "It is up"), "agents: card updated"))

    assert before.subject == "My site is down"
    assert before.contact.name == "Ana"


def test_a_form_in_a_talk_is_a_word_in_it() -> None:
    """What it says anew of them is kept, and stands on the card."""
    now = in_talk(
        (asks("Still down"), "agents < Still down"),
        (
            asks("And now?", name="Ana Anić", email="ana@example.org"),
            "agents < And now?",
            "agents: card updated",
        ),
    )

    assert (now.contact.name, now.contact.email) == ("Ana Anić", "ana@example.org")


def test_a_form_takes_up_again_what_was_over() -> None:
    """As any word does; with the new address on the card, which is updated once."""
    now = in_talk(
        (agent("Fixed"), "customer < Fixed", "agents: card updated"),
        (resolves(), "desk: RESOLVED", "agents: card updated", "agents: AGENTS_RESOLVED"),
        (
            asks("It is not", email="ana@example.org"),
            "agents < It is not",
            "agents: card updated",
            "agents: AGENTS_REOPENED",
            "desk: REOPENED",
        ),
    )

    assert now.stage is Stage.WAITING


def test_a_proven_address_stays_proven_until_another_one_is_given() -> None:
    """Who types their own once more has claimed nothing new; what came back still does not work."""
    proven = stranger().with_contact(email="Ana@example.com", email_proven=True)
    bounced = proven.with_contact(email_proven=False, email_works=False)

    assert play(proven, policy(), (asks("Down"),)).contact.email_proven
    assert not play(proven, policy(), (asks("Down", email="eve@a.rs"),)).contact.email_proven
    assert not play(bounced, policy(), (asks("Down"),)).contact.email_works
    assert play(bounced, policy(), (asks("Down", email="eve@a.rs"),)).contact.email_works


def test_the_desk_speaks_in_the_script_of_the_form() -> None:
    """Who writes in Cyrillic is answered in it."""
    now = play(stranger().with_contact(language="sr-Latn"), policy(), (asks("Сајт не ради"),))

    assert now.contact.language == "sr"


@pytest.mark.parametrize(("handed_over", "part"), [(False, Part.PROBLEM), (True, Part.TALK)])
def test_its_words_are_said_by_who_filled_it_in(handed_over: bool, part: Part) -> None:
    """They are the problem, or talk once agents have been told."""
    stage = Stage.WAITING if handed_over else Stage.ASKING
    form = asks("My site is down", name="Ana\u202e Anić")(MONDAY)
    now = conversation(known(), handed_over=handed_over, stage=stage)
    said = message_of(form, now, policy(), {})

    assert said is not None
    assert (said.author, said.part) == ("Ana Anić", part)


# Where there is no chat


def portal_form(text: str = "My site is down", **given: Any) -> Any:
    return asks(text, as_ticket=True, **{"proven": True, **given})


def filed(form: Any, rules: Policy | None = None, **changes: Any) -> Conversation:
    """Return the ticket that a form has made."""
    return play(
        stranger(identity=PORTAL, **changes),
        rules or policy(),
        (form, "agents: card", "mail: ticket-filed"),
    )


def test_it_is_a_ticket_at_once() -> None:
    """Nothing is asked, nothing said in a chat that is not there; the department is the chosen."""
    now = filed(portal_form(subject="DNS", department="support"), TWO)

    assert now.stage is Stage.TICKETED
    assert now.ticket is not None
    assert now.ticket.because is FiledBecause.FORM
    assert now.ticket.status is TicketStatus.OPEN
    assert (now.subject, now.mail_subject, now.department) == ("DNS", "DNS", "support")
    assert not now.reachable
    assert now.contact.email_proven


def test_without_a_subject_it_is_called_by_its_first_words() -> None:
    """In an unknown department it goes to the first."""
    now = filed(portal_form(subject=" \u200b", department="none"), TWO)

    assert (now.subject, now.mail_subject, now.department) == ("My site is down", "", "sales")


def test_what_was_typed_is_mailed_to_nobody_whose_address_is_not_proven() -> None:
    """Else the desk would carry a stranger's words to whomever they like."""
    now = filed(portal_form(subject="Buy now", proven=False))

    assert (now.subject, now.mail_subject) == ("Buy now", "")
    assert not now.contact.email_proven


def test_a_subject_is_one_line_that_can_be_shown_anywhere() -> None:
    """Not longer than those that agents give."""
    now = filed(portal_form(subject="DNS\r\nBcc: eve@a.rs\u202e" + "x" * 200))

    assert now.subject.startswith("DNS Bcc")
    assert len(now.subject) == 120


def test_a_request_with_files_is_shown_in_the_thread() -> None:
    """The card says where to look."""
    play(
        stranger(identity=PORTAL),
        policy(),
        (
            portal_form("See this", attachments=(photo(),)),
            "agents: card",
            "agents < See this",
            "mail: ticket-filed",
        ),
    )


def test_without_an_address_it_is_kept_for_the_agents_all_the_same() -> None:
    """Whoever lets such a form pass: nothing that somebody wrote is lost."""
    play(stranger(identity=PORTAL), policy(), (portal_form(email="none"), "agents: card"))


def test_an_answer_to_it_goes_by_mail() -> None:
    """There is no chat that would carry it."""
    play(
        filed(portal_form()),
        policy(),
        (agent("Have a look"), "mail: answer, Have a look", "agents: card updated"),
    )


# A proof


def test_who_followed_a_mailed_link_has_proven_the_address() -> None:
    """Mail to it works; agents see the card at most."""
    lost = in_talk().with_contact(email_works=False)
    now = play(lost, policy(), (proves("ANA@example.com"), "agents: card updated"), (proves(),))

    assert now.contact.email_proven
    assert now.contact.email_works


def test_a_proof_of_another_address_says_nothing() -> None:
    """They have given another one since; nor is there one to prove where none was given."""
    assert not play(in_talk(), policy(), (proves("eve@example.org"),)).contact.email_proven
    assert not play(stranger(), policy(), (proves(""),)).contact.email_proven


def test_a_proof_before_agents_are_told_is_kept() -> None:
    """There is no card yet that could be updated."""
    now = play(stranger(), policy(), (asks("My site is down"),), (proves(),))

    assert now.contact.email_proven
