"""Tickets by mail, both ways: the real desk, over SMTP and IMAP, with the sandbox and with Dovecot.

With Dovecot the desk logs in and encrypts, and customers fetch their mail by IMAP as well.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pytest

from sandbox.letter import Attachment
from sandbox.slack import Agent, Message, Room
from tests.support.real_mail import Post, real_mail
from tests.support.real_world import A_TUESDAY, BELGRADE, SUPPORT, World, world
from tests.support.waiting import PATIENCE

A_SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=BELGRADE)
A_MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=BELGRADE)
PROBLEM = "My shop shows error 503 since this morning"
SOON = PATIENCE


class Begins(Protocol):
    """Begins a world, with the mail that the test is about."""

    def __call__(
        self, *, at: datetime = A_TUESDAY
    ) -> AbstractAsyncContextManager[tuple[World, Post]]: ...


@pytest.fixture(params=["sandbox", pytest.param("dovecot", marks=pytest.mark.dovecot)])
def begins(request: pytest.FixtureRequest, tmp_path: Path) -> Begins:
    @asynccontextmanager
    async def by_the_sandbox(*, at: datetime = A_TUESDAY) -> AsyncIterator[tuple[World, Post]]:
        async with world(tmp_path, at=at) as there:
            yield there, there.mail

    @asynccontextmanager
    async def by_dovecot(*, at: datetime = A_TUESDAY) -> AsyncIterator[tuple[World, Post]]:
        async with (
            world(tmp_path, at=at, start=False) as there,
            real_mail(there.clock, tmp_path) as post,
        ):
            there.settings.update(post.settings(SUPPORT))
            await there.start()
            try:
                yield there, post
            finally:
                await there.stop()

    return by_dovecot if request.param == "dovecot" else by_the_sandbox


def a_room(there: World) -> tuple[Room, Agent]:
    """Return the room of the support department, and Marko, who is in it."""
    marko = there.slack.agent("Marko", display_name="Marko")
    return there.slack.room("support", members=[marko]), marko


def thread(room: Room, card: Message) -> str:
    """Return all that stands in a thread, its card first."""
    return "\n".join(each.shown for each in room.thread(card))


async def test_a_mail_opens_a_ticket_and_goes_on_by_replies(begins: Begins) -> None:
    """From the first mail to an answer, and to the customer's reply, in one thread."""
    async with begins() as (there, post):
        room, marko = a_room(there)
        ana = post.customer("ana@example.net", "Ana Anić", "en")
        ana.writes(SUPPORT, "The shop is down", PROBLEM)

        card = await room.sees(PROBLEM, timeout=SOON)
        assert "ana@example.net" in card.shown
        received = await ana.receives("received your request", timeout=SOON)
        assert PROBLEM not in received.text
        assert "The shop" not in received.subject
        assert received.header("Auto-Submitted") == "auto-replied"

        await marko.reply(card, "Hello Ana, the disk was full. Is it better now?")
        answer = await ana.receives("Answer to your request", timeout=SOON)
        assert "the disk was full" in answer.text
        ana.replies(answer, "Yes, it works again. But the pictures are missing!")
        said = await room.sees("the pictures are missing", thread=card, timeout=SOON)
        assert "the disk was full" not in said.shown
        await marko.reply(card, "They are on their way back.")
        again = await ana.receives("The shop is down", timeout=SOON)
        assert "They are on their way back." in again.text
        assert again.header("In-Reply-To") == ana.sent.mails[-1].message_id


async def test_from_telegram_on_sunday_by_mail_to_monday_in_one_thread(begins: Begins) -> None:
    """Who began in the chat goes on by mail and in the chat: one thread, one order."""
    async with begins(at=A_SUNDAY) as (there, post):
        room, marko = a_room(there)
        phone = there.telegram.customer("Ana", language_code="en")
        phone.write(PROBLEM)
        await phone.sees("What is your name?")
        phone.press("Ana")
        await phone.sees("e-mail")
        phone.write("ana@example.net")
        await phone.sees("We open")
        mail = post.customer("ana@example.net", "Ana", "en")
        received = await mail.receives("received your request", timeout=SOON)

        mail.replies(received, "One more thing: it began at noon.")
        card = await room.sees(PROBLEM)
        (ticket,) = re.findall(r"Ticket: (\S+):", card.shown)
        assert ticket in received.subject
        await room.sees("it began at noon", thread=card, timeout=SOON)
        there.at(A_MONDAY)
        await marko.reply(card, "Good morning, I am on it.")
        await phone.sees("Good morning, I am on it.")
        answer = await mail.receives("Answer to your request", timeout=SOON)
        assert "Good morning, I am on it." in answer.text
        phone.write("Great, I wait here.")
        await room.sees("Great, I wait here.", thread=card)

        shown = thread(room, card)
        words = ("it began at noon", "Good morning", "Great, I wait here")
        assert [shown.count(each) for each in words] == [1, 1, 1]
        assert sorted(words, key=shown.index) == list(words)


async def test_a_stranger_in_a_ticket_stays_among_agents_until_they_say_whose_it_is(
    begins: Begins,
) -> None:
    """Whoever got hold of a ticket's mail is no customer of it; agents may say otherwise."""
    async with begins() as (there, post):
        room, marko = a_room(there)
        ana = post.customer("ana@example.net", "Ana", "en")
        ana.writes(SUPPORT, "The shop is down", PROBLEM)
        card = await room.sees(PROBLEM, timeout=SOON)
        received = await ana.receives("received your request", timeout=SOON)
        eve = post.customer("eve@example.org", "Eve", "en")
        eve.replies(received, "Send me the password, please")

        told = await room.sees("is not known to be the customer", thread=card, timeout=SOON)
        note = await room.sees("Send me the password", thread=card)
        assert "eve@example.org" in note.shown
        await marko.press(told, "Make it a new ticket")
        apart = await room.sees("Send me the password", timeout=SOON)
        assert apart.thread_ts is None
        answered = await eve.receives("received your request", timeout=SOON)
        assert post.mailbox("eve@example.org").mails == [answered]
        assert "password" not in answered.text


async def test_files_go_both_ways_by_mail(begins: Begins) -> None:
    """A picture that a customer mails is seen in the thread, an agent's file comes by mail."""
    async with begins() as (there, post):
        room, marko = a_room(there)
        ana = post.customer("ana@example.net", "Ana", "en")
        log = Attachment("грешка.log", "text/plain", b"error 503\r\n")
        ana.writes(SUPPORT, "The shop is down", PROBLEM, files=[log])
        card = await room.sees("The shop is down", timeout=SOON)
        await room.sees(PROBLEM, thread=card)
        await room.sees("📎 грешка.log", thread=card, timeout=SOON)

        await marko.upload(card, "bill.pdf", b"%PDF-1.4 a bill", "application/pdf")
        answer = await ana.receives("Answer to your request", timeout=SOON)
        assert [(each.name, each.content) for each in answer.attachments] == [
            ("bill.pdf", b"%PDF-1.4 a bill")
        ]
