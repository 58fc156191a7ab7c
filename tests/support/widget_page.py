"""A page with the widget on it, and what people do there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

from tests.support.browsing import a_page
from tests.support.widget_world import ChatDesk

PROBLEM = "My site shows error 503"


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
