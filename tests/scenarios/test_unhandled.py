"""What the desk could not handle, for a fault of its own: it is kept, and handled once more."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.events import CustomerWrote
from core.ids import MessageId
from core.ports import FromCustomer, Incoming
from core.richtext import plain
from tests.support.builders import ANA, MONDAY, policy
from tests.support.play import customer, passes
from tests.support.whole_desk import WholeDesk, whole_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[WholeDesk]:
    """Give a desk on a Monday morning."""
    async with whole_desk(tmp_path, policy(), MONDAY) as desk:
        yield desk


async def test_after_the_fault_is_mended_it_is_handled(desk: WholeDesk) -> None:
    """An operator says so, and the customer reads the question that a word of theirs asks for."""
    wrote = CustomerWrote(
        at=MONDAY, sent_at=MONDAY, message_id=MessageId("m"), text=plain("My site is down")
    )
    unlucky = Incoming(key="unlucky", origin=FromCustomer(identity=ANA, name="Ana A."), event=wrote)
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
