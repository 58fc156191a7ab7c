"""Whether the desk is ready, and the figures it shows."""

from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Counter, Gauge

from adapters.mail.mailbox import Mailbox
from adapters.slack.listener import SlackListener
from adapters.store import SqlStore, Tenure
from adapters.telegram.listener import TelegramPolling, TelegramWebhook
from adapters.web.visitors import Visitors
from bots.pulse import Pulse
from bots.web import Website
from core.attempt import Attempt
from core.channel_port import Delivered
from core.delivery import Dispatcher
from core.ports import Clock

DEAF_AFTER = 60.0
"""Seconds without a sign of life after which a part counts as dead."""

Check = Callable[[], Awaitable[str | None]]


def checks(
    *,
    pulse: Pulse,
    clock: Clock,
    dispatcher: Dispatcher,
    slack: SlackListener,
    telegram: TelegramPolling | TelegramWebhook | None,
    mailbox: Mailbox | None = None,
    site: Website | None = None,
    tenure: Tenure | None = None,
) -> dict[str, Check]:
    """Return what `/readyz` asks; each answers with what is wrong, or None, or raises."""

    async def delivery() -> str | None:
        silent = clock.monotonic() - dispatcher.turned_at
        return f"stands still for {silent:.0f} s" if silent > DEAF_AFTER else None

    async def slack_connection() -> str | None:
        if not await slack.is_connected():
            return "is not connected"
        return "does not tell what agents write" if slack.is_deaf else None

    async def telegram_connection() -> str | None:
        match telegram:
            case TelegramPolling() if not telegram.is_alive(DEAF_AFTER):
                return "no poll has succeeded for a minute"
            case TelegramWebhook() if not telegram.is_set:
                return "has not taken the webhook"
        return None

    async def mail() -> str | None:
        return None if mailbox is None else mailbox.trouble(DEAF_AFTER)

    async def lease() -> str | None:
        return None if tenure is None or tenure.is_sure() else "could not be renewed for a while"

    found: dict[str, Check] = {
        "database": pulse.trouble,
        "delivery": delivery,
        "slack": slack_connection,
    }
    if telegram is not None:
        found["telegram"] = telegram_connection
    if mailbox is not None:
        found["mailbox"] = mail
    if site is not None:
        found["website"] = site.trouble
    if tenure is not None:
        found["lease"] = lease
    return found


class Metrics:
    """The desk's figures, for Prometheus."""

    def __init__(self, store: SqlStore, visitors: Visitors) -> None:
        self._store = store
        self._visitors = visitors
        self.registry = CollectorRegistry()
        self._deliveries = Counter(
            "podrska_delivery_attempts",
            "Calls to platforms, by channel and how they ended.",
            ["channel", "end"],
            registry=self.registry,
        )
        self._here = Gauge(
            "podrska_visitors_connected",
            "Visitors of the website who have the chat open in a browser.",
            registry=self.registry,
        )
        self._counts = Gauge(
            "podrska_count",
            "Conversations by stage, deliveries by state.",
            ["what"],
            registry=self.registry,
        )

    def count(self, attempt: Attempt) -> None:
        """Count a call that has ended."""
        end = "delivered" if isinstance(attempt.end, Delivered) else type(attempt.end).__name__
        self._deliveries.labels(attempt.outgoing.delivery.channel, end.lower()).inc()

    async def refresh(self) -> None:
        """Read the figures that the database has, and count who is here."""
        self._here.set(self._visitors.connected)
        async with self._store.transaction() as tx:
            for what, count in (await tx.counts()).items():
                self._counts.labels(what).set(count)
