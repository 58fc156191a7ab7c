"""What could not be delivered is tried again by those whom it concerns."""

import re
from pathlib import Path

from adapters.clock import SystemClock
from adapters.store import SqlStore
from core.mending import Mending
from sandbox.faults import Fault, FaultKind
from tests.support.real_world import World, world


def refuses(there: World) -> None:
    """Let Telegram refuse the next message."""
    fault = Fault(kind=FaultKind.REFUSE, error="Bad Request: something is wrong")
    there.telegram.faults.plan("sendMessage", fault)


async def test_an_agent_tries_a_refused_answer_again(tmp_path: Path) -> None:
    """It stands in the thread that it failed, has a button, and reaches the customer once."""
    async with world(tmp_path) as there:
        marko = there.slack.agent("Marko", display_name="Marko")
        room = there.slack.room("support", members=[marko])
        ana = there.telegram.customer("Ana", language_code="en")
        ana.write("My site is down")
        await ana.sees("name")
        ana.press("Ana")
        await ana.sees("e-mail")
        ana.write("ana@example.com")
        card = await room.sees("My site is down")
        await ana.sees("Our people have been told")
        await there.settled()

        refuses(there)
        await marko.reply(card, "Please restart it")
        failure = await room.sees("Not delivered to the customer", thread=card)
        refuses(there)
        await marko.press(failure, "Try again")
        await room.sees("Marko has this tried again", thread=card)
        again = await room.sees("Not delivered to the customer", thread=card)
        await marko.press(again, "Try again")
        await ana.sees("Please restart it")
        await there.settled()
        await marko.press(again, "Try again")
        await room.sees("nothing left here to be tried again", thread=card)

        assert ana.transcript().count("Please restart it") == 1


async def test_a_room_that_was_away_gets_everything_in_order(tmp_path: Path) -> None:
    """The customer is told that it was not passed on; later the card comes first, then the rest."""
    async with world(tmp_path) as there:
        room = there.slack.room("support", members=[there.slack.agent("Marko")])
        ana = there.telegram.customer("Ana", language_code="en")
        archived = Fault(kind=FaultKind.REFUSE, error="is_archived")
        there.slack.faults.plan("chat.postMessage", archived, times=1000)
        ana.write("My site is down")
        await ana.sees("name")
        ana.press("Ana")
        await ana.sees("e-mail")
        ana.write("ana@example.com")
        await ana.sees("the room is archived")
        for number in range(3):
            ana.write(f"word {number}.")
            await ana.sees("could not be opened")
        await there.settled()
        assert room.messages == []

        there.slack.faults.clear()
        store = await SqlStore.open(f"sqlite:///{there.database}")
        try:
            retried = await Mending(store, SystemClock()).retry_all("agents", who="an operator")
        finally:
            await store.close()
        assert len(retried) >= 4
        ana.write("word 3.")

        card = await room.sees("My site is down")
        await room.sees("word 3.", thread=card)
        said = "\n".join(each.shown for each in room.thread(card))
        assert re.findall(r"word \d+\.", said) == [f"word {number}." for number in range(4)]
