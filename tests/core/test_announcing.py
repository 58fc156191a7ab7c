"""What the house's own programs are told: of tickets, what both sides read, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.announcing import announced
from core.contact import Identity
from core.conversation import Conversation, Stage
from core.effects import AnnounceKind, Words
from core.errors import GiveUp, Retry
from core.ids import MessageId, TicketId
from core.message import Message, Part, Side
from core.outbox import DeliveryState, Fits
from core.phrases import Phrase
from core.public import LONGEST_TEXT, public_message
from core.richtext import Mark, RichText, Span, plain
from core.ticket import FiledBecause, Ticket, TicketStatus
from tests.support.builders import ANA, MONDAY, NIGHT, conversation, known, policy
from tests.support.dispatching import Post, meet
from tests.support.play import agent, agent_edits, customer, customer_edits, files, passes, resolves
from tests.support.waiting import until
from tests.support.whole_desk import WholeDesk, whole_desk

PROGRAMS = Fits(text=0, file=0)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[WholeDesk]:
    """Give a desk that tells programs, and a customer who waits for an agent."""
    async with whole_desk(tmp_path, policy(), MONDAY) as desk:
        desk.carries(webhook=PROGRAMS)
        await meet(desk, ANA)
        yield desk


async def told(desk: WholeDesk) -> list[str]:
    """Return what the programs are told now."""
    done = await desk.carry_out()
    return [each.removeprefix("webhook: ") for each in done if each.startswith("webhook")]


async def test_a_conversation_that_is_no_ticket_is_nobody_elses_business(desk: WholeDesk) -> None:
    """What is asked and answered in the chat stays there."""
    await desk.tell(agent("Have a look"), customer("It is up again"), resolves())

    assert await told(desk) == []


async def test_a_new_ticket_is_told_with_all_that_was_said(desk: WholeDesk) -> None:
    """In order, without the answers to the desk's questions, and without notes."""
    await desk.tell(agent("Which site?"), agent("// he is angry"), customer("example.com"))
    await desk.tell(files())

    assert await told(desk) == [
        "ticket.opened open",
        "ticket.message ana's site is down",
        "ticket.message Which site?",
        "ticket.message example.com",
    ]


async def test_a_ticket_at_night_is_told_with_its_problem(tmp_path: Path) -> None:
    """Nobody is there: what was written first is told once it is a ticket."""
    async with whole_desk(tmp_path, policy(), NIGHT) as desk:
        desk.carries(webhook=PROGRAMS)
        await desk.tell(customer("My site is down"))
        await desk.play((passes(seconds=2), "desk: ASK_NAME [Ana A.]"))
        await desk.tell(customer("Ana"))
        await desk.carry_out()
        await desk.tell(customer("ana@example.com"))

        assert await told(desk) == ["ticket.opened open", "ticket.message My site is down"]


async def test_both_sides_and_every_change_of_the_status(desk: WholeDesk) -> None:
    """First what was said, then what it made of the ticket; notes never."""
    await desk.tell(files())
    await told(desk)

    await desk.tell(agent("Try now"), agent("// check the DNS"))
    assert await told(desk) == ["ticket.message Try now", "ticket.status answered"]
    await desk.tell(customer("Still down"))
    assert await told(desk) == ["ticket.message Still down", "ticket.status customer-reply"]
    await desk.tell(resolves())
    assert await told(desk) == ["ticket.status closed"]


async def test_what_is_changed_or_taken_back_is_told_again(desk: WholeDesk) -> None:
    """By the same id, so that nobody keeps what its author took back."""
    await desk.tell(files())
    await desk.tell(customer("My password is tiger"), agent("Try now"))
    await told(desk)

    await desk.tell(customer_edits("My password is tiger", "My password is ***"))
    assert await told(desk) == ["ticket.message My password is ***"]
    await desk.tell(agent_edits("Try now", ""))
    assert await told(desk) == ["ticket.message (deleted)"]


async def test_an_answer_that_becomes_a_note_is_told_to_be_gone(desk: WholeDesk) -> None:
    """And nothing of what it says now."""
    await desk.tell(files(), agent("He never pays"))
    await told(desk)
    await desk.tell(agent_edits("He never pays", "// He never pays"))

    assert await told(desk) == ["ticket.message (deleted)"]


async def test_a_note_that_becomes_an_answer_is_told(desk: WholeDesk) -> None:
    """Once the customer reads it, so may others."""
    await desk.tell(
        files(),
        agent(
            "// It is paid",
        ),
    )
    await told(desk)
    await desk.tell(agent_edits("// It is paid", "It is paid"))

    assert await told(desk) == ["ticket.message It is paid", "ticket.status answered"]


async def test_without_a_receiver_nothing_is_kept_for_one(tmp_path: Path) -> None:
    """Announcements do not pile up where nobody is to be told."""
    async with whole_desk(tmp_path, policy(), MONDAY) as desk:
        await meet(desk, ANA)
        await desk.tell(files())

        assert await told(desk) == []


# By the dispatcher


@pytest.fixture
async def post(desk: WholeDesk) -> Post:
    """Give the same desk with its dispatcher, and programs that it tells; it has a ticket."""
    post = Post(desk)
    await desk.tell(files())
    await post.empty()
    return post


