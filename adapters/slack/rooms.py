"""The rooms' ids: settings name a room as people do."""

import asyncio
import logging
import re

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

_ID = re.compile(r"[CG][A-Z0-9]{6,}")


class Rooms:
    """Looks rooms up by name; an id found once is kept, so that renaming a room breaks nothing."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._ids: dict[str, str] = {}
        self._asking = asyncio.Lock()

    async def id_of(self, room: str) -> str:
        """Return the id of `#support`, `support` or an id.

        Where Slack does not tell, the name itself, which chat.postMessage takes as well.
        """
        if _ID.fullmatch(room):
            return room
        name = room.removeprefix("#")
        async with self._asking:
            if name not in self._ids:
                await self._look_up()
        return self._ids.get(name, f"#{name}")

    async def _look_up(self) -> None:
        kinds = "public_channel,private_channel"
        try:
            async for page in await self._client.conversations_list(types=kinds, limit=1000):
                self._ids |= {each["name"]: each["id"] for each in page["channels"]}
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("Slack did not list its channels: %s", type(error).__name__)
