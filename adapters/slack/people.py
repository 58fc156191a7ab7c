"""Who the agents are: their names, and which of them are admins."""

import asyncio
import logging
import time
from collections.abc import Collection
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.mrkdwn import nobody
from core.richtext import clean_name

log = logging.getLogger(__name__)

UNKNOWN_AGENT = "Agent"
"""What customers call an agent whose name Slack does not tell."""

_KEPT = 3600.0  # seconds
_PATIENCE = 1.5  # seconds; an event must be acknowledged within three


@dataclass(frozen=True)
class _Person:
    name: str
    is_admin: bool


class People:
    """The workspace's people, each looked up once an hour at most."""

    def __init__(self, client: AsyncWebClient, *, admins: Collection[str] = ()) -> None:
        """*admins* are the user ids that the settings name, besides the workspace's own admins."""
        self._client = client
        self._admins = frozenset(admins)
        self._known: dict[str, tuple[_Person, float]] = {}
        self._asking: dict[str, asyncio.Task[_Person | None]] = {}

    async def name(self, user_id: str) -> str:
        """Return what customers call the agent; `UNKNOWN_AGENT` where Slack does not tell."""
        person = await self._person(user_id)
        return person.name if person else UNKNOWN_AGENT

    async def is_admin(self, user_id: str) -> bool:
        """Say whether the user may change settings; where Slack does not tell, only if named."""
        if user_id in self._admins:
            return True
        person = await self._person(user_id)
        return person is not None and person.is_admin

    def names(self, kind: str, slack_id: str) -> str:
        """Return the name of somebody mentioned who is known already (see `mrkdwn.Names`)."""
        if kind == "user" and slack_id in self._known:
            return self._known[slack_id][0].name
        return nobody(kind, slack_id)

    async def _person(self, user_id: str) -> _Person | None:
        person, until = self._known.get(user_id, (None, 0.0))
        if person is not None and time.monotonic() < until:
            return person
        if user_id not in self._asking:
            task = asyncio.create_task(self._ask(user_id))
            self._asking[user_id] = task
            task.add_done_callback(lambda _: self._asking.pop(user_id, None))
        found = await asyncio.shield(self._asking[user_id])
        return found or person  # an old name is better than none

    async def _ask(self, user_id: str) -> _Person | None:
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await self._client.users_info(user=user_id)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("Slack did not tell who %s is: %s", user_id, type(error).__name__)
            return None
        user = answer["user"]
        profile = user.get("profile") or {}
        names = (profile.get("display_name"), user.get("real_name"), user.get("name"))
        name = next(filter(None, (clean_name(name or "") for name in names)), UNKNOWN_AGENT)
        person = _Person(name, bool(user.get("is_admin") or user.get("is_owner")))
        self._known[user_id] = person, time.monotonic() + _KEPT
        return person
