"""The desk's process: where the parts are joined, started, watched, and stopped."""

import asyncio
import gc
import json
import random
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from adapters.alarm import Alarm
from adapters.clock import SystemClock
from adapters.files import Files
from adapters.ids import RandomIds
from adapters.phrasebook import load_phrasebook
from adapters.slack.channel import TIMEOUT, make_client
from adapters.slack.gaps import Gaps
from adapters.slack.hours import register_hours
from adapters.slack.listener import SlackListener
from adapters.slack.people import People
from adapters.slack.readback import Looks, ReadBack
from adapters.slack.threads import Threads
from adapters.store import SqlStore
from adapters.telegram.listener import TelegramPolling, TelegramWebhook, register_commands
from adapters.telegram.request import RawBot, open_bot
from adapters.web.app import make_app
from adapters.web.server import WebServer, take
from bots.channels import Means, make_channels
from bots.first_department import follow_settings
from bots.health import Metrics, checks
from bots.settings import Settings, unknown_keys
from core.admin import Admin
from core.attempt import Attempt
from core.batch import Rules
from core.delivery import Dispatcher
from core.desk import Desk
from core.events import Happened
from core.pace import Pace
from core.policy import Limits, Policy
from core.ports import Changes, Clock, Delivered
from core.wording import Phrasebook

log = structlog.get_logger()

STOP_WITHIN = 4.0
"""Seconds that calls under way are given to end when the desk is told to stop."""


LOOK_EVERY = timedelta(seconds=5)
"""How often the database is asked for what is due, even if nobody called."""

LOOKS = Looks()
"""How often Slack is asked for what it did not tell."""

LIMITS = Limits()
"""How much is taken in from one customer."""


async def run(
    settings: Settings,
    clock: Clock | None = None,
    *,
    look_every: timedelta = LOOK_EVERY,
    limits: Limits = LIMITS,
    pace: Pace | None = None,
) -> int:
    """Run until SIGTERM or SIGINT; return the exit code. The rest is as for `running`."""
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    for key in unknown_keys():
        log.warning("settings.unknown", key=key)
    async with running(
        settings, clock or SystemClock(), look_every=look_every, limits=limits, pace=pace
    ):
        gc.freeze()  # what is loaded by now stays: garbage need not be looked for there
        await stop.wait()
        log.info("desk.stopping")
    return 0


@asynccontextmanager
async def running(
    settings: Settings,
    clock: Clock,
    *,
    look_every: timedelta = LOOK_EVERY,
    looks: Looks = LOOKS,
    limits: Limits = LIMITS,
    pace: Pace | None = None,
) -> AsyncIterator[WebServer]:
    """Run the desk inside the block, and yield its web server.

    Parts stop in the opposite order of their start: first what listens, so that nothing new comes
    in, then what delivers, the database last. *look_every*: how often the database is asked for
    what is due even if nobody called. *looks*: how often Slack is asked for what it did not tell.
    *limits* and *pace*: what customers may send, and how fast platforms are spoken to, where a
    measurement has its own.
    """
    async with AsyncExitStack() as stack:
        # First of all: a second desk, started by mistake, must not touch what the first one does.
        listening = stack.enter_context(take(settings.http_host, settings.http_port))
        store = await SqlStore.open(settings.database_url.get_secret_value())
        stack.push_async_callback(store.close)
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
        channels = make_channels(
            Means(
                settings=settings,
                phrasebook=phrasebook,
                files=Files(settings.data_dir / "attachments"),
                slack=slack,
                bot=bot,
            )
        )
        metrics = Metrics(store)

        def committed(changes: Changes) -> None:
            dispatcher.wake()
            alarm.no_later_than(changes.next_wake)
            _log_changes(changes)

        def report(attempt: Attempt) -> None:
            metrics.count(attempt)
            _log_attempt(attempt)

        desk = Desk(
            store=store,
            clock=clock,
            ids=RandomIds(settings.ticket_prefix),
            rules=Rules(
                language=settings.default_language,
                fits={name: each.fits for name, each in channels.items()},
                patience=Policy(departments=(), limits=limits),
            ),
            committed=committed,
        )
        dispatcher = Dispatcher(
            store=store,
            clock=clock,
            desk=desk,
            channels=channels,
            chance=random.random,
            pace=pace,
            report=report,
        )
        alarm = Alarm(store=store, clock=clock, ring=desk.tick, at_least_every=look_every)
        stack.push_async_callback(desk.finish)
        await desk.recover()
        await dispatcher.recover()
        await stack.enter_async_context(_delivering(dispatcher))
        alarm.start()
        stack.push_async_callback(alarm.stop)

        hears_slack, reads_back = _slack_listener(
            settings, slack, desk, store, clock, phrasebook, looks
        )
        hears_telegram = None
        if bot is None:
            log.warning("telegram.not_set_up", mend="set TELEGRAM_BOT_TOKEN")
        else:
            hears_telegram = _telegram_listener(settings, bot, desk, store, clock)
            menus = asyncio.create_task(register_commands(bot, phrasebook))
            stack.callback(menus.cancel)
        web = WebServer(
            make_app(
                checks=checks(
                    store=store,
                    clock=clock,
                    dispatcher=dispatcher,
                    slack=hears_slack,
                    telegram=hears_telegram,
                ),
                registry=metrics.registry,
                refresh_metrics=metrics.refresh,
                telegram=hears_telegram.handle
                if isinstance(hears_telegram, TelegramWebhook)
                else None,
                slack=hears_slack.http_handler() if settings.slack_signing_secret else None,
            ),
            listening,
        )
        web.start()
        stack.push_async_callback(web.stop)
        await hears_slack.start()
        stack.push_async_callback(hears_slack.stop)
        reads_back.start()
        stack.push_async_callback(reads_back.stop)
        if hears_telegram is not None:
            await hears_telegram.start()
            stack.push_async_callback(hears_telegram.stop)
        log.info("desk.running", port=web.port, channels=sorted(channels))
        yield web


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


