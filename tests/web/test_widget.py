"""The widget in a real browser, on a website whose policy is as strict as can be."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from tests.support.browsing import PHONE, a_page, chromium, nothing_in_the_way
from tests.support.widget_world import CLOSED, ChatDesk, a_website, serving

pytestmark = pytest.mark.chromium

PROBLEM = "My site shows error 503"
HOSTILE = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c48900"
    "00000d49444154789c63e0ad2af80f00038601f7235490aa0000000049454e44ae426082"
)


@dataclass
class There:
    """A browser, a desk, and a website that embeds its chat."""

    browser: Browser
    desk: ChatDesk
    desk_url: str
    site_url: str

    @asynccontextmanager
    async def page(self, **context: Any) -> AsyncIterator[Page]:
        async with a_page(self.browser, self.site_url, **context) as page:
            yield page


@pytest.fixture
async def there() -> AsyncIterator[There]:
    desk = ChatDesk()
    async with (
        serving(desk.routes()) as desk_url,
        serving(a_website(desk_url)) as site_url,
        chromium() as browser,
    ):
        yield There(browser, desk, desk_url, site_url)


def launcher(page: Page) -> Locator:
    return page.locator(".launcher")


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def box(page: Page) -> Locator:
    return page.get_by_label("Your message")


async def fill(page: Page, *, email: str = "ana@example.com", text: str = PROBLEM) -> None:
    await launcher(page).click()
    await page.get_by_label("Your name").fill("Ana")
    await page.get_by_label("Your e-mail address").fill(email)
    await page.get_by_label("What do you need help with?").fill(text)


async def asks(page: Page, text: str = PROBLEM) -> None:
    await fill(page, text=text)
    await page.get_by_role("button", name="Start the conversation").click()
    await expect(log(page)).to_contain_text(text)
    await expect(log(page).get_by_label("Delivered")).to_have_count(1)


# A visit


async def test_a_first_visit_in_working_hours(there: There) -> None:
    """Asked once, written once, answered in the chat; every state can be used by everybody."""
    async with there.page() as page:
        await expect(launcher(page)).to_have_accessible_name("Ask us. Open now")
        await nothing_in_the_way(page)
        await launcher(page).click()
        await expect(page.get_by_label("Your name")).to_be_focused()
        await nothing_in_the_way(page)

        await page.get_by_role("button", name="Start the conversation").click()
        await expect(page.get_by_label("Your name")).to_be_focused()
        await expect(page.get_by_label("Your name")).to_have_accessible_description(
            "Please write your name."
        )
        await nothing_in_the_way(page)
        await page.keyboard.press("Escape")
        await expect(launcher(page)).to_be_focused()

        await asks(page)
        await expect(box(page)).to_be_focused()
        answer = await there.desk.say("Hello Ana, I am on it")
        await expect(log(page)).to_contain_text("Hello Ana, I am on it")
        await expect(log(page)).to_contain_text("Marko")
        await there.desk.hears("seen", seq=answer["seq"])
        await nothing_in_the_way(page)

        asked = [each for each in there.desk.heard if each["type"] == "ask"]
        assert [(each["name"], each["email"], each["text"]) for each in asked] == [
            ("Ana", "ana@example.com", PROBLEM)
        ]


async def test_nobody_is_there_and_the_question_is_taken(there: There) -> None:
    """The button says when the desk opens, the form that nobody is there; it sends all the same."""
    there.desk.state = CLOSED
    async with there.page() as page:
        await expect(launcher(page)).to_contain_text("Opens Monday 08:00")
        await fill(page)
        await expect(page.locator(".lead")).to_contain_text("Nobody is available now.")
        await nothing_in_the_way(page)
        await page.get_by_role("button", name="Send the question").click()
        await expect(log(page).get_by_label("Delivered")).to_have_count(1)
        await nothing_in_the_way(page)


async def test_who_comes_back_is_asked_only_for_the_problem(there: There) -> None:
    """The talk is there again after a reload, and what was not seen is counted on the button."""
    async with there.page() as page:
        await asks(page)
        await page.get_by_role("button", name="Close the chat").first.click()
        await there.desk.say("Try it now")
        await expect(launcher(page)).to_have_accessible_name("Ask us. Open now. Unread: 1")
        await page.reload()
        await expect(launcher(page)).to_have_accessible_name("Ask us. Open now. Unread: 1")
        await launcher(page).click()
        await expect(log(page)).to_contain_text("Try it now")
        await expect(page.get_by_label("Your name")).to_be_hidden()
        await box(page).fill("It works")
        await page.keyboard.press("Enter")
        await expect(log(page).get_by_label("Delivered")).to_have_count(2)
        await expect(launcher(page)).to_have_accessible_name("Close the chat")


async def test_a_refused_address_is_put_right(there: There) -> None:
    """The desk's words stand beside the field, with what was probably meant; nothing is lost."""
    doubt = {"why": "Did you mean ana@gmail.com?", "field": "email", "suggestion": "ana@gmail.com"}
    there.desk.refusals.append(doubt)
    async with there.page() as page:
        await fill(page, email="ana@gmial.com")
        await page.get_by_role("button", name="Start the conversation").click()
        email = page.get_by_label("Your e-mail address")
        await expect(email).to_be_focused()
        await expect(email).to_have_accessible_description(
            "Did you mean ana@gmail.com? Use ana@gmail.com The answer finds you there even if you "
            "leave this page."
        )
        await nothing_in_the_way(page)
        await page.get_by_role("button", name="Use ana@gmail.com").click()
        await page.get_by_role("button", name="Start the conversation").click()
        await expect(log(page)).to_contain_text(PROBLEM)
    addresses = [each["email"] for each in there.desk.heard if each["type"] == "ask"]
    assert addresses == ["ana@gmial.com", "ana@gmail.com"]


