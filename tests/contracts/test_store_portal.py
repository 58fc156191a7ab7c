"""Whose tickets are whose, and the login links that are to be mailed."""

from dataclasses import replace
from typing import Any

from core.contact import Contact
from core.conversation import Conversation, Stage
from core.ids import ContactId, ConversationId, TicketId
from core.portal_port import LinksAsked, LoginLink
from core.ports import Store
from core.ticket import FiledBecause, Ticket, TicketStatus
from tests.support.stored import NOON, a_conversation, keep, later

ANA = "ana@example.com"


def a_ticket(
    number: int, name: str = "ana", *, email: str = ANA, proven: bool = True, **changes: Any
) -> Conversation:
    """Return a ticket that was filed so many minutes after noon."""
    filed = Ticket(
        id=TicketId(f"MNT-0000{number}"),
        filed_at=later(minutes=number),
        because=FiledBecause.MAIL,
    )
    given: dict[str, Any] = {
        "contact": Contact(
            id=ContactId(f"contact-{name}"), language="sr", email=email, email_proven=proven
        ),
        "stage": Stage.TICKETED,
        "ticket": filed,
    }
    return a_conversation(name, f"ticket-{number}", **given | changes)


async def own(store: Store, email: str = ANA, limit: int = 9) -> list[str]:
    async with store.transaction() as tx:
        return [each.id for each in await tx.own_tickets(email, limit)]


async def is_own(store: Store, id_: str, email: str = ANA) -> bool:
    async with store.transaction() as tx:
        found = await tx.own_ticket(email, ConversationId(id_))
    assert found is None or found.id == id_
    return found is not None


async def test_own_tickets_are_those_of_a_proven_address(store: Store) -> None:
    """Whatever channel they came by, open or closed, newest first; a claim opens nothing."""
    closed = a_ticket(3).with_ticket(status=TicketStatus.CLOSED)
    closed = closed.evolve(stage=Stage.RESOLVED, resolved_at=later(hours=1))
    chat = a_ticket(4, "in-chat", email="Ana@Example.com")
    await keep(
        store,
        a_ticket(1),
        chat,
        closed,
        a_ticket(5, "mallory", proven=False),
        a_ticket(6, "bob", email="bob@example.com"),
        a_ticket(7, "nobody", email=""),
        a_conversation("ana", "no-ticket", contact=a_ticket(1).contact),
    )
    assert await own(store) == ["ticket-4", "ticket-3", "ticket-1"]
    assert await own(store, "ANA@example.com", limit=2) == ["ticket-4", "ticket-3"]
    assert await own(store, "") == await own(store, "%@example.com") == []


async def test_a_ticket_is_opened_only_by_its_owner(store: Store) -> None:
    """What is not theirs is as if it were not there."""
    await keep(store, a_ticket(1), a_ticket(2, "mallory", proven=False))
    await keep(store, a_conversation("bob", "no-ticket"))
    assert await is_own(store, "ticket-1")
    assert await is_own(store, "ticket-1", "ANA@example.com")
    assert not await is_own(store, "ticket-1", "bob@example.com")
    assert not await is_own(store, "ticket-2")
    assert not await is_own(store, "no-ticket")
    assert not await is_own(store, "MNT-00001")
    assert not await is_own(store, "unknown")


def a_link(id_: str, **changes: Any) -> LoginLink:
    """Return a link that Ana asked for at noon."""
    link = LoginLink(id=id_, email=ANA, language="sr", asked_at=NOON, due_at=NOON)
    return replace(link, **changes)


async def to_mail(store: Store) -> list[LoginLink]:
    async with store.transaction() as tx:
        return await tx.links_to_mail(9)


async def test_links_are_mailed_until_that_has_succeeded(store: Store) -> None:
    """One that fails waits for another time; those that were mailed are not mailed again."""
    async with store.transaction() as tx:
        for each in (a_link("1"), a_link("2", email="bob@example.com"), a_link("3")):
            await tx.ask_link(each)
    assert [each.id for each in await to_mail(store)] == ["1", "2", "3"]
    async with store.transaction() as tx:
        await tx.postpone_link("1", later(seconds=30))
        await tx.end_link("2")
    waits = a_link("1", due_at=later(seconds=30), attempts=1)
    assert await to_mail(store) == [a_link("3"), waits]


async def test_links_are_counted_by_mailbox(store: Store) -> None:
    """Mailed or not, whatever way the address is spelled, and only the newer ones."""
    async with store.transaction() as tx:
        await tx.ask_link(a_link("1", asked_at=later(hours=-2)))
        await tx.ask_link(a_link("2", email="Ana+portal@example.com"))
        await tx.ask_link(a_link("3", email="bob@example.com"))
        await tx.end_link("2")
        assert await tx.links_asked(ANA, later(hours=-1)) == LinksAsked(to_it=1, in_all=2)
        assert await tx.links_asked(ANA, later(hours=-3)) == LinksAsked(to_it=2, in_all=3)
        assert await tx.links_asked("eve@example.com", NOON) == LinksAsked(to_it=0, in_all=0)


async def test_old_links_are_forgotten(store: Store) -> None:
    """But for those that are still to be mailed."""
    async with store.transaction() as tx:
        for each in ("1", "2"):
            await tx.ask_link(a_link(each))
        await tx.end_link("1")
        await tx.forget_links(NOON)
        assert (await tx.links_asked(ANA, later(hours=-1))).in_all == 2
        await tx.forget_links(later(days=1))
        assert (await tx.links_asked(ANA, later(hours=-1))).in_all == 1
    assert await to_mail(store) == [a_link("2")]
