"""Who tells the desk something may be cancelled; what was told is stored all the same."""

import asyncio
from pathlib import Path

from core.ports import FromCustomer, Incoming
from tests.support.builders import ANA, MONDAY, policy
from tests.support.play import customer
from tests.support.whole_desk import whole_desk

MOMENTS = 60


async def test_a_teller_who_is_cancelled_leaves_no_transaction_behind(tmp_path: Path) -> None:
    """At whatever moment it happens, the next one is heard, and every word is kept once."""
    async with whole_desk(tmp_path, policy(), MONDAY) as there:
        desk = there.desk()
        for moment in range(MOMENTS):
            event = customer(f"word {moment}")(there.clock.now())
            told = Incoming(key=f"k{moment}", origin=FromCustomer(identity=ANA), event=event)
            telling = asyncio.create_task(desk.receive([told]))
            for _ in range(moment):
                await asyncio.sleep(0)  # one step further each time
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        await desk.finish()
        event = customer("the last word")(there.clock.now())
        async with asyncio.timeout(3):
            origin = FromCustomer(identity=ANA)
            await desk.receive([Incoming(key="last", origin=origin, event=event)])
        conversation = await there.conversation()
        async with there.store.transaction() as tx:
            said = [each.text.text for each in await tx.messages_in(conversation.id)]

    heard = [f"word {moment}" for moment in range(MOMENTS)]
    assert [each for each in said if each in heard] == [each for each in heard if each in said]
    assert said[-1] == "the last word"
    assert len(said) == len(set(said)) >= MOMENTS // 2