async def test_what_was_not_taken_is_shown_and_can_be_tried_again(there: There) -> None:
    """With the desk's reason, across a reload, until it is tried again."""
    async with there.page() as page:
        await asks(page)
        there.desk.refusals.append({"why": "Not today.", "field": None, "wait": None})
        await box(page).fill("And the shop?")
        await page.keyboard.press("Enter")
        await expect(log(page)).to_contain_text("Not today.")
        await nothing_in_the_way(page)
        await page.reload()
        await expect(log(page)).to_contain_text("Not today.")
        await log(page).get_by_role("button", name="Try again").click()
        await expect(log(page).get_by_label("Delivered")).to_have_count(2)
        await expect(log(page)).not_to_contain_text("Not today.")


# The line


async def test_what_is_written_without_a_network_is_sent_when_it_is_back(there: There) -> None:
    """It is said that there is no connection; a reload loses nothing; each word comes once."""
    async with there.page() as page:
        await asks(page)
        await page.context.set_offline(True)
        await there.desk.cut()
        for words in ("One", "Two"):
            await box(page).fill(words)
            await page.keyboard.press("Enter")
        await expect(page.get_by_text("No connection.")).to_be_visible()
        await expect(log(page).get_by_label("Being sent")).to_have_count(2)
        await nothing_in_the_way(page)
        await page.context.set_offline(False)
        await expect(log(page).get_by_label("Delivered")).to_have_count(3)
        await expect(page.get_by_text("No connection.")).to_be_hidden()
    said = [each["text"][0]["t"] for each in there.desk.log]
    assert said == [PROBLEM, "One", "Two"]


async def test_a_line_cut_before_the_confirmation_doubles_nothing(there: There) -> None:
    """The desk had it already: it comes once more with the same id, and stays one message."""
    async with there.page() as page:
        await asks(page)
        there.desk.is_silent = True
        await box(page).fill("Only once")
        await page.keyboard.press("Enter")
        await there.desk.hears("say", text="Only once")
        there.desk.is_silent = False
        await there.desk.cut()
        await expect(log(page).get_by_label("Delivered")).to_have_count(2)
    ids = {each["id"] for each in there.desk.heard if each.get("text") == "Only once"}
    assert len(ids) == 1


