"""A visitor of the website and the agents in Slack, with the real process in between."""

import asyncio
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from sandbox.slack import Agent, Message, Room
from tests.support.real_world import BELGRADE, World, world
from tests.support.visitor import SITE, Visitor, a_visitor, text_of
from tests.support.waiting import PATIENCE

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


async def test_files_and_edits_go_both_ways(tmp_path: Path) -> None:
    """Pictures reach the thread and the page; edits change what was read, deletions take it."""
    async with world(tmp_path, WEB_ORIGINS=SITE) as there, a_visitor(there.url) as ana:
        marko, room, card = await opens(there, ana)
        picture = await ana.uploads(PNG, "shot.png")
        await ana.says("this is what I see", files=[picture])
        assert (await room.sees("shot.png", thread=card)).files

        await marko.upload(card, "settings.txt", b"php_value memory_limit 256M", "text/plain")
        (file,) = (await ana.sees("settings.txt"))["files"]
        got = await ana.get(f"/chat/files/{file['id']}")
        assert (got.status, got.content) == (200, b"php_value memory_limit 256M")
        async with a_visitor(there.url) as ivo:
            await ivo.comes()
            assert (await ivo.get(f"/chat/files/{file['id']}")).status == 404

        said = await ana.says("it is urgent")
        await room.sees("it is urgent", thread=card)
        await ana.is_taken(await ana.sends(type="edit", message=said, text="it is very urgent"))
        await room.sees("it is very urgent", thread=card)
        answer = await marko.reply(card, "in a minute")
        first = await ana.sees("in a minute")
        await marko.edit(answer, "in two minutes")
        changed = await ana.sees("in two minutes")
        assert (changed["kind"], changed["id"]) == ("changed", first["id"])
        await marko.delete(answer)
        gone = await ana.hears(lambda frame: frame.get("kind") == "gone")
        assert gone["id"] == first["id"]


async def test_who_has_left_gets_the_answer_by_mail(tmp_path: Path) -> None:
    """After two minutes away, also if the desk was down when they were over; and once."""
    async with world(tmp_path, WEB_ORIGINS=SITE) as there, a_visitor(there.url) as ana:
        marko, _, card = await opens(there, ana)
        await ana.disconnects()
        await marko.reply(card, "Your site is up again")
        await there.slack.events.settled()
        await there.settled()
        await there.stop()
        there.pass_time(minutes=3)
        await there.start()

        mail = await there.mail.mailbox("ana@example.com").receives("Answer")
        assert "Your site is up again" in mail.text
        await there.restart()
        await ana.connects()
        await ana.sees("Your site is up again")
        await there.settled()
        answers = [
            each
            for each in there.mail.mailbox("ana@example.com").mails
            if "Your site is up again" in each.text
        ]
        assert len(answers) == 1


async def test_outside_working_hours_the_question_becomes_a_ticket(tmp_path: Path) -> None:
    """The page says so beforehand, and the ticket's ID stands in the chat and in the mail."""
    sunday = datetime(2026, 11, 22, 12, 0, tzinfo=BELGRADE)
    async with world(tmp_path, at=sunday, WEB_ORIGINS=SITE) as there, a_visitor(there.url) as ana:
        there.slack.room("support")
        await ana.comes()
        await ana.connects()
        state = await ana.hears(lambda frame: frame["type"] == "state")
        assert (state["open"], state["says"]) == (False, "Opens tomorrow at 08:00")
        await ana.asks(PROBLEM)
        said = await ana.sees("Nobody is available right now")
        mail = await there.mail.mailbox("ana@example.com").receives("MNT-")
        ticket = mail.subject.split("]")[0].strip("[")
        assert any(ticket in text_of(each) for each in ana.log.values()), said


@pytest.mark.parametrize("steps", [1, 3, 6, 10, 15, 21, 28, 40])
async def test_what_was_confirmed_is_in_slack_exactly_once(tmp_path: Path, steps: int) -> None:
    """The desk is killed at some step on the way; the browser repeats what was not confirmed."""
    async with world(tmp_path, forked=True, WEB_ORIGINS=SITE) as there, a_visitor(there.url) as ana:
        _, room, card = await opens(there, ana)
        await there.settled()
        words = [f"word {number} of a sentence" for number in range(3)]
        ids = [str(uuid4()) for _ in words]
        dies = asyncio.create_task(there.kill_at_step(steps, within=2))
        with suppress(aiohttp.ClientError):
            for id_, text in zip(ids, words, strict=True):
                await ana.sends(type="say", id=id_, text=text, files=[])
        await dies
        await ana.is_closed()

        await there.start()
        await ana.connects()
        for id_, text in zip(ids, words, strict=True):
            if not ana.was_taken(id_):
                await ana.says(text, id=id_)
        for text in words:
            # A post in doubt is looked for in Slack first, for some seconds.
            await room.sees(text, thread=card, timeout=PATIENCE)
            await ana.sees(text)
        await there.settled()

        shown = [each.shown for each in room.thread(card)]
        for text in words:
            assert sum(each.count(text) for each in shown) == 1
            assert ana.text.count(text) == 1


async def opens(there: World, ana: Visitor) -> tuple[Agent, Room, Message]:
    """Let a visitor ask, and an agent see it."""
    marko = there.slack.agent("Marko", display_name="Marko")
    room = there.slack.room("support", members=[marko])
    await ana.comes()
    await ana.connects()
    await ana.asks(PROBLEM)
    await ana.sees("Our people have been told")
    return marko, room, await room.sees(PROBLEM)


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
