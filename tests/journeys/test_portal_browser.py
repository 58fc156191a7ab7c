"""The portal in a real browser without JavaScript, from the link to the closed ticket.

Axe, which is JavaScript, is run by the browser's owner: it looks at every page on the way.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Literal

import axe_playwright_python
import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browsing import chromium
from tests.support.portal_browser import browser as visitor
from tests.support.portal_browser import link_in
from tests.support.portal_office import LOGIN, SOON, Office, office
from tests.support.real_world import SUPPORT

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
OURS = {"Sec-Fetch-Site": "same-origin"}
HELP = "My shop shows error 503 since this morning"
LOOKS: Final[tuple[tuple[Literal["light", "dark"], int], ...]] = (("light", 1200), ("dark", 320))
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = [pytest.mark.chromium, pytest.mark.timeout(480)]


async def violations(browser: Browser, html: str, url: str) -> list[str]:
    """Return what axe has against a page, light on a computer and dark on a small phone.

    Where the page runs no script, neither does axe: it is given to one that does, with its style.
    """
    found: set[str] = set()
    for scheme, width in LOOKS:
        context = await browser.new_context(
            color_scheme=scheme,
            viewport={"width": width, "height": 800},
            bypass_csp=True,
        )
        copy = await context.new_page()
        await copy.route(url, lambda route: route.fulfill(body=html, content_type="text/html"))
        await copy.goto(url)
        await copy.add_script_tag(path=AXE)
        results = await copy.evaluate(
            "levels => axe.run({runOnly: {type: 'tag', values: levels}})", LEVELS
        )
        wide = await copy.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        found |= {
            f"{scheme} {width}: {each['id']}: {each['nodes'][0]['html'][:120]}"
            for each in results["violations"]
        }
        if wide:
            found.add(f"{width}: wider than the window")
        await context.close()
    return sorted(found)


Looks = Callable[[], Awaitable[None]]


async def test_from_the_link_to_the_closed_ticket(tmp_path: Path) -> None:
    """With nothing but links and forms; every page can be used by everybody."""
    async with office(tmp_path) as begun, chromium() as browser:
        context = await browser.new_context(java_script_enabled=False, locale="en-GB")
        page = await context.new_page()
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text))

        async def looks() -> None:
            await page.wait_for_load_state()  # what was waited for may stand above what is to come
            assert await violations(browser, await page.content(), page.url) == [], page.url

        await _logs_in(begun, page, looks)
        await _opens_a_ticket(begun, page, looks)
        await _talks_and_closes(begun, page, looks)
        # What is said of a form that was not right is no trouble; what its policy refuses is.
        assert [each for each in refused if "status of" not in each] == []


async def test_what_tells_of_trouble_is_for_everybody_too(tmp_path: Path) -> None:
    """A ticket's own link, a form of another site, too large a file, a session that is over."""
    async with office(tmp_path) as begun, visitor(begun.there.url) as ana, chromium() as browser:

        async def looks(status: int) -> None:
            assert ana.page.status == status
            url = begun.there.url + ana.page.path
            assert await violations(browser, ana.page.html, url) == []

        begun.ana.writes(SUPPORT, "The shop is down", HELP)
        await ana.get(link_in(await begun.ana.receives("MNT-", SOON)))
        await looks(200)
        await ana.press("")
        reply = ana.filled(ana.page.path, {"text": "A long story"})
        await ana.ask("POST", ana.page.path, data={"text": "x"}, headers=OURS)
        await looks(403)
        headers = {"Content-Length": str(10**9), "Content-Type": "multipart/form-data; boundary=x"}
        await ana.ask("POST", "/portal/new", data=b"", headers=OURS | headers)
        await looks(413)
        begun.there.pass_time(days=8)
        await ana.send(reply)
        await looks(403)
        for _ in range(4):
            await ana.asks_for_link("ana@example.net")
        await looks(429)


async def _logs_in(begun: Office, page: Page, looks: Looks) -> None:
    await page.goto(f"{begun.there.url}/portal")
    await looks()
    await page.get_by_label("E-mail address").fill("ana")
    await page.get_by_role("button", name="Send me the link").click()
    await expect(page.get_by_text("That has no @")).to_be_visible()
    await looks()
    await page.get_by_label("E-mail address").fill("ana@gmial.com")
    await page.get_by_role("button", name="Send me the link").click()
    await expect(page.get_by_text("Did you mean ana@gmail.com?")).to_be_visible()
    await looks()
    await page.get_by_role("link", name="Use another address").click()
    await page.get_by_label("E-mail address").fill("ana@example.net")
    await page.get_by_role("button", name="Send me the link").click()
    await expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    await looks()
    mail = await begun.ana.receives(LOGIN, SOON)
    await page.goto(begun.there.url + link_in(mail))
    await looks()
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("heading", name="Your requests")).to_be_visible()
    await looks()
    await page.goto(begun.there.url + link_in(mail))
    await expect(page.get_by_role("heading", name="This link is no longer good")).to_be_visible()
    await looks()


async def _opens_a_ticket(begun: Office, page: Page, looks: Looks) -> None:
    await page.get_by_role("link", name="New request").click()
    await page.get_by_role("button", name="Send the request").click()
    await expect(page.get_by_text("Please say in a few words")).to_be_visible()
    await looks()
    await page.get_by_label("Your name").fill("Ana Anić")
    await page.get_by_label("Description").fill(HELP)
    await page.get_by_label("Files").set_input_files(
        {"name": "screen.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n...."}
    )
    await page.get_by_role("button", name="Send the request").click()
    await expect(page.get_by_text("These are attached already:")).to_be_visible()
    await looks()
    await page.get_by_label("Subject").fill("The shop is down")
    await page.get_by_role("button", name="Send the request").click()
    await expect(page.get_by_role("heading", name="The shop is down")).to_be_visible()
    await expect(page.get_by_role("link", name="screen.png")).to_be_visible()
    await looks()


async def _talks_and_closes(begun: Office, page: Page, looks: Looks) -> None:
    card = await begun.room.sees("The shop is down", timeout=SOON)
    await begun.ana.receives("The shop is down", SOON)
    await begun.marko.reply(card, "It was the *disk*: `df -h` says\n```full```")
    await begun.ana.receives("The shop is down", SOON)
    await page.reload()
    await expect(page.get_by_text("It was the disk")).to_be_visible()
    await looks()
    await page.get_by_label("Your reply").fill("It works, thank you!")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_text("It works, thank you!")).to_be_visible()
    await begun.room.sees("It works, thank you!", thread=card, timeout=SOON)
    await page.get_by_role("button", name="It is solved: close it").click()
    await expect(page.get_by_text("This request is closed.")).to_be_visible()
    await looks()
    await page.get_by_role("link", name="All requests").click()
    await expect(page.get_by_role("heading", name="Closed")).to_be_visible()
    await page.get_by_role("button", name="Srpski").click()
    await expect(page.get_by_role("heading", name="Vaši zahtevi")).to_be_visible()
    await looks()
    await page.goto(f"{begun.there.url}/portal/nowhere")
    await looks()
