"""The witness of a simulation: a desk that broke a promise would not get away with it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bots.simulation import virtual_time
from bots.simulation.ledger import Ledger
from core.conversation import Conversation, Stage, Wake, WakeFor
from core.effects import Mail, MailKind, OpenThread, Relay
from core.events import TimerFired
from core.ids import DeliveryId, MessageId, TicketId
from core.message import Message, Part, Side
from core.outbox import AGENTS, Delivery, Outgoing
from core.ports import Changes, Entry
from core.ticket import FiledBecause, Ticket
from tests.support.stored import NOON, SUPPORT, a_conversation, a_delivery, a_message, later

TALK = a_conversation()


def relay(number: int, to: Side = Side.AGENTS, **changes: object) -> Outgoing:
    """Return the delivery of a customer's message, or an agent's, which was written before."""
    message = a_message(f"m{number}")
    effect = Relay(to=to, message_id=message.id)
    agents = to is Side.AGENTS
    delivery = a_delivery(
        f"d{number}",
        effect=effect,
        message_id=message.id,
        channel=AGENTS if agents else "telegram",
        lane=AGENTS if agents else "telegram:ana",
    )
    outgoing = Outgoing(delivery=delivery, conversation=TALK, department=SUPPORT, message=message)
    return replace(outgoing, **changes)  # type: ignore[arg-type]


def what_broke(story: Callable[[Ledger], None]) -> str:
    """Return what the witness says of a story; nothing if all is well."""

    async def tell() -> str:
        ledger = Ledger()
        for number in (1, 2):
            ledger.written(MessageId(f"m{number}"), awaited=True)
        story(ledger)
        return ledger.what_broke

    return virtual_time.run(tell())


def plan(ledger: Ledger, *outgoing: Outgoing) -> None:
    """Have these decided."""
    ledger.committed(Changes(deliveries=[each.delivery for each in outgoing]))


def carry(ledger: Ledger, *outgoing: Outgoing) -> None:
    """Have these decided and carried out, one after the other."""
    plan(ledger, *outgoing)
    for each in outgoing:
        ledger.called(each)
        ledger.took(each)
        ledger.over(each)


def commit(ledger: Ledger, *states: Conversation) -> None:
    """Have a conversation pass through these states."""
    for each in states:
        ledger.committed(Changes(conversations={each.id: each}))


def test_all_is_well_where_everything_arrives_in_order() -> None:
    """Once, and by the desk's own decision."""
    assert what_broke(lambda ledger: carry(ledger, relay(1), relay(2))) == ""


def test_what_was_never_read_is_lost() -> None:
    """At the end, and by name."""

    def story(ledger: Ledger) -> None:
        carry(ledger, relay(2))
        ledger.finish()

    assert what_broke(story).startswith("lost: m1")


def test_a_second_copy_in_a_room_is_noticed() -> None:
    """Under another delivery's name, too."""
    again = relay(1, delivery=replace(relay(1).delivery, id=DeliveryId("d9")))
    assert "m1 is doubled" in what_broke(lambda ledger: carry(ledger, relay(1), again))


def test_a_copy_is_excused_only_after_a_doubt_and_only_in_a_chat() -> None:
    """One doubt, one copy."""
    said = relay(1, Side.CUSTOMER)

    def doubted(ledger: Ledger, times: int) -> None:
        carry(ledger, said)
        ledger.excuse(said)
        for _ in range(times):
            ledger.took(said)

    assert what_broke(lambda ledger: doubted(ledger, 1)) == ""
    assert "m1 is doubled" in what_broke(lambda ledger: doubted(ledger, 2))


def test_a_word_that_comes_late_is_out_of_order() -> None:
    """After one that was written later."""
    assert "m1 is out of order" in what_broke(lambda ledger: carry(ledger, relay(2), relay(1)))


def test_two_at_once_in_a_lane_are_noticed() -> None:
    """Whoever arrives first then is a matter of luck."""

    def story(ledger: Ledger) -> None:
        plan(ledger, relay(1), relay(2))
        ledger.called(relay(1))
        ledger.called(relay(2))

    assert "d2 overtakes d1" in what_broke(story)


def test_what_is_not_from_the_outbox_is_noticed() -> None:
    """Nobody talks to a platform past it."""
    assert "not from the outbox" in what_broke(lambda ledger: ledger.called(relay(1)))


def test_a_note_to_a_customer_is_noticed() -> None:
    """As are somebody else's words."""

    def says(message: Message) -> str:
        return what_broke(lambda ledger: carry(ledger, relay(1, Side.CUSTOMER, message=message)))

    assert "the note m1 goes to the customer" in says(a_message("m1", part=Part.NOTE))
    assert "somebody else's" in says(a_message("m1", "of-ivo"))


def test_a_second_thread_is_noticed() -> None:
    """A conversation has one."""
    cards = [
        Outgoing(delivery=a_delivery(each), conversation=TALK, department=SUPPORT) for each in "ab"
    ]
    assert all(isinstance(each.delivery.effect, OpenThread) for each in cards)
    assert "second thread" in what_broke(lambda ledger: carry(ledger, *cards))


def test_a_second_ticket_is_noticed() -> None:
    """Whether it has another ID, or is only told of twice."""

    def ticketed(id_: str) -> Conversation:
        ticket = Ticket(id=TicketId(id_), filed_at=NOON, because=FiledBecause.CLOSED)
        return replace(TALK, stage=Stage.TICKETED, ticket=ticket)

    filed: list[Delivery] = [
        a_delivery(each, effect=Mail(kind=MailKind.TICKET_FILED)) for each in "ab"
    ]
    assert "second ticket" in what_broke(
        lambda ledger: commit(ledger, ticketed("1"), ticketed("2"))
    )
    assert "filed twice" in what_broke(lambda ledger: ledger.committed(Changes(deliveries=filed)))


@pytest.mark.parametrize(("late", "noticed"), [(0.5, False), (5, True)])
def test_a_wake_time_that_is_slept_through_is_noticed(late: float, noticed: bool) -> None:
    """Whether the conversation is woken late or not at all."""
    waiting = replace(TALK, wake=Wake(at=NOON, reason=WakeFor.REMINDER))
    now = NOON + timedelta(seconds=late)

    def woken(ledger: Ledger) -> None:
        commit(ledger, waiting)
        ledger.committed(Changes(journal=[Entry(TALK.id, now, TimerFired(at=now))]))

    assert bool(what_broke(woken)) == noticed
    assert bool(what_broke(lambda ledger: ledger.rung(now, NOON))) == noticed
    assert not what_broke(lambda ledger: ledger.rung(now, later(hours=1)))
