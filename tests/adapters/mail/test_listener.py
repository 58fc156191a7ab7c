"""From the mailbox to the desk: what becomes of each mail, whatever happens in between."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.mail.listener import MailListener
from core.effects import Relay, RelayEdit, TellAgents
from core.events import AgentAdopted, AgentSplit, TimerFired
from core.ids import ConversationId, MessageId
from core.mail_port import Extent, MailState
from core.message import Part, Side
from core.phrases import Phrase
from core.ports import About, Changes, Incoming
from core.richtext import plain
from tests.support.builders import IVAN, MILA, ManualClock
from tests.support.mail_world import MailedDesk, bounce_of, in_answer_to, written


@pytest.fixture
async def desk() -> MailedDesk:
    """Return a desk with an empty mailbox."""
    desk = MailedDesk(ManualClock())
    await desk.start()
    return desk


def notes(desk: MailedDesk) -> list[Phrase]:
    """Return what the desk told the agents in its own name, in order."""
    effects = [each.delivery.effect for each in desk.shown]
    return [each.words.phrase for each in effects if isinstance(each, TellAgents)]


async def retried(desk: MailedDesk) -> None:
    """Have an operator take the mails up again that could not be read."""
    async with desk.store.transaction() as tx:
        await tx.retry_mails()
    await desk.listener.take()


async def test_a_mail_becomes_a_ticket_and_is_acknowledged_once(desk: MailedDesk) -> None:
    """The same mail, put into the mailbox again, is no other one."""
    key = await desk.take(written())
    await desk.take(written())
    (sent,) = await desk.carry_out()
    (ticket,) = await desk.tickets()

    assert (await desk.record(key)).state is MailState.TAKEN
    assert sent.to == "ana@example.org"
    assert ticket.subject == "The invoice"
    assert [each.part for each in await desk.said(ticket)] == [Part.PROBLEM]


async def test_a_crash_between_the_desk_and_the_mark_changes_nothing(desk: MailedDesk) -> None:
    """The mail is new again after the start; nobody reads it twice, or as if it were edited."""
    key = await desk.take(written())
    await desk.carry_out()
    shown = len(desk.shown)

    await desk.mark(key, MailState.NEW)
    await desk.listener.take()

    assert await desk.carry_out() == []
    assert len(desk.shown) == shown
    assert (await desk.record(key)).state is MailState.TAKEN
    assert len(await desk.tickets()) == 1


async def test_a_desk_that_cannot_store_leaves_the_mail_new(desk: MailedDesk) -> None:
    """It is told again, with those after it, and the order stays."""

    async def refuses(incoming: Sequence[Incoming]) -> None:
        raise OSError("disk full")

    broken = MailListener(desk.store, refuses, desk.clock, desk.listener._trust)
    key = await desk.keep(written(text="First"), written(text="Second"))
    with pytest.raises(OSError, match="disk full"):
        await broken.take()
    assert (await desk.record(key)).state is MailState.NEW

    await desk.listener.take()
    assert [(await desk.said(each))[0].text.text for each in await desk.tickets()] == [
        "First",
        "Second",
    ]


async def test_only_its_headers_are_here(desk: MailedDesk) -> None:
    """Agents read who wrote and what is missing; when all of it is here, they read that."""
    whole = written(text="Forty megabytes of photos")
    head = whole.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    key = await desk.keep(head, extent=Extent.HEADERS, error="larger than 25 MB")
    await desk.listener.take()
    await desk.carry_out()

    record = await desk.record(key)
    (ticket,) = await desk.tickets()
    assert (record.state, record.error) == (MailState.UNREADABLE, "larger than 25 MB")
    assert notes(desk) == [Phrase.AGENTS_MAIL_DAMAGED]
    assert (await desk.said(ticket))[0].text.text == "The invoice"


async def test_retry_puts_right_what_was_misread(desk: MailedDesk) -> None:
    """What agents read is changed where it stands, and no second ticket is opened."""
    raw = written(text="Naručila sam telefon, a stigao je kabl." * 40)
    key = await desk.keep(raw, extent=Extent.HEADERS, error="cut off")
    await desk.listener.take()
    (ticket,) = await desk.tickets()
    async with desk.store.transaction() as tx:
        (said,) = await tx.messages_in(ticket.id)
    await desk.carry_out()
    desk.shown.clear()
    await misread(desk, said.id)

    await retried(desk)
    await desk.carry_out()

    (ticket,) = await desk.tickets()
    (said,) = await desk.said(ticket)
    assert said.text.text.startswith("Naručila sam telefon")
    assert [type(each.delivery.effect) for each in desk.shown] == [RelayEdit]
    assert (await desk.record(key)).state is MailState.UNREADABLE  # all of it is still not here


async def misread(desk: MailedDesk, message: MessageId) -> None:
    """Have the desk know other words of a mail, as if an older version had read it."""
    async with desk.store.transaction() as tx:
        known = (await tx.messages([message]))[message]
        await tx.save(Changes(messages={message: replace(known, text=plain("Naru?ila"))}))


async def test_a_mail_that_the_desk_could_not_handle_is_not_begun_as_a_chat(
    desk: MailedDesk,
) -> None:
    """Its event is kept for an operator; taking the mail again makes nothing else of it."""
    raw = written()
    key = await desk.keep(raw, extent=Extent.HEADERS, error="cut off")
    async with desk.store.transaction() as tx:
        at = desk.clock.now()
        event = Incoming(
            key=f"mail:{key}", origin=About(ConversationId("c1")), event=TimerFired(at=at)
        )
        await tx.admit([event], at)
        await tx.put_down(event, "a fault of the desk")

    await desk.listener.take()

    assert await desk.sleep(timedelta(hours=1)) == []
    assert desk.shown == []


async def test_a_bounce_of_the_acknowledgement(desk: MailedDesk) -> None:
    """Agents read that the address does not work; one of somebody else's mail is put aside."""
    await desk.take(written())
    (sent,) = await desk.carry_out()
    mine = await desk.take(bounce_of(sent.raw))
    others = await desk.take(bounce_of(b"Message-ID: <1@else.example>\r\n\r\nHello\r\n"))
    await desk.carry_out()

    (ticket,) = await desk.tickets()
    assert not ticket.contact.takes_mail
    assert notes(desk)[-1] is Phrase.AGENTS_MAIL_BOUNCED
    assert (await desk.record(mine)).state is MailState.TAKEN
    record = await desk.record(others)
    assert (record.state, record.error) == (
        MailState.SKIPPED,
        "a bounce of a mail that is not known here",
    )