async def test_a_failed_announcement_is_nobodys_concern(post: Post) -> None:
    """Neither agents nor the customer read a word of it; operators find it."""
    refused = GiveUp("410", why=Words(phrase=Phrase.WHY_REFUSED))
    post.programs.ends = [refused, refused]
    seen = len(post.agents.seen), len(post.chat.seen), len(post.mail.seen)
    await post.desk.tell(resolves())
    await post.empty()
    said = [each for each in post.agents.seen[seen[0] :] if "NOT_DELIVERED" in each]

    assert said == []
    async with post.desk.store.transaction() as tx:
        (failed,) = await tx.undelivered(post.desk.clock.now(), "webhook", 10)
    assert failed.reason == "410"


async def test_a_receiver_that_is_down_for_a_day_is_given_up_quietly(post: Post) -> None:
    """After 24 hours; what comes later is tried all the same."""
    post.programs.ends = [Retry("down")] * 100
    await post.desk.tell(resolves())
    await post.empty()
    before = list(post.agents.seen)
    post.desk.clock.go_on(timedelta(hours=25).total_seconds())
    await post.empty()

    assert post.agents.seen == before
    async with post.desk.store.transaction() as tx:
        (failed,) = await tx.undelivered(MONDAY, "webhook", 10)
    assert failed.state is DeliveryState.FAILED


async def test_an_answer_made_a_note_before_it_was_told_is_never_told(post: Post) -> None:
    """The receiver was down while the agent thought better of it."""
    post.programs.ends = [Retry("down")]
    post.programs.seen.clear()
    await post.desk.tell(agent("He never pays"))
    await post.turn()
    assert post.programs.seen == ["webhook: ticket.message He never pays"]
    await post.desk.tell(agent_edits("He never pays", "// He never pays"))
    await post.wait()
    await post.empty()

    assert post.programs.seen[1:] == [
        "webhook: ticket.status answered",
        "webhook: ticket.message (deleted)",
    ]


async def test_a_receiver_that_hangs_takes_few_of_the_calls(post: Post) -> None:
    """However many tickets it is told of, the customers' words go on."""
    post.programs.fits = replace(PROGRAMS, at_once=2)
    post.programs.seen.clear()
    free = post.programs.held_up["webhook"] = asyncio.Event()
    others = [Identity("chat", f"customer {number}") for number in range(5)]
    for each in others:
        await meet(post.desk, each)
    for each in others:
        await post.desk.tell(files(), who=each)
    for _ in range(3):
        await post.dispatcher.turn()
        await asyncio.sleep(0)
    assert len(post.programs.seen) == 2
    await post.desk.tell(agent("Hello"))
    await post.dispatcher.turn()
    await until(lambda: "customer < Hello" in post.chat.seen)

    free.set()
    await post.turn()
    await post.empty()
    opened = [each for each in post.programs.seen if "opened" in each]
    assert len(opened) == len(others)


# What it says


def a_ticket(**changes: object) -> Conversation:
    filed = Ticket(id=TicketId("MNT-1"), filed_at=MONDAY, because=FiledBecause.AGENT)
    return conversation(known(), stage=Stage.TICKETED, ticket=filed, **changes)


def said(text: RichText, part: Part = Part.TALK) -> Message:
    return Message(
        id=MessageId("m1"),
        conversation_id=a_ticket().id,
        side=Side.CUSTOMER,
        author="Ana",
        at=MONDAY,
        part=part,
        text=text,
    )


def test_what_a_stranger_mailed_is_not_told() -> None:
    """It stays among agents until one of them says whose it is."""
    note = said(plain("Send it to me"), Part.NOTE)
    assert list(announced(a_ticket(), a_ticket(), [note], None, MONDAY)) == []

    adopted = said(plain("Send it to me"))
    (one,) = announced(a_ticket(), a_ticket(), [adopted], note, MONDAY)
    assert one.message is not None
    assert one.message.text == "Send it to me"


def test_a_link_says_where_it_leads() -> None:
    """What a program shows must not hide it."""
    link = RichText("pay here", (Span(4, 8, Mark.LINK, "https://evil.example"),))
    assert public_message(said(link)).text == "pay here <https://evil.example>"


def test_a_very_long_text_is_told_in_short() -> None:
    """The rest of it can be asked for."""
    (one,) = announced(a_ticket(), a_ticket(), [said(plain("ž" * 50_000))], None, MONDAY)
    assert one.message is not None
    assert (len(one.message.text), one.message.is_cut) == (LONGEST_TEXT, True)


def test_a_merged_ticket_names_the_one_in_which_it_goes_on() -> None:
    """It is closed, and a program can follow."""
    closed = a_ticket().with_ticket(status=TicketStatus.CLOSED, merged_into=TicketId("MNT-2"))
    now = closed.evolve(stage=Stage.RESOLVED, resolved_at=MONDAY)
    (one,) = announced(a_ticket(), now, [], None, MONDAY)

    assert (one.kind, one.before) == (AnnounceKind.STATUS, TicketStatus.OPEN)
    assert (one.ticket.status, one.ticket.merged_into) == (TicketStatus.CLOSED, "MNT-2")
