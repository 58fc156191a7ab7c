"""What has failed: found, put back where it was, or dropped."""

from core.ids import DeliveryId, MessageId, Receipt
from core.outbox import AGENTS, MAIL, Delivery, DeliveryState
from core.outbox_port import Failed, Postponed
from core.ports import Audit, Store, Transaction
from tests.support.stored import (
    NOON,
    a_conversation,
    a_delivery,
    a_message,
    add_department,
    keep,
    later,
    relay,
)


def ids(*names: str) -> list[DeliveryId]:
    return [DeliveryId(each) for each in names]


def failed(*names: str, doubted: bool = False) -> list[Failed]:
    return [Failed(id=each, reason="refused", doubted=doubted) for each in ids(*names)]


async def heads(tx: Transaction) -> list[str]:
    """Return the ids of the deliveries that may go in an hour."""
    return [each.id for each in (await tx.heads(later(hours=1), 100, ())).due]


async def one(tx: Transaction, id_: str) -> Delivery:
    """Return a delivery that waits."""
    (claimed,) = await tx.claim(ids(id_))
    return claimed


async def test_what_is_retried_is_where_it_was_in_its_lane(store: Store) -> None:
    """Before what came after it, with its attempts and its patience begun anew."""
    await add_department(store)
    await keep(store, a_conversation(), *(a_delivery(each) for each in "123"))
    async with store.transaction() as tx:
        await tx.begin(ids("1"))
        await tx.fail(failed("1"))
        assert await heads(tx) == ["2"]

        assert await tx.retry(ids("1"), later(minutes=5)) == ["1"]

        assert await heads(tx) == ["1"]
        again = await one(tx, "1")
        assert (again.state, again.attempts, again.reason) == (DeliveryState.PENDING, 0, "")
        assert (again.created_at, again.due_at) == (NOON, later(minutes=5))
        assert again.since == again.retried_at == later(minutes=5)


async def test_what_may_have_arrived_is_retried_in_doubt(store: Store) -> None:
    """So that it is looked for before it is told again."""
    await keep(store, a_conversation(), a_delivery("1"))
    async with store.transaction() as tx:
        await tx.fail(failed("1", doubted=True))
        await tx.retry(ids("1"), NOON)
        assert (await one(tx, "1")).state is DeliveryState.IN_DOUBT


async def test_a_retry_changes_nothing_that_has_not_failed(store: Store) -> None:
    """What waits keeps its time, what arrived is not sent twice, what was dropped stays so."""
    await add_department(store)
    names = ("ana", "ivo", "eva", "una")
    await keep(store, *(a_conversation(name) for name in names))
    await keep(store, *(a_delivery(name, f"of-{name}") for name in names))
    waits = Postponed(
        id=DeliveryId("ana"), state=DeliveryState.PENDING, due_at=later(minutes=5), reason="busy"
    )
    async with store.transaction() as tx:
        await tx.postpone([waits])
        await tx.begin(ids("ivo"))
        await tx.finish({DeliveryId("eva"): Receipt("17")})
        await tx.drop(ids("una"))

        assert await tx.retry(ids(*names, "unknown"), NOON) == []
        assert await tx.retry_all(None, NOON) == []
        assert await tx.retry([], NOON) == []

        assert await heads(tx) == ["ana"]
        assert (await one(tx, "ana")).due_at == later(minutes=5)


async def test_all_that_failed_is_retried_in_order(store: Store) -> None:
    """On one channel, or on all of them."""
    await keep(store, a_conversation(), *(a_delivery(each) for each in "12"))
    await keep(store, a_delivery("3", channel=MAIL, lane="mail:x"))
    async with store.transaction() as tx:
        await tx.fail(failed("2", "1", "3"))
        assert await tx.retry_all(MAIL, NOON) == ["3"]
        assert await heads(tx) == ["3"]
        assert sorted(await tx.retry_all(None, NOON)) == ["1", "2"]
        assert await heads(tx) == ["1", "3"]
        await tx.finish({DeliveryId("1"): Receipt("17")})
        assert await heads(tx) == ["2", "3"]


async def joined_post(store: Store) -> None:
    """Keep three messages, of which the first two are joined and have failed."""
    await add_department(store)
    await keep(store, a_conversation(), *(a_message(each) for each in "abc"))
    await keep(store, *(relay(number, each) for number, each in zip("123", "abc", strict=True)))
    async with store.transaction() as tx:
        await tx.join([ids("1", "2")])
        await tx.fail(failed("1"))


