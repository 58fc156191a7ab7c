"""The desk's whole day, over real HTTP, WebSockets and SMTP, with the real process."""

from datetime import datetime
from pathlib import Path

import pytest

from sandbox.slack import Agent, Message, Room
from sandbox.telegram import Customer
from tests.support.real_world import BELGRADE, World, world

A_SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=BELGRADE)
STATEHOOD_DAY = datetime(2027, 2, 15, 11, 0, tzinfo=BELGRADE)
JUST_BEFORE_CLOSING = datetime(2026, 11, 24, 19, 59, tzinfo=BELGRADE)

PROBLEM = "My site shows error 503 since this morning"


def a_room(there: World) -> tuple[Room, Agent]:
    """Return the room of the support department, and Marko, who is in it and is an admin."""
    marko = there.slack.agent("Marko", display_name="Marko", admin=True)
    return there.slack.room("support", members=[marko]), marko


async def tells_everything(ana: Customer, problem: str = PROBLEM) -> None:
    """Let a new customer write, and answer what the desk asks."""
    ana.write(problem)
    await ana.sees("What is your name?")
    ana.press(ana.messages[-1].buttons[0][0].text)
    await ana.sees("e-mail")
    ana.write(f"{ana.chat_id}@example.com")


async def opens(ana: Customer, room: Room, problem: str = PROBLEM) -> Message:
    """Let a new customer open a conversation; return its card."""
    await tells_everything(ana, problem)
    return await room.sees(problem)


async def test_a_first_customer_is_asked_once_and_answered_in_the_chat(tmp_path: Path) -> None:
    """From the first word to an agent's answer, read where it was asked."""
    async with world(tmp_path) as there:
        room, marko = a_room(there)
        ana = there.telegram.customer("Ana", language_code="en")
        await there.slack.connected(1)

        ana.write(PROBLEM)
        await ana.sees("What is your name?")
        ana.press("Ana")
        await ana.sees("e-mail address, Ana")
        ana.write("ana@example.com")
        await ana.sees("Our people have been told")

        card = await room.sees(PROBLEM)
        assert "Ana" in card.shown
        assert "ana@example.com" in card.shown
        await marko.reply(card, "Hello Ana, I am on it")
        answer = await ana.sees("Hello Ana, I am on it")
        assert answer.text.startswith("Marko")
        ana.write("Thank you, it is urgent")
        await room.sees("it is urgent", thread=card)
        assert "Answered by Marko" in (await room.sees("Answered by Marko")).shown


async def test_a_returning_customer_is_asked_only_for_the_problem(tmp_path: Path) -> None:
    """What is known is not asked again."""
    async with world(tmp_path) as there:
        room, marko = a_room(there)
        ana = there.telegram.customer("Ana", language_code="en")
        card = await opens(ana, room)
        await marko.press(card, "Resolve")
        await ana.sees("resolved")
        there.pass_time(days=14)

        ana.write("Hello")
        await ana.sees("How can we help, Ana?")
        ana.write("Now my e-mail does not work")

        again = await room.sees("Now my e-mail does not work")
        assert again.thread_ts is None


@pytest.mark.parametrize(
    ("moment", "opening"),
    [(A_SUNDAY, "tomorrow at 08:00"), (STATEHOOD_DAY, "on Wednesday at 08:00")],
    ids=["Sunday", "Statehood Day"],
)
async def test_outside_working_hours_a_ticket_is_filed_at_once(
    tmp_path: Path, moment: datetime, opening: str
) -> None:
    """The customer learns when the desk opens, and gets the ticket's ID here and by mail."""
    async with world(tmp_path, at=moment) as there:
        room, _ = a_room(there)
        ana = there.telegram.customer("Ana", language_code="en")
        await tells_everything(ana)

        said = await ana.sees("We open")
        assert opening in said.text
        mail = await there.mail.mailbox(f"{ana.chat_id}@example.com").receives("MNT-")
        ticket = mail.subject.split("]")[0].strip("[")
        assert ticket in said.text
        assert ticket in (await room.sees(PROBLEM)).shown
        assert PROBLEM not in mail.text


