"""The list of channels: adding one is one function here."""

from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from adapters.files import Files
from adapters.mail.address import parse_mail_from, parse_smtp_url
from adapters.mail.channel import MailChannel
from adapters.mail.tokens import Tokens
from adapters.slack.channel import SlackChannel
from adapters.slack.rooms import Rooms
from adapters.telegram.channel import TelegramChannel
from adapters.telegram.request import RawBot
from bots.settings import Settings
from core.outbox import MAIL
from core.ports import CanFetch, Channel
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
    mailed: CanFetch
    """Where the files that came by mail are found."""


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
    if means.settings.smtp_url is not None:
        mail = _mail(means, means.settings.smtp_url.get_secret_value())
        channels[mail.name] = mail
    return channels


def _slack(means: Means) -> SlackChannel:
    language = means.settings.default_language
    return SlackChannel(means.slack, means.phrasebook, language, means.files, Rooms(means.slack))


def _mail(means: Means, url: str) -> MailChannel:
    sender = parse_mail_from(means.settings.mail_from)
    return MailChannel(
        parse_smtp_url(url), sender, means.phrasebook, files=means.files, tokens=means.tokens
    )
