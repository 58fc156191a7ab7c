"""The desk on this machine, against the sandbox: nothing to sign up for, nothing that leaves it."""

import asyncio
import signal
import tempfile
import time
import webbrowser
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console

from bots import logs
from bots.desk import running
from bots.free_port import free_port
from bots.settings import Settings, secrets_of
from bots.tuning import Tuning
from core.hours import WorkingHours, is_open, next_opening
from sandbox.clock import Clock as MovableClock
from sandbox.imap import ImapServer
from sandbox.mail import MailServer
from sandbox.page import MAIL_PASSWORD, SUPPORT, DemoPage, cast
from sandbox.slack import SlackServer
from sandbox.telegram import TelegramServer
from sandbox.trace import MAIL_EXCHANGER
from sandbox.website import Website

TUNING = Tuning(look_every=timedelta(seconds=1))
"""The clock of the demo is moved by hand; what is due then must be seen soon."""

AFTER_OPENING = timedelta(hours=2)


class DemoClock:
    """The sandbox's clock, as the desk asks for one."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """Return the sandbox's time, in UTC."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Return seconds on a clock that never jumps."""
        return time.monotonic()


async def run(*, port: int, browser: bool) -> int:
    """Serve the page until it is told to stop; return the exit code."""
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    console = Console()
    console.print("Starting the sandbox and the desk…")
    async with demo(port) as url:
        console.print(f"\n[bold green]Podrška is running. Open {url}[/]\n", highlight=False)
        console.print("Everything stays on this machine. Ctrl-C ends it.")
        if browser:
            webbrowser.open(url)
        await stop.wait()
    return 0


@asynccontextmanager
async def demo(port: int) -> AsyncIterator[str]:
    """Run the sandbox, its page and the desk inside the block; yield the page's address."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="podrska-demo-")))
        clock = MovableClock()
        telegram, slack, mail = TelegramServer(clock), SlackServer(clock), MailServer(clock)
        imap = ImapServer(mail, {SUPPORT: MAIL_PASSWORD})
        for server in (telegram, slack, mail, imap):
            await server.start()
            stack.push_async_callback(server.stop)
        cast(telegram, slack, mail)
        website = Website()
        await website.start()
        stack.push_async_callback(website.stop)
        page = DemoPage(telegram, slack, mail, clock, port=port, website=website.url)
        settings = sandbox_settings(
            telegram, slack, mail, folder, imap=imap, website=website.url, http_port=free_port()
        )
        clock.move_to(_a_working_hour(settings.hours(), clock.now()))
        logs.set_up(form="console", level="warning", secrets=secrets_of(settings))
        await stack.enter_async_context(running(settings, DemoClock(clock), TUNING))
        await page.start()
        stack.push_async_callback(page.stop)
        website.embed(settings.public_url, framed_by=page.url.rstrip("/"))
        yield page.url


def sandbox_settings(
    telegram: TelegramServer,
    slack: SlackServer,
    mail: MailServer,
    folder: Path,
    *,
    imap: ImapServer | None = None,
    website: str = "",
    http_port: int = 0,
) -> Settings:
    """Return the settings that point the desk to the sandbox; nothing else tells it.

    Without *imap* the desk reads no mail, without *website* it has no chat, and with *http_port* 0
    it has no portal, for nobody can be told where.
    What is not said here has its default, whatever stands in this machine's environment.
    """
    fields = Settings.model_fields.items()
    defaults = {name: field.default for name, field in fields if not field.is_required()}
    ours = {
        "telegram_bot_token": telegram.token,
        "telegram_api_url": telegram.url,
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_api_url": slack.url,
        "smtp_url": mail.url,
        "imap_url": imap.url(SUPPORT) if imap else None,
        "mail_authserv_id": MAIL_EXCHANGER,
        "mail_from": f"Podrška <{SUPPORT}>",
        "database_url": f"sqlite:///{folder / 'podrska.db'}",
        "data_dir": folder / "data",
        "http_port": http_port,
        "public_url": f"http://127.0.0.1:{http_port}" if http_port else "",
        "web_origins": (website,) if website else (),
        "default_language": "en",
    }
    return Settings(_env_file=None, **(defaults | ours))  # type: ignore[call-arg]


def _a_working_hour(hours: WorkingHours, now: datetime) -> datetime:
    """Return *now* if the desk is open, else a moment at which it is: closed can be tried later."""
    opening = now if is_open(hours, now) else next_opening(hours, now)
    return now if opening is None or opening == now else opening + AFTER_OPENING
