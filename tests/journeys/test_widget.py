"""The widget in a real browser, on a website of another origin, with the real desk behind it."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from sandbox.slack import Agent, Message, Room
from tests.support.browsing import a_page, chromium, nothing_in_the_way
from tests.support.real_world import A_TUESDAY, BELGRADE, World, world
from tests.support.widget_world import a_website, serving
from tests.support.wire import Wire, a_wire

pytestmark = pytest.mark.chromium

A_SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=BELGRADE)
SECRET = "only the website and the desk know this"
PROBLEM = "My site shows error 503 since this morning"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c48900"
    "00000d49444154789c63e0ad2af80f00038601f7235490aa0000000049454e44ae426082"
)
SLOWLY = 60_000
"""Milliseconds: how long a browser may take to notice that a line is dead, and to try again."""


@dataclass
class There:
    """The world, a website in it that embeds the chat, and a browser."""

    world: World
    wire: Wire
    site: str
    browser: Browser
    room: Room
    marko: Agent

    @asynccontextmanager
    async def page(self) -> AsyncIterator[Page]:
        async with a_page(self.browser, self.site, locale="en-GB") as page:
            yield page


@asynccontextmanager
async def a_site(folder: Path, at: datetime = A_TUESDAY) -> AsyncIterator[There]:
    async with (
        world(folder, at=at, start=False) as there,
        a_wire(there.url) as wire,
        serving(a_website(wire.url)) as site,
        chromium() as browser,
    ):
        there.settings |= {"WEB_ORIGINS": site, "WEB_IDENTITY_SECRET": SECRET}
        marko = there.slack.agent("Marko", display_name="Marko", admin=True)
        room = there.slack.room("support", members=[marko])
        await there.start()
        await there.slack.connected(1)
        yield There(there, wire, site, browser, room, marko)


def log(page: Page) -> Locator:
    return page.get_by_role("log")


async def writes(page: Page, text: str) -> None:
    await page.get_by_label("Your message").fill(text)
    await page.keyboard.press("Enter")


async def asks(page: Page, button: str = "Start the conversation") -> None:
    await page.locator(".launcher").click()
    await page.get_by_label("Your name").fill("Ana")
    await page.get_by_label("Your e-mail address").fill("ana@example.com")
    await page.get_by_label("What do you need help with?").fill(PROBLEM)
    await page.get_by_role("button", name=button).click()
    await expect(log(page).get_by_label("Delivered")).to_have_count(1)


async def opens(there: There, page: Page) -> Message:
    """Let a first-time visitor ask; return the card that agents get."""
    await asks(page)
    await expect(log(page)).to_contain_text("Our people have been told")
    return await there.room.sees(PROBLEM)


def times(there: There, card: Message, text: str) -> int:
    """Return how often agents were shown this."""
    return sum(text in each.shown for each in there.room.thread(card))


async def test_a_first_visit_is_answered_from_slack(tmp_path: Path) -> None:
    """Asked on the website, answered in Slack, read on the website, and gone on with."""
    async with a_site(tmp_path) as there, there.page() as page:
        await expect(page.locator(".launcher")).to_contain_text("Open")
        card = await opens(there, page)
        assert "ana@example.com" in card.shown
        answer = await there.marko.reply(
            card, "Hello Ana, I am *on it*: https://status.example.com"
        )
        await expect(log(page)).to_contain_text("Hello Ana, I am on it")
        await expect(log(page)).to_contain_text("Marko")
        await expect(log(page).get_by_role("link")).to_have_attribute(
            "href", "https://status.example.com"
        )
        await nothing_in_the_way(page)
        await writes(page, "Thank you, it is urgent")
        await there.room.sees("Thank you, it is urgent", thread=card)

        await there.marko.edit(answer, "Hello Ana, it is mended")
        await expect(log(page)).to_contain_text("it is mended")
        await page.get_by_label("Your message").press("ArrowUp")
        await writes(page, "Thank you very much")
        await there.room.sees("Thank you very much", thread=card)
        await page.get_by_label("Your message").press("ArrowUp")
        await page.get_by_role("button", name="Delete this message").click()
        await expect(log(page)).to_contain_text("This message was deleted.")


async def test_on_a_sunday_the_question_becomes_a_ticket(tmp_path: Path) -> None:
    """It says when the desk opens, takes the question, and writes a mail with the ticket."""
    async with a_site(tmp_path, A_SUNDAY) as there, there.page() as page:
        await expect(page.locator(".launcher")).to_contain_text("08:00")
        await page.locator(".launcher").click()
        await expect(page.locator(".lead")).to_be_visible()
        await nothing_in_the_way(page)
        await page.keyboard.press("Escape")
        await asks(page, "Send the question")
        await expect(log(page)).to_contain_text("Your question is saved as ticket MNT-")
        await nothing_in_the_way(page)
        await there.world.mail.mailbox("ana@example.com").receives("MNT-")


async def test_who_comes_back_is_known(tmp_path: Path) -> None:
    """After a reload the talk is there, and what came meanwhile is counted."""
    async with a_site(tmp_path) as there, there.page() as page:
        card = await opens(there, page)
        await page.keyboard.press("Escape")
        await there.marko.reply(card, "Please try again now")
        await expect(page.locator(".launcher")).to_have_accessible_name(
            r"Ask us. Open now. Unread: 1"
        )
        await page.reload()
        await expect(page.locator(".badge")).to_have_text("1")
        await page.locator(".launcher").click()
        await expect(log(page)).to_contain_text("Please try again now")
        await expect(page.get_by_label("Your name")).to_be_hidden()
        await writes(page, "It works")
        await there.room.sees("It works", thread=card)


async def test_two_tabs_are_one_visitor(tmp_path: Path) -> None:
    """Each shows what was said in the other, and agents see everything once."""
    async with a_site(tmp_path) as there, there.page() as page:
        other = await page.context.new_page()
        await other.goto(there.site)
        card = await opens(there, page)
        await other.locator(".launcher").click()
        await expect(log(other)).to_contain_text("Our people have been told")
        await writes(other, "Also the shop")
        await writes(page, "And the mail")
        for each in (page, other):
            await expect(log(each).get_by_label("Delivered")).to_have_count(3)
        await there.marko.reply(card, "I see all three")
        for each in (page, other):
            for words in ("Also the shop", "And the mail", "I see all three"):
                await expect(log(each)).to_contain_text(words)
        await there.world.settled()
        assert times(there, card, "Also the shop") == times(there, card, "And the mail") == 1


async def test_a_network_that_goes_in_the_middle_of_a_message(tmp_path: Path) -> None:
    """The desk took it and its word was lost: it is repeated, and agents see it once."""
    async with a_site(tmp_path) as there, there.page() as page:
        card = await opens(there, page)
        there.wire.is_deaf = True
        await writes(page, "Only once, please")
        await there.room.sees("Only once, please", thread=card)
        await page.context.set_offline(True)
        there.wire.cut()
        there.wire.is_deaf = False
        await writes(page, "And this from the tunnel")
        await expect(log(page).get_by_label("Being sent")).to_have_count(2)
        await there.marko.reply(card, "Said while the visitor was away")
        await page.context.set_offline(False)
        await expect(log(page).get_by_label("Delivered")).to_have_count(3, timeout=SLOWLY)
        await expect(log(page)).to_contain_text("Said while the visitor was away")
        await there.room.sees("And this from the tunnel", thread=card)
        await there.world.settled()
        assert times(there, card, "Only once, please") == 1
        assert times(there, card, "And this from the tunnel") == 1


async def test_a_line_that_died_silently_is_noticed(tmp_path: Path) -> None:
    """No word comes any more, and nobody says that it is over: the browser begins anew."""
    async with a_site(tmp_path) as there, there.page() as page:
        card = await opens(there, page)
        there.wire.is_deaf = True
        await writes(page, "Is anybody there?")
        await there.room.sees("Is anybody there?", thread=card)
        there.wire.is_deaf = False  # for new lines; what was swallowed stays lost
        await expect(log(page).get_by_label("Delivered")).to_have_count(2, timeout=SLOWLY)
        await there.world.settled()
        assert times(there, card, "Is anybody there?") == 1


async def test_the_desk_is_killed_in_the_middle(tmp_path: Path) -> None:
    """What was written while it was gone arrives when it is back, and the talk goes on."""
    async with a_site(tmp_path) as there, there.page() as page:
        card = await opens(there, page)
        await there.world.kill()
        await writes(page, "Written while you were gone")
        await expect(page.get_by_text("No connection.")).to_be_visible()
        await there.world.start()
        await expect(log(page).get_by_label("Delivered")).to_have_count(2, timeout=SLOWLY)
        await there.room.sees("Written while you were gone", thread=card)
        await there.world.slack.connected(1)
        await there.marko.reply(card, "We are back")
        await expect(log(page)).to_contain_text("We are back")
        await there.world.settled()
        assert times(there, card, "Written while you were gone") == 1


async def test_files_go_both_ways(tmp_path: Path) -> None:
    """A picture from the website is in Slack; one from Slack is shown on the website."""
    async with a_site(tmp_path) as there, there.page() as page:
        card = await opens(there, page)
        picture = FilePayload(name="Грешка.png", mimeType="image/png", buffer=PNG)
        await page.locator(".chatting input[type=file]").set_input_files(picture)
        await writes(page, "This is what I see")
        await expect(log(page).get_by_role("img", name="Грешка.png")).to_be_visible()
        await there.room.sees("Грешка.png", thread=card)
        await there.marko.upload(card, "answer.png", PNG, "image/png")
        await expect(log(page).get_by_role("img", name="answer.png")).to_be_visible()
        await there.marko.upload(card, "guide.pdf", b"%PDF-1.7 guide", "application/pdf")
        async with page.expect_download() as saving:
            await log(page).get_by_role("button", name="guide.pdf").click()
        assert (await (await saving.value).path()).read_bytes() == b"%PDF-1.7 guide"
        await nothing_in_the_way(page)


async def test_without_websockets_the_talk_goes_on_all_the_same(tmp_path: Path) -> None:
    """A browser that has none, or is let have none, polls."""
    async with a_site(tmp_path) as there, there.page() as page:
        none = "window.WebSocket = class { constructor() { throw new Error('none'); } }"
        await page.context.add_init_script(none)
        await page.reload()
        card = await opens(there, page)
        await there.marko.reply(card, "Slowly, but surely")
        await expect(log(page)).to_contain_text("Slowly, but surely", timeout=SLOWLY)
        await writes(page, "That is enough for me")
        await there.room.sees("That is enough for me", thread=card)


async def test_whom_the_website_has_signed_for_is_known_and_nobody_else(tmp_path: Path) -> None:
    """Ana is asked only for the problem; Boris, at the same computer, sees nothing of hers."""
    async with a_site(tmp_path) as there, there.page() as page:
        await page.evaluate("who => window.podrska.identify(who)", signed("17", "Ana"))
        await page.locator(".launcher").click()
        await expect(page.get_by_text("How can we help, Ana?")).to_be_visible()
        await writes(page, PROBLEM)
        card = await there.room.sees(PROBLEM)
        assert "17@example.com" in card.shown

        await page.evaluate("who => window.podrska.identify(who)", signed("18", "Boris"))
        await expect(page.get_by_text("How can we help, Boris?")).to_be_visible()
        await expect(log(page)).not_to_contain_text(PROBLEM)
        await page.evaluate("who => window.podrska.identify(who)", signed("17", "Ana"))
        await expect(log(page)).to_contain_text(PROBLEM)


def signed(id_: str, name: str) -> dict[str, Any]:
    """Return what a website's server says of who is logged in."""
    expires = int((A_TUESDAY + timedelta(hours=1)).timestamp())
    who = {"id": id_, "email": f"{id_}@example.com", "expires": expires, "nonce": token_hex()}
    words = "\n".join(str(each) for each in who.values())
    mac = hmac.new(SECRET.encode(), words.encode(), hashlib.sha256).hexdigest()
    return who | {"name": name, "hmac": mac}
