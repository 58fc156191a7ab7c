"""The two ways in which a bot receives updates, of which it uses one at a time."""

import asyncio
import re
from urllib.parse import urlsplit

from .updates import UpdateQueue
from .webhook import Webhook, WebhookSettings
from .wire import Json, Params, bad_request, conflict

LONGEST_POLL = 50
"""Seconds for which the platform holds a getUpdates at most, in the open-source server."""
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")


class Receiving:
    """The Bot API's methods under "Getting updates"."""

    def __init__(self, queue: UpdateQueue) -> None:
        self._queue = queue
        self._settings: WebhookSettings | None = None
        self._webhook: Webhook | None = None
        self._newest_poll = object()

    async def get_updates(self, params: Params) -> list[Json]:
        """Confirm what is below the offset, and wait for what comes next.

        Raises ApiError in an older call as soon as a newer one comes, and in any call while
        a webhook is set.
        """
        if self._settings is not None:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        self._queue.allow(params.json("allowed_updates"))
        self._queue.confirm(params.number("offset"))
        limit = min(max(params.number("limit", 100), 1), 100)
        timeout = min(max(params.number("timeout"), 0), LONGEST_POLL)
        poll = self._newest_poll = object()
        self._queue.bell.ring()
        try:
            async with asyncio.timeout(timeout):
                while not (updates := self._queue.hand_out(limit)):
                    await self._queue.bell.heard()
                    self._check_still_ours(poll)
                return updates
        except TimeoutError:
            return []

    def _check_still_ours(self, poll: object) -> None:
        if self._settings is not None:
            raise conflict("terminated by setWebhook request")
        if self._newest_poll is not poll:
            raise conflict(
                "terminated by other getUpdates request; "
                "make sure that only one bot instance is running"
            )

    async def set_webhook(self, params: Params) -> bool:
        """Deliver to an address from now on; an empty one ends that."""
        url, secret = params.text("url"), params.text("secret_token")
        if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc):
            raise bad_request("invalid webhook URL specified")
        if len(secret) > 256:
            raise bad_request("secret token is too long")
        if not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        connections = min(max(params.number("max_connections", 40), 1), 100)
        await self.delete_webhook(params)
        self._queue.allow(params.json("allowed_updates"))
        if url:
            self._settings = WebhookSettings(url=url, secret=secret, max_connections=connections)
            self.resume()
            self._queue.bell.ring()
        return True

    async def delete_webhook(self, params: Params) -> bool:
        """Keep updates for getUpdates from now on."""
        await self.pause()
        self._settings = None
        if params.flag("drop_pending_updates"):
            self._queue.clear()
        return True

    async def get_webhook_info(self, params: Params) -> Json:
        """Tell how delivery goes ("WebhookInfo")."""
        return {
            "url": "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._queue.waiting()),
            "allowed_updates": sorted(self._queue.allowed),
            **(self._webhook.described() if self._webhook else {}),
        }

    def resume(self) -> None:
        """Go on delivering, if a webhook is set."""
        if self._settings is not None:
            self._webhook = Webhook(self._settings, self._queue)

    async def pause(self) -> None:
        """Deliver nothing for now."""
        if self._webhook is not None:
            webhook, self._webhook = self._webhook, None
            await webhook.close()
