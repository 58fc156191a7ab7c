"""The API's page in a real browser: right for everybody, and nothing is loaded from elsewhere."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from tests.support.api_desk import api_desk
from tests.support.browsing import chromium

pytestmark = pytest.mark.chromium


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_keeps_nobody_out(
    browser: Browser, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    """No violation of WCAG 2.2 AA, no line wider than a phone, nothing that the policy stops."""
    page = await browser.new_page(color_scheme=scheme, viewport={"width": 320, "height": 640})
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: said.append(line.text))
    async with api_desk(tmp_path) as desk:
        await page.goto(f"{desk.url}/docs")
        found = await Axe().run(page)
        width = await page.evaluate("document.documentElement.scrollWidth")

    assert found.violations_count == 0, found.generate_report()
    assert width == 320
    assert said == []
    assert {each for each in asked if "favicon" not in each} == {
        f"{desk.url}/docs",
        f"{desk.url}/docs.css",
    }
