"""Reads rooms and threads from Slack, no faster than it allows, and again until it answers."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.errors import translated
from adapters.slack.places import Place, moment
from core.errors import Retry
from core.pace import Pace, Toll
from core.ports import Clock

Json = Mapping[str, Any]

PER_MINUTE = 40
"""Tier 3 is 50 a minute (docs.slack.dev, "Rate limits"); some are left for other calls."""

_AT_ONCE = 10
_PAGE = 200
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0  # seconds


class Threads:
    """What rooms and threads hold; *per_minute* calls at most."""

    def __init__(
        self, client: AsyncWebClient, clock: Clock, *, per_minute: float = PER_MINUTE
    ) -> None:
        self._client = client
        self._clock = clock
        self._pace = Pace()
        self._toll = Toll("reading", per_second=per_minute / 60, burst=_AT_ONCE)

    async def may_be_read(self) -> None:
        """Return when the next call is allowed; then is the time to choose what to read."""
        now = self._clock.monotonic()
        await asyncio.sleep(self._pace.free_at([self._toll], now) - now)

    async def latest_replies(
        self, channel: str, places: Iterable[Place], *, pages: int | None = None
    ) -> dict[Place, str]:
        """Return the `ts` of the latest reply in these threads of a room, "" where there is none.

        The room tells it of all its threads, page by page, the newest first. Those not found in so
        many *pages* are left out; by default that is where it would take more calls than reading
        the threads one by one. Raises `GiveUp`.
        """
        missing = set(places)
        oldest = min((place.ts for place in missing), key=moment)
        found: dict[Place, str] = {}
        read, cursor = 0, None
        while read == 0 or (cursor and read < (len(missing) if pages is None else pages)):
            answer = await self._call(
                self._client.conversations_history,
                channel=channel,
                oldest=oldest,
                inclusive=True,
                limit=_PAGE,
                cursor=cursor,
            )
            for message in answer["messages"]:
                place = Place(channel, message["ts"])
                if place in missing:
                    missing.remove(place)
                    found[place] = message.get("latest_reply", "")
            read, cursor = read + 1, _next_cursor(answer)
        return found

    async def replies(self, place: Place, *, since: str | None) -> Sequence[Json]:
        """Return the thread's root, and its replies after *since*, a `ts`. Raises `GiveUp`."""
        messages: list[Json] = []
        cursor = None
        while not messages or cursor:
            answer = await self._call(
                self._client.conversations_replies,
                channel=place.channel,
                ts=place.ts,
                oldest=since,
                limit=_PAGE,
                cursor=cursor,
            )
            messages += answer["messages"]
            cursor = _next_cursor(answer)
            if not answer["messages"]:
                break
        return messages

    async def _call(
        self, method: Callable[..., Awaitable[AsyncSlackResponse]], **arguments: Any
    ) -> AsyncSlackResponse:
        """Call when it is allowed, and again until Slack answers. Raises `GiveUp`."""
        pause = _FIRST_PAUSE
        while True:
            await self.may_be_read()
            self._pace.spend([self._toll], self._clock.monotonic())
            try:
                with translated(harmless=True):
                    return await method(**arguments)
            except Retry as later:
                await asyncio.sleep(later.after or pause)
                pause = min(2 * pause, _LONGEST_PAUSE)


def _next_cursor(answer: AsyncSlackResponse) -> str | None:
    return (answer.get("response_metadata") or {}).get("next_cursor") or None
