"""How the app hears of things: over Socket Mode or HTTP, again until it acknowledges."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sandbox.slack.state import Json

ACK_SECONDS = 3.0
"""How long an app may take to acknowledge (docs: "Using Socket Mode", "Events API")."""


class NoAnswerError(Exception):
    """Nobody answered an interaction in time: a person sees a warning, and nothing is repeated."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One attempt to tell the app something."""

    kind: str
    """events_api, interactive or slash_commands."""
    payload: Json
    attempt: int = 0
    reason: str = ""
    """Why it is told again."""


class Carrier(Protocol):
    """A way to the app."""

    async def send(self, envelope: Envelope) -> Json:
        """Return what came with the acknowledgement.

        Raises NoAnswerError, with the reason in Slack's words: timeout, connection_failed, ….
        """
        ...


class Deliveries:
    """Tells the app of events, in order, and of each until it is acknowledged or given up."""

    def __init__(self, carrier: Carrier, *, retry_after: Sequence[float], frame: Json) -> None:
        self.carrier = carrier
        self.lost: list[Json] = []
        """The events that were given up, as they were sent."""
        self.retry_after = retry_after
        """The pauses before an event is told again, in seconds."""
        self.disabled = False
        """While true, nothing is told at all: Slack has switched the app's subscriptions off."""
        self._frame = frame
        self._count = 0
        self._held: list[Json] | None = None
        self._last: Json | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def emit(self, event: Json) -> None:
        """Tell the app of an event, or keep it while events are held."""
        if self.disabled:
            return
        self._last = self._wrapped(event)
        self._start(self._last)

    def repeat(self, times: int, *, same_id: bool) -> None:
        """Tell the last event again, as Slack sometimes does; with its own id, or a new one."""
        if self._last is None:
            raise LookupError("there was no event yet")
        for _ in range(times):
            again = self._last if same_id else self._wrapped(self._last["event"])
            self._start(again)

    @property
    def held(self) -> int:
        """How many events are kept back."""
        return len(self._held or ())

    def hold(self) -> None:
        """Keep events back until `release`."""
        self._held = self._held or []

    def release(self, order: Sequence[int] | None = None) -> None:
        """Send what was held, in the given order of indexes (by default the right one)."""
        held, self._held = self._held or [], None
        for index in range(len(held)) if order is None else order:
            self._start(held[index])

    async def settled(self) -> None:
        """Wait until each event that is on its way is acknowledged or lost."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Stop telling."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _wrapped(self, event: Json) -> Json:
        self._count += 1
        return {
            **self._frame,
            "type": "event_callback",
            "event": event,
            "event_id": f"Ev{self._count:08d}",
            "event_time": int(float(event["event_ts"])),
        }

    def _start(self, body: Json) -> None:
        if self._held is not None:
            self._held.append(body)
            return
        task = asyncio.get_running_loop().create_task(self._tell(body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, body: Json) -> None:
        reason = ""
        for attempt, pause in enumerate((0, *self.retry_after)):
            if attempt:
                await asyncio.sleep(pause)
            kind = "events_api"
            envelope = Envelope(kind=kind, payload=body, attempt=attempt, reason=reason)
            try:
                await self.carrier.send(envelope)
            except NoAnswerError as missing:
                reason = str(missing)
            else:
                return
        self.lost.append(body)
