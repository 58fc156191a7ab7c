"""The outbox: lanes in order, each delivery begun by one, and none forgotten."""

import asyncio

from adapters.store import SqlStore
from core.effects import Piece, Relay, RelayEdit
from core.ids import ConversationId, DeliveryId, MessageId, Receipt, Thread
from core.message import Side
from core.outbox import Delivery, DeliveryState
from core.ports import Transaction
from tests.support.stored import (
    NOON,
    SUPPORT,
    a_conversation,
    a_delivery,
    a_message,
    add_department,
    keep,
    later,
    relay,
)


async def heads(tx: Transaction) -> list[str]:
    """Return the ids of the deliveries that may go now."""
    return [each.id for each in await tx.heads(NOON, 100, ())]


async def test_a_lane_goes_in_order(store: SqlStore) -> None:
    """The next delivery of a lane shows when the one before has ended, well or badly."""
    other = a_delivery("b1", "of-ivo")
    await keep(store, a_conversation(), a_conversation("ivo"), a_delivery("a1"), other)
    await keep(store, a_delivery("a2"), a_delivery("a3"))
    async with store.transaction() as tx:
        assert await heads(tx) == ["a1", "b1"]
        await tx.finish(DeliveryId("a1"), Receipt("17"))
        assert await heads(tx) == ["b1", "a2"]
        await tx.fail(DeliveryId("a2"), "the room is gone")
        assert await heads(tx) == ["b1", "a3"]
        await tx.finish(DeliveryId("a3"), Receipt("18"))
        assert await heads(tx) == ["b1"]
        assert [each.id for each in await tx.heads(NOON, 0, ())] == []


async def test_a_delivery_comes_back_as_it_was(store: SqlStore) -> None:
    """With its effect, its times and its place."""
    await keep(store, a_conversation(), delivery := relay("1", "m", place="C9"))
    async with store.transaction() as tx:
        assert await tx.heads(NOON, 1, ()) == [delivery]


async def test_one_that_waits_holds_up_its_lane_alone(store: SqlStore) -> None:
    """Whether it is postponed, or in doubt; when its time has come it goes first."""
    await keep(
        store,
        a_conversation(),
        a_conversation("ivo"),
        *(a_delivery("a1"), a_delivery("a2"), a_delivery("b1", "of-ivo")),
    )
    async with store.transaction() as tx:
        await tx.postpone(DeliveryId("a1"), DeliveryState.PENDING, later(minutes=5), "later")
        await tx.postpone(DeliveryId("b1"), DeliveryState.IN_DOUBT, later(minutes=6), "broke off")
        assert await tx.heads(NOON, 10, ()) == []
        assert await tx.next_due() == later(minutes=5)
        (head,) = await tx.heads(later(minutes=5), 10, ())
        assert (head.id, head.state, head.reason) == ("a1", DeliveryState.PENDING, "later")
        first, second = await tx.heads(later(minutes=6), 10, ())
        assert (first.id, second.id) == ("a1", "b1")
        assert (second.state, second.reason) == (DeliveryState.IN_DOUBT, "broke off")


async def test_what_waits_behind_another_is_not_due(store: SqlStore) -> None:
    """Else the dispatcher would wake for what it may not send yet."""
    await keep(store, a_conversation(), a_delivery("1"), a_delivery("2", due_at=later(hours=-1)))
    async with store.transaction() as tx:
        assert await tx.next_due() == NOON
        await tx.postpone(DeliveryId("1"), DeliveryState.PENDING, later(hours=1), "")
        assert await tx.next_due() == later(hours=1)
        await tx.fail(DeliveryId("1"), "")
        await tx.fail(DeliveryId("2"), "")
        assert await tx.next_due() is None


async def test_places_that_must_wait_are_left_out(store: SqlStore) -> None:
    """So that a lane behind them is found however many there are; a place is one of a channel."""
    await keep(
        store,
        *(a_conversation(name) for name in ("ana", "ivo", "eva")),
        a_delivery("1", "of-ana"),
        a_delivery("2", "of-ivo"),
        a_delivery("3", "of-eva", place="C2"),
        a_delivery("4", "of-ana", channel="mail", lane="mail:x"),
    )
    async with store.transaction() as tx:
        found = await tx.heads(NOON, 1, [("agents", "C1")])
        assert [each.id for each in found] == ["3"]
        found = await tx.heads(NOON, 10, {("agents", "C1"): 1.0, ("agents", "C2"): 2.0}.keys())
        assert [each.id for each in found] == ["4"]


async def test_beginning_returns_all_that_sending_needs(store: SqlStore) -> None:
    """The delivery as it was, its conversation, department and message."""
    await add_department(store)
    talk = a_conversation(department="support", thread=Thread("C1:17"))
    before = a_conversation(id_="before", opened_at=later(days=-1))
    after = a_conversation(id_="after", opened_at=later(days=1))
    delivery = relay("1", "m")
    await keep(store, before, talk, after, a_message("m"), delivery)
    async with store.transaction() as tx:
        (outgoing,) = await tx.begin([delivery.id])
    assert outgoing.delivery == delivery
    assert outgoing.conversation == talk
    assert outgoing.department == SUPPORT
    assert outgoing.message == a_message("m")
    assert outgoing.receipts == ()
    assert outgoing.earlier == 1


