"""Every setting checked against the real thing, with a word on how to mend what is wrong."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from telegram.error import InvalidToken, TelegramError

from adapters.mail.address import parse_mail_from, parse_smtp_url
from adapters.mail.imap import opened
from adapters.mail.imap_url import ImapServer, parse_imap_url
from adapters.mail.smtp import connected
from adapters.mail.trouble import MailboxTrouble
from adapters.slack.channel import TIMEOUT, make_client
from adapters.slack.errors import NotAcceptedError, translated
from adapters.store import SqlStore
from adapters.telegram.request import open_bot
from adapters.web.server import CannotListen, take
from adapters.webhook.channel import in_words, webhook_session
from adapters.webhook.receiver import parse_receiver
from bots.portal import why_no_portal
from bots.settings import Settings, unknown_keys
from core.errors import DeliveryError, GiveUp, Retry

SCOPES = frozenset(
    {
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "users:read",
    }
)

_PATIENCE = 15.0  # seconds that each answer of the mailbox's server may take
_MAILBOX_MENDS = {
    "login_refused": "Check user and password in IMAP_URL; some providers want an app password.",
    "folder_refused": "Check the folder's name at the end of IMAP_URL; it must be there.",
    "certificate": "Write the name in IMAP_URL for which the server has a certificate.",
    "no_encryption": "Write imaps:// instead of imap://, or imap:// instead of imaps://.",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    mend: str = ""
    """How to mend it; empty when all is well."""
    well: bool = True


def _wrong(what: str, mend: str) -> Finding:
    return Finding(what, mend, well=False)


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; one thing's failure does not hide the others."""
    looks: tuple[Callable[[Settings], Awaitable[list[Finding]]], ...] = (
        _keys,
        _database,
        _folder,
        _port,
        _telegram,
        _slack,
        _webhook,
        _portal,
        _mail,
        _mailbox,
        _website,
    )
    found: list[Finding] = []
    for look in looks:
        try:
            found += await look(settings)
        except Exception as error:  # a doctor who faints helps nobody
            found.append(_wrong(f"{look.__name__.strip('_')}: {type(error).__name__}", str(error)))
    return found


async def _keys(settings: Settings) -> list[Finding]:
    return [
        _wrong(f"{key} is not a setting of Podrška", "Look it up in .env.example: a slip, perhaps.")
        for key in unknown_keys()
    ]


async def _database(settings: Settings) -> list[Finding]:
    url = settings.database_url.get_secret_value()
    kind = url.partition(":")[0]
    try:
        store = await SqlStore.open(url)
    except Exception as error:
        return [_wrong(f"The database ({kind}) cannot be opened: {error}", "Check DATABASE_URL.")]
    await store.close()
    return [Finding(f"The database ({kind}) is there and up to date.")]


async def _folder(settings: Settings) -> list[Finding]:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        return [_wrong(f"{folder} cannot be written to", "Check DATA_DIR and its owner.")]
    return [Finding(f"Attachments are kept in {folder}.")]


async def _port(settings: Settings) -> list[Finding]:
    try:
        take(settings.http_host, settings.http_port).close()
    except CannotListen as error:
        return [
            _wrong(
                f"The web server cannot listen on {error}",
                "Is the desk running already? Otherwise choose another HTTP_PORT or HTTP_HOST.",
            )
        ]
    return [Finding(f"{settings.http_host}:{settings.http_port} is free for the web server.")]


async def _telegram(settings: Settings) -> list[Finding]:
    if settings.telegram_bot_token is None:
        if settings.web_origins or settings.imap_url is not None:
            return [Finding("Telegram is not set up; customers write elsewhere.")]
        return [
            _wrong(
                "Telegram is not set up: customers cannot write",
                "Get a token from @BotFather (/newbot) and set TELEGRAM_BOT_TOKEN.",
            )
        ]
    token = settings.telegram_bot_token.get_secret_value()
    try:
        async with open_bot(token, settings.telegram_api_url) as bot:
            me = await bot.get_me()
            hook = await bot.get_webhook_info()
    except InvalidToken:
        return [
            _wrong(
                "Telegram does not know this token",
                "Copy TELEGRAM_BOT_TOKEN again from @BotFather; check TELEGRAM_API_URL.",
            )
        ]
    except TelegramError as error:
        return [_wrong(f"Telegram cannot be reached: {error}", "Check the network and try again.")]
    found = [Finding(f"Telegram: customers write to @{me.username}.")]
    if hook.url and settings.telegram_webhook_secret is None:
        found.append(
            Finding("Telegram has a webhook for this bot; it is removed when the desk starts.")
        )
    return found


async def _slack(settings: Settings) -> list[Finding]:
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        client = make_client(
            settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session
        )
        try:
            with translated(harmless=True):
                me = await client.auth_test()
        except (NotAcceptedError, GiveUp) as error:
            return [
                _wrong(
                    f"SLACK_BOT_TOKEN: {error.reason}",
                    "Copy the Bot User OAuth Token (xoxb-…) from the app's page.",
                )
            ]
        except Retry as error:
            return [_wrong(error.reason, "Check the network and SLACK_API_URL, and try again.")]
        found = [Finding(f"Slack: in the workspace {me.get('team')} as {me.get('user')}.")]
        granted = frozenset(me.headers.get("x-oauth-scopes", "").replace(" ", "").split(","))
        if missing := (SCOPES - granted if granted != {""} else frozenset()):
            found.append(
                _wrong(
                    f"Slack: the app lacks {', '.join(sorted(missing))}",
                    "Paste docs/slack-app-manifest.yaml into the app once more and reinstall it.",
                )
            )
        found += await _room(client, settings.slack_channel)
        found += await _socket_mode(settings, client)
    return found


