"""One fault, one story: what people see when a thing breaks that does break."""

import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from sandbox.faults import Fault, FaultKind
from sandbox.slack import Agent, Message, Room
from sandbox.telegram import DOWNLOAD, Customer
from tests.support.portal_browser import browser
from tests.support.portal_office import office
from tests.support.real_world import World, world
from tests.support.visitor import SITE, a_visitor
from tests.support.waiting import PATIENCE

LOST_ANSWER = Fault(kind=FaultKind.CUT_AFTER)
LONG = 30.0
"""Seconds that an answer takes which nobody waits for."""


def a_room(there: World) -> tuple[Room, Agent]:
    """Return the room of the support department, and Marko, who is in it."""
    marko = there.slack.agent("Marko", display_name="Marko")
    return there.slack.room("support", members=[marko]), marko


async def opens(there: World, room: Room, name: str = "Ana") -> tuple[Customer, Message]:
    """Let a new customer open a conversation; return the customer, and its card."""
    customer = await tells(there, name)
    card = await room.sees(f"{name}'s site is down")
    await customer.sees("Our people have been told")
    return customer, card


async def tells(there: World, name: str) -> Customer:
    """Let a new customer tell all that the desk wants to know."""
    customer = there.telegram.customer(name, language_code="en")
    customer.write(f"{name}'s site is down")
    await customer.sees("What is your name?")
    customer.press(name)
    await customer.sees("e-mail")
    customer.write(f"{name.lower()}@example.com")
    return customer


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Let another program hold the database inside the block."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_killed_between_slacks_taking_a_post_and_our_knowing_it(tmp_path: Path) -> None:
    """Neither the card nor a reply is posted twice: the desk asks Slack before it repeats."""
    async with world(tmp_path) as there:
        room, _ = a_room(there)
        slow = Fault(kind=FaultKind.SLOW, seconds=LONG)
        there.slack.faults.plan("chat.postMessage", slow)
        ana = await tells(there, "Ana")
        card = await room.sees("Ana's site is down")
        await there.kill()
        await there.start()
        await ana.sees("Our people have been told")
        there.pass_time(minutes=1)
        await there.settled()

        there.slack.faults.plan("chat.postMessage", slow)
        ana.write("It is the shop")
        await room.sees("It is the shop", thread=card)
        await there.kill()
        await there.start()
        there.pass_time(minutes=1)
        await there.settled()

        assert [each.ts for each in room.messages if "site is down" in each.shown] == [card.ts]
        assert sum("It is the shop" in each.shown for each in room.thread(card)) == 1


async def test_an_answer_that_telegram_took_and_did_not_confirm(tmp_path: Path) -> None:
    """It is sent once more, not more often, and what follows stays behind it."""
    async with world(tmp_path) as there:
        room, marko = a_room(there)
        ana, card = await opens(there, room)
        there.telegram.faults.plan("sendMessage", LOST_ANSWER)
        await marko.reply(card, "One moment")
        await marko.reply(card, "It is back")
        await ana.sees("It is back", timeout=PATIENCE)
        await there.settled()

        answers = re.findall("One moment|It is back", ana.transcript())
        assert answers == ["One moment", "One moment", "It is back"]


async def test_a_platform_that_cannot_be_reached(tmp_path: Path) -> None:
    """The answer waits, is in no doubt, and the log has one line for each try."""
    async with world(tmp_path, LOG_FORMAT="json") as there:
        room, marko = a_room(there)
        ana, card = await opens(there, room)
        await there.settled()
        await there.telegram.stop()
        await marko.reply(card, "It is back")
        await there.logs("delivery.not_delivered")
        await there.telegram.start()
        await ana.sees("It is back", timeout=PATIENCE)
        await there.settled()

        tries = await there.logs("delivery.not_delivered")
        assert {each["end"] for each in tries} == {"Retry"}
        assert f'channel="telegram",end="retry"}} {len(tries)}' in await there.metrics()
        assert ana.transcript().count("It is back") == 1


async def test_a_mail_that_broke_off_after_its_last_line(tmp_path: Path) -> None:
    """It is sent again as the same mail: every mailbox shows it once."""
    async with world(tmp_path) as there:
        room, marko = a_room(there)
        _, card = await opens(there, room)
        there.mail.faults.plan("DATA", LOST_ANSWER)
        await marko.press(card, "File ticket")
        mailbox = there.mail.mailbox("ana@example.com")
        await mailbox.receives("MNT-")
        await mailbox.receives("MNT-", timeout=PATIENCE)
        await there.settled()

        once, again = mailbox.mails
        assert once.message_id == again.message_id
        assert once.raw == again.raw


