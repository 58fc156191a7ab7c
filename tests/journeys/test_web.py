"""A visitor of the website and the agents in Slack, with the real process in between."""

from pathlib import Path

from tests.support.real_world import world
from tests.support.visitor import SITE, a_visitor

PROBLEM = "My site shows error 503 since this morning"


async def test_a_visitor_asks_and_is_answered_from_slack(tmp_path: Path) -> None:
    """Over a restart in between, in order, and each word once."""
    async with world(tmp_path, WEB_ORIGINS=SITE) as there, a_visitor(there.url) as ana:
        marko = there.slack.agent("Marko", display_name="Marko")
        room = there.slack.room("support", members=[marko])
        begun = await ana.comes()
        assert begun["known"] is None
        await ana.connects()

        await ana.asks(PROBLEM)
        await ana.sees("Our people have been told")
        card = await room.sees(PROBLEM)
        assert "ana@example.com" in card.shown

        await there.restart()
        assert await ana.is_closed() == 1012
        await marko.reply(card, "Hello Ana, I am on it")
        assert (await ana.comes())["known"] == {"name": "Ana"}
        await ana.connects()
        answer = await ana.sees("Hello Ana, I am on it")
        assert answer["by"] == "agent"
        assert answer["name"] == "Marko"
        await ana.says("Thank you, it is urgent")
        await room.sees("it is urgent", thread=card)
        await ana.sees("it is urgent")
        await there.settled()

        assert [each["by"] for _, each in sorted(ana.log.items())] == [
            "you", "desk", "agent", "you",
        ]  # fmt: skip
        assert list(ana.log) == [1, 2, 3, 4]
        assert len([each for each in room.messages if PROBLEM in each.shown]) == 1
