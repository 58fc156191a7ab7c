"""The demo's website: a host's page with the desk's chat in it, on an origin of its own."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.website import Website
from tests.support.browsing import a_page, chromium, nothing_in_the_way
from tests.support.widget_world import ChatDesk, serving


@pytest.fixture
async def site() -> AsyncIterator[Website]:
    site = Website()
    await site.start()
    yield site
    await site.stop()


async def test_it_embeds_the_chat_with_one_line(site: Website) -> None:
    """And allows the desk what the chat needs, nobody else anything."""
    site.embed("http://127.0.0.1:1234", framed_by="http://127.0.0.1:5678")
    async with aiohttp.ClientSession() as session, session.get(site.url) as answer:
        html, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    assert html.count("<script") == 1
    assert '<script src="http://127.0.0.1:1234/widget.js"' in html
    assert "{desk}" not in html
    assert "connect-src http://127.0.0.1:1234 ws://127.0.0.1:1234" in policy
    assert "frame-ancestors 'self' http://127.0.0.1:5678" in policy
    assert "unsafe" not in policy


@pytest.mark.chromium
async def test_everybody_can_use_it(site: Website) -> None:
    """In Serbian, light and dark, on a desk and on a phone."""
    async with serving(ChatDesk().routes()) as desk, chromium() as browser:
        site.embed(desk)
        for scheme, width in (("light", 1200), ("dark", 360)):
            viewport = {"width": width, "height": 800}
            async with a_page(browser, site.url, color_scheme=scheme, viewport=viewport) as page:
                await page.get_by_role("button", name="Pitajte nas").wait_for()
                await nothing_in_the_way(page)