async def test_a_rush_never_oversteps_slacks_rate(tmp_path: Path) -> None:
    """Slack promises nothing for what comes faster than it takes posts: the desk waits unasked."""
    async with world(tmp_path, post_rate=1, post_burst=5) as there:
        room, _ = a_room(there)
        ana, card = await opens(there, room)
        for number in range(40):
            ana.write(f"word {number}.")
        await room.sees("word 39.", thread=card, timeout=PATIENCE)

        assert 'channel="agents",end="retry"' not in await there.metrics()


async def test_a_full_disk(tmp_path: Path) -> None:
    """Nothing is confirmed that is not stored; with room again the desk goes on by itself."""
    async with world(tmp_path) as there:
        room, marko = a_room(there)
        ana, card = await opens(there, room)
        there.fill_disk()
        ana.write("word 1.")
        await marko.reply(card, "word 2.")
        await there.is_not_ready("database")
        assert "word 1." not in room.transcript()
        assert "word 2." not in ana.transcript()

        there.free_disk()
        await room.sees("word 1.", thread=card, timeout=PATIENCE)
        await ana.sees("word 2.", timeout=PATIENCE)
        await there.is_ready()


async def test_a_full_disk_on_the_website(tmp_path: Path) -> None:
    """Whoever asks is answered in words, over a line that lives on; with room again all arrives."""
    async with (
        world(tmp_path, forked=True, WEB_ORIGINS=SITE) as there,
        a_visitor(there.url) as ana,
        a_visitor(there.url) as ivo,
    ):
        room, _ = a_room(there)
        await ana.comes()
        await ana.connects()
        await ana.asks("Ana's site is down")
        card = await room.sees("Ana's site is down")
        await there.settled()

        there.fill_disk()
        seen = {"after": 0, "frames": [{"type": "seen", "seq": 1}]}
        assert (await ana.post("/chat/poll", json=seen, headers=ana.bearer)).status == 200
        await ana.sends(type="seen", seq=1)
        said = await ana.sends(type="say", text="it is urgent", files=[])
        assert "could not be stored" in (await ana.is_answered(said))["why"]
        large = BytesIO(b"x" * 3_000_000)  # some of it is still on its way when the answer comes
        for answer in (
            await ivo.post("/chat/session", json={}),
            await ana.post("/chat/files", data=b"a word", headers=ana.bearer),
            await ana.post("/chat/files", data=large, headers=ana.bearer),
            await ivo.post("/chat/session", json={}),
        ):
            assert answer.status == 503
            assert answer.headers["Access-Control-Allow-Origin"] == SITE
            assert "try again in a minute" in answer.json()["why"]

        there.free_disk()
        await ivo.comes()
        await ana.sends(type="say", id=said, text="it is urgent", files=[])
        await ana.hears(lambda frame: frame["type"] == "taken" and frame["id"] == said)
        await room.sees("it is urgent", thread=card, timeout=40)
        assert ana.closed is None


async def test_a_full_disk_in_the_portal(tmp_path: Path) -> None:
    """What was typed is shown; the same page loaded again sends it, and it is taken once."""
    async with office(tmp_path) as begun, browser(begun.there.url) as ana:
        await begun.log_in(ana)
        path = await begun.open_ticket(ana, "The shop is down", "Since this morning")
        reply = ana.filled(path, {"text": "It is still down"})
        await begun.there.settled()
        begun.there.fill_disk()
        for files in ([("shot.png", b"x" * 3_000_000)], ()):
            page = await ana.send(reply, files)
            assert page.status == 503
            assert "load this page again in a minute" in page.words
        assert "It is still down" in page.words

        begun.there.free_disk()
        await begun.there.is_ready()
        for _ in range(2):
            page = await ana.send(reply)
            assert page.path == path, page.words
        assert page.words.count("It is still down") == 1


async def test_a_locked_database(tmp_path: Path) -> None:
    """Longer than anybody waits for a lock: both sides' words come through when it is free."""
    async with world(tmp_path) as there:
        room, marko = a_room(there)
        ana, card = await opens(there, room)
        with locked(there.database):
            ana.write("word 1.")
            await marko.reply(card, "word 2.")
            await there.is_not_ready("database")

        await room.sees("word 1.", thread=card, timeout=PATIENCE)
        await ana.sees("word 2.", timeout=PATIENCE)
        assert ana.transcript().count("word 2.") == 1


