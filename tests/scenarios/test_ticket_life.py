"""A ticket's life from end to end, on a real database: it ends, goes on, and is merged."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from core.contact import Identity
from core.conversation import Conversation, Stage
from core.ids import ConversationId, TicketId
from core.known import MOST_HOPS
from core.outbox import MAIL
from core.ports import Changes, FromThread, Incoming
from core.ticket import TicketStatus
from core.ticket_merging import MOST_SHOWN
from tests.support.builders import ANA, NIGHT, policy
from tests.support.play import (
    Happens,
    agent,
    agent_edits,
    customer,
    customer_edits,
    holds,
    leaves,
    merges,
    passes,
    renames,
    resolves,
)
from tests.support.whole_desk import WholeDesk, thread_of, whole_desk

AT_WORK = Identity("chat", "ana at work")
BY_MAIL = Identity(MAIL, "ana@example.com")
BORIS = Identity("chat", "boris")

WARNED = ("desk: TICKET_CLOSING_SOON", "mail: closing-soon")
MERGED = ("desk: TICKET_MERGED", "agents: card updated", "agents: AGENTS_MERGED")
TOOK_IN = "agents: AGENTS_TOOK_IN"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[WholeDesk]:
    """Give a desk with one department, on a Monday at 22:00."""
    async with whole_desk(tmp_path, policy(), NIGHT) as desk:
        yield desk


async def filed(
    desk: WholeDesk, problem: str, *, who: Identity = ANA, proven: bool = True
) -> Conversation:
    """Have a customer file a ticket; it is *proven* that the address is theirs."""
    await desk.tell(customer(problem), who=who)
    for words in ("Ana", "ana@example.com"):
        desk.clock.go_on(2)
        await desk.desk().tick()
        await desk.tell(customer(words, id=f"{words} of {problem}"), who=who)
    await desk.carry_out()
    ticket = await desk.conversation(who)
    assert ticket.stage is Stage.TICKETED
    return await known_as(desk, ticket, proven=proven)


async def known_as(desk: WholeDesk, ticket: Conversation, *, proven: bool) -> Conversation:
    changed = ticket.with_contact(email_proven=proven)
    await saved(desk, changed)
    return changed


async def saved(desk: WholeDesk, *changed: Conversation) -> None:
    async with desk.store.transaction() as tx:
        await tx.conversations({each.id for each in changed})
        await tx.save(Changes(conversations={each.id: each for each in changed}))


def name(ticket: Conversation) -> str:
    return ticket.ticket.id if ticket.ticket else ""


async def now(desk: WholeDesk, ticket: Conversation) -> Conversation:
    async with desk.store.transaction() as tx:
        return (await tx.conversations([ticket.id]))[ticket.id]


async def in_thread(desk: WholeDesk, of: Conversation, step: Happens) -> None:
    """Have an agent write in the thread of this conversation."""
    event = step(desk.clock.now())
    key = f"{of.id}:{desk.clock.now()}:{event}"
    await desk.desk().receive([Incoming(key=key, origin=FromThread(thread_of(of.id)), event=event)])


async def two(desk: WholeDesk) -> tuple[Conversation, Conversation]:
    """File two tickets of one customer; return that of the chat, and that from work."""
    return await filed(desk, "My site is down"), await filed(desk, "Site again", who=AT_WORK)


async def test_a_tickets_whole_life(desk: WholeDesk) -> None:
    """Remembered, answered, held, closed in silence, reopened, closed; then a new one, linked."""
    first = await filed(desk, "My site is down")
    over = await desk.play(
        (renames("DNS"), "agents: card updated", "agents: AGENTS_RENAMED"),
        (passes(hours=34), "agents: AGENTS_TICKET_WAITS"),
        (
            agent("Have a look"),
            "customer < Have a look",
            "mail: answer, Have a look",
            "agents: card updated",
        ),
        (customer("Still down"), "agents < Still down", "agents: card updated"),
        (holds(), "agents: card updated", "agents: AGENTS_HELD"),
        (passes(days=20),),
        (agent("Now?"), "customer < Now?", "mail: answer, Now?", "agents: card updated"),
        (passes(days=5), *WARNED),
        (
            passes(days=2),
            "desk: TICKET_CLOSED_SILENT",
            "mail: ticket-closed",
            "agents: card updated",
            "agents: AGENTS_RESOLVED_IDLE",
        ),
        (passes(days=6),),
        (
            customer("It is back"),
            "agents < It is back",
            "agents: card updated",
            "agents: AGENTS_REOPENED",
            "desk: REOPENED",
        ),
        (
            resolves(),
            "desk: RESOLVED",
            "mail: ticket-closed",
            "agents: card updated",
            "agents: AGENTS_RESOLVED",
        ),
        (passes(days=7, hours=1),),
    )
    assert (over.id, over.subject) == (first.id, "DNS")

    second = await desk.play(
        (customer("Something else"),),
        (passes(seconds=2), "agents: card", "desk: AGENTS_TOLD"),
    )

    assert second.id != first.id
    assert second.continues == first.id
    assert second.earlier_tickets == (name(first),)


async def test_a_ticket_is_merged_into_another_of_the_same_customer(desk: WholeDesk) -> None:
    """Both threads say so, the customer is told once, and what waits for an answer goes on."""
    chat, work = await two(desk)
    await desk.play((agent("Looking"), "customer < Looking", "mail: answer, Looking",
                     "agents: card updated"), who=AT_WORK)  # fmt: skip
    await desk.play(
        (customer("Hello?"), "agents < Hello?", "agents: card updated"),
        (agent("// is this the other one?"),),
        (
            merges(name(work)),
            *MERGED,
            TOOK_IN,
            "agents < My site is down",
            "agents < Hello?",
            "agents: card updated",
        ),
    )

    merged, goes_on = await now(desk, chat), await now(desk, work)
    assert merged.stage is Stage.RESOLVED
    assert merged.merged_into == work.id
    assert merged.ticket is not None
    assert merged.ticket.merged_into == name(work)
    assert goes_on.ticket is not None
    assert goes_on.ticket.status is TicketStatus.CUSTOMER_REPLY
    assert goes_on.waiting_since is not None
    assert goes_on.waiting_since < desk.clock.now()


async def test_what_is_said_in_a_merged_ticket_goes_on_in_the_other(desk: WholeDesk) -> None:
    """By the customer in their chat, and by agents in the thread; agents see it in one place."""
    chat, work = await two(desk)
    await desk.tell(merges(name(work)))
    await desk.carry_out()

    await desk.tell(customer("Are you there?"))
    assert await desk.carry_out() == ["agents < Are you there?"]
    await desk.tell(customer_edits("Are you there?", "Anybody?"))
    assert await desk.carry_out() == ["agents < Are you there? (edited)"]
    await desk.tell(customer_edits("My site is down", "My shop is down"))
    assert await desk.carry_out() == ["agents < My site is down"]
    await in_thread(desk, chat, agent("We are"))
    assert await desk.carry_out() == [
        "customer < We are",
        "agents: card updated",
        "agents < We are",
    ]
    await in_thread(desk, chat, agent_edits("We are", "We are here"))
    assert await desk.carry_out() == ["customer < We are (edited)"]
    await in_thread(desk, chat, agent("// old thread"))
    assert await desk.carry_out() == ["agents < // old thread"]

    goes_on = await now(desk, work)
    assert goes_on.ticket is not None
    assert goes_on.ticket.status is TicketStatus.ANSWERED
    assert (await now(desk, chat)).stage is Stage.RESOLVED


async def test_tickets_merged_one_after_another_go_on_in_the_last(desk: WholeDesk) -> None:
    """Whichever of them something is said in; and merging it once more changes nothing."""
    chat, work = await two(desk)
    third = await filed(desk, "Third time", who=Identity("chat", "ana at home"))
    await desk.tell(merges(name(work)))
    await desk.tell(merges(name(third)), who=AT_WORK)
    await desk.carry_out()

    await desk.tell(customer("Hello?"))
    await desk.tell(merges(name(third)))
    assert await desk.carry_out() == [
        "agents < Hello?", "agents: MERGE_SAME"
    ]  # fmt: skip
    assert (await now(desk, third)).ticket
    assert (await now(desk, work)).merged_into == third.id
    assert (await now(desk, chat)).merged_into == work.id


async def test_after_the_end_of_both_a_new_conversation_begins(desk: WholeDesk) -> None:
    """It is linked to the one in which they went on."""
    _, work = await two(desk)
    await desk.tell(merges(name(work)))
    await desk.tell(resolves(), who=AT_WORK)
    await desk.carry_out()
    await desk.play((passes(days=8),))

    fresh = await desk.play((customer("A new thing"),))

    assert fresh.continues == work.id
    assert fresh.earlier_tickets == (name(work),)


async def test_only_what_is_certainly_of_one_customer_is_merged(desk: WholeDesk) -> None:
    """An address that somebody typed is a claim: agents are told why not."""
    chat = await filed(desk, "My site is down")
    claimed = await filed(desk, "Tell me all", who=BORIS, proven=False)

    for into, why in (
        (name(claimed), "agents: MERGE_STRANGER"),
        (name(chat), "agents: MERGE_SAME"),
        ("MNT-ZZZZZ", "agents: MERGE_UNKNOWN"),
    ):
        await desk.play((merges(into), why))
    await known_as(desk, claimed, proven=True)
    await desk.tell(resolves(), who=BORIS)
    await desk.carry_out()
    await desk.play((merges(name(claimed)), "agents: MERGE_NOT_OPEN"))
    assert (await now(desk, chat)).stage is Stage.TICKETED


async def test_of_a_long_ticket_the_last_words_are_shown(desk: WholeDesk) -> None:
    """And how many there were before them."""
    _, work = await two(desk)
    for number in range(MOST_SHOWN):
        await desk.tell(customer(f"line {number}"))
    await desk.carry_out()

    await desk.tell(merges(name(work)))
    done = await desk.carry_out()

    shown = [each for each in done if each.startswith("agents <")]
    assert shown == [f"agents < line {number}" for number in range(MOST_SHOWN)]
    assert "agents: AGENTS_SAID_BEFORE" in done


async def test_a_ticket_by_mail_takes_over_the_chat_of_one_merged_into_it(desk: WholeDesk) -> None:
    """Answers then reach the customer both ways; where they left that chat, by mail alone."""
    chat, work = await two(desk)
    await saved(desk, replace(work, identity=BY_MAIL, reachable=False))
    await desk.tell(merges(name(work)))
    await desk.carry_out()

    assert (await now(desk, work)).identity == ANA
    await in_thread(desk, work, agent("Hello"))
    assert await desk.carry_out() == [
        "customer < Hello", "mail: answer, Hello", "agents: card updated"
    ]  # fmt: skip
    assert (await now(desk, chat)).merged_into == work.id


async def test_leaving_the_chat_of_a_merged_ticket_changes_nothing_in_another(
    desk: WholeDesk,
) -> None:
    """It goes on in a chat that they did not leave."""
    _, work = await two(desk)
    await desk.tell(merges(name(work)))
    await desk.carry_out()
    await desk.tell(leaves())

    assert await desk.carry_out() == []
    assert (await now(desk, work)).reachable


async def test_an_answer_that_was_not_read_yet_is_mailed_before_the_merge(desk: WholeDesk) -> None:
    """It waited for the customer to look into the chat; with the ticket, that wait is over."""
    _, work = await two(desk)
    await desk.tell(customer("Hello?"))
    await desk.carry_out()
    await desk.play((agent("Hi"), "customer < Hi", "agents: card updated"))

    await desk.tell(merges(name(work)))

    assert (await desk.carry_out())[:2] == ["mail: answer, Hi", "desk: TICKET_MERGED"]


async def test_pointers_without_end_stop_nothing_else(desk: WholeDesk) -> None:
    """What belongs too many tickets away is kept as what could not be handled."""
    chat, work = await two(desk)
    ended = work.with_ticket(status=TicketStatus.CLOSED, id=TicketId("MNT-0"))
    over = ended.evolve(stage=Stage.RESOLVED, resolved_at=NIGHT, wake=None, thread=None)
    ids = [ConversationId(f"merged {number}") for number in range(3 * MOST_HOPS)]
    row = [
        replace(
            over.with_ticket(id=TicketId(f"MNT-M{number}")),
            id=id_,
            merged_into=following,
            identity=BORIS,
            opened_at=NIGHT - timedelta(minutes=number),
        )
        for number, (id_, following) in enumerate(pairwise([*ids, work.id]))
    ]
    await saved(desk, *row)

    await desk.tell(customer("From afar"), who=BORIS)
    await desk.tell(customer("Hello?"), who=ANA)

    assert await desk.carry_out() == ["agents < Hello?", "agents: card updated"]
    async with desk.store.transaction() as tx:
        (unhandled,) = await tx.unhandled(10)
    assert "KeyError" in unhandled.error
    assert (await now(desk, chat)).stage is Stage.TICKETED
