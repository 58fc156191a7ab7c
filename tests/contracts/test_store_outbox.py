"""The outbox: lanes in order, each delivery begun by one, and none forgotten."""

import asyncio
from dataclasses import replace
from datetime import datetime

from core.effects import Piece, Relay, RelayEdit
from core.ids import ConversationId, DeliveryId, MessageId, Receipt, Thread
from core.message import Side
from core.outbox import AGENTS, Delivery, DeliveryState, Head
from core.outbox_port import Failed, Heads, Postponed
from core.ports import Store, Transaction
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
    return [each.id for each in (await tx.heads(NOON, 100, ())).due]


def postponed(
    id_: str,
    due_at: datetime,
    state: DeliveryState = DeliveryState.PENDING,
    reason: str = "busy",
) -> Postponed:
    return Postponed(id=DeliveryId(id_), state=state, due_at=due_at, reason=reason)


async def test_what_steps_out_of_line_holds_up_nothing(store: Store) -> None:
    """What stood behind it goes, and it goes by itself when its time has come."""
    await add_department(store)
    await keep(store, a_conversation(), a_message("m"))
    await keep(store, relay("file", "m", attachment=0), relay("word", "m"))
    async with store.transaction() as tx:
        await tx.begin([DeliveryId("file")])
        await tx.postpone([replace(postponed("file", later(minutes=1)), lane="away")])
    async with store.transaction() as tx:
        assert await heads(tx) == ["word"]
        assert [each.id for each in (await tx.heads(later(minutes=1), 100, ())).due] == [
            "file",
            "word",
        ]


async def test_what_is_withdrawn_is_never_delivered(store: Store) -> None:
    """All that is unfinished in the lane, in order, and nothing of another one."""
    await add_department(store)
    await keep(store, a_conversation(), a_message("m"))
    await keep(store, relay("1", "m"), relay("2", "m"), relay("3", "m"))
    await keep(store, relay("other", "m", lane="other"))
    async with store.transaction() as tx:
        await tx.begin([DeliveryId("1")])
        await tx.finish({DeliveryId("1"): Receipt("r")})
        await tx.begin([DeliveryId("2")])
        withdrawn = await tx.withdraw("agents:of-ana")
    assert [each.id for each in withdrawn] == ["2", "3"]
    async with store.transaction() as tx:
        assert await heads(tx) == ["other"]


async def test_a_lane_goes_in_order(store: Store) -> None:
    """The next delivery of a lane shows when the one before has ended, well or badly."""
    other = a_delivery("b1", "of-ivo")
    await keep(store, a_conversation(), a_conversation("ivo"), a_delivery("a1"), other)
    await keep(store, a_delivery("a2"), a_delivery("a3"))
    async with store.transaction() as tx:
        assert await heads(tx) == ["a1", "b1"]
        await tx.finish({DeliveryId("a1"): Receipt("17")})
        assert await heads(tx) == ["b1", "a2"]
        await tx.fail([Failed(id=DeliveryId("a2"), reason="the room is gone")])
        assert await heads(tx) == ["b1", "a3"]
        await tx.finish({DeliveryId("a3"): Receipt("18")})
        assert await heads(tx) == ["b1"]
        assert (await tx.heads(NOON, 0, ())).due == []


async def test_a_delivery_comes_back_as_it_was(store: Store) -> None:
    """With its effect, its times and its place."""
    await keep(store, a_conversation(), delivery := relay("1", "m", place="C9"))
    async with store.transaction() as tx:
        (head,) = (await tx.heads(NOON, 1, ())).due
        assert head == Head(
            id=delivery.id, channel=AGENTS, lane="agents:of-ana", place="C9", created_at=NOON
        )
        assert await tx.claim([head.id, DeliveryId("unknown")]) == [delivery]