async def test_a_joined_post_is_retried_as_one(store: Store) -> None:
    """Whichever of it is named; it holds the same messages."""
    await joined_post(store)
    async with store.transaction() as tx:
        assert sorted(await tx.retry(ids("2"), NOON)) == ["1", "2"]
        assert await heads(tx) == ["1"]
        (outgoing,) = await tx.begin(ids("1"))
        assert [each.id for each in outgoing.with_messages] == ["a", "b"]
        await tx.finish({DeliveryId("1"): Receipt("17")})
        assert await heads(tx) == ["3"]


async def test_a_joined_post_is_dropped_as_one(store: Store) -> None:
    """And counts as never relayed."""
    await joined_post(store)
    async with store.transaction() as tx:
        assert sorted(await tx.drop(ids("2"))) == ["1", "2"]
        assert await tx.retry_all(None, NOON) == []
        assert await heads(tx) == ["3"]
        assert await tx.pieces_of([MessageId("a"), MessageId("c")]) == {MessageId("c"): 1}


async def test_what_waits_can_be_dropped_and_what_is_being_sent_not(store: Store) -> None:
    """Nor what has arrived: nothing can be done about either."""
    await add_department(store)
    names = ("ana", "ivo", "eva")
    await keep(store, *(a_conversation(name) for name in names))
    await keep(store, *(a_delivery(name, f"of-{name}") for name in names))
    async with store.transaction() as tx:
        await tx.begin(ids("ivo"))
        await tx.finish({DeliveryId("eva"): Receipt("17")})
        assert await tx.drop(ids(*names)) == ["ana"]
        assert await heads(tx) == []
        await tx.doubt_unfinished(NOON)
        assert await heads(tx) == ["ivo"]


async def test_what_failed_of_a_message_is_found_by_each_of_its_deliveries(store: Store) -> None:
    """All its pieces on that channel, in order, and not what else failed or did not fail."""
    await keep(store, a_conversation(), a_conversation("ivo"), a_message("m"), a_message("n"))
    await keep(store, *(relay(each, "m") for each in "1234"), relay("5", "n"))
    await keep(store, relay("6", "m", channel=MAIL, lane="mail:x"), a_delivery("7"))
    async with store.transaction() as tx:
        await tx.fail(failed("4", "2", "1", "5", "6", "7"))
        assert await tx.failed_with(ids("1", "3", "7", "unknown")) == {
            "1": ["1", "2", "4"],
            "3": ["1", "2", "4"],
            "7": ["7"],
        }
        await tx.retry(ids("1", "2", "4"), NOON)
        assert await tx.failed_with(ids("1")) == {}


async def test_what_failed_in_a_joined_post_is_named_by_its_first(store: Store) -> None:
    """Once."""
    await joined_post(store)
    async with store.transaction() as tx:
        assert await tx.failed_with(ids("1", "2")) == {"1": ["1"], "2": ["1"]}


async def test_what_failed_or_is_overdue_is_listed(store: Store) -> None:
    """Oldest first, a joined post once; not what has only just been tried again."""
    await joined_post(store)
    new = a_delivery("5", "of-ivo", created_at=later(hours=1))
    await keep(store, a_conversation("ivo"), a_delivery("4", "of-ivo", channel=MAIL), new)

    async def listed(channel: str | None = None, limit: int = 9) -> list[str]:
        found = await tx.undelivered(later(minutes=30), channel, limit)
        return [each.id for each in found]

    async with store.transaction() as tx:
        assert await listed() == ["1", "3", "4"]
        assert await listed(limit=2) == ["1", "3"]
        assert await listed(AGENTS) == ["1", "3"]
        await tx.retry(ids("1"), later(hours=1))
        await tx.drop(ids("4"))
        await tx.finish({DeliveryId("3"): Receipt("17")})
        assert await listed() == []


async def test_an_entry_of_the_audit_log_can_be_made(store: Store) -> None:
    """Of whatever somebody did."""
    entry = Audit(at=NOON, who="Mila", what="deliveries 1", before="", after="dropped")
    async with store.transaction() as tx:
        await tx.note(entry)
        assert await tx.audits(1) == [entry]
