"""Slack is reached and tells nothing: it is noticed, said, and made up for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from adapters.slack.readback import Looks
from bots.demo import DemoClock, sandbox_settings
from bots.desk import running
from bots.tuning import Tuning
from sandbox.clock import Clock
from sandbox.faults import Fault, FaultKind
from sandbox.mail import MailServer
from sandbox.slack import Agent, Message, SlackServer
from sandbox.telegram import Customer, TelegramServer
from tests.support.waiting import PATIENCE

QUICK = Looks(glance_every=timedelta(seconds=0.3), told_within=timedelta(seconds=0.5))
DEAF = "does not tell what agents write"


@dataclass
class Talk:
    """A customer and an agent who talk through a desk."""

    slack: SlackServer
    ana: Customer
    marko: Agent
    card: Message
    url: str

    def gives_no_connection(self) -> None:
        """Let Slack be in trouble when it is asked for another connection, until that is over."""
        trouble = Fault(kind=FaultKind.ERROR)
        self.slack.faults.plan("apps.connections.open", trouble, times=1000)

    async def slack_is(self, wanted: str) -> None:
        """Return when `/readyz` says this of Slack, and answers 200 only if it is well."""
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as client:
            while True:
                async with client.get(f"{self.url}/readyz") as answer:
                    said = (await answer.json())["slack"]
                    if said == wanted:
                        assert answer.status == (200 if wanted == "ok" else 503)
                        return
                await asyncio.sleep(0.01)


@asynccontextmanager
async def a_talk(folder: Path, *, over_http: bool = False) -> AsyncIterator[Talk]:
    """Run a desk with a conversation in it, told of things over Socket Mode or HTTP."""
    clock = Clock()
    telegram, slack, mail = TelegramServer(clock), SlackServer(clock), MailServer(clock)
    async with AsyncExitStack() as stack:
        for server in (telegram, slack, mail):
            await server.start()
            stack.push_async_callback(server.stop)
        settings = sandbox_settings(telegram, slack, mail, folder)
        if over_http:
            secret = SecretStr(slack.signing_secret)
            http = {"slack_app_token": None, "slack_signing_secret": secret}
            settings = settings.model_copy(update=http)
        marko = slack.agent("Marko", display_name="Marko")
        room = slack.room("support", [marko])
        web = await stack.enter_async_context(
            running(settings, DemoClock(clock), Tuning(looks=QUICK))
        )
        url = f"http://127.0.0.1:{web.port}"
        if over_http:
            slack.use_http(f"{url}/slack/events")
        ana = telegram.customer("Ana", language_code="en")
        await says(ana, "My site is down", then="name")
        ana.press("Ana")
        await ana.sees("e-mail")
        ana.write("ana@example.com")
        card = await room.sees("My site is down")
        await marko.reply(card, "I look at it")
        await ana.sees("I look at it")
        yield Talk(slack, ana, marko, card, url)


async def says(ana: Customer, text: str, *, then: str) -> None:
    ana.write(text)
    await ana.sees(then)


async def test_a_connection_that_tells_nothing_is_replaced(tmp_path: Path) -> None:
    """It answers pings: that it is deaf shows by what stands in the thread."""
    async with a_talk(tmp_path) as talk:
        talk.slack.sockets.silence()
        talk.gives_no_connection()
        await talk.marko.reply(talk.card, "It is up again")
        await talk.ana.sees("It is up again")
        await talk.slack_is(DEAF)
        talk.slack.faults.clear()
        await talk.slack_is("ok")
        await talk.marko.reply(talk.card, "Anything else?")
        await talk.ana.sees("Anything else?")


async def test_even_if_no_agent_writes_it_shows(tmp_path: Path) -> None:
    """What the desk itself has posted is to come back to it."""
    async with a_talk(tmp_path) as talk:
        talk.slack.sockets.silence()
        talk.gives_no_connection()
        talk.ana.write("Are you there?")
        await talk.slack_is(DEAF)
        talk.slack.faults.clear()
        await talk.slack_is("ok")


async def test_without_events_answers_are_relayed_all_the_same(tmp_path: Path) -> None:
    """Over HTTP there is nothing to replace: it is over when Slack tells of something."""
    async with a_talk(tmp_path, over_http=True) as talk:
        talk.slack.events.disabled = True
        for answer in ("First,", "second,", "third."):
            await talk.marko.reply(talk.card, answer)
        await talk.ana.sees("third.")
        await talk.slack_is(DEAF)
        await talk.marko.reply(talk.card, "Fourth!")
        await talk.ana.sees("Fourth!")
        talk.slack.events.disabled = False
        await talk.marko.reply(talk.card, "Fifth!")
        await talk.ana.sees("Fifth!")
        await talk.slack_is("ok")
        answers = ("First,", "second,", "third.", "Fourth!", "Fifth!")
        read = [a for each in talk.ana.messages for a in answers if a in each.text]
        assert read == list(answers)