async def test_a_reload_in_the_middle_sends_what_was_left(there: There) -> None:
    """What the desk had not confirmed is kept in the browser."""
    async with there.page() as page:
        await asks(page)
        there.desk.is_silent = True
        await box(page).fill("Kept")
        await page.keyboard.press("Enter")
        await there.desk.hears("say", text="Kept")
        there.desk.is_silent = False
        await page.reload()
        await expect(log(page).get_by_label("Delivered")).to_have_count(2)


async def test_two_tabs_show_one_talk(there: There) -> None:
    """What is asked in one appears in the other, and an answer in both."""
    async with there.page() as page:
        other = await page.context.new_page()
        await other.goto(there.site_url)
        await launcher(other).click()
        await asks(page)
        await expect(log(other)).to_contain_text(PROBLEM)
        await there.desk.say("Hello in both")
        for each in (page, other):
            await expect(log(each)).to_contain_text("Hello in both")
        await box(other).fill("From the other")
        await other.keyboard.press("Enter")
        await expect(log(page)).to_contain_text("From the other")
        await expect(log(page).get_by_label("Delivered")).to_have_count(2)
    assert [each["by"] for each in there.desk.log] == ["you", "agent", "you"]


async def test_without_websockets_it_polls(there: There) -> None:
    """Where a proxy lets no WebSocket through, everything works all the same."""
    there.desk.has_sockets = False
    async with there.page() as page:
        await asks(page)
        await there.desk.say("Slowly, but surely")
        await expect(log(page)).to_contain_text("Slowly, but surely")
        await box(page).fill("Good")
        await page.keyboard.press("Enter")
        await expect(log(page).get_by_label("Delivered")).to_have_count(2)


async def test_where_nothing_can_be_kept_it_works_until_the_page_is_left(there: There) -> None:
    """A browser that forbids storage is no reason to refuse anybody."""
    async with there.page() as page:
        forbid = (
            "for (const each of ['localStorage', 'sessionStorage']) "
            "Object.defineProperty(window, each, { get() { throw new Error('no'); } })"
        )
        await page.context.add_init_script(forbid)
        await page.reload()
        await asks(page)
        await there.desk.say("Welcome")
        await expect(log(page)).to_contain_text("Welcome")


# What is said


async def test_hostile_text_stays_text(there: There) -> None:
    """Names, words, buttons and file names are shown as written; a link leads nowhere odd."""
    async with there.page() as page:
        await asks(page, HOSTILE)
        file = there.desk.keep(HOSTILE, b"x", "text/html")
        await there.desk.say(
            HOSTILE, name=HOSTILE, files=[file], buttons=[{"token": "t", "label": HOSTILE}]
        )
        links = [
            {"t": "one", "href": "javascript:window.pwned=1"},
            {"t": "two", "href": "https://example.com/", "m": ["bold"]},
            {"t": " https://example.org/x. "},
            {"t": "data", "href": "data:text/html,x"},
        ]
        await there.desk.frame("said", by="agent", name="Marko", text=links)
        await expect(log(page)).to_contain_text("one")
        shown = log(page).get_by_role("link")
        assert await shown.all_inner_texts() == ["two", "https://example.org/x"]
        assert await shown.first.get_attribute("rel") == "noopener noreferrer"
        assert await log(page).locator("img, script").count() == 0
        assert await page.evaluate("window.pwned") is None


async def test_words_are_changed_and_taken_back(there: There) -> None:
    """An agent's change and deletion show; so does the visitor's own change."""
    async with there.page() as page:
        await asks(page)
        said = await there.desk.say("It is dwon")
        await there.desk.frame("changed", id=said["id"], text=[{"t": "It is down"}])
        await expect(log(page)).to_contain_text("It is down")
        await expect(log(page)).to_contain_text("changed")
        await there.desk.frame("gone", id=said["id"])
        await expect(log(page)).to_contain_text("This message was deleted.")
        await box(page).press("ArrowUp")
        await box(page).fill("My shop shows error 503")
        await page.keyboard.press("Enter")
        await expect(log(page)).to_contain_text("My shop shows error 503")
        await expect(log(page)).not_to_contain_text(PROBLEM)


