"""Conversations, contacts and messages: kept whole, and changed by one at a time."""

import asyncio
from typing import Any

import pytest

from core.contact import Contact
from core.conversation import Agent, Conversation, Stage, Wake, WakeFor
from core.effects import OpenThread
from core.events import CustomerLeft
from core.ids import AgentId, ContactId, ConversationId, MessageId, Thread, TicketId
from core.message import Part
from core.outbox_port import Failed
from core.ports import Changes, Entry, Store
from core.richtext import plain
from core.ticket import FiledBecause, Priority, Ticket, TicketStatus
from tests.support.stored import (
    NOON,
    a_conversation,
    a_delivery,
    a_message,
    an_identity,
    keep,
    later,
    relay,
)


def a_full_conversation() -> Conversation:
    """Return a conversation in which nothing is left at its default."""
    return Conversation(
        id=ConversationId("1"),
        contact=Contact(
            id=ContactId("1"),
            language="sr-Latn",
            offered_name="ana_t",
            name="Ана",
            email="ana@example.com",
            email_proven=True,
            language_chosen=True,
        ),
        identity=an_identity(),
        opened_at=NOON,
        stage=Stage.TICKETED,
        department="sales",
        thread=Thread("C1:17"),
        doubtful_email="ana@gmial.com",
        suggested_email="ana@gmail.com",
        name_from=MessageId("1"),
        email_from=MessageId("2"),
        problem=(MessageId("3"), MessageId("4")),
        has_problem=True,
        card_message=MessageId("3"),
        subject="Сајт не ради 😀",
        handed_over=True,
        incomplete=True,
        assignee=Agent(AgentId("U1"), "Mara"),
        waiting_since=later(minutes=1),
        answered_at=later(minutes=2),
        deadline=later(minutes=10),
        wake=Wake(at=later(minutes=5, microseconds=1), reason=WakeFor.REMINDER),
        ticket=Ticket(
            id=TicketId("MNT-4K7Q2"),
            filed_at=later(minutes=3),
            because=FiledBecause.UNREACHABLE,
            status=TicketStatus.ON_HOLD,
            priority=Priority.HIGH,
        ),
        reachable=False,
    )


async def test_a_conversation_is_kept_whole(store: Store) -> None:
    """Every field comes back as it was, when it is new and when it has changed."""
    full = a_full_conversation()
    bare = Conversation(
        id=full.id, contact=full.contact, identity=full.identity, opened_at=full.opened_at
    )
    for conversation in (full, bare, full):
        await keep(store, conversation)
        async with store.transaction() as tx:
            assert await tx.conversations([full.id]) == {full.id: conversation}


async def test_what_is_not_there_is_not_found(store: Store) -> None:
    """An empty store, or an empty question, is no error."""
    async with store.transaction() as tx:
        assert await tx.contacts([an_identity()]) == {}
        assert await tx.latest_conversations([an_identity()]) == {}
        assert await tx.conversations_in([Thread("1")]) == {}
        assert await tx.conversations([ConversationId("1")]) == {}
        assert await tx.messages([MessageId("1")]) == {}
        assert await tx.pieces_of([MessageId("1")]) == {}
        assert await tx.messages_in(ConversationId("1")) == []
        assert await tx.ticket(TicketId("MNT-22222")) is None
        assert not await tx.is_ticket_taken(TicketId("MNT-22222"))
        assert await tx.due(NOON, 10) == []
        assert await tx.next_wake() is None
        assert await tx.contacts([]) == {}
        assert await tx.latest_conversations([]) == {}
        assert await tx.conversations_in([]) == {}
        assert await tx.conversations([]) == {}
        assert await tx.messages([]) == {}
        assert await tx.pieces_of([]) == {}
        await tx.save(Changes())


async def test_the_newest_conversation_of_each_customer_is_found(store: Store) -> None:
    """Of many customers at once, each one's latest."""
    old = [a_conversation(name, f"old-{name}") for name in ("ana", "ivo")]
    new = [a_conversation(name, f"new-{name}", opened_at=later(days=1)) for name in ("ana", "ivo")]
    await keep(store, *new, *old, a_conversation("eva"))
    async with store.transaction() as tx:
        wanted = [an_identity("ana"), an_identity("ivo"), an_identity("nobody")]
        found = await tx.latest_conversations(wanted)
        assert found == {each.identity: each for each in new}


