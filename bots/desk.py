"""The desk's process: where the parts are joined, started, watched, and stopped."""

import asyncio
import random
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import aiohttp
import structlog

from adapters.alarm import Alarm
from adapters.api.router import api_router
from adapters.clock import SystemClock
from adapters.files import Files
from adapters.ids import RandomIds
from adapters.mail.attached import MailFiles
from adapters.phrasebook import load_phrasebook
from adapters.slack.channel import TIMEOUT, make_client
from adapters.store import SqlStore, Tenure
from adapters.telegram.listener import TelegramWebhook, register_commands
from adapters.telegram.request import RawBot, open_bot
from adapters.web.app import make_app
from adapters.web.server import WebServer, take
from adapters.web.together import Together
from adapters.web.visitors import Visitors
from bots.channels import Means, make_channels, open_webhook
from bots.first_department import follow_settings
from bots.health import Metrics, checks
from bots.instances import take_turns
from bots.listening import mailbox_listener, slack_listener, telegram_listener
from bots.log_lines import log_attempt, log_changes
from bots.mail import mail_listener, open_tokens
from bots.portal import open_portal
from bots.pulse import Pulse
from bots.settings import Settings, unknown_keys
from bots.tuning import Tuning
from bots.web import website
from core.attempt import Attempt
from core.delivery import Dispatcher
from core.desk import Desk
from core.known import Rules
from core.pace import Pace
from core.policy import Policy
from core.ports import Changes, Clock

log = structlog.get_logger()

_AS_IT_IS = Tuning()

STOP_WITHIN = 4.0
"""Seconds that calls under way are given to end when the desk is told to stop."""


async def run(settings: Settings, clock: Clock | None = None, tuning: Tuning = _AS_IT_IS) -> int:
    """Run until SIGTERM or SIGINT; return the exit code.

    Of several instances on one database only one works at a time.
    """
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    for key in unknown_keys():
        log.warning("settings.unknown", key=key)
    clock = clock or SystemClock()
    async with _opened(settings) as (listening, store):
        working = partial(_working, settings, clock, tuning)
        await take_turns(
            store, listening, working, stop, terms=tuning.terms, monotonic=clock.monotonic
        )
    return 0


@asynccontextmanager
async def running(
    settings: Settings, clock: Clock, tuning: Tuning = _AS_IT_IS
) -> AsyncIterator[WebServer]:
    """Run the only instance of the desk inside the block, and yield its web server."""
    async with (
        _opened(settings) as (listening, store),
        _working(settings, clock, tuning, listening, store) as web,
    ):
        yield web


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[socket.socket, SqlStore]]:
    """Take the port and open the database inside the block."""
    # First of all: a second desk, started by mistake, must not touch what the first one does.
    with take(settings.http_host, settings.http_port) as listening:
        store = await SqlStore.open(settings.database_url.get_secret_value())
        try:
            yield listening, store
        finally:
            await store.close()


