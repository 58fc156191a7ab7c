"""The widget for everybody, everywhere: languages, phones, colours, keyboards, shared computers."""

import json

import pytest
from playwright.async_api import expect

from tests.support.browsing import PHONE, a_page, nothing_in_the_way
from tests.support.widget_page import PROBLEM, There, asks, box, fill, launcher, log
from tests.support.widget_world import a_website, serving

pytestmark = pytest.mark.chromium


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
        await expect(page.locator(".panel")).to_have_css("width", "390px")
        await expect(page.locator(".panel")).to_have_css("height", "844px")
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
