"""Whole talks, from the first word to the last, on a real database that is read back every time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.contact import Identity
from core.conversation import Stage
from core.events import Command
from core.message import Side
from core.ticket import FiledBecause
from tests.support.builders import IVAN, MILA, MONDAY, NIGHT, department, photo, policy
from tests.support.play import (
    Line,
    agent,
    agent_edits,
    commands,
    customer,
    customer_edits,
    fails,
    leaves,
    passes,
    presses,
    resolves,
    returns,
    stands_still,
    takes,
)
from tests.support.whole_desk import WholeDesk, thread_of, whole_desk

ASK_NAME = "desk: ASK_NAME [Ana A.]"
ASK_EMAIL = "desk: ASK_EMAIL [BUTTON_CHANGE_NAME]"
ASK_PROBLEM = "desk: ASK_PROBLEM [BUTTON_CHANGE_NAME, BUTTON_CHANGE_EMAIL]"
INTRODUCED: tuple[Line, ...] = (
    (customer("My site is down"),),
    (passes(seconds=2), ASK_NAME),
    (customer("Ana"), ASK_EMAIL),
)
TOLD: tuple[Line, ...] = (
    *INTRODUCED,
    (customer("ana@example.com"), "agents: card", "desk: AGENTS_TOLD"),
)
ANSWERED: Line = (agent("Have a look"), "customer < Have a look", "agents: card updated")
RESOLVED: Line = (resolves(), "desk: RESOLVED", "agents: card updated", "agents: AGENTS_RESOLVED")
MAILED = ("mail: ticket-filed", "agents: card updated", "agents: AGENTS_TICKET_MAILED")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[WholeDesk]:
    """Give a desk with one department, on a Monday morning."""
    async with whole_desk(tmp_path, policy(), MONDAY) as desk:
        yield desk


@pytest.fixture
async def desk_at_night(tmp_path: Path) -> AsyncIterator[WholeDesk]:
    """Give a desk with one department, which is closed."""
    async with whole_desk(tmp_path, policy(), NIGHT) as desk:
        yield desk


async def test_a_first_customer_in_working_hours(desk: WholeDesk) -> None:
    """From the first word to "solved": each side reads the other, and the end is said to both."""
    over = await desk.play(
        *TOLD,
        (takes(), "desk: AGENT_TOOK", "agents: card updated", "agents: AGENTS_TAKEN"),
        (passes(minutes=3),),
        (agent("// looks like DNS"),),
        ANSWERED,
        (customer("I see. Here:", photo()), "agents < I see. Here:"),
        (customer_edits("I see. Here:", "I see, here:"), "agents < I see. Here: (edited)"),
        (agent("It works now"), "customer < It works now"),
        (agent_edits("It works now", "It works"), "customer < It works now (edited)"),
        (customer("Hvala!"), "agents < Hvala!"),
        RESOLVED,
        (customer("👍"), "agents < 👍"),
        (passes(days=30),),
    )

    assert over.stage is Stage.RESOLVED
    assert over.assignee == MILA


async def test_start_first(desk: WholeDesk) -> None:
    """Everything is asked, in order, and the problem last."""
    await desk.play(
        (commands(Command.START), "desk: GREETING, ASK_NAME [Ana A.]"),
        (presses("name:"), ASK_EMAIL),
        (customer("ana@gmial.com"), "desk: EMAIL_DOUBTFUL [ana@gmail.com, BUTTON_EMAIL_NO]"),
        (presses("email-yes:"), ASK_PROBLEM),
        (customer("My site is down"), customer("since this morning")),
        (passes(seconds=2), "agents: card", "agents < since this morning", "desk: AGENTS_TOLD"),
    )


async def test_a_burst_and_an_album_are_one_conversation(desk: WholeDesk) -> None:
    """Nothing of it is lost, and nothing is answered twice."""
    album = [customer("", photo(f"{number}.jpg")) for number in range(4)]
    told = await desk.play(
        (customer("Hello"), customer("My site is down"), customer("see"), *album),
        (passes(seconds=2), ASK_NAME),
        (customer("Ana"), ASK_EMAIL),
        (
            customer("ana@example.com"),
            "agents: card",
            "agents < Hello",
            "agents < see",
            *[f"agents < {number}.jpg" for number in range(4)],
            "desk: AGENTS_TOLD",
        ),
    )

    async with desk.store.transaction() as tx:
        kept = await tx.messages_in(told.id)
    assert len(kept) == 9
    assert [each.id for each in kept] == [*told.problem, "Ana", "ana@example.com"]


async def test_two_customers_do_not_meet(desk: WholeDesk) -> None:
    """Each has a conversation, and a thread, of their own."""
    bob = Identity("chat", "bob")
    await desk.play(*TOLD)
    await desk.play(
        (customer("My mail is down"),),
        (passes(seconds=2), ASK_NAME),
        (customer("Bob"), ASK_EMAIL),
        (customer("bob@example.com"), "agents: card", "desk: AGENTS_TOLD"),
        (agent("Which one?"), "customer < Which one?", "agents: card updated"),
        who=bob,
    )

    assert (await desk.conversation()).thread != (await desk.conversation(bob)).thread
    assert (await desk.conversation()).stage is Stage.WAITING


async def test_departments_and_a_returning_customer(tmp_path: Path) -> None:
    """The second time only what cannot be known is asked."""
    several = policy(department("sales"), department("support"))
    asks = "desk: ASK_DEPARTMENT [Sales, Support]"
    async with whole_desk(tmp_path, several, MONDAY) as desk:
        first = await desk.play(
            *INTRODUCED,
            (customer("ana@example.com"), asks),
            (presses("dept:support"), "agents: card", "desk: AGENTS_TOLD"),
            ANSWERED,
            RESOLVED,
            (passes(days=8),),
        )
        second = await desk.play(
            (customer("How much is a domain?"),),
            (passes(seconds=2), asks),
            (customer("Sales"), "agents: card", "desk: AGENTS_TOLD"),
        )

    assert (first.department, second.department) == ("support", "sales")
    assert first.id != second.id
    assert second.contact == first.contact


async def test_the_questions_left_with_cancel(desk: WholeDesk) -> None:
    """Agents never hear of it; the next problem is another one."""
    await desk.play(
        *INTRODUCED,
        (commands(Command.CANCEL), "desk: CANCELLED"),
        (passes(days=1),),
        (customer("How do I pay?"),),
        (passes(seconds=2), ASK_EMAIL),
        (customer("ana@example.com"), "agents: card", "desk: AGENTS_TOLD"),
    )


async def test_a_question_left_unanswered(desk: WholeDesk) -> None:
    """Half an hour later agents have what is known."""
    told = await desk.play(
        (customer("My site is down"),),
        (passes(seconds=2), ASK_NAME),
        (passes(minutes=31), "agents: card", "desk: AGENTS_TOLD"),
    )

    assert told.incomplete


async def test_at_night(desk_at_night: WholeDesk) -> None:
    """A ticket at once; the answer in the morning goes both ways; "thanks" leaves it answered."""
    filed = await desk_at_night.play(
        *INTRODUCED,
        (
            customer("ana@example.com"),
            "agents: card",
            "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
        ),
        (passes(hours=10),),
        (
            agent("It is up", who=IVAN),
            "customer < It is up",
            "mail: answer, It is up",
            "agents: card updated",
        ),
        (customer("Thanks"), "agents < Thanks"),
        (
            resolves(),
            "desk: RESOLVED",
            "mail: ticket-closed",
            "agents: card updated",
            "agents: AGENTS_RESOLVED",
        ),
        (
            customer("Down again"),
            "agents < Down again",
            "agents: card updated",
            "agents: AGENTS_REOPENED",
            "desk: REOPENED",
        ),
    )

    assert filed.stage is Stage.TICKETED
    assert filed.assignee == IVAN


async def test_nobody_answers(desk: WholeDesk) -> None:
    """A reminder at half time, a ticket at the deadline; the late answer, unread, is mailed too."""
    filed = await desk.play(
        *TOLD,
        (passes(minutes=5), "agents: AGENTS_REMINDER (on call)"),
        (customer("Hello?"), "agents < Hello?"),
        (passes(minutes=5), "desk: TICKET_UNANSWERED, TICKET_ANSWER_BOTH", *MAILED),
        (
            agent("Sorry, lunch"),
            "customer < Sorry, lunch",
            "agents: card updated",
        ),
        (passes(minutes=10), "mail: answer, Sorry, lunch"),
    )

    assert filed.ticket is not None
    assert filed.ticket.because is FiledBecause.UNANSWERED


async def test_a_deadline_overdue_after_a_restart(desk: WholeDesk) -> None:
    """One ticket, however often the desk looks."""
    await desk.play(
        *TOLD,
        (stands_still(hours=3), "desk: TICKET_UNANSWERED, TICKET_ANSWER_BOTH", *MAILED),
        (stands_still(hours=3),),
        (passes(hours=12),),
    )


async def test_the_same_event_told_twice(desk: WholeDesk) -> None:
    """Platforms repeat themselves; the desk does not."""
    await desk.play(*TOLD)
    await desk.tell(customer("Hello?"))
    desk.repeat_last()
    await desk.tell(customer("Hello?"))

    assert await desk.carry_out() == ["agents < Hello?"]


async def test_writing_again_within_a_week_and_after_it(desk: WholeDesk) -> None:
    """Within seven days the conversation is taken up again; later a new one begins."""
    first = await desk.play(*TOLD, ANSWERED, RESOLVED, (passes(days=2),))
    again = await desk.play(
        (
            customer("Down again"),
            "agents < Down again",
            "agents: card updated",
            "agents: AGENTS_REOPENED",
            "desk: REOPENED",
        ),
        (agent("Again?"), "customer < Again?", "agents: card updated"),
        RESOLVED,
        (passes(days=8),),
    )
    later = await desk.play(
        (customer("And again"),), (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD")
    )

    assert again.id == first.id
    assert later.id != first.id


async def test_a_customer_who_blocks_the_bot_and_comes_back(desk: WholeDesk) -> None:
    """The talk goes on by mail, and then both ways."""
    await desk.play(
        *TOLD,
        ANSWERED,
        (
            fails(Side.CUSTOMER, "Have a look", gone=True),
            "agents: AGENTS_NOT_DELIVERED",
            "agents: AGENTS_BY_MAIL_INSTEAD",
            "agents: AGENTS_CUSTOMER_LEFT",
            *MAILED,
            "mail: answer, Have a look",
        ),
        (leaves(),),
        (returns(), "agents: AGENTS_CUSTOMER_RETURNED"),
        (agent("Welcome"), "customer < Welcome", "mail: answer, Welcome"),
    )


async def test_an_edit_after_cancel_reaches_nobody(desk: WholeDesk) -> None:
    """Agents were never told; there is no thread to tell it in."""
    await desk.play(
        *INTRODUCED,
        (commands(Command.CANCEL), "desk: CANCELLED"),
        (customer_edits("My site is down", "never mind"),),
    )


async def test_an_answer_before_the_thread_is_known(desk: WholeDesk) -> None:
    """An agent faster than our own bookkeeping is heard as soon as the thread is written down."""
    await desk.play(*TOLD[:-1])
    await desk.tell(customer("ana@example.com"))
    await desk.tell(agent("Already on it"))

    done = await desk.carry_out()

    assert done[:2] == ["agents: card", "desk: AGENTS_TOLD"]
    assert done[2:] == ["customer < Already on it", "agents: card updated"]


async def test_an_answer_just_after_the_thread_is_known_stays_behind_the_first(
    desk: WholeDesk,
) -> None:
    """The thread is written down a moment before what waited for it is taken up."""
    await desk.play(*INTRODUCED)
    await desk.tell(customer("ana@example.com"))
    await desk.tell(agent("First"))
    conversation = await desk.conversation()
    async with desk.store.transaction() as tx:
        await tx.set_threads({conversation.id: thread_of(conversation.id)})

    await desk.tell(agent("Second"))

    answers = [each for each in await desk.carry_out() if each.startswith("customer <")]
    assert answers == ["customer < First", "customer < Second"]


async def test_an_edit_of_words_that_never_came_is_heard_as_words(desk: WholeDesk) -> None:
    """What was written while nobody listened, and changed since, counts as it reads now."""
    await desk.play(
        (customer_edits("before the desk", "My site is down"),),
        (passes(seconds=2), ASK_NAME),
    )