async def test_a_head_tells_whether_anything_stands_behind_it(store: Store) -> None:
    """In its own lane, and unfinished: so that nothing is looked for where nothing is."""
    await keep(store, a_conversation(), a_conversation("ivo"), a_delivery("1"), a_delivery("2"))
    await keep(store, a_delivery("other", "of-ivo"))
    async with store.transaction() as tx:
        found = (await tx.heads(NOON, 10, ())).due
        assert [(each.id, each.is_followed) for each in found] == [("1", True), ("other", False)]
        await tx.finish({DeliveryId("2"): Receipt("17")})
        found = (await tx.heads(NOON, 10, ())).due
        assert [(each.id, each.is_followed) for each in found] == [("1", False), ("other", False)]


async def test_one_that_waits_holds_up_its_lane_alone(store: Store) -> None:
    """Whether it is postponed, or in doubt; when its time has come it goes first."""
    await keep(
        store,
        a_conversation(),
        a_conversation("ivo"),
        *(a_delivery("a1", attempts=1), a_delivery("a2"), a_delivery("b1", "of-ivo", attempts=1)),
    )
    async with store.transaction() as tx:
        await tx.postpone(
            [
                postponed("a1", later(minutes=5), reason="later"),
                postponed("b1", later(minutes=6), DeliveryState.IN_DOUBT, reason="broke off"),
            ]
        )
        assert await tx.heads(NOON, 10, ()) == Heads([], later(minutes=5))
        found = await tx.heads(later(minutes=5), 10, ())
        assert ([each.id for each in found.due], found.next_due) == (["a1"], later(minutes=6))
        found = await tx.heads(later(minutes=6), 10, ())
        assert ([each.id for each in found.due], found.next_due) == (["a1", "b1"], None)
        claimed = await tx.claim([each.id for each in found.due])
        assert [(each.state, each.reason) for each in claimed] == [
            (DeliveryState.PENDING, "later"),
            (DeliveryState.IN_DOUBT, "broke off"),
        ]


async def test_what_waits_behind_another_is_not_due(store: Store) -> None:
    """Else the dispatcher would wake for what it may not send yet."""
    await keep(store, a_conversation(), a_delivery("1", attempts=1), a_delivery("2"))
    async with store.transaction() as tx:
        await tx.postpone([postponed("1", later(hours=1))])
        assert await tx.heads(NOON, 10, ()) == Heads([], later(hours=1))
        await tx.fail(
            [Failed(id=DeliveryId("1"), reason=""), Failed(id=DeliveryId("2"), reason="")]
        )
        assert await tx.heads(NOON, 10, ()) == Heads([], None)


async def test_the_next_ones_time_is_known_beside_those_that_are_due(store: Store) -> None:
    """Also where only a few are asked for; the due ones come first."""
    await keep(store, *(a_conversation(name) for name in ("ana", "ivo", "eva")))
    await keep(
        store,
        a_delivery("1", "of-ana", due_at=later(minutes=2), attempts=1),
        a_delivery("2", "of-ivo", due_at=later(minutes=1), attempts=1),
        a_delivery("3", "of-eva"),
    )
    async with store.transaction() as tx:
        found = await tx.heads(NOON, 1, ())
        assert ([each.id for each in found.due], found.next_due) == (["3"], later(minutes=1))


async def test_what_was_never_attempted_waits_for_nothing(store: Store) -> None:
    """It was decided while the clock was wrong; nobody has demanded a pause before it."""
    await keep(store, *(a_conversation(name) for name in ("ana", "ivo")))
    await keep(store, a_delivery("new", due_at=later(hours=1)))
    await keep(store, a_delivery("tried", "of-ivo", due_at=later(hours=1), attempts=1))
    async with store.transaction() as tx:
        found = await tx.heads(NOON, 10, ())
        assert ([each.id for each in found.due], found.next_due) == (["new"], later(hours=1))