async def test_a_bounce_of_a_mail_about_what_is_gone(desk: MailedDesk) -> None:
    """Nothing is left that it could be about."""
    await desk.take(written())
    (sent,) = await desk.carry_out()
    other = MailedDesk(desk.clock)
    await other.start()

    key = await other.take(bounce_of(sent.raw))

    assert (await other.record(key)).state is MailState.TAKEN
    async with other.store.transaction() as tx:
        assert await tx.unhandled(10) == []


async def test_what_a_stranger_mails_into_a_ticket_is_split_off_once(desk: MailedDesk) -> None:
    """Two agents press the same button: one ticket, and one word about it."""
    ticket, stranger = await a_strangers_mail(desk)
    at = desk.clock.now()
    await desk.told(ticket, AgentSplit(at=at, agent=MILA, message_id=stranger))
    await desk.told(ticket, AgentSplit(at=at, agent=IVAN, message_id=stranger))
    (sent,) = await desk.carry_out()

    assert sent.to == "eve@example.net"
    assert [each.identity.address for each in await desk.tickets()] == [
        "ana@example.org",
        "eve@example.net",
    ]
    assert notes(desk).count(Phrase.AGENTS_SPLIT) == 1


async def test_a_stranger_is_adopted_once(desk: MailedDesk) -> None:
    """What was a note is the customer's word now; pressed again, the button changes nothing."""
    ticket, stranger = await a_strangers_mail(desk)
    at = desk.clock.now()
    await desk.told(ticket, AgentAdopted(at=at, agent=MILA, message_id=stranger))
    await desk.told(ticket, AgentAdopted(at=at, agent=IVAN, message_id=stranger))
    await desk.carry_out()

    (adopted,) = await desk.tickets()
    assert adopted.also == ("eve@example.net",)
    assert [each.part for each in await desk.said(adopted)] == [Part.PROBLEM, Part.TALK]
    assert notes(desk).count(Phrase.AGENTS_ADOPTED) == 1


async def a_strangers_mail(desk: MailedDesk) -> tuple[ConversationId, MessageId]:
    """Have a stranger mail into Ana's ticket; return that, and what the stranger's mail is called.

    It is a note: carried to the agents, and to nobody else.
    """
    await desk.take(written())
    (ack,) = await desk.carry_out()
    key = await desk.take(in_answer_to(ack.raw, "Eve <eve@example.net>", "Send it to me instead"))
    assert await desk.carry_out() == []
    (ticket,) = await desk.tickets()
    note = (await desk.said(ticket))[-1]
    assert (note.part, note.author) == (Part.NOTE, "eve@example.net")
    relayed = [each.delivery.effect for each in desk.shown if each.message == note]
    assert [each.to for each in relayed if isinstance(each, Relay)] == [Side.AGENTS]
    return ticket.id, MessageId(f"mail:{key}")
