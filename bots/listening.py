"""What hears the platforms, joined to the desk."""

import json
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from adapters.mail.imap_url import parse_imap_url
from adapters.mail.mailbox import Mailbox, Take
from adapters.slack.gaps import Gaps
from adapters.slack.hours import register_hours
from adapters.slack.listener import SlackListener
from adapters.slack.people import People
from adapters.slack.readback import ReadBack
from adapters.slack.threads import PER_MINUTE, Threads
from adapters.slack.ticket_forms import register_ticket_forms
from adapters.store import SqlStore
from adapters.telegram.listener import TelegramPolling, TelegramWebhook
from adapters.telegram.request import RawBot
from bots.settings import Settings
from bots.tuning import Tuning
from core.admin import Admin
from core.desk import Desk
from core.ports import Clock
from core.tickets import Tickets
from core.wording import Phrasebook


def slack_listener(
    settings: Settings,
    client: AsyncWebClient,
    desk: Desk,
    store: SqlStore,
    clock: Clock,
    phrasebook: Phrasebook,
    tuning: Tuning,
) -> tuple[SlackListener, ReadBack]:
    """Return what hears Slack, with the forms that people fill in, and what reads it back."""
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
        Threads(client, clock, per_minute=PER_MINUTE * tuning.hurry),
        store,
        clock,
        gaps,
        read=listener.read,
        receive=desk.receive,
        deaf=listener.deaf,
        looks=tuning.looks,
    )
    register_hours(
        listener.app,
        admin=Admin(store, clock),
        people=people,
        phrasebook=phrasebook,
        language=settings.default_language,
        clock=clock,
    )
    register_ticket_forms(
        listener.app,
        tickets=Tickets(store, clock),
        receive=desk.receive,
        people=people,
        ourselves=listener.ourselves,
        phrasebook=phrasebook,
        language=settings.default_language,
        clock=clock,
    )
    return listener, reads_back


def telegram_listener(
    settings: Settings, bot: RawBot, desk: Desk, store: SqlStore, clock: Clock
) -> TelegramPolling | TelegramWebhook:
    """Return what hears Telegram: by webhook where one is set up, else by polling."""

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


def mailbox_listener(
    settings: Settings, store: SqlStore, clock: Clock, take: Take, tuning: Tuning
) -> Mailbox | None:
    """Return what reads the mailbox and has *take* make events of it; None without IMAP_URL."""
    if settings.imap_url is None:
        return None
    server = parse_imap_url(settings.imap_url.get_secret_value())
    return Mailbox(server, store, clock, take, rhythm=tuning.mailbox)