async def test_a_conversation_without_a_department_is_the_first_ones(store: SqlStore) -> None:
    """As is one whose department is not known any more."""
    await add_department(store)
    await keep(store, a_conversation(), a_conversation("ivo", department="gone"))
    await keep(store, a_delivery("1"), a_delivery("2", "of-ivo"))
    async with store.transaction() as tx:
        begun = await tx.begin([DeliveryId("2"), DeliveryId("1")])
    assert [each.delivery.id for each in begun] == ["2", "1"]
    assert [each.department for each in begun] == [SUPPORT, SUPPORT]


async def test_the_receipts_of_a_messages_pieces_come_in_order(store: SqlStore) -> None:
    """Of its text, in the same channel, as far as it was delivered."""
    await add_department(store)
    elsewhere = relay("4", "m", channel="mail", lane="mail:x")
    edit = a_delivery("6", message_id=MessageId("m"))
    await keep(
        store,
        a_conversation(),
        a_message("m"),
        *(relay("1", "m"), relay("2", "m"), relay("3", "m", attachment=0), elsewhere),
        *(relay("5", "m"), edit, a_delivery("7")),
    )
    async with store.transaction() as tx:
        for id_ in ("2", "1", "3", "4"):
            await tx.finish(DeliveryId(id_), Receipt(f"receipt-{id_}"))
        begun = await tx.begin([DeliveryId("6"), DeliveryId("7")])
    assert [each.receipts for each in begun] == [("receipt-1", "receipt-2"), ()]


async def test_what_is_being_sent_is_begun_by_nobody_else(store: SqlStore) -> None:
    """Neither it nor what comes after it in its lane; what has ended is not begun again."""
    await add_department(store)
    await keep(store, a_conversation(), a_delivery("1"), a_delivery("2"))
    async with store.transaction() as tx:
        assert len(await tx.begin([DeliveryId("1")])) == 1
    async with store.transaction() as tx:
        assert await heads(tx) == []
        assert await tx.next_due() is None
        assert await tx.begin([DeliveryId("1")]) == []
        await tx.finish(DeliveryId("1"), Receipt("17"))
        assert await tx.begin([DeliveryId("1"), DeliveryId("unknown")]) == []
        assert await tx.begin([]) == []


async def test_attempts_are_counted(store: SqlStore) -> None:
    """By beginning: also one that a crash cut short counts."""
    await add_department(store)
    await keep(store, a_conversation(), a_delivery("1"))
    for attempts in range(3):
        async with store.transaction() as tx:
            (outgoing,) = await tx.begin([DeliveryId("1")])
            assert outgoing.delivery.attempts == attempts
            await tx.postpone(DeliveryId("1"), DeliveryState.PENDING, NOON, "busy")


async def test_after_a_crash_what_was_being_sent_is_in_doubt(store: SqlStore) -> None:
    """And nothing else; it still comes before the rest of its lane."""
    await add_department(store)
    await keep(store, a_conversation(), a_conversation("ivo"))
    await keep(store, a_delivery("1"), a_delivery("2"), a_delivery("3", "of-ivo"))
    async with store.transaction() as tx:
        await tx.begin([DeliveryId("1")])
    async with store.transaction() as tx:
        assert await tx.doubt_unfinished(later(seconds=5)) == 1
        assert await tx.doubt_unfinished(later(seconds=5)) == 0
        assert await heads(tx) == ["3"]
        doubted, _ = await tx.heads(later(seconds=5), 10, ())
        assert (doubted.id, doubted.state) == ("1", DeliveryState.IN_DOUBT)
        (outgoing,) = await tx.begin([doubted.id])
        assert outgoing.delivery.state is DeliveryState.IN_DOUBT


async def three_messages(store: SqlStore) -> None:
    """Keep a conversation of whose three messages the first two are joined."""
    await add_department(store)
    await keep(store, a_conversation(), *(a_message(each) for each in "abc"))
    await keep(store, *(relay(number, each) for number, each in zip("123", "abc", strict=True)))
    async with store.transaction() as tx:
        await tx.join([DeliveryId("1"), DeliveryId("2")])


async def begun(tx: Transaction, id_: str) -> list[tuple[str, list[str]]]:
    """Begin a delivery; return what was begun, each with the messages that share its post."""
    return [
        (each.delivery.id, [message.id for message in each.with_messages])
        for each in await tx.begin([DeliveryId(id_)])
    ]