def _slack_listener(
    settings: Settings,
    client: AsyncWebClient,
    desk: Desk,
    store: SqlStore,
    clock: Clock,
    phrasebook: Phrasebook,
    looks: Looks,
) -> tuple[SlackListener, ReadBack]:
    people = People(client, admins=settings.slack_admins)
    app_token, secret = settings.slack_app_token, settings.slack_signing_secret
    gaps = Gaps()
    listener = SlackListener(
        client,
        people,
        desk.receive,
        clock,
        gaps,
        app_token=app_token.get_secret_value() if app_token else "",
        signing_secret=secret.get_secret_value() if secret else "",
        connected=lambda: reads_back.look(),
    )
    reads_back = ReadBack(
        Threads(client, clock),
        store,
        clock,
        gaps,
        read=listener.read,
        receive=desk.receive,
        deaf=listener.deaf,
        looks=looks,
    )
    register_hours(
        listener.app,
        admin=Admin(store, clock),
        people=people,
        phrasebook=phrasebook,
        language=settings.default_language,
        clock=clock,
    )
    return listener, reads_back


def _telegram_listener(
    settings: Settings, bot: RawBot, desk: Desk, store: SqlStore, clock: Clock
) -> TelegramPolling | TelegramWebhook:
    async def keep(update_id: int, raw: dict[str, Any]) -> None:
        async with store.transaction() as tx:
            await tx.keep_unreadable(f"telegram:update:{update_id}", json.dumps(raw), clock.now())

    if settings.telegram_webhook_secret is None:
        return TelegramPolling(bot, desk.receive, clock, on_unreadable=keep)
    return TelegramWebhook(
        bot,
        desk.receive,
        clock,
        url=f"{settings.public_url.rstrip('/')}/telegram/webhook",
        secret=settings.telegram_webhook_secret.get_secret_value(),
        on_unreadable=keep,
    )


def _log_changes(changes: Changes) -> None:
    """Log what happened and what was decided, by kind; never what people wrote."""
    for key, error in changes.put_down.items():
        log.error("event.put_down", key=key, error=error)
    for entry in changes.journal:
        kind = type(entry.what).__name__
        if isinstance(entry.what, Happened):
            log.info("conversation.event", conversation=entry.conversation_id, event_kind=kind)
        else:
            log.debug("conversation.effect", conversation=entry.conversation_id, effect=kind)


def _log_attempt(attempt: Attempt) -> None:
    delivery = attempt.outgoing.delivery
    where = {
        "conversation": delivery.conversation_id,
        "delivery": delivery.id,
        "channel": delivery.channel,
        "effect": type(delivery.effect).__name__,
    }
    if isinstance(attempt.end, Delivered):
        log.debug("delivery.delivered", **where)
    else:
        end = type(attempt.end).__name__
        log.warning("delivery.not_delivered", end=end, reason=attempt.end.reason, **where)