async def test_a_conversation_is_found_by_its_thread(store: Store) -> None:
    """As soon as the thread is written down, and whole."""
    await keep(store, a_conversation())
    async with store.transaction() as tx:
        await tx.set_threads({ConversationId("of-ana"): Thread("C1:17")})
        threads = [Thread("C1:17"), Thread("C1:18")]
        assert await tx.conversations_in(threads) == {
            Thread("C1:17"): a_conversation(thread=Thread("C1:17"))
        }


async def test_what_one_conversation_learns_of_a_contact_all_know(store: Store) -> None:
    """Contacts are kept once: another conversation of theirs shows the newest."""
    await keep(store, a_conversation(id_="1"), a_conversation(id_="2", opened_at=later(days=1)))
    async with store.transaction() as tx:
        both = await tx.conversations([ConversationId("1"), ConversationId("2")])
        told = both[ConversationId("1")].with_contact(name="Ana", email="ana@example.com")
        told_nothing = both[ConversationId("2")]
        # The other one is saved after it, and still holds the contact as it was.
        await tx.save(Changes(conversations={told.id: told, told_nothing.id: told_nothing}))
    async with store.transaction() as tx:
        assert (await tx.contacts([an_identity()]))[an_identity()] == told.contact
        found = await tx.conversations([told_nothing.id])
        assert found[told_nothing.id].contact == told.contact


async def test_two_changes_at_once_are_both_kept(store: Store) -> None:
    """Who loads a conversation to change it has it alone until the end of the transaction."""
    await keep(store, a_conversation())

    async def add_problem(number: int) -> None:
        async with store.transaction() as tx:
            if number % 2:
                (now,) = (await tx.latest_conversations([an_identity()])).values()
            else:
                (now,) = (await tx.conversations([ConversationId("of-ana")])).values()
            changed = now.evolve(problem=(*now.problem, MessageId(str(number))))
            changed = changed.with_contact(name=f"{changed.contact.name}a")
            await tx.save(Changes(conversations={changed.id: changed}))

    await asyncio.gather(*map(add_problem, range(12)))
    async with store.transaction() as tx:
        (now,) = (await tx.conversations([ConversationId("of-ana")])).values()
    assert sorted(map(int, now.problem)) == list(range(12))
    assert now.contact.name == "a" * 12


async def test_a_thread_set_meanwhile_is_not_lost(store: Store) -> None:
    """The dispatcher writes the thread while the desk decides the same conversation."""
    await keep(store, a_conversation())
    loaded, go_on = asyncio.Event(), asyncio.Event()

    async def decide() -> None:
        async with store.transaction() as tx:
            (now,) = (await tx.conversations([ConversationId("of-ana")])).values()
            loaded.set()
            await go_on.wait()
            changed = now.evolve(subject="changed")
            await tx.save(Changes(conversations={changed.id: changed}))

    async def post() -> None:
        async with store.transaction() as tx:
            await tx.set_threads({ConversationId("of-ana"): Thread("C1:17")})

    deciding = asyncio.create_task(decide())
    await loaded.wait()
    posting = asyncio.create_task(post())
    go_on.set()
    await asyncio.gather(deciding, posting)
    async with store.transaction() as tx:
        (now,) = (await tx.conversations([ConversationId("of-ana")])).values()
    assert (now.subject, now.thread) == ("changed", "C1:17")


async def test_messages_keep_the_order_in_which_they_were_saved(store: Store) -> None:
    """Also where their own times say otherwise, and when one is edited."""
    await keep(store, a_conversation(), a_message("1", at=later(hours=1)), a_message("2"))
    await keep(store, a_message("3"))
    edited = a_message(
        "1", at=later(hours=1), text=plain("no"), edited_at=later(hours=2), part=Part.NOTE
    )
    await keep(store, edited)
    async with store.transaction() as tx:
        said = await tx.messages_in(ConversationId("of-ana"))
        assert said == [edited, a_message("2"), a_message("3")]
        assert await tx.messages([MessageId("1"), MessageId("9")]) == {edited.id: edited}