async def test_a_minute_before_closing_agents_are_told_and_the_ticket_comes_at_closing(
    tmp_path: Path,
) -> None:
    """Nobody waits into the night for an answer that will not come."""
    async with world(tmp_path, at=JUST_BEFORE_CLOSING) as there:
        room, _ = a_room(there)
        ana = there.telegram.customer("Ana", language_code="en")
        await opens(ana, room)
        await ana.sees("Our people have been told")

        there.pass_time(minutes=1)

        await ana.sees("is now ticket MNT-")


async def test_nobody_answers(tmp_path: Path) -> None:
    """A reminder at half time; at the deadline a ticket, told in the chat and by mail."""
    async with world(tmp_path) as there:
        room, _ = a_room(there)
        ana = there.telegram.customer("Ana", language_code="en")
        card = await opens(ana, room)
        await ana.sees("Our people have been told")

        there.pass_time(minutes=5, seconds=1)
        await room.sees("Nobody has answered", thread=card)
        there.pass_time(minutes=5)

        await ana.sees("is now ticket MNT-")
        await there.mail.mailbox(f"{ana.chat_id}@example.com").receives("MNT-")
        await room.sees("Filed as ticket", thread=card)


async def test_an_answer_after_the_ticket_comes_in_the_chat_and_by_mail(tmp_path: Path) -> None:
    """The thread stays the place to answer, and notes stay in it."""
    async with world(tmp_path, at=A_SUNDAY) as there:
        room, marko = a_room(there)
        ana = there.telegram.customer("Ana", language_code="en")
        card = await opens(ana, room)
        await ana.sees("MNT-")
        box = there.mail.mailbox(f"{ana.chat_id}@example.com")
        await box.receives("MNT-")

        await marko.reply(card, "// this one is hard")
        await marko.reply(card, "The *server* is back")

        answer = await ana.sees("The server is back")
        assert [each["type"] for each in answer.entities].count("bold") == 2
        mail = await box.receives("Answer")
        assert "The server is back" in mail.text
        assert "Marko" in mail.text
        await room.sees("answered")
        everything = ana.transcript() + "".join(each.text for each in box.mails)
        assert "this one is hard" not in everything


async def test_a_wrong_address_is_corrected(tmp_path: Path) -> None:
    """An impossible one is refused with a reason, a likely slip is offered better."""
    async with world(tmp_path) as there:
        room, _ = a_room(there)
        ana = there.telegram.customer("Ana", language_code="en")
        ana.write(PROBLEM)
        await ana.sees("name")
        ana.press("Ana")
        await ana.sees("e-mail")

        ana.write("ana@")
        await ana.sees("missing after the @")
        ana.write("ana@gmial.com")
        await ana.sees("Did you mean ana@gmail.com?")
        ana.press("Yes, ana@gmail.com")

        assert "ana@gmail.com" in (await room.sees(PROBLEM)).shown


async def test_two_customers_at_once_never_read_each_others_answers(tmp_path: Path) -> None:
    """Each thread belongs to one customer."""
    async with world(tmp_path) as there:
        room, marko = a_room(there)
        ana = there.telegram.customer("Ana", language_code="en")
        vuk = there.telegram.customer("Vuk", language_code="en")
        ana_card = await opens(ana, room, "Ana's site is down")
        vuk_card = await opens(vuk, room, "Vuk forgot the password")

        for number in range(3):
            await marko.reply(ana_card, f"for Ana {number}")
            await marko.reply(vuk_card, f"for Vuk {number}")

        for number in range(3):
            await ana.sees(f"for Ana {number}")
            await vuk.sees(f"for Vuk {number}")
        assert "for Vuk" not in ana.transcript()
        assert "for Ana" not in vuk.transcript()