@asynccontextmanager
async def _working(
    settings: Settings,
    clock: Clock,
    tuning: Tuning,
    listening: socket.socket,
    store: SqlStore,
    tenure: Tenure | None = None,
) -> AsyncIterator[WebServer]:
    """Do the desk's work inside the block, and yield its web server.

    Parts stop in the opposite order of their start: first what listens, so that nothing new comes
    in, then what delivers. *tenure*: the lease, where there are several instances.
    """
    async with AsyncExitStack() as stack:
        await follow_settings(store, settings, clock)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=TIMEOUT))
        slack = make_client(
            settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session
        )
        phrasebook = load_phrasebook()
        bot: RawBot | None = None
        if settings.telegram_bot_token is not None:
            token = settings.telegram_bot_token.get_secret_value()
            bot = await stack.enter_async_context(open_bot(token, settings.telegram_api_url))
        tokens = await open_tokens(settings, store, clock)
        files = Files(settings.data_dir / "attachments")
        visitors, together = Visitors(), Together(store)
        portal = open_portal(settings, store, clock, phrasebook, files)
        channels = make_channels(
            Means(
                settings=settings,
                store=store,
                clock=clock,
                visitors=visitors,
                together=together,
                away_after=tuning.away_after,
                tokens=tokens,
                mailed=MailFiles(store),
                phrasebook=phrasebook,
                files=files,
                slack=slack,
                bot=bot,
                proof=portal.links.proof if portal else None,
                webhook=await stack.enter_async_context(open_webhook(settings, clock)),
            )
        )
        metrics = Metrics(store, visitors)
        pulse = Pulse(store.ping)
        stack.push_async_callback(pulse.stop)

        def committed(changes: Changes) -> None:
            alarm.no_later_than(changes.next_wake)
            log_changes(changes)

        def report(attempt: Attempt) -> None:
            metrics.count(attempt)
            log_attempt(attempt)
            if (thread := attempt.found_thread) is not None:
                reads_back.found(thread)

        desk = Desk(
            store=store,
            clock=clock,
            ids=RandomIds(settings.ticket_prefix),
            rules=Rules(
                language=settings.default_language,
                fits={name: each.fits for name, each in channels.items()},
                patience=Policy(
                    departments=(),
                    limits=tuning.limits,
                    mail_limits=tuning.mail_limits,
                    reading=tuning.reading,
                ),
            ),
            committed=committed,
            begin=lambda tx: dispatcher.begin(tx),
        )
        dispatcher = Dispatcher(
            store=store,
            clock=clock,
            desk=desk,
            channels=channels,
            chance=random.random,
            pace=Pace(hurry=tuning.hurry),
            report=report,
            may_call=tenure.is_sure if tenure else lambda: True,
        )
        hears_slack, reads_back = slack_listener(
            settings, slack, desk, store, clock, phrasebook, tuning
        )
        alarm = Alarm(store=store, clock=clock, ring=desk.tick, at_least_every=tuning.look_every)
        stack.push_async_callback(desk.finish)
        await desk.recover()
        await dispatcher.recover()
        await stack.enter_async_context(_delivering(dispatcher))
        alarm.start()
        stack.push_async_callback(alarm.stop)

        hears_telegram = None
        if bot is None:
            log.warning("telegram.not_set_up", mend="set TELEGRAM_BOT_TOKEN")
        else:
            hears_telegram = telegram_listener(settings, bot, desk, store, clock)
            menus = asyncio.create_task(register_commands(bot, phrasebook))
            stack.callback(menus.cancel)
        mailbox = None
        if tokens is not None:
            takes_mail = mail_listener(settings, store, desk, clock, tokens)
            mailbox = mailbox_listener(settings, store, clock, takes_mail.take, tuning)
        site = website(
            settings,
            store=store,
            clock=clock,
            desk=desk,
            visitors=visitors,
            together=together,
            phrasebook=phrasebook,
            files=files,
            tuning=tuning,
        )
        routers = [api_router(desk, store, clock), *([site.router] if site else [])]
        if portal is not None:
            routers.append(portal.router(desk.receive, tuning.patience()))
            portal.postman.start()
            stack.push_async_callback(portal.postman.stop)
        web = WebServer(
            make_app(
                checks=checks(
                    pulse=pulse,
                    clock=clock,
                    dispatcher=dispatcher,
                    slack=hears_slack,
                    telegram=hears_telegram,
                    mailbox=mailbox,
                    site=site,
                    tenure=tenure,
                ),
                registry=metrics.registry,
                refresh_metrics=metrics.refresh,
                telegram=hears_telegram.handle
                if isinstance(hears_telegram, TelegramWebhook)
                else None,
                slack=hears_slack.http_handler() if settings.slack_signing_secret else None,
                routers=routers,
            ),
            listening,
            trusted_proxies=settings.trusted_proxies,
        )
        web.start()
        stack.push_async_callback(web.stop)
        if site is not None:
            await stack.enter_async_context(site.going())
        await hears_slack.start()
        stack.push_async_callback(hears_slack.stop)
        reads_back.start()
        stack.push_async_callback(reads_back.stop)
        if hears_telegram is not None:
            await hears_telegram.start()
            stack.push_async_callback(hears_telegram.stop)
        if mailbox is not None:
            await mailbox.start()
            stack.push_async_callback(mailbox.stop)
        log.info("desk.running", port=web.port, channels=sorted(channels))
        try:
            yield web
        finally:
            log.info("desk.stopping")


@asynccontextmanager
async def _delivering(dispatcher: Dispatcher) -> AsyncIterator[None]:
    task = asyncio.create_task(_keep_delivering(dispatcher), name="dispatcher")
    try:
        yield
    finally:
        dispatcher.stop()
        await task
        await dispatcher.drain(STOP_WITHIN)


async def _keep_delivering(dispatcher: Dispatcher) -> None:
    """Deliver until stopped: a locked or full database is waited for."""
    while True:
        try:
            return await dispatcher.run()
        except Exception:
            log.exception("dispatcher.failed")
            await asyncio.sleep(1)
