"""Whole talks on a website and in the portal, on a real database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.contact import Identity
from core.conversation import Conversation, Stage
from core.events import Command, CustomerAway, Event
from core.ids import ConversationId
from core.outbox import Fits
from core.ports import About, FromCustomer, FromThread, Incoming, Origin
from core.ticket import FiledBecause
from tests.support.builders import MONDAY, department, message_id, policy
from tests.support.play import (
    Happens,
    agent,
    agent_edits,
    asks,
    commands,
    customer,
    customer_edits,
    goes_away,
    passes,
    presses,
    proves,
    reopens,
    replies,
    resolves,
    sees,
)
from tests.support.whole_desk import WholeDesk, thread_of, whole_desk

VISITOR = Identity("web", "visitor-1")
STRANGER = Identity("web", "visitor-2")
PORTAL = Identity("portal", "ana@example.com")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[WholeDesk]:
    """Give a desk with two departments and a website, on a Monday at 10:00."""
    rules = policy(department("sales"), department("support"))
    async with whole_desk(tmp_path, rules, MONDAY) as desk:
        desk.carries(web=Fits(text=4000, file=10**8))
        yield desk


async def happens(desk: WholeDesk, step: Happens, origin: Origin) -> list[str]:
    """Have this happen there; return what the desk does."""
    event: Event = step(desk.clock.now())
    key = f"{origin}:{event}"
    await desk.desk().receive([Incoming(key=key, origin=origin, event=event)])
    return await desk.carry_out()


async def in_portal(desk: WholeDesk, step: Happens, ticket: ConversationId) -> list[str]:
    """Have the customer do this in the portal, with one of their tickets."""
    return await happens(desk, step, About(ticket))


async def file_in_portal(desk: WholeDesk, text: str, **given: str) -> Conversation:
    """Have the customer file a ticket in the portal."""
    form = asks(text, as_ticket=True, proven=True, **given)
    done = await happens(desk, form, FromCustomer(identity=PORTAL, language="en"))

    assert done == ["agents: card", "mail: ticket-filed"]
    return await desk.conversation(PORTAL)


async def test_a_first_visit_in_working_hours(desk: WholeDesk) -> None:
    """From the form to the answer, the end, and a second question weeks later."""
    first = await desk.play(
        (asks("My sight is down"),),
        (customer_edits("My sight is down", "My site is down"),),
        (passes(seconds=2), "desk: ASK_DEPARTMENT [Sales, Support]"),
        (presses("dept:support"), "agents: card", "desk: AGENTS_TOLD"),
        (agent("Have a look"), "customer < Have a look", "agents: card updated"),
        (sees(),),
        (customer("Works"), "agents < Works"),
        (resolves(), "desk: RESOLVED", "agents: card updated", "agents: AGENTS_RESOLVED"),
        (passes(days=21),),
        who=VISITOR,
    )
    second = await desk.play(
        (customer("Down again"),),
        (passes(seconds=2), "desk: ASK_DEPARTMENT [Sales, Support]"),
        (presses("dept:support"), "agents: card", "desk: AGENTS_TOLD"),
        who=VISITOR,
    )

    assert first.contact == second.contact
    assert second.continues == first.id


async def test_who_leaves_gets_the_rest_by_mail_and_sees_it_all_on_return(desk: WholeDesk) -> None:
    """Each answer once in the chat and once by mail; back in the chat, there it goes on."""
    ticket = await desk.play(
        (asks("My site is down", department="support"),),
        (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD"),
        (agent("Have a look"), "customer < Have a look", "agents: card updated"),
        (passes(minutes=5),),
        (
            goes_away("Have a look"),
            "agents: AGENTS_CUSTOMER_AWAY",
            "desk: TICKET_AWAY, TICKET_ANSWER_BOTH",
            "agents: card updated",
            "agents: AGENTS_TICKET_MAILED",
            "mail: answer, Have a look",
        ),
        (agent("And here"), "customer < And here", "mail: answer, And here"),
        (goes_away("Have a look", "And here"),),
        (sees(),),
        (agent("Better?"), "customer < Better?"),
        (customer("Yes"), "agents < Yes", "agents: card updated"),
        (passes(hours=1),),
        who=VISITOR,
    )

    assert ticket.ticket is not None
    assert ticket.ticket.because is FiledBecause.UNREACHABLE
    assert ticket.unmailed == ()


async def test_an_answer_in_an_old_thread_is_mailed_about_the_old_talk(desk: WholeDesk) -> None:
    """The new one goes on as it was: nobody has left a question there unread."""
    old = await desk.play(
        (asks("My site is down", department="support"),),
        (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD"),
        (agent("Fixed"), "customer < Fixed", "agents: card updated"),
        (resolves(), "desk: RESOLVED", "agents: card updated", "agents: AGENTS_RESOLVED"),
        (passes(days=21),),
        who=VISITOR,
    )
    new = await desk.play(
        (asks("Prices?", department="sales"),),
        (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD"),
        who=VISITOR,
    )
    await happens(desk, agent("It was the DNS"), FromThread(thread_of(old.id)))
    done = await desk.play(
        (
            goes_away("It was the DNS"),
            "agents: AGENTS_CUSTOMER_AWAY",
            "desk: TICKET_AWAY, TICKET_ANSWER_BOTH",
            "agents: card updated",
            "agents: AGENTS_TICKET_MAILED",
            "mail: answer, It was the DNS",
        ),
        who=VISITOR,
    )

    assert done.id == new.id
    assert done.stage is Stage.WAITING


async def test_what_agents_took_back_is_not_mailed(desk: WholeDesk) -> None:
    """Deleted, or made a note: the page may not know; nor is anybody else's word mailed."""
    talk = await desk.play(
        (asks("My site is down", department="support"),),
        (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD"),
        (agent("Restart"), "customer < Restart", "agents: card updated"),
        (agent("Ask Ivan"), "customer < Ask Ivan"),
        (agent_edits("Restart", ""), "customer < Restart (edited)"),
        (agent_edits("Ask Ivan", "// ask Ivan"),),
        (goes_away("Restart", "Ask Ivan", "My site is down", "never said"),),
        who=VISITOR,
    )

    assert talk.stage is Stage.ACTIVE


async def test_a_last_answer_by_mail_can_be_replied_to(desk: WholeDesk) -> None:
    """Although it was over when they left: the closed ticket is opened by their word."""
    over = await desk.play(
        (asks("My site is down", department="support"),),
        (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD"),
        (agent("Fixed"), "customer < Fixed", "agents: card updated"),
        (resolves(), "desk: RESOLVED", "agents: card updated", "agents: AGENTS_RESOLVED"),
        (
            goes_away("Fixed"),
            "agents: card updated",
            "agents: AGENTS_CUSTOMER_AWAY",
            "mail: answer, Fixed",
        ),
        (
            replies("It is not"),
            "agents < It is not",
            "agents: card updated",
            "agents: AGENTS_REOPENED",
            "desk: REOPENED",
        ),
        who=VISITOR,
    )

    assert over.stage is Stage.TICKETED


@pytest.mark.parametrize("step", [sees(), goes_away("never said")])
async def test_seeing_and_leaving_begin_nothing(desk: WholeDesk, step: Happens) -> None:
    """Neither for a stranger who only looks, nor where a talk has been over for weeks."""
    over = await desk.play(
        (asks("My site is down", department="support"),),
        (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD"),
        (agent("Fixed"), "customer < Fixed", "agents: card updated"),
        (resolves(), "desk: RESOLVED", "agents: card updated", "agents: AGENTS_RESOLVED"),
        (passes(days=21),),
        (step,),
        who=VISITOR,
    )

    assert await happens(desk, step, FromCustomer(identity=STRANGER)) == []
    assert await desk.conversation(VISITOR) == over
    async with desk.store.transaction() as tx:
        assert await tx.contacts([STRANGER]) == {}


async def test_a_ticket_in_the_portal_from_first_to_last(desk: WholeDesk) -> None:
    """Answered by mail, replied to, closed and reopened by its customer."""
    ticket = await file_in_portal(desk, "My site is down", subject="DNS", department="support")
    answer = await desk.play(
        (agent("Have a look"), "mail: answer, Have a look", "agents: card updated"), who=PORTAL
    )
    assert answer.id == ticket.id

    done = [
        await in_portal(desk, step, ticket.id)
        for step in (replies("I did"), commands(Command.END), reopens(), proves())
    ]

    assert done == [
        ["agents < I did", "agents: card updated"],
        ["agents: card updated", "agents: AGENTS_CUSTOMER_ENDED"],
        ["agents: card updated", "agents: AGENTS_REOPENED_BY_BUTTON"],
        [],
    ]


async def test_every_form_in_the_portal_is_a_ticket_of_its_own(desk: WholeDesk) -> None:
    """Although another one is open; who they are is known from the first."""
    first = await file_in_portal(desk, "My site is down")
    second = await file_in_portal(desk, "One more thing")

    assert first.id != second.id
    assert first.contact == second.contact
    assert second.continues is None
    assert (first.department, second.department) == ("sales", "sales")


async def test_a_reply_from_the_portal_is_heard_in_a_chats_ticket(desk: WholeDesk) -> None:
    """It waits to be mailed still what was not read in the chat."""
    ticket = await desk.play(
        (passes(hours=12),),
        (asks("My site is down", department="support"),),
        (
            passes(seconds=2),
            "agents: card",
            "desk: TICKET_CLOSED_NOW, TICKET_ANSWER_BOTH",
            "mail: ticket-filed",
        ),
        (sees(),),
        (agent("Have a look"), "customer < Have a look", "agents: card updated"),
        (replies("Where?"), "agents < Where?", "agents: card updated"),
        (passes(minutes=10), "mail: answer, Have a look"),
        who=VISITOR,
    )

    assert ticket.reachable


async def test_an_absence_told_again_mails_nothing_again(desk: WholeDesk) -> None:
    """Under the same key or a new one, at once or later."""
    await desk.play(
        (asks("My site is down", department="support"),),
        (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD"),
        (agent("Now?"), "customer < Now?", "agents: card updated"),
        who=VISITOR,
    )
    away = CustomerAway(at=desk.clock.now(), unread=(message_id("Now?"),))
    twice = [
        Incoming(key=f"away:{number}", origin=FromCustomer(identity=VISITOR), event=away)
        for number in (1, 1, 2)
    ]
    await desk.desk().receive(twice)

    assert [each for each in await desk.carry_out() if each.startswith("mail")] == [
        "mail: answer, Now?"
    ]
