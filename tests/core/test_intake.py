"""The intake: nothing is asked twice, and nothing that is said is lost."""

from datetime import timedelta

import pytest

from core.conversation import Conversation, Question, Stage, WakeFor
from core.events import Command
from core.message import MEGABYTE, AttachmentKind
from core.ticket import FiledBecause
from tests.support.builders import (
    NIGHT,
    contact,
    conversation,
    department,
    known,
    photo,
    policy,
)
from tests.support.play import (
    Happens,
    Line,
    commands,
    customer,
    customer_edits,
    leaves,
    passes,
    play,
    presses,
    stands_still,
)

ASK_EMAIL = "desk: ASK_EMAIL [BUTTON_CHANGE_NAME]"
ASK_PROBLEM = "desk: ASK_PROBLEM [BUTTON_CHANGE_NAME, BUTTON_CHANGE_EMAIL]"
TOLD = ("agents: card", "desk: AGENTS_TOLD")


def test_a_problem_first_is_kept_and_not_asked_for_again() -> None:
    """Whoever begins with the problem is asked for name and e-mail, then agents are told."""
    told = play(
        conversation(),
        policy(),
        (customer("My site is down"),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
        (customer("Ana"), ASK_EMAIL),
        (customer("ana@example.com"), *TOLD),
    )

    assert told.stage is Stage.WAITING
    assert (told.contact.name, told.contact.email) == ("Ana", "ana@example.com")
    assert told.subject == "My site is down"
    assert told.card_message == "My site is down"
    assert not told.contact.email_proven


def test_start_greets_and_asks_for_everything() -> None:
    """After /start all is asked in order, and the problem comes last."""
    told = play(
        conversation(),
        policy(),
        (commands(Command.START), "desk: GREETING, ASK_NAME [Ana A.]"),
        (customer("Ana"), ASK_EMAIL),
        (customer("ana@example.com"), ASK_PROBLEM),
        (customer("My site is down"),),
        (customer("since this morning"),),
        (passes(seconds=2), "agents: card", "agents < since this morning", "desk: AGENTS_TOLD"),
    )

    assert told.problem == ("My site is down", "since this morning")


def test_start_again_repeats_the_question_and_greets_no_more() -> None:
    """/start in the middle of the questions does not begin them anew."""
    play(
        conversation(),
        policy(),
        (commands(Command.START), "desk: GREETING, ASK_NAME [Ana A.]"),
        (customer("Ana"), ASK_EMAIL),
        (commands(Command.START), ASK_EMAIL),
    )


def test_a_greeting_is_no_problem() -> None:
    """Somebody who only says hello is asked for the problem all the same."""
    told = play(
        conversation(),
        policy(),
        (customer("Dobar dan!"),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
        (customer("Ana"), ASK_EMAIL),
        (customer("ana@example.com"), ASK_PROBLEM),
        (customer("My site is down"),),
        (passes(seconds=2), "agents: card", "agents < Dobar dan!", "desk: AGENTS_TOLD"),
    )

    assert told.subject == "My site is down"


def test_a_greeting_in_answer_to_a_question_gets_the_question_again() -> None:
    """Hello is not a name."""
    play(
        conversation(),
        policy(),
        (commands(Command.START), "desk: GREETING, ASK_NAME [Ana A.]"),
        (customer("hello"),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
    )


def test_a_sticker_says_no_more_than_hello() -> None:
    """A waving hand is kept, and the problem is still asked for."""
    wave = photo("wave", kind=AttachmentKind.STICKER, detail="👋")
    asked = play(
        conversation(known()),
        policy(),
        (customer("", wave),),
        (passes(seconds=2), "desk: ASK_PROBLEM"),
    )

    assert asked.problem == ("wave",)
    assert not asked.has_problem


def test_the_name_that_the_platform_knows_can_be_pressed() -> None:
    """The offered name is taken with one touch, and is not asked for twice."""
    named = play(
        conversation(),
        policy(),
        (commands(Command.START), "desk: GREETING, ASK_NAME [Ana A.]"),
        (presses("name:"), ASK_EMAIL),
        (presses("name:"), "desk: BUTTON_EXPIRED"),
    )

    assert named.contact.name == "Ana A."


def test_where_no_name_is_offered_there_is_no_button() -> None:
    """A platform that tells no name makes no empty button."""
    play(
        conversation(contact(offered_name="")),
        policy(),
        (commands(Command.START), "desk: GREETING, ASK_NAME"),
        (presses("name:"), "desk: BUTTON_EXPIRED"),
    )


def test_going_on_with_the_problem_is_not_taken_for_a_name() -> None:
    """Who answers the first question with more of the problem keeps it, and is asked once more."""
    asked = play(
        conversation(),
        policy(),
        (customer("My site is down"),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
        (customer("It says error 500!"),),
        (customer("and the mail is dead too, please hurry"),),
        (passes(seconds=2), "desk: ASK_NAME_AGAIN [Ana A.]"),
    )

    assert len(asked.problem) == 3
    assert asked.contact.name == ""


def test_an_album_in_the_middle_of_the_questions_is_noted_once() -> None:
    """Ten pictures are not answered ten times."""
    play(
        conversation(contact(name="Ana")),
        policy(),
        (customer("My site is down"),),
        (passes(seconds=2), ASK_EMAIL),
        *[(customer("", photo(f"shot-{number}.jpg")),) for number in range(10)],
        (passes(seconds=2), "desk: NOTED, ASK_EMAIL_AGAIN [BUTTON_CHANGE_NAME]"),
    )


def _asked_for_email(*script: Line) -> Conversation:
    return play(
        conversation(contact(name="Ana"), has_problem=True, problem=("My site is down",)),
        policy(),
        (commands(Command.START), ASK_EMAIL),
        *script,
    )


DOUBT = "desk: EMAIL_DOUBTFUL [ana@gmail.com, BUTTON_EMAIL_NO]"


@pytest.mark.parametrize(
    ("step", "address"),
    [
        (presses("email-yes:"), "ana@gmail.com"),
        (customer("da"), "ana@gmail.com"),
        (presses("email-no:"), "ana@gmial.com"),
        (customer("no"), "ana@gmial.com"),
        (customer("ana@yahoo.com"), "ana@yahoo.com"),
        (customer_edits("ana@gmial.com", "ana@gmx.net"), "ana@gmx.net"),
    ],
)
def test_a_likely_typing_error_is_offered_as_a_correction(step: Happens, address: str) -> None:
    """Yes, no, another address, an edit: each of them settles it."""
    told = _asked_for_email((customer("ana@gmial.com"), DOUBT), (step, *_told_all()))

    assert told.contact.email == address


def _told_all() -> tuple[str, ...]:
    return ("agents: card", "agents < My site is down", "desk: AGENTS_TOLD")


def test_yes_is_no_answer_once_the_correction_is_off_the_table() -> None:
    """A "yes" after another, impossible address does not bring the old suggestion back."""
    asked = _asked_for_email(
        (customer("ana@gmial.com"), DOUBT),
        (customer("ana@"), "desk: EMAIL_NO_DOMAIN [BUTTON_CHANGE_NAME]"),
        (customer("yes"), "desk: EMAIL_NO_AT [BUTTON_CHANGE_NAME]"),
    )

    assert asked.contact.email == ""


@pytest.mark.parametrize(
    ("said", "phrase"),
    [
        ("ana@", "EMAIL_NO_DOMAIN"),
        ("@example.com", "EMAIL_NO_LOCAL"),
        ("ana@example", "EMAIL_BAD_DOMAIN"),
        ("ana@exa_mple..com", "EMAIL_NOT_AN_ADDRESS"),
        (f"{'a' * 250}@example.com", "EMAIL_TOO_LONG"),
    ],
)
def test_an_impossible_address_is_refused_with_a_reason(said: str, phrase: str) -> None:
    """No mail could ever arrive there, so the customer hears what is wrong."""
    asked = _asked_for_email((customer(said), f"desk: {phrase} [BUTTON_CHANGE_NAME]"))

    assert asked.question is Question.EMAIL
    assert asked.contact.email == ""


def test_a_sentence_instead_of_an_address_is_kept_as_the_problem() -> None:
    """It is answered with what is missing, and agents will read it."""
    told = _asked_for_email(
        (customer("hurry please"), "desk: EMAIL_NO_AT [BUTTON_CHANGE_NAME]"),
        (customer("ana@example.com"), *_told_all()[:2], "agents < hurry please", _told_all()[2]),
    )

    assert told.problem == ("My site is down", "hurry please")


def test_a_sentence_around_an_address_is_both() -> None:
    """The address is taken, and what else was said reaches the agents."""
    said = "ana@example.com, and the shop has been dead since this morning"
    told = _asked_for_email((customer(said), *_told_all()[:2], f"agents < {said}", _told_all()[2]))

    assert told.contact.email == "ana@example.com"


def test_the_department_is_asked_for_only_where_there_is_a_choice() -> None:
    """With several departments there are buttons; the name of one may be typed as well."""
    several = policy(department("sales"), department("support"))
    asks = "desk: ASK_DEPARTMENT [Sales, Support]"
    start = conversation(known(), problem=("x",), has_problem=True, card_message="x")

    pressed = play(
        start,
        several,
        (commands(Command.START), asks),
        (presses("dept:nonsense"), "desk: BUTTON_EXPIRED"),
        (presses("dept:support"), *TOLD),
    )
    typed = play(start, several, (commands(Command.START), asks), (customer("support"), *TOLD))
    neither = play(
        start,
        several,
        (commands(Command.START), asks),
        (customer("the blue one"),),
        (passes(seconds=2), "desk: NOTED, ASK_DEPARTMENT_AGAIN [Sales, Support]"),
    )

    assert pressed.department == typed.department == "support"
    assert neither.department is None


def test_the_problem_may_take_several_messages_and_files() -> None:
    """Everything is kept in order; what does not fit on the card goes into the thread."""
    told = play(
        conversation(known()),
        policy(),
        (customer("My site is down", photo("first.jpg"), id="first"),),
        (passes(seconds=1),),
        (customer("", photo("second.jpg")),),
        (customer("I have changed nothing"),),
        (
            passes(seconds=2),
            "agents: card",
            "agents < first",
            "agents < second.jpg",
            "agents < I have changed nothing",
            "desk: AGENTS_TOLD",
        ),
    )

    assert told.card_message is None
    assert told.subject == "My site is down"


def test_a_returning_customer_is_asked_only_for_the_problem() -> None:
    """What is known is not asked; if the first words are the problem, nothing is."""
    play(
        conversation(known()),
        policy(),
        (commands(Command.START), "desk: GREETING, ASK_PROBLEM"),
    )
    play(conversation(known()), policy(), (customer("Down again"),), (passes(seconds=2), *TOLD))


def test_forwarded_words_are_never_an_answer() -> None:
    """Somebody else's name in a forwarded message is not the customer's."""
    asked = play(
        conversation(),
        policy(),
        (commands(Command.START), "desk: GREETING, ASK_NAME [Ana A.]"),
        (customer("Petar", forwarded=True),),
        (passes(seconds=2), "desk: ASK_NAME_AGAIN [Ana A.]"),
    )

    assert asked.problem == ("Petar",)


def test_answers_are_corrected_by_button() -> None:
    """Until agents are told, name and e-mail can be changed."""
    asked = play(
        conversation(),
        policy(),
        (commands(Command.START), "desk: GREETING, ASK_NAME [Ana A.]"),
        (customer("Anna"), ASK_EMAIL),
        (presses("change-name:"), "desk: ASK_NAME [Ana A.]"),
        (customer("Ana"), ASK_EMAIL),
        (customer("wrong@example.com"), ASK_PROBLEM),
        (presses("change-email:"), ASK_EMAIL),
        (customer("ana@example.com"), ASK_PROBLEM),
    )

    assert (asked.contact.name, asked.contact.email) == ("Ana", "ana@example.com")


def test_answers_are_corrected_by_editing_them() -> None:
    """An edited answer is the answer."""
    asked = play(
        conversation(),
        policy(),
        (commands(Command.START), "desk: GREETING, ASK_NAME [Ana A.]"),
        (customer("Anna"), ASK_EMAIL),
        (customer_edits("Anna", "Ana"), "desk: NAME_CHANGED"),
        (customer("wrong@example.com"), ASK_PROBLEM),
        (customer_edits("wrong@example.com", "ana@example.com"), ASK_PROBLEM),
        (customer_edits("wrong@example.com", "ana@"), "desk: EMAIL_NO_DOMAIN [BUTTON_CHANGE_NAME]"),
        (customer_edits("wrong@example.com", "ana@example.com"), ASK_PROBLEM),
    )

    assert (asked.contact.name, asked.contact.email) == ("Ana", "ana@example.com")


def test_an_edited_greeting_can_become_the_problem() -> None:
    """Somebody who corrects "hello" into a question is not asked for it again."""
    told = play(
        conversation(known()),
        policy(),
        (customer("hello"),),
        (passes(seconds=2), "desk: ASK_PROBLEM"),
        (customer_edits("hello", "hello, my site is down"),),
        (passes(seconds=2), *TOLD),
    )

    assert told.subject == "hello, my site is down"


def test_an_edited_greeting_is_not_the_subject() -> None:
    """The subject follows the message that it was taken from."""
    asked = play(
        conversation(),
        policy(),
        (customer("hello"), customer("My site is down")),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
        (customer_edits("hello", "hello there"),),
        (customer_edits("My site is down", "My shop is down"),),
    )

    assert asked.subject == "My shop is down"


def test_a_text_too_long_for_the_card_stands_in_the_thread() -> None:
    """Even if it has grown by an edit."""
    kept = play(
        conversation(),
        policy(),
        (customer("My site is down"),),
        (customer_edits("My site is down", "very " * 1000),),
    )

    assert kept.card_message is None


def test_the_questions_can_be_left() -> None:
    """After /cancel agents know nothing, and the next words begin anew."""
    left = play(
        conversation(),
        policy(),
        (customer("My site is down"),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
        (commands(Command.CANCEL), "desk: CANCELLED"),
        (passes(days=1),),
        (customer_edits("My site is down", "never mind"),),
        (commands(Command.CANCEL), "desk: NOTHING_TO_CANCEL"),
    )
    assert left.stage is Stage.RESOLVED

    again = play(
        left,
        policy(),
        (customer("How do I pay?"),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
    )

    assert again.problem == ("How do I pay?",)
    assert again.subject == "How do I pay?"


def test_start_after_cancel_begins_anew() -> None:
    """The desk greets as if nothing had been said."""
    play(
        conversation(known()),
        policy(),
        (commands(Command.START), "desk: GREETING, ASK_PROBLEM"),
        (commands(Command.CANCEL), "desk: CANCELLED"),
        (commands(Command.START), "desk: GREETING, ASK_PROBLEM"),
    )


def test_a_problem_is_not_lost_with_a_question_left_unanswered() -> None:
    """After half an hour agents get what is known, and see that it is incomplete."""
    told = play(
        conversation(),
        policy(),
        (customer("My site is down"),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
        (passes(minutes=29),),
        (passes(minutes=1), *TOLD),
    )

    assert told.incomplete
    assert told.stage is Stage.WAITING


def test_the_half_hour_counts_from_the_last_word() -> None:
    """Somebody who goes on writing has not left."""
    play(
        conversation(),
        policy(),
        (customer("My site is down"),),
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
        (passes(minutes=29),),
        (customer("It says: error 500"),),
        (passes(minutes=29), "desk: ASK_NAME_AGAIN [Ana A.]"),
        (passes(minutes=2), "agents: card", "agents < It says: error 500", "desk: AGENTS_TOLD"),
    )


def test_who_said_nothing_and_left_is_not_reported() -> None:
    """Without a problem there is nothing to tell; the question stands until they come back."""
    back = play(
        conversation(),
        policy(),
        (commands(Command.START), "desk: GREETING, ASK_NAME [Ana A.]"),
        (passes(days=30),),
        (customer("Ana"), ASK_EMAIL),
    )

    assert back.contact.name == "Ana"


def test_who_leaves_the_chat_in_the_middle_is_passed_on_all_the_same() -> None:
    """Agents hear of the problem, and it is a ticket; nothing is said into the empty chat."""
    start = conversation(known(), problem=("x",), has_problem=True, card_message="x")
    several = policy(department("sales"), department("support"))
    told = play(
        start,
        several,
        (commands(Command.START), "desk: ASK_DEPARTMENT [Sales, Support]"),
        (leaves(),),
        (
            passes(minutes=31),
            "agents: card",
            "mail: ticket-filed",
            "agents: card updated",
            "agents: AGENTS_TICKET_MAILED",
        ),
    )

    assert told.ticket is not None
    assert told.ticket.because is FiledBecause.UNREACHABLE


def test_at_night_the_question_becomes_a_ticket_at_once() -> None:
    """The customer hears when the desk opens, gets the ID, and the answer comes both ways."""
    filed = play(
        conversation(known(), opened_at=NIGHT),
        policy(),
        (customer("My site is down"),),
        (
            passes(seconds=2),
            "agents: card",
            "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
        ),
    )

    assert filed.stage is Stage.TICKETED
    assert filed.wake is not None
    assert filed.wake.reason is WakeFor.TICKET_REMINDER


def test_how_long_an_answer_takes_is_said_where_it_is_known() -> None:
    """Nothing is claimed where there is no history."""
    play(
        conversation(known()),
        policy(typical_answer=timedelta(minutes=4)),
        (customer("My site is down"),),
        (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD_TYPICAL"),
    )


def test_a_file_too_big_is_refused_and_the_rest_is_kept() -> None:
    """The customer hears at once; the message goes on with what can be passed on."""
    play(
        conversation(known()),
        policy(),
        (
            customer("The log", photo("huge.log", size=21 * MEGABYTE), id="log"),
            "desk: FILE_TOO_BIG",
        ),
        (passes(seconds=2), "agents: card", "agents < log", "desk: AGENTS_TOLD"),
    )


def test_the_desk_writes_in_the_letters_that_the_customer_writes_in() -> None:
    """Serbian has two scripts; an e-mail address says nothing of either."""
    asked = play(
        conversation(contact(language="sr-Latn")),
        policy(),
        (commands(Command.START), "desk: GREETING, ASK_NAME [Ana A.]"),
        (customer("Ана"), ASK_EMAIL),
        (customer("ana@example.com"), ASK_PROBLEM),
    )

    assert asked.contact.language == "sr"


def test_an_overdue_question_is_asked_late_rather_than_never() -> None:
    """A desk that was off when the burst ended asks as soon as it is back."""
    asked = play(
        conversation(),
        policy(),
        (customer("My site is down"),),
        (stands_still(hours=3), "desk: ASK_NAME [Ana A.]"),
    )

    assert asked.stage is Stage.ASKING
