"""Writes the pictures of the website's chat in `docs/images`.

`python -m docs.web_images` rewrites them; it needs Chromium, and a font with Cyrillic letters. The
talk in them is played by a real desk, with its agents in the sandbox's Slack.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, FilePayload, Page, async_playwright, expect

from bots import logs
from bots.demo import TUNING, DemoClock, sandbox_settings
from bots.desk import running
from sandbox.clock import Clock
from sandbox.mail import MailServer
from sandbox.slack import Agent, Room, SlackServer
from sandbox.telegram import TelegramServer
from sandbox.website import Website

IMAGES: Final = Path(__file__).parent / "images"
BELGRADE: Final = ZoneInfo("Europe/Belgrade")
MONDAY: Final = datetime(2026, 11, 23, 10, 20, tzinfo=BELGRADE)
SUNDAY: Final = datetime(2026, 11, 22, 17, 5, tzinfo=BELGRADE)
WINDOW: Final[dict[str, Any]] = {"viewport": {"width": 1180, "height": 800}}
AGENTS: Final = ("Marko", "Марко")
PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 390, "height": 780},
    "device_scale_factor": 1.5,
    "is_mobile": True,
    "has_touch": True,
}


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What is said in a picture, in one language."""

    language: str
    name: str
    agent: str
    problem: str
    start: str
    message: str
    file: str
    answers: tuple[str, str]
    thanks: str


ENGLISH: Final = Talk(
    language="en",
    name="Ana Marković",
    agent="Marko",
    problem="Since this morning my shop shows error 503.",
    start="Start the conversation",
    message="Your message",
    file="error-503.png",
    answers=(
        "Hello Ana, I am looking at it.",
        "Your database had run out of memory. I have given it *twice as much*, and the shop is up "
        "again: https://shop.example.com",
    ),
    thanks="It works, thank you!",
)
LATIN: Final = Talk(
    language="sr-Latn",
    name="Ana Marković",
    agent="Marko",
    problem="Od jutros mi prodavnica prikazuje grešku 503.",
    start="Započni razgovor",
    message="Vaša poruka",
    file="greska-503.png",
    answers=(
        "Dobar dan, Ana, gledam šta je.",
        "Bazi je ponestalo memorije. Dao sam joj *duplo više* i prodavnica opet radi: "
        "https://prodavnica.example.com",
    ),
    thanks="Radi, hvala!",
)
CYRILLIC: Final = Talk(
    language="sr",
    name="Ана Марковић",
    agent="Марко",
    problem="Од јутрос ми продавница приказује грешку 503.",
    start="Започни разговор",
    message="Ваша порука",
    file="greska-503.png",
    answers=(
        "Добар дан, Ана, гледам шта је.",
        "Бази је понестало меморије. Дао сам јој *дупло више* и продавница опет ради: "
        "https://prodavnica.example.com",
    ),
    thanks="Ради, хвала!",
)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where the pictures are taken."""

    browser: Browser
    clock: Clock
    site: Website
    desk: str
    room: Room
    agents: dict[str, Agent]

    @asynccontextmanager
    async def page(self, talk: Talk, **looks: Any) -> AsyncIterator[Page]:
        """Open the website in a browser that nobody has used, whose clock is the desk's."""
        context = await self.browser.new_context(
            timezone_id="Europe/Belgrade", reduced_motion="reduce", **looks
        )
        page = await context.new_page()
        await page.clock.set_system_time(self.clock.now())
        language = f"'podrska:{self.desk}:likes:language', '\"{talk.language}\"'"
        await page.add_init_script(f"localStorage.setItem({language})")
        await page.goto(self.site.url)
        await expect(page.locator(".launcher-state")).not_to_be_empty()
        yield page
        await context.close()


async def main() -> None:
    """Take all pictures."""
    await _talking("light", LATIN, color_scheme="light", **WINDOW)
    await _talking("dark", LATIN, color_scheme="dark", **WINDOW)
    await _talking("english", ENGLISH, **WINDOW)
    await _talking("phone-serbian", CYRILLIC, **PHONE)
    async with _stage(SUNDAY) as stage, stage.page(LATIN, **PHONE) as page:
        await _keep(page, "phone-button")
        await page.locator(".launcher").click()
        await _keep(page, "phone-closed")


async def _talking(name: str, talk: Talk, **looks: Any) -> None:
    async with _stage(MONDAY) as stage, stage.page(talk, **looks) as page:
        await _talk(stage, page, talk)
        await _keep(page, name)


async def _talk(stage: Stage, page: Page, talk: Talk) -> None:
    """Have a visitor ask, and an agent answer."""
    await page.locator(".launcher").click()
    await page.locator("#form-name").fill(talk.name)
    await page.locator("#form-email").fill("ana@example.com")
    await page.locator("#form-text").fill(talk.problem)
    await page.get_by_role("button", name=talk.start).click()
    card = await stage.room.sees(talk.problem)
    log, agent = page.get_by_role("log"), stage.agents[talk.agent]
    await expect(log.locator(".message.desk")).to_have_count(1)
    await page.locator(".chatting input[type=file]").set_input_files(await _error(stage, talk))
    await expect(page.locator(".upload.there")).to_have_count(1)
    await page.locator(".send").click()
    await expect(log.get_by_role("img", name=talk.file)).to_be_visible()
    for number, answer in enumerate(talk.answers, start=1):
        await agent.reply(card, answer)
        await expect(log.locator(".message.agent")).to_have_count(number)
    await page.get_by_label(talk.message).fill(talk.thanks)
    await page.locator(".send").click()
    await expect(log.locator(".message.you.sent")).to_have_count(3)
    await page.mouse.move(5, 5)


async def _error(stage: Stage, talk: Talk) -> FilePayload:
    """Return what the visitor sees instead of their shop, as a picture."""
    page = await stage.browser.new_page(viewport={"width": 420, "height": 200})
    await page.set_content(
        "<body style='margin:0;display:grid;place-items:center;height:100vh;background:#f3f4f6;"
        "font:600 26px sans-serif;color:#374151'><p>503 Service Unavailable</p>"
    )
    picture = await page.screenshot()
    await page.close()
    return FilePayload(name=talk.file, mimeType="image/png", buffer=picture)


async def _keep(page: Page, name: str) -> None:
    await page.wait_for_timeout(300)  # the last frame is drawn
    await page.screenshot(path=IMAGES / f"widget-{name}.png")


@asynccontextmanager
async def _stage(at: datetime) -> AsyncIterator[Stage]:
    """Run a desk, a website and a browser inside the block."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        clock = Clock()
        clock.move_to(at)
        telegram, slack, mail = TelegramServer(clock), SlackServer(clock), MailServer(clock)
        site = Website()
        for server in (telegram, slack, mail, site):
            await server.start()
            stack.push_async_callback(server.stop)
        agents = {each: slack.agent(each, display_name=each) for each in AGENTS}
        room = slack.room("support", members=list(agents.values()))
        settings = sandbox_settings(telegram, slack, mail, folder, website=site.url)
        logs.set_up(form="console", level="error", secrets=[])
        web = await stack.enter_async_context(running(settings, DemoClock(clock), TUNING))
        desk = f"http://127.0.0.1:{web.port}"
        site.embed(desk)
        await slack.connected(1)
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        stack.push_async_callback(browser.close)
        yield Stage(browser=browser, clock=clock, site=site, desk=desk, room=room, agents=agents)


if __name__ == "__main__":
    asyncio.run(main())
