"""The way to the house's own programs: signed posts, as standardwebhooks.com describes them.

Each carries an id of its own that stays the same however often it is sent. Who is told twice knows
it by that; so a call that broke off is simply made again, and nothing is ever in doubt.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from standardwebhooks import Webhook

from adapters.webhook.guard import NotPublicError, guarded
from adapters.webhook.receiver import Receiver
from adapters.webhook.render import render
from core.channel_port import Delivered
from core.effects import Announce, Words
from core.errors import DeliveryError, GiveUp, Retry
from core.ids import Receipt
from core.outbox import WEBHOOK, Delivery, Fits, Outgoing
from core.pace import Toll
from core.phrases import Phrase
from core.ports import Clock

TIMEOUT: Final = 10.0
"""Seconds that a receiver may take to answer: enough to write something down."""

_CONNECT_WITHIN: Final = 5.0
_LONGEST_WISH: Final = 15 * 60
"""Seconds that a receiver can ask us to wait."""
_TOO_MANY, _UNAVAILABLE, _GONE = 429, 503, 410


class WebhookChannel:
    """Posts announcements to one receiver."""

    name = WEBHOOK
    # A receiver that answers nothing keeps few of the desk's calls, and none from the customers.
    fits = Fits(text=0, file=0, at_once=8)

    def __init__(
        self, receiver: Receiver, key: bytes, clock: Clock, session: aiohttp.ClientSession
    ) -> None:
        """Sign with *key*; *session* is one of `webhook_session`."""
        self._receiver = receiver
        self._signature = Webhook(key)
        self._clock = clock
        self._session = session

    def tolls(self, delivery: Delivery) -> tuple[Toll, ...]:
        """Return our own limit: a receiver is told of 50 things a second at most."""
        return (Toll(f"{WEBHOOK}:{delivery.place}", per_second=50, burst=50),)

    async def deliver(self, outgoing: Outgoing) -> Delivered:
        """Post an `Announce`. Raises `Retry`; `GiveUp` where the receiver is gone for good."""
        effect = outgoing.delivery.effect
        if not isinstance(effect, Announce):
            raise TypeError(f"a {type(effect).__name__} is not announced")
        body, id_, now = render(effect), outgoing.delivery.id, self._clock.now()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "podrska",
            "webhook-id": id_,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signature.sign(id_, now, body),
        }
        try:
            # Of the answer nothing but its status is read, however long it is.
            async with self._session.post(
                self._receiver.url, data=body.encode(), headers=headers, allow_redirects=False
            ) as answer:
                status, wish = answer.status, answer.headers.get("Retry-After", "")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Retry(f"no answer: {in_words(error)}") from None
        if not 200 <= status < 300:
            raise failure_of(status, wish)
        return Delivered(Receipt(id_))


@asynccontextmanager
async def webhook_session(
    receiver: Receiver, *, timeout: float = TIMEOUT
) -> AsyncIterator[aiohttp.ClientSession]:
    """Yield a session that connects to the receiver, and to nothing that is not public.

    *timeout*: seconds that a call may take.
    """
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            socket_factory=guarded(local=receiver.is_local), use_dns_cache=False
        ),
        timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=_CONNECT_WITHIN),
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield session


def failure_of(status: int, wish: str = "") -> DeliveryError:
    """Return what an answer that is no success means; *wish* is its `Retry-After`."""
    reason = f"the receiver answered {status}"
    if status == _GONE:
        values = {"platform": "Webhook", "detail": str(status)}
        return GiveUp(reason, why=Words(phrase=Phrase.WHY_REFUSED, values=values))
    asked = status in (_TOO_MANY, _UNAVAILABLE) and wish.isascii() and wish.isdigit()
    return Retry(reason, after=min(int(wish[:9]), _LONGEST_WISH) if asked else None)


def in_words(error: Exception) -> str:
    """Return why a call did not come through, without an address, which may contain a secret."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, NotPublicError):
        return str(cause)
    return type(error).__name__