async def test_what_is_hastened_waits_no_longer(store: Store) -> None:
    """Its state and its reason stay; what is due before, is being sent or has ended stays."""
    names = ("ana", "ivo", "eva", "una", "iva")
    await add_department(store)
    await keep(store, *(a_conversation(name) for name in names))
    await keep(store, *(a_delivery(name, f"of-{name}", attempts=1) for name in names))
    doubted, waits, sent, ended, soon = (DeliveryId(name) for name in names)
    async with store.transaction() as tx:
        await tx.postpone(
            [
                postponed(doubted, later(hours=1), DeliveryState.IN_DOUBT, "broke off"),
                *(postponed(each, later(hours=2)) for each in (waits, sent, ended)),
                postponed(soon, later(minutes=15)),
            ]
        )
        await tx.begin([sent])
        await tx.finish({ended: Receipt("17")})
        await tx.hasten(NOON, beyond=later(minutes=15))
        found = await tx.heads(NOON, 10, ())
        assert [each.id for each in found.due] == [doubted, waits]
        assert found.next_due == later(minutes=15)
        claimed = await tx.claim([doubted, waits, soon])
        assert [(each.state, each.reason, each.due_at) for each in claimed] == [
            (DeliveryState.IN_DOUBT, "broke off", NOON),
            (DeliveryState.PENDING, "busy", NOON),
            (DeliveryState.PENDING, "busy", later(minutes=15)),
        ]


async def test_places_that_must_wait_are_left_out(store: Store) -> None:
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
        assert [each.id for each in found.due] == ["3"]
        found = await tx.heads(NOON, 10, {("agents", "C1"): 1.0, ("agents", "C2"): 2.0}.keys())
        assert [each.id for each in found.due] == ["4"]
        found = await tx.heads(NOON, 10, [("agents", "")])
        assert [each.id for each in found.due] == ["4"]


async def test_beginning_returns_all_that_sending_needs(store: Store) -> None:
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


async def test_a_conversation_without_a_department_is_the_first_ones(store: Store) -> None:
    """As is one whose department is not known any more."""
    await add_department(store)
    await keep(store, a_conversation(), a_conversation("ivo", department="gone"))
    await keep(store, a_delivery("1"), a_delivery("2", "of-ivo"))
    async with store.transaction() as tx:
        begun = await tx.begin([DeliveryId("2"), DeliveryId("1")])
    assert [each.delivery.id for each in begun] == ["2", "1"]
    assert [each.department for each in begun] == [SUPPORT, SUPPORT]


async def test_the_receipts_of_a_messages_pieces_come_in_order(store: Store) -> None:
    """For an edit of it: of its text, in the same channel, as far as it was delivered."""
    await add_department(store)
    elsewhere = relay("4", "m", channel="mail", lane="mail:x")
    message_id = MessageId("m")
    edited = RelayEdit(to=Side.AGENTS, message_id=message_id)
    edit = a_delivery("6", effect=edited, message_id=message_id)
    await keep(
        store,
        a_conversation(),
        a_message("m"),
        *(relay("1", "m"), relay("2", "m"), relay("3", "m", attachment=0), elsewhere),
        *(relay("5", "m"), edit, a_delivery("7")),
    )
    async with store.transaction() as tx:
        for id_ in ("2", "1", "3", "4"):
            await tx.finish({DeliveryId(id_): Receipt(f"receipt-{id_}")})
        begun = await tx.begin([DeliveryId("6"), DeliveryId("7")])
    assert [each.receipts for each in begun] == [("receipt-1", "receipt-2"), ()]


async def test_what_is_being_sent_is_begun_by_nobody_else(store: Store) -> None:
    """Neither it nor what comes after it in its lane; what has ended is not begun again."""
    await add_department(store)
    await keep(store, a_conversation(), a_delivery("1"), a_delivery("2"))
    async with store.transaction() as tx:
        assert len(await tx.begin([DeliveryId("1")])) == 1
    async with store.transaction() as tx:
        assert await tx.heads(NOON, 10, ()) == Heads([], None)
        assert await tx.begin([DeliveryId("1")]) == []
        await tx.finish({DeliveryId("1"): Receipt("17")})
        assert await tx.begin([DeliveryId("1"), DeliveryId("unknown")]) == []
        assert await tx.begin([]) == []


