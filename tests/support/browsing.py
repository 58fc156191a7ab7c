"""Chromium, with a page that complains of nothing."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

CHROMIUM = shutil.which("chromium")

expect.set_options(timeout=20_000)  # for whoever uses a browser: machines may be busy

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run a browser inside the block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], timeout=120_000
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def a_page(browser: Browser, url: str, **context: Any) -> AsyncIterator[Page]:
    """Open *url* in a profile of its own; whatever goes wrong in the page is an error of the test.

    A network that is cut on purpose shows in the browser's log; that alone is no complaint.
    """
    given = {"viewport": {"width": 1200, "height": 860}, "reduced_motion": "reduce"} | context
    there = await browser.new_context(**given)
    page = await there.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text))
    await page.goto(url)
    yield page
    await there.close()
    expected = ("Failed to load resource", "WebSocket connection to")
    assert [each for each in complaints if not each.startswith(expected)] == []


async def nothing_in_the_way(page: Page) -> None:
    """Check that axe finds nothing that keeps anybody out (WCAG 2.2 AA and its own rules)."""
    tags = "wcag2a wcag2aa wcag21a wcag21aa wcag22aa best-practice".split()
    rules = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]}
    found = await Axe().run(page, options=rules)
    violations = [
        f"{each['id']}: {node['target']}: {node['failureSummary']}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]
    if violations:
        raise AssertionError("\n".join(violations))
