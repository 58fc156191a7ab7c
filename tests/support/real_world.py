"""A whole world for one journey: Telegram, Slack and a mail server on loopback, and the desk."""

import asyncio
import json
import os
import re
import resource
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp

from sandbox.clock import Clock
from sandbox.imap import ImapServer
from sandbox.mail import MailServer
from sandbox.slack import SlackServer
from sandbox.telegram import UNLIMITED, TelegramServer
from sandbox.trace import MAIL_EXCHANGER
from tests.support.ports import held_port
from tests.support.process import Forks, Order, Process, Spawns, forks
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
BELGRADE = ZoneInfo("Europe/Belgrade")
A_TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=BELGRADE)
"""An ordinary morning: the desk is open from 08:00 to 20:00."""

SUPPORT = "podrska@example.com"
"""Where customers write to."""

STOP_WITHIN = 25.0
"""Seconds: many times as long as it takes, and less than a poll of Telegram's that nobody ended."""
_UNFINISHED = re.compile(r'deliveries\.(pending|sending|in-doubt)"} [1-9]')


class World:
    """Everything outside the desk, and the desk's process."""

    def __init__(
        self,
        folder: Path,
        starts: Spawns | Forks,
        *,
        hold: Callable[[], int],
        settings: dict[str, str],
        post_rate: float | None = None,
        post_burst: int = 10,
    ) -> None:
        """*hold* returns a port that nobody else is given as long as this world lasts."""
        self.clock = Clock()
        self.telegram = TelegramServer(self.clock, limits=UNLIMITED, port=hold())
        self.slack = SlackServer(self.clock, post_rate=post_rate, post_burst=post_burst)
        self.mail = MailServer(self.clock, port=hold())
        self.imap = ImapServer(self.mail, {SUPPORT: "a password"})
        self.log = folder / "desk.log"
        self._folder = folder
        self._offset = folder / "clock"
        self.settings = settings
        """Settings of the desk besides those that point it to this world; read at each start."""
        self._starts = starts
        self._process: Process | None = None
        self._jump = timedelta()
        self._port = hold()
        self.clock.on_move(self._write_offset)

    def at(self, moment: datetime) -> None:
        """Let it be *moment* for everybody."""
        self.clock.move_to(moment)

    def pass_time(self, **span: float) -> None:
        """Let time pass for everybody: `pass_time(minutes=5)`."""
        self.clock.move(timedelta(**span))

    @property
    def database(self) -> Path:
        """The desk's file, to be looked into when the desk has stopped."""
        return self._folder / "podrska.db"

    @property
    def url(self) -> str:
        """Where the desk's own web server is."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Start the desk, and return when it is ready."""
        order = Order(offset=self._offset, environment=self.environment(), log=self.log)
        self._process = await self._starts.start(order)
        await self._until_ready()

    async def stop(self) -> int:
        """Stop the desk as an operator does; return its exit code."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End the desk as bad luck does."""
        await self._end(signal.SIGKILL)

    async def kill_at_step(self, steps: int, within: float) -> bool:
        """Let the desk kill itself at the n-th step that it takes from now on.

        It is killed after *within* seconds if it has not come so far; return whether it had.
        """
        self._offset.with_suffix(".steps").write_text(str(steps))
        self._running().send_signal(signal.SIGUSR1)
        try:
            await asyncio.wait_for(self._running().wait(), within)
        except TimeoutError:
            await self.kill()
            return False
        return True

    def fill_disk(self) -> None:
        """Let the desk write to no file any more, until `free_disk`."""
        self._limit_files(0)

    def free_disk(self) -> None:
        """Let the desk write again."""
        self._limit_files(resource.RLIM_INFINITY)

    def _limit_files(self, size: int) -> None:
        limits = (size, resource.RLIM_INFINITY)
        resource.prlimit(self._running().pid, resource.RLIMIT_FSIZE, limits)

    def jump(self, by: timedelta) -> None:
        """Let the desk's own clock go wrong by so much, from now on, and nobody else's."""
        self._jump = by
        self._write_offset()

    async def restart(self) -> None:
        """Stop the desk, and start it again."""
        await self.stop()
        await self.start()

    def send(self, which: signal.Signals) -> None:
        """Send the desk's process a signal."""
        self._running().send_signal(which)

    async def metrics(self) -> str:
        """Return the desk's figures."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/metrics") as answer:
            return await answer.text()

    async def is_ready(self, timeout: float = PATIENCE) -> None:
        """Return when the desk says that it is ready."""
        await self._says("", timeout)

    async def is_not_ready(self, part: str, timeout: float = PATIENCE) -> None:
        """Return when the desk says that it is not ready because of *part*."""
        await self._says(part, timeout)

    async def _says(self, trouble: str, seconds: float) -> None:
        """Wait for `/readyz` to name a part that is in trouble, or with "" none."""
        async with asyncio.timeout(seconds), aiohttp.ClientSession() as session:
            while True:
                async with session.get(f"{self.url}/readyz") as answer:
                    parts = await answer.json()
                troubled = [part for part, how in parts.items() if how != "ok"]
                if trouble in troubled if trouble else not troubled:
                    return
                await asyncio.sleep(0.05)

    async def logs(self, event: str) -> list[dict[str, str]]:
        """Return the lines of the log about *event*, when there is one (with `LOG_FORMAT=json`)."""
        async with asyncio.timeout(PATIENCE):
            while True:
                whole = self.log.read_text().split("\n")[:-1]
                lines = [json.loads(each) for each in whole]
                if found := [each for each in lines if each["event"] == event]:
                    return found
                await asyncio.sleep(0.05)

    async def settled(self, timeout: float = PATIENCE) -> None:
        """Return when everything that the desk has to say is said and written down."""
        async with asyncio.timeout(timeout), aiohttp.ClientSession() as session:
            while True:
                async with session.get(f"{self.url}/metrics") as answer:
                    if not _UNFINISHED.search(await answer.text()):
                        return
                await asyncio.sleep(0.05)

    def environment(self) -> dict[str, str]:
        """Return the settings that point the desk to this world."""
        ours = {
            "TELEGRAM_BOT_TOKEN": self.telegram.token,
            "TELEGRAM_API_URL": self.telegram.url,
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.url,
            "SMTP_URL": self.mail.url,
            "IMAP_URL": self.imap.url(SUPPORT),
            "MAIL_FROM": f"Podrška <{SUPPORT}>",
            "MAIL_AUTHSERV_ID": MAIL_EXCHANGER,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "DATA_DIR": str(self._folder / "data"),
            "DEFAULT_LANGUAGE": "en",
            "HTTP_PORT": str(self._port),
        }
        inherited = {key: os.environ[key] for key in ("PATH", "HOME", "TZ") if key in os.environ}
        return inherited | ours | self.settings

    def _running(self) -> Process:
        assert self._process is not None, "the desk has not been started"
        return self._process

    async def _end(self, how: signal.Signals) -> int:
        process = self._process
        if process is None or process.returncode is not None:
            return 0
        process.send_signal(how)
        return await asyncio.wait_for(process.wait(), STOP_WITHIN)

    async def ready(self) -> bool:
        """Say whether the desk says that it is ready."""
        async with aiohttp.ClientSession() as session:
            return await _is_ready(session, self.url)

    async def _until_ready(self) -> None:
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
            while not await _is_ready(session, self.url):
                if self._running().returncode is not None:
                    raise AssertionError(f"the desk did not start:\n{self.log.read_text()}")
                await asyncio.sleep(self._starts.look_every)

    def _write_offset(self) -> None:
        # Replaced as a whole, so that the desk never reads half a number.
        fresh = self._offset.with_suffix(".new")
        fresh.write_text(str((self.clock.offset + self._jump).total_seconds()))
        fresh.rename(self._offset)


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


@asynccontextmanager
async def world(
    folder: Path,
    *,
    at: datetime = A_TUESDAY,
    start: bool = True,
    forked: bool = False,
    post_rate: float | None = None,
    post_burst: int = 10,
    **settings: str,
) -> AsyncIterator[World]:
    """Run a world inside the block, at *at*, the desk with *settings* besides the world's own.

    *forked*: starts take a fraction of the time, see `tests.support.zygote`.
    *post_rate* is how many posts a second a Slack room takes, after *post_burst* at once; None: any
    number.
    """
    async with AsyncExitStack() as stack:
        starts = await stack.enter_async_context(forks()) if forked else Spawns()
        there = World(
            folder,
            starts,
            hold=lambda: stack.enter_context(held_port()),
            settings=settings,
            post_rate=post_rate,
            post_burst=post_burst,
        )
        there.at(at)
        for server in (there.telegram, there.slack, there.mail, there.imap):
            await server.start()
            stack.push_async_callback(server.stop)
        try:
            if start:
                await there.start()
            yield there
        finally:
            await there.stop()
