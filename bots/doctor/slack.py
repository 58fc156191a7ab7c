"""Whether agents can be reached in Slack."""

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.channel import TIMEOUT, make_client
from adapters.slack.errors import NotAcceptedError, translated
from bots.doctor.finding import Finding, wrong
from bots.settings import Settings
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


async def slack(settings: Settings) -> list[Finding]:
    """Ask Slack who the app is, what it may do, and where agents answer."""
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        client = make_client(
            settings.slack_bot_token.get_secret_value(), settings.slack_api_url, session
        )
        try:
            with translated(harmless=True):
                me = await client.auth_test()
        except (NotAcceptedError, GiveUp) as error:
            return [
                wrong(
                    f"SLACK_BOT_TOKEN: {error.reason}",
                    "Copy the Bot User OAuth Token (xoxb-…) from the app's page.",
                )
            ]
        except Retry as error:
            return [wrong(error.reason, "Check the network and SLACK_API_URL, and try again.")]
        found = [Finding(f"Slack: in the workspace {me.get('team')} as {me.get('user')}.")]
        granted = frozenset(me.headers.get("x-oauth-scopes", "").replace(" ", "").split(","))
        if missing := (SCOPES - granted if granted != {""} else frozenset()):
            found.append(
                wrong(
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
                    return [wrong(f"Slack: the app is not in #{each['name']}", mend)]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
    except DeliveryError as error:
        mend = "Check the app's scopes with docs/slack-app-manifest.yaml, and try again."
        return [wrong(f"Slack: the rooms cannot be listed: {error.reason}", mend)]
    mend = "Make it, or change SLACK_CHANNEL. In a private one, type: /invite @Podrška"
    return [wrong(f"Slack: there is no room {room} that the app can see", mend)]


async def _socket_mode(settings: Settings, client: AsyncWebClient) -> list[Finding]:
    if settings.slack_app_token is None:
        return [Finding("Slack: events come over HTTP, to PUBLIC_URL/slack/events.")]
    token = settings.slack_app_token.get_secret_value()
    try:
        with translated(harmless=True):
            await client.apps_connections_open(app_token=token)
    except DeliveryError as error:
        return [
            wrong(
                f"SLACK_APP_TOKEN: {error.reason}",
                "Make an app-level token (xapp-…) with connections:write on the app's page.",
            )
        ]
    return [Finding("Slack: events come over Socket Mode.")]