async def test_what_stands_behind_a_delivery_is_known_in_order(store: SqlStore) -> None:
    """What comes next in its lane and has not ended; another lane's is not among it."""
    other = a_delivery("x", "of-ivo")
    await keep(store, a_conversation(), a_conversation("ivo"), a_delivery("1"), other)
    await keep(store, *(a_delivery(each) for each in "2345"))
    async with store.transaction() as tx:
        await tx.fail(DeliveryId("2"), "")
        assert [each.id for each in await tx.behind(DeliveryId("1"), 2)] == ["3", "4"]
        assert [each.id for each in await tx.behind(DeliveryId("4"), 9)] == ["5"]
        assert await tx.behind(DeliveryId("5"), 9) == []


async def test_a_joined_post_ends_as_one(store: SqlStore) -> None:
    """It is begun by its first delivery, waits as a whole, and all of it is delivered at once."""
    await three_messages(store)
    async with store.transaction() as tx:
        assert await begun(tx, "1") == [("1", ["a", "b"])]
        assert await heads(tx) == []
        await tx.postpone(DeliveryId("1"), DeliveryState.PENDING, later(minutes=1), "busy")
        assert await heads(tx) == []
        assert [each.attempts for each in await tx.behind(DeliveryId("1"), 9)] == [1, 0]
        assert await begun(tx, "1") == [("1", ["a", "b"])]
        await tx.finish(DeliveryId("1"), Receipt("17"))
        assert await heads(tx) == ["3"]
        assert await begun(tx, "3") == [("3", [])]


async def test_a_joined_post_fails_as_one(store: SqlStore) -> None:
    """None of it is sent on its own afterwards."""
    await three_messages(store)
    async with store.transaction() as tx:
        await tx.begin([DeliveryId("1")])
        await tx.fail(DeliveryId("1"), "the room is gone")
        assert await heads(tx) == ["3"]
        pieces = await tx.pieces_of([MessageId("a"), MessageId("b"), MessageId("c")])
        assert pieces == {MessageId("c"): 1}


async def test_after_a_crash_a_joined_post_is_the_same(store: SqlStore) -> None:
    """As a whole in doubt, with the same messages under the same id."""
    await three_messages(store)
    async with store.transaction() as tx:
        await tx.begin([DeliveryId("1")])
    async with store.transaction() as tx:
        await tx.doubt_unfinished(NOON)
        (head,) = await tx.heads(NOON, 9, ())
        assert (head.id, head.state) == ("1", DeliveryState.IN_DOUBT)
        assert await begun(tx, "1") == [("1", ["a", "b"])]


async def test_an_edit_knows_what_shares_the_post(store: SqlStore) -> None:
    """One of a message that stands alone knows of no other."""
    await three_messages(store)
    edits = {
        id_: a_delivery(
            id_,
            effect=RelayEdit(to=Side.AGENTS, message_id=MessageId(each), piece=Piece(0, 1)),
            message_id=MessageId(each),
        )
        for id_, each in (("4", "b"), ("5", "c"))
    }
    await keep(store, *edits.values())
    async with store.transaction() as tx:
        for id_ in "13":
            await tx.begin([DeliveryId(id_)])
            await tx.finish(DeliveryId(id_), Receipt(f"receipt-{id_}"))
        (first,) = await tx.begin([DeliveryId("4")])
        assert [each.id for each in first.with_messages] == ["a", "b"]
        assert first.receipts == ("receipt-1",)
        assert await begun(tx, "5") == [("5", [])]


async def test_two_dispatchers_never_send_the_same(store: SqlStore) -> None:
    """However close together they look, each delivery is begun once, and lanes keep order."""
    await add_department(store)
    names = [f"c{number}" for number in range(10)]
    await keep(store, *(a_conversation(name) for name in names))
    ids = [(name, number) for number in range(3) for name in names]
    await keep(store, *(a_delivery(f"{name}-{number}", f"of-{name}") for name, number in ids))
    sent: list[Delivery] = []

    async def dispatch() -> None:
        idle = 0
        while idle < 3:
            async with store.transaction() as tx:
                found = await tx.heads(NOON, 4, ())
                begun = await tx.begin([each.id for each in found])
            sent.extend(each.delivery for each in begun)
            async with store.transaction() as tx:
                for each in begun:
                    await tx.finish(each.delivery.id, Receipt("x"))
            idle = 0 if begun else idle + 1

    await asyncio.gather(dispatch(), dispatch(), dispatch())
    assert sorted(each.id for each in sent) == sorted(f"{name}-{number}" for name, number in ids)
    for name in names:
        lane = [each.id for each in sent if each.conversation_id == f"of-{name}"]
        assert lane == sorted(lane)


async def test_a_relay_that_was_never_cut_counts_as_text(store: SqlStore) -> None:
    """A message carried whole is one piece."""
    whole = Relay(to=Side.CUSTOMER, message_id=MessageId("m"))
    delivery = a_delivery("1", effect=whole, message_id=MessageId("m"))
    await keep(store, a_conversation(), a_message("m"), delivery)
    async with store.transaction() as tx:
        assert await tx.pieces_of([MessageId("m")]) == {MessageId("m"): 1}
        assert await tx.conversations([ConversationId("of-ana")])
