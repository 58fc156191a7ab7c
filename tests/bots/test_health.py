"""What `/readyz` asks of each part, and the figures that `/metrics` shows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.clock import SystemClock
from adapters.mail.mailbox import Mailbox
from adapters.store import SqlStore
from adapters.web.visitors import Visitors
from bots.demo import DemoClock, sandbox_settings
from bots.desk import running
from bots.health import Metrics, checks
from bots.listening import mailbox_listener
from bots.pulse import Pulse
from bots.settings import Settings
from bots.tuning import Tuning
from core.conversation import Stage
from core.outbox import DeliveryState
from core.outbox_port import Failed
from sandbox.clock import Clock
from sandbox.mail import MailServer
from sandbox.slack import SlackServer
from sandbox.telegram import TelegramServer
from tests.support.odd_imap import OddImap, odd_imap
from tests.support.stored import a_conversation, a_delivery, keep
from tests.support.waiting import PATIENCE, until


class Platforms:
    """A Telegram, a Slack and a mail server, and a desk that runs against them."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.telegram = TelegramServer(self.clock)
        self.slack = SlackServer(self.clock)
        self.mail = MailServer(self.clock)
        self.url = ""

    async def ready(self) -> tuple[int, dict[str, str]]:
        async with aiohttp.ClientSession() as client, client.get(f"{self.url}/readyz") as answer:
            return answer.status, await answer.json()

    async def says_that_slack(self, how: str) -> tuple[int, dict[str, str]]:
        """Return what is answered as soon as it says this of Slack."""
        async with asyncio.timeout(PATIENCE):
            while (answer := await self.ready())[1]["slack"] != how:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return answer


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Platforms]:
    there = Platforms()
    async with AsyncExitStack() as stack:
        for server in (there.telegram, there.slack, there.mail):
            await server.start()
            stack.push_async_callback(server.stop)
        settings = sandbox_settings(there.telegram, there.slack, there.mail, tmp_path)
        web = await stack.enter_async_context(running(settings, DemoClock(there.clock)))
        there.url = f"http://127.0.0.1:{web.port}"
        yield there


async def test_every_part_is_ready(desk: Platforms) -> None:
    """As soon as the desk says that it runs."""
    await desk.slack.connected(1)

    status, parts = await desk.ready()
    assert status == 200
    assert parts == dict.fromkeys(("database", "delivery", "slack", "telegram"), "ok")


async def test_the_part_that_is_not_ready_is_named(desk: Platforms) -> None:
    """Slack hangs up and does not come back: the others are well all the same."""
    await desk.slack.connected(1)
    await desk.slack.stop()

    assert await desk.says_that_slack("is not connected") == (
        503,
        {"database": "ok", "delivery": "ok", "slack": "is not connected", "telegram": "ok"},
    )


async def test_a_mailbox_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """With why, in words, as soon as the server has said so; without it nothing is asked for."""
    store = await SqlStore.open(f"sqlite:///{tmp_path}/desk.db")

    async def take() -> None: ...

    def mailbox(url: str | None) -> Mailbox | None:
        settings = Settings(_env_file=None, slack_bot_token="xoxb", imap_url=url)  # type: ignore
        return mailbox_listener(settings, store, SystemClock(), take, Tuning())

    assert mailbox(None) is None
    async with odd_imap(OddImap(no_login=True)) as server:
        reads = mailbox(server.url)
        assert reads is not None
        others: dict[str, Any] = dict.fromkeys(("dispatcher", "slack", "telegram"))
        ask = checks(pulse=Pulse(store.ping), clock=SystemClock(), mailbox=reads, **others)
        assert await ask["mailbox"]() == "is not being read"
        await reads.start()

        async def is_said() -> bool:
            return await ask["mailbox"]() == (
                "the server does not accept user and password (AUTHENTICATIONFAILED)"
            )

        await until(is_said)
        await reads.stop()
    await store.close()


async def test_figures_fall_as_well_as_rise(tmp_path: Path) -> None:
    """What there is none of any more is shown as none, not as it was."""
    store = await SqlStore.open(f"sqlite:///{tmp_path}/desk.db")
    metrics = Metrics(store, Visitors())

    def shown(what: str) -> float | None:
        return metrics.registry.get_sample_value("podrska_count", {"what": what})

    await keep(store, a_conversation(), a_delivery("d1"))
    await metrics.refresh()
    assert shown(f"conversations.{Stage.ASKING}") == 1
    assert shown(f"deliveries.{DeliveryState.PENDING}") == 1

    async with store.transaction() as tx:
        await tx.fail([Failed(id=a_delivery("d1").id, reason="gone")])
    await metrics.refresh()
    assert shown(f"deliveries.{DeliveryState.PENDING}") == 0
    assert shown(f"deliveries.{DeliveryState.FAILED}") == 1
    await store.close()


async def test_a_line_that_hangs_is_not_ready_until_it_is_replaced(desk: Platforms) -> None:
    """Without an answer to its pings, the desk says so, and connects anew by itself."""
    await desk.slack.connected(1)
    desk.slack.sockets.freeze()
    status, _ = await desk.says_that_slack("is not connected")
    assert status == 503

    await desk.slack.connected(1, timeout=PATIENCE)
    await desk.says_that_slack("ok")
