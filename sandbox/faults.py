"""What a platform can be told to do wrong, call by call."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """The ways in which a call fails."""

    LIMIT = "limit"
    """429, come back in `seconds`; the call has no effect."""
    ERROR = "error"
    """500 without an effect."""
    ERROR_AFTER = "error_after"
    """500 although the call took effect."""
    CUT_BEFORE = "cut_before"
    """The connection breaks before the call takes effect."""
    CUT_AFTER = "cut_after"
    """The connection breaks after the call took effect: the caller is left in doubt."""
    SLOW = "slow"
    """The call takes effect at once, its answer comes `seconds` later."""
    REFUSE = "refuse"
    """The platform's own refusal, named in `error`; no effect."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong with one call."""

    kind: FaultKind
    seconds: float = 0
    """Retry-After of a limit, or the delay of a slow answer."""
    error: str = ""
    """The refusal, in the platform's words."""


class Faults:
    """The faults that wait for the calls to come, in order, by method."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._watchers: list[Callable[[str, Fault | None], None]] = []

    def plan(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next *times* calls of *method* ("*": of any method) go wrong."""
        self._waiting[method].extend([fault] * times)

    def take(self, method: str) -> Fault | None:
        """Return the fault that meets this call, if one is planned, and forget it."""
        fault = self._take(method)
        for watcher in self._watchers:
            watcher(method, fault)
        return fault

    def on_call(self, watcher: Callable[[str, Fault | None], None]) -> None:
        """Call *watcher* with the method of every call, and the fault that meets it."""
        self._watchers.append(watcher)

    def clear(self) -> None:
        """Forget all that was planned."""
        self._waiting.clear()

    def _take(self, method: str) -> Fault | None:
        for name in (method, "*"):
            if self._waiting[name]:
                return self._waiting[name].popleft()
        return None
