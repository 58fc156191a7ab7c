"""Who the app is, and where it may connect: with a wrong token, it is said which one."""

from collections.abc import Awaitable

from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.errors import NotAcceptedError, translated
from core.errors import GiveUp


class SlackLoginError(Exception):
    """Slack does not accept a token; the message says which one, and Slack's word for it."""


async def log_in(client: AsyncWebClient) -> AuthorizeResult:
    """Return who we are. Raises `Retry` or `SlackLoginError`."""
    auth = await _accepted("SLACK_BOT_TOKEN", client.auth_test())
    return AuthorizeResult(
        enterprise_id=auth.get("enterprise_id"),
        team_id=auth["team_id"],
        bot_token=client.token,
        bot_id=auth.get("bot_id"),
        bot_user_id=auth["user_id"],
    )


async def new_address(client: AsyncWebClient, app_token: str) -> str:
    """Return where to connect once. Raises `Retry` or `SlackLoginError`.

    Bolt, left to ask for it, would go on asking with a wrong token for ever.
    """
    opened = client.apps_connections_open(app_token=app_token)
    url: str = (await _accepted("SLACK_APP_TOKEN", opened))["url"]
    return url


async def _accepted(setting: str, call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Return the answer to a call with the token of *setting*."""
    try:
        with translated(harmless=True):
            return await call
    except (NotAcceptedError, GiveUp) as error:
        raise SlackLoginError(f"{setting}: {error.reason}") from None