async def test_a_customer_who_blocks_the_bot_is_answered_by_mail(tmp_path: Path) -> None:
    """Agents are told, and the conversation goes on as a ticket; their files go with the mail."""
    async with world(tmp_path) as there:
        room, marko = a_room(there)
        ana = there.telegram.customer("Ana", language_code="en")
        card = await opens(ana, room)
        await ana.sees("Our people have been told")

        ana.block()
        await room.sees("The customer has left the chat", thread=card)
        await marko.reply(card, "Your site is up again")

        box = there.mail.mailbox(f"{ana.chat_id}@example.com")
        assert "Your site is up again" in (await box.receives("Answer")).text

        await marko.upload(card, "упутство.pdf", b"%PDF-1.7", "application/pdf")
        mail = await box.receives("Answer")
        assert mail.attachments == (("упутство.pdf", "application/pdf", b"%PDF-1.7"),)
        assert "Attached: упутство.pdf" in mail.text


async def test_an_admin_changes_the_hours_in_slack(tmp_path: Path) -> None:
    """The change holds for the next customer, without a restart."""
    async with world(tmp_path) as there:
        room, marko = a_room(there)
        await there.slack.connected(1)
        await marko.command("/podrska", "hours", room)
        form = await marko.sees_view("Working hours")
        wrong = await marko.submit(form, {"Tuesdays": "25:00-26:00"})
        assert wrong
        assert not await marko.submit(form, {"Tuesdays": "12:00-20:00"})

        ana = there.telegram.customer("Ana", language_code="en")
        await tells_everything(ana)

        assert "today at 12:00" in (await ana.sees("We open")).text


async def test_files_and_edits_go_both_ways(tmp_path: Path) -> None:
    """Photos reach the thread, files the phone; edits change what was read, deletions take it."""
    async with world(tmp_path) as there:
        room, marko = a_room(there)
        ana = there.telegram.customer("Ana", language_code="en")
        card = await opens(ana, room)
        await ana.sees("Our people have been told")

        photo = ana.send_photo(PNG, caption="this is what I see")
        await room.sees("this is what I see", thread=card)
        shared = await room.sees(".jpg", thread=card)
        assert shared.files
        voice = ana.send_voice(12)
        await room.sees("sent a voice message of 12 s", thread=card)
        await marko.upload(card, "settings.txt", b"php_value memory_limit 256M", "text/plain")
        await ana.sees("settings.txt")

        said = ana.write("it is urgent")
        await room.sees("it is urgent", thread=card)
        ana.edit(said, "it is very urgent")
        await room.sees("it is very urgent", thread=card)
        answer = await marko.reply(card, "in a minute")
        await ana.sees("in a minute")
        await marko.edit(answer, "in two minutes")
        await ana.sees("in two minutes")
        slip = await marko.reply(card, "that was for somebody else")
        await ana.sees("that was for somebody else")
        await marko.delete(slip)
        await there.slack.events.settled()
        await there.settled()
        assert "somebody else" not in ana.transcript()
        assert photo
        assert voice


async def test_restarts_change_nothing_in_what_people_see(tmp_path: Path) -> None:
    """The desk is stopped or killed between any two steps of a conversation."""
    async with world(tmp_path) as there:
        room, marko = a_room(there)
        ana = there.telegram.customer("Ana", language_code="en")

        async def bad_luck() -> None:
            await there.settled()
            await there.kill()
            await there.start()

        ana.write(PROBLEM)
        await ana.sees("What is your name?")
        await there.restart()
        ana.press("Ana")
        await ana.sees("e-mail")
        await bad_luck()
        ana.write("ana@example.com")
        await ana.sees("Our people have been told")
        card = await room.sees(PROBLEM)
        await there.restart()
        await there.stop()
        there.pass_time(minutes=11)
        await there.start()
        await ana.sees("is now ticket MNT-")
        await bad_luck()
        await marko.reply(card, "We have mended it")
        await ana.sees("We have mended it")
        await there.settled()

        assert len([each for each in room.messages if PROBLEM in each.shown]) == 1
        assert ana.transcript().count("is now ticket") == 1
        assert ana.transcript().count("We have mended it") == 1
        assert len(there.mail.mailbox("ana@example.com").mails) == 2


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
