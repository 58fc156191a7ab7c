"""The inbox: each event once, whatever happens, and none forgotten."""

import asyncio

import pytest

from core.ids import ConversationId, Thread
from core.ports import AGAIN, Changes, Store
from tests.support.stored import (
    NOON,
    a_conversation,
    a_message,
    an_identity,
    an_incoming,
    keep,
    later,
)


async def test_an_event_is_admitted_once(store: Store) -> None:
    """However often a platform tells of it, within one batch or later."""
    first, second = an_incoming("1"), an_incoming("2")
    async with store.transaction() as tx:
        assert await tx.admit([second, first, second, first], NOON) == [second, first]
        assert await tx.admit([first], NOON) == []
    async with store.transaction() as tx:
        third = an_incoming("3")
        assert await tx.admit([first, third, second], later(days=1)) == [third]


async def test_nothing_to_admit_is_nothing_admitted(store: Store) -> None:
    """An empty batch is no error."""
    async with store.transaction() as tx:
        assert await tx.admit([], NOON) == []


async def test_a_large_batch_keeps_its_order(store: Store) -> None:
    """A backlog of thousands comes out as it came in."""
    backlog = [an_incoming(str(number)) for number in range(3000)]
    async with store.transaction() as tx:
        assert await tx.admit(backlog, NOON) == backlog


async def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    """What was not committed may be told again, and is new then."""
    with pytest.raises(ZeroDivisionError):
        async with store.transaction() as tx:
            await tx.admit([an_incoming("1")], NOON)
            raise ZeroDivisionError
    async with store.transaction() as tx:
        assert await tx.admit([an_incoming("1")], NOON) == [an_incoming("1")]


async def test_a_transaction_that_is_cancelled_leaves_nothing(store: Store) -> None:
    """Nor does it keep the database from others."""
    begun = asyncio.Event()

    async def unlucky() -> None:
        async with store.transaction() as tx:
            await tx.admit([an_incoming("1")], NOON)
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(unlucky())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.transaction() as tx:
        assert await tx.admit([an_incoming("1")], NOON) == [an_incoming("1")]


async def test_two_who_are_told_the_same_admit_it_once(store: Store) -> None:
    """Two transactions at once, with the same events in different order."""
    events = [an_incoming(str(number)) for number in range(20)]

    async def admitted(backwards: bool) -> int:
        async with store.transaction() as tx:
            return len(await tx.admit(events[::-1] if backwards else events, NOON))

    counts = await asyncio.gather(*(admitted(each) for each in (False, True, False, True)))
    assert sum(counts) == len(events)


async def test_an_event_set_aside_is_taken_up_once(store: Store) -> None:
    """What it waited for has come; oldest first, and nobody else's."""
    events = [an_incoming(key) for key in ("c", "a", "b")]
    async with store.transaction() as tx:
        await tx.admit(events, NOON)
        await tx.set_aside(events[0], "thread:1")
        await tx.set_aside(events[1], "thread:1")
        await tx.set_aside(events[2], "thread:2")
    async with store.transaction() as tx:
        assert await tx.take_up(["thread:1", "thread:9"]) == events[:2]
        assert await tx.take_up(["thread:1"]) == []
        assert await tx.take_up([]) == []
        await tx.set_aside(events[0], "message:7")
    async with store.transaction() as tx:
        assert await tx.take_up(["message:7", "thread:2"]) == [events[2], events[0]]


async def test_what_was_waited_for_and_came_is_known_after_a_restart(store: Store) -> None:
    """A thread or message that came just before the end does not leave its events aside."""
    await keep(store, a_conversation(), a_message("m-1"))
    events = [an_incoming(key) for key in ("a", "b", "c", "d")]
    async with store.transaction() as tx:
        await tx.admit(events, NOON)
        waits = ("thread:1", "message:m-1", "thread:2", "message:m-2")
        for event, waits_for in zip(events, waits, strict=True):
            await tx.set_aside(event, waits_for)
        await tx.set_threads({ConversationId("of-ana"): Thread("1")})
    async with store.transaction() as tx:
        assert sorted(await tx.waits_over()) == ["message:m-1", "thread:1"]


async def test_an_event_put_down_is_kept_and_not_taken_up(store: Store) -> None:
    """What the desk could not handle stays where an operator finds it, and is not tried again."""
    event = an_incoming("1")
    async with store.transaction() as tx:
        await tx.admit([event], NOON)
        await tx.set_aside(event, "thread:1")
        await tx.put_down(event, "ZeroDivisionError()")
    async with store.transaction() as tx:
        assert await tx.take_up(["thread:1"]) == []
        assert await tx.admit([event], NOON) == []


async def test_an_operator_has_it_handled_once_more(store: Store) -> None:
    """What went wrong is listed, and what can be read is taken up again, once."""
    event = an_incoming("1")
    async with store.transaction() as tx:
        await tx.admit([event], NOON)
        await tx.put_down(event, "ZeroDivisionError()")
        await tx.keep_unreadable("2", "{", NOON)
    async with store.transaction() as tx:
        found = [(each.key, each.error, each.is_readable) for each in await tx.unhandled(10)]
        assert found == [("1", "ZeroDivisionError()", True), ("2", "unreadable", False)]
        assert await tx.handle_again(["1", "2", "3"]) == 1
        assert await tx.handle_again() == 0
    async with store.transaction() as tx:
        assert await tx.waits_over() == [AGAIN]
        assert await tx.take_up([AGAIN]) == [event]
        assert [each.key for each in await tx.unhandled(10)] == ["2"]


async def test_two_who_meet_a_customer_first_make_one_contact(store: Store) -> None:
    """Two transactions that have never heard of a customer do not both begin with them."""

    async def meet(number: int) -> bool:
        async with store.transaction() as tx:
            if await tx.contacts([an_identity()]):
                return False
            begun = a_conversation(id_=f"{number}")
            await tx.save(Changes(conversations={begun.id: begun}))
            return True

    assert sum(await asyncio.gather(*map(meet, range(6)))) == 1


async def test_what_nobody_could_read_is_kept_once(store: Store) -> None:
    """However often its platform sends it; and it never comes back as an event."""
    for _ in range(2):
        async with store.transaction() as tx:
            await tx.keep_unreadable("update:7", '{"riddle": true}', NOON)
    async with store.transaction() as tx:
        assert await tx.admit([an_incoming("update:7")], NOON) == []


async def test_what_is_recorded_can_be_asked_for(store: Store) -> None:
    """By key, without recording anything."""
    async with store.transaction() as tx:
        await tx.admit([an_incoming("1"), an_incoming("2")], NOON)
        assert await tx.recorded(["2", "3"]) == {"2"}
        assert await tx.recorded([]) == set()
        assert [each.key for each in await tx.admit([an_incoming("3")], NOON)] == ["3"]
