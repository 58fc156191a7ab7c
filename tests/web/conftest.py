"""What the tests of the widget share."""

from collections.abc import AsyncIterator

import pytest

from tests.support.browsing import chromium
from tests.support.widget_page import There
from tests.support.widget_world import ChatDesk, a_website, serving


@pytest.fixture
async def there() -> AsyncIterator[There]:
    desk = ChatDesk()
    async with (
        serving(desk.routes()) as desk_url,
        serving(a_website(desk_url)) as site_url,
        chromium() as browser,
    ):
        yield There(browser, desk, desk_url, site_url)