async def test_text_pieces_are_counted_by_message(store: Store) -> None:
    """Those that arrived or may arrive; files do not count, nor what failed."""
    await keep(
        store,
        a_conversation(),
        a_message("m"),
        *(relay(id_, "m") for id_ in ("1", "2", "3")),
        relay("4", "m", attachment=0),
        relay("5", "other", attachment=0),
        a_delivery("6", message_id=MessageId("m")),
    )
    async with store.transaction() as tx:
        await tx.fail([Failed(id=(await tx.heads(NOON, 1, ())).due[0].id, reason="gone")])
        wanted = [MessageId("m"), MessageId("other")]
        assert await tx.pieces_of(wanted) == {MessageId("m"): 2}


async def test_conversations_are_woken_in_time(store: Store) -> None:
    """The longest overdue first; one without a wake time sleeps on."""
    waking = [
        a_conversation(
            name, wake=Wake(at=later(hours=hours), reason=WakeFor.DEADLINE), stage=Stage.WAITING
        )
        for name, hours in (("ana", 2), ("ivo", 1), ("eva", 3))
    ]
    await keep(store, *waking, a_conversation("sleeper"))
    async with store.transaction() as tx:
        assert await tx.due(later(hours=2), 10) == ["of-ivo", "of-ana"]
        assert await tx.due(later(hours=9), 1) == ["of-ivo"]
        assert await tx.due(NOON, 10) == []
        assert await tx.next_wake() == later(hours=1)
        await tx.save(
            Changes(conversations={each.id: each.evolve(wake=None) for each in waking[:2]})
        )
        assert await tx.next_wake() == later(hours=3)


async def test_tickets_are_found_by_their_id_and_status(store: Store) -> None:
    """Newest first, as many as asked for."""

    def ticketed(number: int, status: TicketStatus) -> Conversation:
        ticket = Ticket(
            id=TicketId(f"MNT-{number}"),
            filed_at=later(minutes=number),
            because=FiledBecause.CLOSED,
            status=status,
        )
        return a_conversation(f"{number}", stage=Stage.TICKETED, ticket=ticket)

    first, second = ticketed(1, TicketStatus.OPEN), ticketed(2, TicketStatus.CUSTOMER_REPLY)
    third, closed = ticketed(3, TicketStatus.OPEN), ticketed(4, TicketStatus.CLOSED)
    await keep(store, closed, second, third, first, a_conversation())
    statuses = {TicketStatus.OPEN, TicketStatus.CUSTOMER_REPLY}
    async with store.transaction() as tx:
        assert await tx.tickets(statuses, 10) == [third, second, first]
        assert await tx.tickets(statuses, 2) == [third, second]
        assert await tx.tickets([], 2) == []
        assert await tx.ticket(TicketId("MNT-4")) == closed
        assert await tx.is_ticket_taken(TicketId("MNT-4"))


async def test_the_open_tickets_of_one_customer(store: Store) -> None:
    """Of their own, and of whoever has proven the same address, as they have."""

    def ticketed(name: str, number: int, **who: Any) -> Conversation:
        status = TicketStatus.CLOSED if number == 0 else TicketStatus.ON_HOLD
        ticket = Ticket(
            id=TicketId(f"MNT-{name}-{number}"),
            filed_at=later(minutes=number),
            because=FiledBecause.CLOSED,
            status=status,
        )
        over = {"stage": Stage.RESOLVED, "resolved_at": NOON} if number == 0 else {}
        told = {"stage": Stage.TICKETED, "ticket": ticket} | over
        return a_conversation(name, f"{name}-{number}", **told).with_contact(**who)

    proven = {"email": "ana@example.com", "email_proven": True}
    ana = [ticketed("ana", number, **proven) for number in range(3)]
    at_work = ticketed("work", 5, **proven | {"email": "Ana@Example.com"})
    claimed = ticketed("claimed", 6, email="ana@example.com")
    nobody = ticketed("nobody", 7, email_proven=True)
    await keep(store, *ana, at_work, claimed, nobody, a_conversation("ivo"))
    async with store.transaction() as tx:
        assert await tx.open_tickets_of(ana[0].contact, 10) == [at_work, ana[2], ana[1]]
        assert await tx.open_tickets_of(ana[0].contact, 1) == [at_work]
        assert await tx.open_tickets_of(claimed.contact, 10) == [claimed]
        assert await tx.open_tickets_of(nobody.contact, 10) == [nobody]


