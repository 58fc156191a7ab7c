"""The short-lived rights that come with an interaction: trigger ids and response URLs."""

import itertools
import time
from dataclasses import dataclass


@dataclass
class _Trigger:
    user: str
    until: float
    exchanged: bool = False


class Triggers:
    """Trigger ids: single use, good for a few seconds (docs: "Handling user interaction")."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._given: dict[str, _Trigger] = {}

    def give(self, user: str) -> str:
        """Return a trigger id for what *user* has just done."""
        trigger_id = f"{len(self._given) + 1}.{time.monotonic_ns()}.sandbox"
        self._given[trigger_id] = _Trigger(user, time.monotonic() + self._seconds)
        return trigger_id

    def exchange(self, trigger_id: str) -> tuple[str, str]:
        """Use a trigger id up: return (its user, "") or ("", Slack's error)."""
        trigger = self._given.get(trigger_id)
        if trigger is None:
            return "", "invalid_trigger_id"
        if trigger.exchanged:
            return "", "exchanged_trigger_id"
        if time.monotonic() > trigger.until:
            return "", "expired_trigger_id"
        trigger.exchanged = True
        return trigger.user, ""


@dataclass
class Response:
    """What a response URL stands for: who acted, where, and on which message."""

    user: str
    room_id: str
    message_ts: str | None
    thread_ts: str | None
    until: float
    uses: int = 5


class ResponseUrls:
    """Response URLs: five uses within thirty minutes."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._given: dict[str, Response] = {}

    def give(
        self, *, user: str, room_id: str, message_ts: str | None, thread_ts: str | None
    ) -> str:
        """Return the key of a new response URL."""
        key = str(next(self._numbers))
        until = time.monotonic() + 1800
        self._given[key] = Response(user, room_id, message_ts, thread_ts, until)
        return key

    def use(self, key: str) -> Response | None:
        """Return what the key stands for and count the use; None: expired, used up or unknown."""
        response = self._given.get(key)
        if response is None or response.uses == 0 or time.monotonic() > response.until:
            return None
        response.uses -= 1
        return response