async def test_attempts_are_counted(store: Store) -> None:
    """By beginning: also one that a crash cut short counts."""
    await add_department(store)
    await keep(store, a_conversation(), a_delivery("1"))
    for attempts in range(3):
        async with store.transaction() as tx:
            (outgoing,) = await tx.begin([DeliveryId("1")])
            assert outgoing.delivery.attempts == attempts
            await tx.postpone([postponed("1", NOON)])


async def test_after_a_crash_what_was_being_sent_is_in_doubt(store: Store) -> None:
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
        doubted, _ = (await tx.heads(later(seconds=5), 10, ())).due
        assert doubted.id == "1"
        (outgoing,) = await tx.begin([doubted.id])
        assert outgoing.delivery.state is DeliveryState.IN_DOUBT


async def three_messages(store: Store) -> None:
    """Keep a conversation of whose three messages the first two are joined."""
    await add_department(store)
    await keep(store, a_conversation(), *(a_message(each) for each in "abc"))
    await keep(store, *(relay(number, each) for number, each in zip("123", "abc", strict=True)))
    async with store.transaction() as tx:
        await tx.join([[DeliveryId("1"), DeliveryId("2")]])


async def begun(tx: Transaction, id_: str) -> list[tuple[str, list[str]]]:
    """Begin a delivery; return what was begun, each with the messages that share its post."""
    return [
        (each.delivery.id, [message.id for message in each.with_messages])
        for each in await tx.begin([DeliveryId(id_)])
    ]


async def behind(tx: Transaction, *ids: str, limit: int = 9) -> dict[str, list[str]]:
    """Return the ids of what stands behind each of these deliveries."""
    found = await tx.behind([DeliveryId(each) for each in ids], limit)
    return {head: [each.id for each in follow] for head, follow in found.items()}


async def test_what_stands_behind_deliveries_is_known_in_order(store: Store) -> None:
    """What comes next in the lane of each and has not ended; asked for all of them at once."""
    other = a_delivery("x", "of-ivo")
    await keep(store, a_conversation(), a_conversation("ivo"), a_delivery("1"), other)
    await keep(store, *(a_delivery(each) for each in "2345"), a_delivery("y", "of-ivo"))
    async with store.transaction() as tx:
        await tx.fail([Failed(id=DeliveryId("2"), reason="")])
        assert await behind(tx, "1", "x", limit=2) == {"1": ["3", "4"], "x": ["y"]}
        assert await behind(tx, "4") == {"4": ["5"]}
        assert await behind(tx, "5", "y", "unknown") == {}


async def test_a_post_that_is_joined_anew_holds_what_is_named_now(store: Store) -> None:
    """What is left out stands on its own again; another post is not touched by it."""
    await add_department(store)
    await keep(store, a_conversation(), *(a_message(each) for each in "abcd"))
    await keep(store, *(relay(number, each) for number, each in zip("1234", "abcd", strict=True)))
    one, two, three, four = (DeliveryId(each) for each in "1234")
    async with store.transaction() as tx:
        await tx.join([[one, two], [three, four]])
        await tx.join([[one]])
        assert await begun(tx, "1") == [("1", [])]
        await tx.finish({one: Receipt("17")})
        await tx.join([[two], [three, four]])
        assert await heads(tx) == ["2"]
        assert await begun(tx, "2") == [("2", [])]
        assert await begun(tx, "3") == [("3", ["c", "d"])]


async def test_many_end_at_once_each_in_its_own_way(store: Store) -> None:
    """And those that are not named stay as they are."""
    names = ("ana", "ivo", "eva", "una", "iva")
    await keep(store, *(a_conversation(name) for name in names))
    await keep(store, *(a_delivery(name, f"of-{name}") for name in names[:3]))
    await keep(store, *(a_delivery(name, f"of-{name}", attempts=1) for name in names[3:]))
    ana, ivo, eva, una, iva = (DeliveryId(name) for name in names)
    async with store.transaction() as tx:
        await tx.finish({ana: Receipt("17"), ivo: Receipt("18")})
        await tx.fail([Failed(id=eva, reason="refused")])
        await tx.postpone([postponed("una", later(hours=1))])
        await tx.finish({})
        await tx.fail([])
        await tx.postpone([])
        await tx.set_threads({})
        assert await heads(tx) == [iva]
        assert (await tx.counts())["deliveries.failed"] == 1
        (later_on,) = (await tx.heads(later(hours=1), 1, [])).due
        assert later_on.id == una