async def _room(client: AsyncWebClient, room: str) -> list[Finding]:
    name = room.lstrip("#")
    cursor = ""
    try:
        while True:
            with translated(harmless=True):
                page = await client.conversations_list(
                    limit=1000, cursor=cursor, types="public_channel,private_channel"
                )
            for each in page["channels"]:
                if name in (each["id"], each["name"]):
                    if each.get("is_member"):
                        return [Finding(f"Slack: agents answer in #{each['name']}.")]
                    mend = f"In #{each['name']}, type: /invite @Podrška"
                    return [_wrong(f"Slack: the app is not in #{each['name']}", mend)]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
    except DeliveryError as error:
        mend = "Check the app's scopes with docs/slack-app-manifest.yaml, and try again."
        return [_wrong(f"Slack: the rooms cannot be listed: {error.reason}", mend)]
    mend = "Make it, or change SLACK_CHANNEL. In a private one, type: /invite @Podrška"
    return [_wrong(f"Slack: there is no room {room} that the app can see", mend)]


async def _socket_mode(settings: Settings, client: AsyncWebClient) -> list[Finding]:
    if settings.slack_app_token is None:
        return [Finding("Slack: events come over HTTP, to PUBLIC_URL/slack/events.")]
    token = settings.slack_app_token.get_secret_value()
    try:
        with translated(harmless=True):
            await client.apps_connections_open(app_token=token)
    except DeliveryError as error:
        return [
            _wrong(
                f"SLACK_APP_TOKEN: {error.reason}",
                "Make an app-level token (xapp-…) with connections:write on the app's page.",
            )
        ]
    return [Finding("Slack: events come over Socket Mode.")]


async def _mail(settings: Settings) -> list[Finding]:
    if settings.smtp_url is None:
        return [
            _wrong(
                "Mail is not set up: tickets are not acknowledged by e-mail",
                "Set SMTP_URL and MAIL_FROM.",
            )
        ]
    try:
        server = parse_smtp_url(settings.smtp_url.get_secret_value())
        sender = parse_mail_from(settings.mail_from)
        async with connected(server, sender.domain):
            pass
    except ValueError as error:
        return [_wrong(str(error), "Correct it in .env.")]
    except Retry as error:
        return [_wrong(f"Mail: {error}", "Check host, port, user and password in SMTP_URL.")]
    return [Finding(f"Mail: sent through {server.host} from {sender.addr_spec}.")]


async def _mailbox(settings: Settings) -> list[Finding]:
    if settings.imap_url is None:
        return [Finding("Mail is not read: IMAP_URL is not set.")]
    try:
        server = parse_imap_url(settings.imap_url.get_secret_value())
        count, tells = await asyncio.to_thread(_look_into, server)
    except ValueError as error:
        return [_wrong(str(error), "Correct it in .env.")]
    except MailboxTrouble as error:
        mend = _MAILBOX_MENDS.get(error.code, "Check host and port in IMAP_URL, and the network.")
        return [_wrong(f"Mailbox: {error}", mend)]
    found = [Finding(f"Mailbox: {server.folder} on {server.host} is read; it has {count} mails.")]
    if not tells:
        what = "Mailbox: the server does not tell of new mail (no IDLE)"
        found.append(Finding(what, "It is asked every 30 seconds; nothing needs to be done."))
    if not settings.mail_from:
        what = "Mailbox: MAIL_FROM is not set, so no mail is taken to the desk"
        found.append(_wrong(what, "Set MAIL_FROM to the address that customers write to."))
    elif not settings.mail_authserv_id:
        what = "Mailbox: who forges a customer's address cannot be told from the customer"
        mend = (
            "Set MAIL_AUTHSERV_ID to the name that your own mail server writes first into "
            "Authentication-Results; look into any mail that came."
        )
        found.append(Finding(what, mend))
    return found


async def _portal(settings: Settings) -> list[Finding]:
    if why := why_no_portal(settings):
        return [Finding(f"There is no customer portal (/portal answers 404). {why}")]
    return [Finding(f"Portal: customers log in at {settings.public_url.rstrip('/')}/portal.")]


async def _webhook(settings: Settings) -> list[Finding]:
    if settings.webhook_url is None:
        return [Finding("No program of the house is told of tickets: WEBHOOK_URL is not set.")]
    receiver = parse_receiver(settings.webhook_url.get_secret_value())
    try:
        async with (
            webhook_session(receiver) as session,
            session.head(receiver.url, allow_redirects=False),
        ):
            return [Finding(f"Webhooks: {receiver.host} answers.")]
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return [
            _wrong(
                f"Webhooks: {receiver.host} cannot be reached: {in_words(error)}",
                "Check host and port in WEBHOOK_URL, the network, and the host's certificate; "
                "what is not public must be on this machine (127.0.0.1).",
            )
        ]


async def _website(settings: Settings) -> list[Finding]:
    if not settings.web_origins:
        return []
    found = [Finding(f"Website: the chat is for pages of {', '.join(settings.web_origins)}.")]
    if settings.public_url and not settings.trusted_proxies:
        what = "Website: all visitors behind a proxy seem to come from one network"
        mend = "Set TRUSTED_PROXIES to the address of the proxy at PUBLIC_URL, such as 127.0.0.1."
        found.append(Finding(what, mend))
    if settings.web_identity_secret is None:
        what = "Website: visitors have no history but that of their own browser"
        mend = "Set WEB_IDENTITY_SECRET if the website can sign who is logged in."
        found.append(Finding(what, mend))
    return found


def _look_into(server: ImapServer) -> tuple[int, bool]:
    """Return how many mails a folder has, and whether its server tells of new ones. Blocks."""
    with opened(server, timeout=_PATIENCE) as folder:
        return len(folder.uids_after(0)), folder.can_idle