async def test_a_button_of_the_desk_is_pressed_once(there: There) -> None:
    """The choice is told, and the buttons go."""
    async with there.page() as page:
        await asks(page)
        buttons = [{"token": "h", "label": "Hosting"}, {"token": "d", "label": "Domains"}]
        await there.desk.say("Who should look at it?", by="desk", name="", buttons=buttons)
        await expect(log(page).get_by_role("button", name="Domains")).to_be_visible()
        await nothing_in_the_way(page)
        await log(page).get_by_role("button", name="Domains").click()
        await expect(log(page).get_by_role("button", name="Hosting")).to_be_hidden()
    chosen = [each["token"] for each in there.desk.heard if each["type"] == "choose"]
    assert chosen == ["d"]


async def test_files_go_both_ways(there: There) -> None:
    """Progress while it goes; a picture is shown, can be looked at, and a file saved."""
    async with there.page() as page:
        await asks(page)
        there.desk.upload_gate.clear()
        picture = FilePayload(name="screen.png", mimeType="image/png", buffer=PNG)
        await page.locator(".chatting input[type=file]").set_input_files(picture)
        await expect(page.get_by_role("progressbar", name="Sending screen.png")).to_be_visible()
        await nothing_in_the_way(page)
        await box(page).fill("See here")
        await page.keyboard.press("Enter")
        there.desk.upload_gate.set()
        await expect(log(page).get_by_role("button", name="Picture screen.png")).to_be_visible()
        await expect(log(page).get_by_role("img", name="screen.png")).to_be_visible()
        await nothing_in_the_way(page)
        await log(page).get_by_role("button", name="Picture screen.png").click()
        await expect(page.get_by_role("dialog", name="Picture screen.png")).to_be_visible()
        await nothing_in_the_way(page)
        await page.keyboard.press("Escape")

        note = there.desk.keep("guide.txt", b"First, breathe.", "text/plain")
        await there.desk.say("Read this", files=[note])
        async with page.expect_download() as saving:
            await log(page).get_by_role("button", name="guide.txt").click()
        saved = await saving.value
        assert saved.suggested_filename == "guide.txt"
        assert (await saved.path()).read_bytes() == b"First, breathe."


async def test_a_file_that_is_too_big_is_not_even_sent(there: There) -> None:
    """It is said at once, and what was written stays."""
    async with there.page() as page:
        await asks(page)
        big = FilePayload(name="big.bin", mimeType="application/x", buffer=bytes(1_000_001))
        await page.locator(".chatting input[type=file]").set_input_files(big)
        await expect(page.get_by_text("big.bin is too big (at most 1 MB).")).to_be_visible()
        await nothing_in_the_way(page)
        await page.get_by_role("button", name="Remove big.bin").click()
        await expect(page.get_by_text("big.bin is too big")).to_be_hidden()


# Who and where


async def test_it_speaks_serbian_in_both_scripts(there: There) -> None:
    """The language is changed in the chat, and kept."""
    async with there.page(locale="sr-RS") as page:
        await launcher(page).click()
        await page.get_by_role("button", name="Language and sound").click()
        await nothing_in_the_way(page)
        await page.get_by_role("radio", name="Srpski").check(force=True)
        await expect(page.get_by_role("button", name="Započni razgovor")).to_be_visible()
        await page.get_by_role("radio", name="Српски").check(force=True)
        await expect(page.get_by_role("button", name="Започни разговор")).to_be_visible()
        await nothing_in_the_way(page)
        await page.reload()
        await expect(page.get_by_role("button", name="Започни разговор")).to_be_visible()