async def test_a_joined_post_ends_as_one(store: Store) -> None:
    """It is begun by its first delivery, waits as a whole, and all of it is delivered at once."""
    await three_messages(store)
    async with store.transaction() as tx:
        assert await begun(tx, "1") == [("1", ["a", "b"])]
        assert await heads(tx) == []
        await tx.postpone([postponed("1", later(minutes=1))])
        assert await heads(tx) == []
        follow = await tx.behind([DeliveryId("1")], 9)
        assert [each.attempts for each in follow[DeliveryId("1")]] == [1, 0]
        assert await begun(tx, "1") == [("1", ["a", "b"])]
        await tx.finish({DeliveryId("1"): Receipt("17")})
        assert await heads(tx) == ["3"]
        assert await begun(tx, "3") == [("3", [])]


async def test_a_joined_post_fails_as_one(store: Store) -> None:
    """None of it is sent on its own afterwards."""
    await three_messages(store)
    async with store.transaction() as tx:
        await tx.begin([DeliveryId("1")])
        await tx.fail([Failed(id=DeliveryId("1"), reason="the room is gone")])
        assert await heads(tx) == ["3"]
        pieces = await tx.pieces_of([MessageId("a"), MessageId("b"), MessageId("c")])
        assert pieces == {MessageId("c"): 1}


async def test_after_a_crash_a_joined_post_is_the_same(store: Store) -> None:
    """As a whole in doubt, with the same messages under the same id."""
    await three_messages(store)
    async with store.transaction() as tx:
        await tx.begin([DeliveryId("1")])
    async with store.transaction() as tx:
        await tx.doubt_unfinished(NOON)
        assert await heads(tx) == ["1"]
        (head,) = await tx.claim([DeliveryId("1")])
        assert head.state is DeliveryState.IN_DOUBT
        assert await begun(tx, "1") == [("1", ["a", "b"])]


async def test_an_edit_knows_what_shares_the_post(store: Store) -> None:
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
            await tx.finish({DeliveryId(id_): Receipt(f"receipt-{id_}")})
        (first,) = await tx.begin([DeliveryId("4")])
        assert [each.id for each in first.with_messages] == ["a", "b"]
        assert first.receipts == ("receipt-1",)
        assert await begun(tx, "5") == [("5", [])]


async def test_two_dispatchers_never_send_the_same(store: Store) -> None:
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
                begun = await tx.begin([each.id for each in found.due])
            sent.extend(each.delivery for each in begun)
            async with store.transaction() as tx:
                for each in begun:
                    await tx.finish({each.delivery.id: Receipt("x")})
            idle = 0 if begun else idle + 1

    await asyncio.gather(dispatch(), dispatch(), dispatch())
    assert sorted(each.id for each in sent) == sorted(f"{name}-{number}" for name, number in ids)
    for name in names:
        lane = [each.id for each in sent if each.conversation_id == f"of-{name}"]
        assert lane == sorted(lane)


async def test_a_relay_that_was_never_cut_counts_as_text(store: Store) -> None:
    """A message carried whole is one piece."""
    whole = Relay(to=Side.CUSTOMER, message_id=MessageId("m"))
    delivery = a_delivery("1", effect=whole, message_id=MessageId("m"))
    await keep(store, a_conversation(), a_message("m"), delivery)
    async with store.transaction() as tx:
        assert await tx.pieces_of([MessageId("m")]) == {MessageId("m"): 1}
        assert await tx.conversations([ConversationId("of-ana")])
