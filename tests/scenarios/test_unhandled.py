"""What the desk could not handle, for a fault of its own: it is kept, and handled once more."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.contact import Identity
from core.events import CustomerWrote
from core.ids import MessageId
from core.ports import FromCustomer, Incoming
from core.richtext import plain
from tests.support.builders import ANA, MONDAY, policy
from tests.support.play import customer, passes
from tests.support.whole_desk import WholeDesk, whole_desk

BOB = Identity("chat", "bob")
THE_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
"""No rule can add a deadline to it."""


def wrote(text: str, at: datetime, *, who: Identity = ANA) -> Incoming:
    """Return what a platform tells when somebody has written."""
    event = CustomerWrote(at=at, sent_at=MONDAY, message_id=MessageId(text), text=plain(text))
    return Incoming(key=text, origin=FromCustomer(identity=who, name="Ana A."), event=event)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[WholeDesk]:
    """Give a desk on a Monday morning."""
    async with whole_desk(tmp_path, policy(), MONDAY) as desk:
        yield desk


async def test_an_event_that_the_desk_cannot_handle_stops_no_other(desk: WholeDesk) -> None:
    """It is put down with its error; whoever wrote before, beside or after it is answered."""
    asked = passes(seconds=2), "desk: ASK_NAME [Ana A.]"
    await desk.play((customer("My site is down"),), asked)
    unlucky = wrote("unlucky", THE_END_OF_TIME)
    await desk.desk().receive([unlucky, wrote("My shop is down", desk.clock.now(), who=BOB)])
    await desk.play(asked, who=BOB)
    await desk.play((customer("Ana"), "desk: ASK_EMAIL [BUTTON_CHANGE_NAME]"))

    async with desk.store.transaction() as tx:
        (put_down,) = await tx.unhandled(10)
    assert (put_down.key, put_down.is_readable) == (unlucky.key, True)


async def test_after_the_fault_is_mended_it_is_handled(desk: WholeDesk) -> None:
    """An operator says so, and the customer reads the question that a word of theirs asks for."""
    unlucky = wrote("My site is down", MONDAY)
    async with desk.store.transaction() as tx:
        await tx.admit([unlucky], MONDAY)
        await tx.put_down(unlucky, "ZeroDivisionError()")
    await desk.desk().receive([unlucky])
    assert await desk.carry_out() == []

    async with desk.store.transaction() as tx:
        await tx.handle_again()
    await desk.desk().tick()

    await desk.play(
        (passes(seconds=2), "desk: ASK_NAME [Ana A.]"),
        (customer("Ana"), "desk: ASK_EMAIL [BUTTON_CHANGE_NAME]"),
    )