async def test_on_a_phone_it_fills_the_screen(there: There) -> None:
    """And keeps the focus inside until it is closed."""
    async with there.page(**PHONE) as page:
        await launcher(page).click()
        size = await page.locator(".panel").bounding_box()
        assert size is not None
        assert (size["width"], size["height"]) == (390, 844)
        await nothing_in_the_way(page)
        for _ in range(12):
            await page.keyboard.press("Tab")
            assert await page.evaluate("document.activeElement.id") != "search"
        await page.keyboard.press("Escape")
        await expect(launcher(page)).to_be_focused()


async def test_dark_and_any_colour_can_be_read(there: There) -> None:
    """Whatever colour the site has, what stands on it and in it has enough contrast."""
    for colour in ("#ffe14d", "#101018", "hotpink"):
        site = a_website(there.desk_url, color=colour)
        for scheme in ("light", "dark"):
            async with (
                serving(site) as url,
                a_page(there.browser, url, color_scheme=scheme) as page,
            ):
                there.desk.log.clear()
                await asks(page, "See https://example.com")
                buttons = [{"token": "h", "label": "Hosting"}]
                await there.desk.say("Hello", buttons=buttons)
                await there.desk.say("Who?", by="desk", name="")
                await expect(log(page)).to_contain_text("Who?")
                await nothing_in_the_way(page)


async def test_at_200_percent_everything_can_be_reached(there: There) -> None:
    """A small laptop's screen at twice the size has the height of a phone held sideways."""
    async with there.page(viewport={"width": 640, "height": 360}) as page:
        await fill(page)
        start = page.get_by_role("button", name="Start the conversation")
        await start.scroll_into_view_if_needed()
        await expect(start).to_be_in_viewport()
        await start.click()
        await expect(box(page)).to_be_in_viewport()
        await nothing_in_the_way(page)


async def test_the_next_person_at_the_computer_finds_nothing(there: There) -> None:
    """A signed visitor's talk goes with them: on logout, and when somebody else logs in."""
    ana = {
        "id": "17",
        "email": "a@example.com",
        "name": "Ana",
        "expires": 1,
        "nonce": "n",
        "hmac": "h",
    }
    async with there.page() as page:
        await page.evaluate("who => window.podrska.identify(who)", ana)
        await asks(page)
        await page.evaluate("window.podrska.logout()")
        await launcher(page).click()
        await expect(page.get_by_label("Your name")).to_have_value("")
        kept = json.loads(await page.evaluate("JSON.stringify(localStorage)"))
        assert not [each for each in kept if ":visit:" in each]
    assert there.desk.sessions[0]["identity"] == ana


async def test_the_page_keeps_its_keys_and_its_peace(there: There) -> None:
    """Typing in the chat triggers no shortcut of the page, and nothing is added to its window."""
    async with there.page() as page:
        await page.evaluate("addEventListener('keydown', () => { window.pressed = true; })")
        await asks(page)
        await box(page).press("x")
        assert await page.evaluate("window.pressed") is None
        added = "Object.keys(window).filter((each) => /podrska|chat|talk|desk/i.test(each))"
        assert await page.evaluate(added) == ["podrska"]


async def test_it_stays_open_from_page_to_page_and_leaves_the_focus_alone(there: There) -> None:
    """Somebody who goes on reading the site is not pulled back into the chat."""
    async with there.page() as page:
        await asks(page)
        await page.reload()
        await expect(box(page)).to_be_visible()
        await expect(log(page)).to_contain_text(PROBLEM)
        assert await page.evaluate("document.activeElement === document.body")


async def test_the_focus_goes_back_to_the_pages_own_button(there: There) -> None:
    """A site may open the chat itself, with `window.podrska.open()`."""
    async with there.page() as page:
        await page.get_by_label("Search").focus()
        await page.evaluate("window.podrska.open()")
        await expect(page.get_by_label("Your name")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.get_by_label("Search")).to_be_focused()