async def test_a_desk_that_was_stopped_in_its_tracks_and_wakes(tmp_path: Path) -> None:
    """A machine that slept for a minute: what was said meanwhile arrives, once and in order."""
    async with world(tmp_path) as there:
        room, marko = a_room(there)
        ana, card = await opens(there, room)
        there.send(signal.SIGSTOP)
        for number in range(5):
            ana.write(f"word {number}.")
            await marko.reply(card, f"answer {number}.")
        there.pass_time(minutes=1)
        there.send(signal.SIGCONT)
        await room.sees("word 4.", thread=card, timeout=PATIENCE)
        await ana.sees("answer 4.", timeout=PATIENCE)
        await there.settled()

        said = "\n".join(each.shown for each in room.thread(card))
        assert re.findall(r"word \d", said) == [f"word {number}" for number in range(5)]
        answers = re.findall(r"answer \d", ana.transcript())
        assert answers == [f"answer {number}" for number in range(5)]


async def test_a_restart_exactly_at_the_deadline(tmp_path: Path) -> None:
    """However often the desk dies around it: one ticket, told once in the chat and by one mail."""
    async with world(tmp_path) as there:
        room, _ = a_room(there)
        ana, _ = await opens(there, room)
        await there.settled()
        await there.stop()
        there.pass_time(minutes=10)
        await there.start()
        mailbox = there.mail.mailbox("ana@example.com")
        acknowledged = await mailbox.receives("MNT-")
        for _ in range(2):
            await there.kill()
            await there.start()
        await ana.sees("is now ticket")
        await there.settled()

        assert len(set(re.findall(r"MNT-\w+", ana.transcript() + room.transcript()))) == 1
        assert {each.message_id for each in mailbox.mails} == {acknowledged.message_id}


async def test_an_answer_in_the_moment_in_which_the_ticket_is_filed(tmp_path: Path) -> None:
    """Whichever is first: the customer reads the answer once, and is told of at most one ticket."""
    async with world(tmp_path) as there:
        room, marko = a_room(there)
        ana, card = await opens(there, room)
        there.pass_time(minutes=10)
        await marko.reply(card, "Here I am")
        await ana.sees("Here I am")
        ana.write("Thank you, and now?")
        await room.sees("and now?", thread=card)
        await there.settled()

        tickets = ana.transcript().count("is now ticket")
        mails = there.mail.mailbox("ana@example.com").mails
        assert tickets <= 1
        assert len([each for each in mails if "Here I am" not in each.text]) == tickets
        assert ana.transcript().count("Here I am") == 1


async def test_a_file_that_telegram_hands_out_late(tmp_path: Path) -> None:
    """The words beside it come at once, and the file as soon as it can be had."""
    async with world(tmp_path) as there:
        room, _ = a_room(there)
        ana, card = await opens(there, room)
        there.telegram.faults.plan(DOWNLOAD, Fault(kind=FaultKind.CUT_AFTER), times=8)
        ana.send_document("invoice.pdf", b"%PDF-1.4 " + b"x" * 100_000, caption="word 1.")
        ana.write("word 2.")

        await room.sees("word 1.", thread=card)
        await room.sees("word 2.", thread=card)
        await room.sees("invoice.pdf", thread=card, timeout=PATIENCE)


@pytest.mark.parametrize("politely", [True, False])
async def test_a_stop_in_the_middle_of_a_rush(tmp_path: Path, politely: bool) -> None:
    """Whoever ends the desk, and however: nothing is lost, and nothing is read twice in Slack."""
    async with world(tmp_path) as there:
        room, _ = a_room(there)
        ana, card = await opens(there, room)
        for number in range(60):
            ana.write(f"word {number}.")
        await room.sees("word", thread=card)
        await (there.stop() if politely else there.kill())
        await there.start()
        there.pass_time(minutes=1)
        await room.sees("word 59.", thread=card, timeout=PATIENCE)
        await there.settled()

        said = "\n".join(each.shown for each in room.thread(card))
        assert re.findall(r"word \d+", said) == [f"word {number}" for number in range(60)]


async def test_a_thread_that_somebody_deleted(tmp_path: Path) -> None:
    """It goes on in a new one: with its card, with what was on its way, and with answers."""
    async with world(tmp_path) as there:
        room, _ = a_room(there)
        boss = there.slack.agent("Vera", admin=True)
        ana, card = await opens(there, room)
        await boss.join(room)
        await boss.delete(card)
        for number in range(3):
            ana.write(f"word {number}.")

        fresh = await room.sees("Ana's site is down")
        await room.sees("word 2.", thread=fresh)
        await there.settled()
        said = "\n".join(each.shown for each in room.thread(fresh))
        assert re.findall(r"word \d", said) == ["word 0", "word 1", "word 2"]
        assert "The earlier thread was deleted" in said
        assert [each.ts for each in room.messages if each.thread_ts is None] == [fresh.ts]
        await boss.reply(fresh, "It is back")
        await ana.sees("It is back")