async def test_the_journal_and_all_else_is_saved_or_nothing(store: Store) -> None:
    """A batch that fails at its last row leaves no trace of its first."""
    at = NOON
    conversation = a_conversation()
    changes = Changes(
        conversations={conversation.id: conversation},
        messages={MessageId("1"): a_message("1")},
        journal=[
            Entry(conversation.id, at, CustomerLeft(at=at)),
            Entry(conversation.id, at, OpenThread()),
        ],
        deliveries=[a_delivery("1"), a_delivery("1")],
    )
    with pytest.raises(Exception, match=r"(?i)unique"):
        async with store.transaction() as tx:
            await tx.save(changes)
    async with store.transaction() as tx:
        assert await tx.conversations([conversation.id]) == {}
        assert await tx.messages_in(conversation.id) == []


async def test_the_threads_in_which_somebody_may_still_write(store: Store) -> None:
    """Of what is not over or ended lately; where something was said last comes first."""
    over = {"stage": Stage.RESOLVED}
    await keep(
        store,
        a_conversation("asks", thread=None),
        a_conversation("silent", thread=Thread("C1:1"), stage=Stage.WAITING),
        a_conversation("early", thread=Thread("C1:2"), stage=Stage.ACTIVE),
        a_conversation("late", thread=Thread("C1:3"), resolved_at=later(hours=2), **over),
        a_conversation("over", thread=Thread("C1:4"), resolved_at=later(hours=1), **over),
        a_message("1", "of-late"),
        a_message("2", "of-early"),
        a_message("3", "of-late"),
    )
    async with store.transaction() as tx:
        threads = await tx.open_threads(later(hours=1))
    assert list(threads) == ["C1:3", "C1:2", "C1:1"]


async def test_how_far_a_thread_was_read_is_kept(store: Store) -> None:
    """Whatever happens to its conversation; of a thread that nobody knows nothing is kept."""
    thread = Thread("C1:1")
    await keep(store, a_conversation(thread=thread, stage=Stage.WAITING))
    async with store.transaction() as tx:
        assert await tx.open_threads(NOON) == {thread: ""}
        await tx.mark_read({thread: "17.000001", Thread("C1:2"): "18.000001"})
    await keep(store, a_conversation(thread=thread, stage=Stage.ACTIVE))
    async with store.transaction() as tx:
        assert await tx.open_threads(NOON) == {thread: "17.000001"}


async def test_how_far_many_threads_were_heard_is_kept_at_once(store: Store) -> None:
    """Each up to where it was; those that are not named stay as they are."""
    threads = [Thread(f"C1:{each}") for each in range(3)]
    for each, thread in enumerate(threads):
        await keep(store, a_conversation(f"c{each}", thread=thread, stage=Stage.WAITING))
    async with store.transaction() as tx:
        await tx.mark_read({threads[0]: "17.000001", threads[1]: "18.000001"})
    async with store.transaction() as tx:
        await tx.mark_read({threads[1]: "19.000001", threads[2]: "20.000001"})
        assert await tx.open_threads(NOON) == dict(
            zip(threads, ("17.000001", "19.000001", "20.000001"), strict=True)
        )


async def test_wake_times_to_come_are_found_by_stage(store: Store) -> None:
    """For a clock that was ahead when they were set."""
    soon = Wake(at=later(hours=2), reason=WakeFor.ASK)
    await keep(store, a_conversation(wake=soon), a_conversation("ivo"))
    async with store.transaction() as tx:
        assert await tx.wakes_ahead(NOON, (Stage.ASKING,)) == ["of-ana"]
        assert await tx.wakes_ahead(NOON, (Stage.WAITING,)) == []
        assert await tx.wakes_ahead(later(hours=2), (Stage.ASKING,)) == []
