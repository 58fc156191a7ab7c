"""The widget and its line to the desk: cut, slow, shared, or not a WebSocket at all."""

import pytest
from playwright.async_api import expect

from tests.support.browsing import nothing_in_the_way
from tests.support.widget_page import PROBLEM, There, asks, box, launcher, log

pytestmark = pytest.mark.chromium


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


async def test_what_was_seen_is_told_again_over_a_new_line(there: There) -> None:
    """The desk may not have heard it, and would mail what was read on the page."""
    async with there.page() as page:
        await asks(page)
        answer = await there.desk.say("Hello Ana")
        await there.desk.hears("seen", seq=answer["seq"])
        there.desk.heard.clear()
        await there.desk.cut()
        await there.desk.hears("seen", seq=answer["seq"])


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
