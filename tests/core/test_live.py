"""Once agents have been told: words both ways, notes, deadlines, endings, and broken ways."""

import pytest

from core.conversation import Conversation, Stage, WakeFor
from core.message import MEGABYTE, AttachmentKind, Side
from core.policy import Policy
from core.ticket import FiledBecause, TicketStatus
from tests.support.builders import (
    IVAN,
    MILA,
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
    agent_edits,
    customer,
    customer_edits,
    fails,
    files,
    leaves,
    passes,
    play,
    resolves,
    returns,
    stands_still,
    takes,
)

TOLD: Line = (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD")
FILED = (
    "desk: TICKET_UNANSWERED, TICKET_ANSWER_BOTH",
    "mail: ticket-filed",
    "agents: card updated",
    "agents: AGENTS_TICKET_MAILED",
)
UNREACHABLE = ("mail: ticket-filed", "agents: card updated", "agents: AGENTS_TICKET_MAILED")
ANSWERED: Line = (agent("Have a look"), "customer < Have a look", "agents: card updated")
RESOLVED: Line = (
    resolves(),
    "desk: RESOLVED",
    "agents: card updated",
    "agents: AGENTS_RESOLVED",
)


def talk(
    *script: Line, start: Conversation | None = None, rules: Policy | None = None
) -> Conversation:
    """Play on from when agents have been told."""
    begun = start or conversation(known())
    return play(begun, rules or policy(), (customer("My site is down"),), TOLD, *script)


# Words both ways


def test_words_are_carried_both_ways() -> None:
    """What one side writes, the other reads; the first agent to answer is the assignee."""
    active = talk(
        (customer("Hello?"), "agents < Hello?"),
        ANSWERED,
        (customer("Which page?"), "agents < Which page?"),
        (agent("The first one", who=IVAN), "customer < The first one"),
    )

    assert active.stage is Stage.ACTIVE
    assert active.assignee == MILA
    assert active.deadline is None


def test_notes_stay_among_agents() -> None:
    """What begins with // is no answer, whoever reads it."""
    waiting = talk((agent("// he is a VIP"),), (agent("  //careful"),))

    assert waiting.stage is Stage.WAITING
    assert waiting.assignee is None


def test_an_edit_reaches_the_other_side() -> None:
    """Both sides see what the other has corrected; the card shows the problem as it is now."""
    talk(
        ANSWERED,
        (customer("Thank you vrey much"), "agents < Thank you vrey much"),
        (customer_edits("Thank you vrey much", "very"), "agents < Thank you vrey much (edited)"),
        (customer_edits("My site is down", "My shop is down"), "agents: card updated"),
        (agent_edits("Have a look", "Look"), "customer < Have a look (edited)"),
    )


def test_a_note_is_not_relayed_by_an_edit_either() -> None:
    """Nor is what becomes one; but what is a note no more is said, as an answer."""
    active = talk(
        (agent("// he is a VIP"),),
        (agent_edits("// he is a VIP", "// she is", was_note=True),),
        (
            agent_edits("// he is a VIP", "We are on it", was_note=True),
            "customer < // he is a VIP",
            "agents: card updated",
        ),
        (agent_edits("// he is a VIP", "// he is"),),
    )

    assert active.stage is Stage.ACTIVE
    assert active.wake is not None
    assert active.wake.reason is WakeFor.IDLE


def test_answers_corrected_after_the_intake_show_on_the_card() -> None:
    """An edited name or e-mail address is no message for the thread."""
    told = play(
        conversation(contact(name="Ana")),
        policy(),
        (customer("My site is down"),),
        (passes(seconds=2), "desk: ASK_EMAIL [BUTTON_CHANGE_NAME]"),
        (customer("ana@example.com"), "agents: card", "desk: AGENTS_TOLD"),
        (customer_edits("ana@example.com", "ana@example.org"), "agents: card updated"),
        (customer_edits("ana@example.com", "oh well"),),
    )

    assert told.contact.email == "ana@example.org"


def test_files_too_big_are_told_to_both_sides() -> None:
    """Who sent it knows, and who does not get it knows too."""
    huge = photo("huge.zip", size=99 * MEGABYTE)
    talk(
        (
            customer("The log", huge),
            "agents < The log",
            "desk: FILE_TOO_BIG",
            "agents: AGENTS_FILE_NOT_TAKEN",
        ),
        (
            agent("A tool", huge),
            "customer < A tool",
            "agents: AGENTS_FILE_TOO_BIG",
            "agents: card updated",
        ),
    )


# Who does it


def test_take_makes_an_assignee_and_somebody_else_can_take_over() -> None:
    """The customer hears who is looking at it; taking twice says nothing."""
    taken = talk(
        (takes(), "desk: AGENT_TOOK", "agents: card updated", "agents: AGENTS_TAKEN"),
        (takes(),),
        (takes(IVAN), "desk: AGENT_TOOK", "agents: card updated", "agents: AGENTS_TAKEN"),
        ANSWERED,
    )

    assert taken.assignee == IVAN


def test_taking_is_no_answer() -> None:
    """The deadline runs on until somebody says something."""
    filed = talk(
        (takes(), "desk: AGENT_TOOK", "agents: card updated", "agents: AGENTS_TAKEN"),
        (passes(minutes=5), "agents: AGENTS_REMINDER (on call)"),
        (passes(minutes=5), *FILED),
    )

    assert filed.assignee == MILA


# Nobody answers


def test_agents_are_reminded_at_half_time_and_a_ticket_is_filed_at_the_deadline() -> None:
    """Ten minutes: a reminder after five, a ticket after ten, and then nothing more."""
    filed = talk(
        (passes(minutes=4),),
        (passes(minutes=1), "agents: AGENTS_REMINDER (on call)"),
        (passes(minutes=4),),
        (passes(minutes=1), *FILED),
        (passes(hours=23),),
    )

    assert filed.stage is Stage.TICKETED
    assert filed.ticket is not None
    assert filed.ticket.because is FiledBecause.UNANSWERED


def test_a_deadline_that_passed_while_the_desk_stood_still_is_handled_once() -> None:
    """No reminder for what is too late already, and one ticket."""
    talk((stands_still(hours=2), *FILED), (passes(hours=2),))


def test_writing_on_does_not_put_the_deadline_off() -> None:
    """The customer waits from the first word that nobody answered."""
    talk(
        (passes(minutes=4),),
        (customer("Hello?"), "agents < Hello?"),
        (passes(minutes=1), "agents: AGENTS_REMINDER (on call)"),
        (customer("Anybody?"), "agents < Anybody?"),
        (passes(minutes=5), *FILED),
    )


def test_the_clock_starts_again_with_the_next_question() -> None:
    """An agent who answers once and then is silent is reminded like any other."""
    talk(
        ANSWERED,
        (passes(minutes=30),),
        (customer("And now?"), "agents < And now?"),
        (passes(minutes=5), "agents: AGENTS_REMINDER (on call)"),
        (passes(minutes=5), *FILED),
    )


def test_thanks_ask_for_no_answer() -> None:
    """A "thank you" wakes nobody up; the conversation ends by itself."""
    talk(
        ANSWERED,
        (customer("Hvala puno!"), "agents < Hvala puno!"),
        (passes(hours=23),),
        (
            passes(hours=2),
            "desk: RESOLVED_IDLE",
            "agents: card updated",
            "agents: AGENTS_RESOLVED_IDLE",
        ),
    )


def test_a_minute_before_closing_nobody_waits_into_the_night() -> None:
    """What is unanswered at closing time becomes a ticket then, and the next opening is said."""
    start = conversation(known()).opened_at.replace(hour=18, minute=59)  # 19:59 in Belgrade
    filed = talk(
        (passes(seconds=30), "agents: AGENTS_REMINDER (on call)"),
        (
            passes(seconds=30),
            "desk: TICKET_UNANSWERED, STATUS_OPENS, TICKET_ANSWER_BOTH",
            *FILED[1:],
        ),
        start=conversation(known(), opened_at=start),
    )

    assert filed.stage is Stage.TICKETED


def test_a_question_after_closing_time_is_a_ticket_at_once() -> None:
    """Even if an agent was there a moment ago: nobody is reminded at night."""
    filed = talk(
        ANSWERED,
        (passes(hours=12),),
        (
            customer("And now?"),
            "agents < And now?",
            "agents: card updated",
            "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
        ),
        (passes(hours=30),),
    )

    assert filed.ticket is not None
    assert filed.ticket.because is FiledBecause.CLOSED


def test_a_department_that_never_closes_never_files_for_the_night() -> None:
    """Around the clock there is no closing time to watch."""
    always = department().with_hours(department().hours.__class__(week="24/7", zone="UTC"))
    talk((passes(minutes=5), "agents: AGENTS_REMINDER (on call)"), rules=policy(always))


# The end, and after it


def test_a_silent_customer_is_taken_for_helped() -> None:
    """A day after the last answer the conversation is resolved, with a word to both sides."""
    over = talk(
        ANSWERED,
        (passes(hours=23),),
        (
            passes(hours=1),
            "desk: RESOLVED_IDLE",
            "agents: card updated",
            "agents: AGENTS_RESOLVED_IDLE",
        ),
        (passes(days=90),),
    )

    assert over.stage is Stage.RESOLVED


@pytest.mark.parametrize("thanks", ["Thank you!", "ok, hvala", "хвала пуно", "👍", "🙏🏻 ❤️"])
def test_thanks_do_not_reopen(thanks: str) -> None:
    """Agents see it, and it stays resolved."""
    over = talk(ANSWERED, RESOLVED, (customer(thanks), f"agents < {thanks}"))

    assert over.stage is Stage.RESOLVED


def test_a_thankful_sticker_does_not_reopen_either() -> None:
    """A thumb is a thumb, drawn or typed."""
    thumb = photo("thumb", kind=AttachmentKind.STICKER, detail="👍")
    over = talk(ANSWERED, RESOLVED, (customer("", thumb), "agents < thumb"))

    assert over.stage is Stage.RESOLVED


REOPENED = ("agents: card updated", "agents: AGENTS_REOPENED", "desk: REOPENED")


@pytest.mark.parametrize("said", ["It is down again", "Thanks, but it is down again", "???"])
def test_other_words_reopen(said: str) -> None:
    """The clock runs as it did the first time."""
    waiting = talk(
        ANSWERED,
        RESOLVED,
        (passes(hours=1),),
        (customer(said), f"agents < {said}", *REOPENED),
        (passes(minutes=5), "agents: AGENTS_REMINDER (on call)"),
    )

    assert waiting.stage is Stage.WAITING


def test_reopening_at_night_files_a_ticket() -> None:
    """Nobody is there to take it up, and the customer hears so."""
    talk(
        ANSWERED,
        RESOLVED,
        (passes(hours=12),),
        (
            customer("Down again"),
            "agents < Down again",
            "agents: card updated",
            "agents: AGENTS_REOPENED",
            "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
        ),
    )


def test_an_agent_can_take_it_up_again_too() -> None:
    """An answer after the end is carried over, and the conversation lives."""
    active = talk(
        ANSWERED,
        RESOLVED,
        (agent("One more thing"), "customer < One more thing", "agents: card updated"),
    )

    assert active.stage is Stage.ACTIVE


def test_resolving_twice_says_nothing_twice() -> None:
    """The button on the card may be pressed late."""
    talk(ANSWERED, RESOLVED, (resolves(),), (takes(),), (files(),))


# Ways that break


def test_who_blocks_the_bot_is_written_to_by_mail() -> None:
    """With an address, the conversation goes on as a ticket; nothing is said into the void."""
    filed = talk(
        ANSWERED,
        (leaves(), "agents: AGENTS_CUSTOMER_LEFT", *UNREACHABLE),
        (leaves(),),
        (agent("Still there?"), "mail: answer, Still there?", "agents: card updated"),
        (returns(), "agents: AGENTS_CUSTOMER_RETURNED"),
        (agent("Ah"), "customer < Ah", "mail: answer, Ah"),
    )

    assert filed.ticket is not None
    assert filed.ticket.because is FiledBecause.UNREACHABLE
    assert filed.ticket.status is TicketStatus.ANSWERED


def _without_address(*script: Line) -> Conversation:
    told = conversation(
        contact(name="Ana"), stage=Stage.ACTIVE, handed_over=True, department="support"
    )
    return play(told, policy(), *script)


def test_agents_are_told_when_there_is_no_other_way() -> None:
    """Without an address nothing reaches the customer, and agents are not left to believe it."""
    _without_address(
        (leaves(), "agents: AGENTS_CUSTOMER_LEFT"),
        (agent("Hello?"), "agents: AGENTS_CUSTOMER_LEFT", "agents: card updated"),
        (agent("Well"), "agents: AGENTS_CUSTOMER_LEFT"),
        (customer("I am back"), "agents < I am back"),
        (agent("Good"), "customer < Good"),
    )


def test_an_answer_that_met_a_closed_door_goes_by_mail() -> None:
    """The agent reads why it failed, and where it goes instead."""
    talk(
        ANSWERED,
        (
            fails(Side.CUSTOMER, "Have a look", gone=True),
            "agents: AGENTS_NOT_DELIVERED",
            "agents: AGENTS_BY_MAIL_INSTEAD",
            "agents: AGENTS_CUSTOMER_LEFT",
            *UNREACHABLE,
            "mail: answer, Have a look",
        ),
        (fails(Side.CUSTOMER, "Have a look", gone=True), "agents: AGENTS_NOT_DELIVERED"),
        (leaves(),),
    )


def test_nothing_is_claimed_to_go_by_mail_that_does_not() -> None:
    """A single message refused, with the chat alive, stays a matter of the agents."""
    talk(ANSWERED, (fails(Side.CUSTOMER, "Have a look"), "agents: AGENTS_NOT_DELIVERED"))
    _without_address(
        (
            fails(Side.CUSTOMER, "Have a look", gone=True),
            "agents: AGENTS_NOT_DELIVERED",
            "agents: AGENTS_NO_WAY",
            "agents: AGENTS_CUSTOMER_LEFT",
        )
    )


def test_a_word_of_the_desk_that_met_a_closed_door_tells_agents_too() -> None:
    """Whatever finds out first that the customer is gone: agents hear it, once."""
    _without_address(
        (fails(Side.CUSTOMER),),
        (fails(Side.CUSTOMER, gone=True), "agents: AGENTS_CUSTOMER_LEFT"),
        (leaves(),),
    )


def test_an_answer_to_a_customer_gone_after_the_end_is_mailed() -> None:
    """The chat was left when all was said; a late answer still has somewhere to go."""
    filed = talk(
        ANSWERED,
        RESOLVED,
        (leaves(), "agents: AGENTS_CUSTOMER_LEFT"),
        (
            agent("One more thing"),
            *UNREACHABLE,
            "mail: answer, One more thing",
            "agents: card updated",
        ),
    )

    assert filed.stage is Stage.TICKETED


def test_what_agents_cannot_be_shown_is_kept_as_a_ticket() -> None:
    """The customer who wrote it hears that it was not passed on."""
    filed = talk(
        (fails(Side.AGENTS, "My site is down"), "desk: NOT_PASSED_ON", *FILED),
        (fails(Side.AGENTS, "Hello?"), "desk: NOT_PASSED_ON"),
    )

    assert filed.stage is Stage.TICKETED


def test_a_room_that_is_gone_files_what_waits_there() -> None:
    """Even when it was only the reminder that could not be posted."""
    talk(
        (fails(Side.AGENTS),),
        (fails(Side.AGENTS, gone=True), "desk: NOT_PASSED_ON", *FILED),
        (fails(Side.AGENTS, gone=True),),
    )


def test_a_mail_that_failed_is_shown_to_agents() -> None:
    """They may know another way."""
    talk((fails(Side.CUSTOMER, by_mail=True), "agents: AGENTS_MAIL_FAILED"))


def test_an_address_that_comes_late_is_an_address() -> None:
    """Who answers the question for their e-mail after agents were told has answered it."""
    told = _without_address(
        (customer("info@example.org gets no mail"), "agents < info@example.org gets no mail"),
        (customer("ana@example.com"), "agents < ana@example.com", "agents: card updated"),
        (customer("boss@example.com"), "agents < boss@example.com"),
    )

    assert told.contact.email == "ana@example.com"
