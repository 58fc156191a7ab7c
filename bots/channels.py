"""The list of channels: adding one is one function here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from adapters.browser_files import Brought
from adapters.files import Files
from adapters.mail.address import parse_mail_from, parse_smtp_url
from adapters.mail.channel import MailChannel, Proof
from adapters.mail.tokens import Tokens
from adapters.slack.channel import SlackChannel
from adapters.slack.rooms import Rooms
from adapters.telegram.channel import TelegramChannel
from adapters.telegram.request import RawBot
from adapters.web.channel import WebChannel
from adapters.web.together import Together
from adapters.web.visitors import Visitors
from adapters.webhook.channel import WebhookChannel, webhook_session
from adapters.webhook.receiver import parse_receiver, parse_secret
from bots.settings import Settings
from core.channel_port import CanFetch, Channel
from core.outbox import MAIL
from core.ports import Clock, Store
from core.wording import Phrasebook


@dataclass(frozen=True, kw_only=True)
class Means:
    """What channels are made of."""

    settings: Settings
    phrasebook: Phrasebook
    files: Files
    slack: AsyncWebClient
    bot: RawBot | None
    tokens: Tokens | None
    """What ties replies to mails to their tickets; None where no mail is read."""
    store: Store
    clock: Clock
    visitors: Visitors
    """Who of the website's visitors is here."""
    together: Together
    away_after: timedelta
    """How long they may be gone before answers are mailed to them."""
    mailed: CanFetch
    """Where the files that came by mail are found."""
    proof: Proof | None
    """Makes the links to tickets in mails; None where there is no portal."""
    webhook: WebhookChannel | None
    """The way to the house's own programs; it is opened, and closed, with the desk."""


def make_channels(means: Means) -> dict[str, Channel]:
    """Return the channels that are set up, by name; those that fetch files are told to `files`."""
    channels: dict[str, Channel] = {}
    slack = _slack(means)
    channels[slack.name] = slack
    means.files.fetch_with({slack.name: slack})
    if means.bot is not None:
        telegram = TelegramChannel(means.bot, means.phrasebook, means.files)
        channels[telegram.name] = telegram
        means.files.fetch_with({telegram.name: telegram})
    means.files.fetch_with({MAIL: means.mailed})
    if means.settings.web_origins:
        web = _web(means)
        channels[web.name] = web
        means.files.fetch_with({web.name: Brought()})
    if means.settings.smtp_url is not None:
        mail = _mail(means, means.settings.smtp_url.get_secret_value())
        channels[mail.name] = mail
    if means.webhook is not None:
        channels[means.webhook.name] = means.webhook
    return channels


@asynccontextmanager
async def open_webhook(settings: Settings, clock: Clock) -> AsyncIterator[WebhookChannel | None]:
    """Yield the way to the house's own programs, if it is set up."""
    if settings.webhook_url is None or settings.webhook_secret is None:
        yield None
        return
    receiver = parse_receiver(settings.webhook_url.get_secret_value())
    key = parse_secret(settings.webhook_secret.get_secret_value())
    async with webhook_session(receiver) as session:
        yield WebhookChannel(receiver, key, clock, session)


def _slack(means: Means) -> SlackChannel:
    language = means.settings.default_language
    return SlackChannel(means.slack, means.phrasebook, language, means.files, Rooms(means.slack))


def _web(means: Means) -> WebChannel:
    return WebChannel(
        means.together,
        means.clock,
        means.visitors,
        means.phrasebook,
        means.files,
        grace=means.away_after,
    )


def _mail(means: Means, url: str) -> MailChannel:
    sender = parse_mail_from(means.settings.mail_from)
    return MailChannel(
        parse_smtp_url(url),
        sender,
        means.phrasebook,
        files=means.files,
        tokens=means.tokens,
        proof=means.proof,
    )
