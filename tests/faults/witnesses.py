"""Who stood by: what happened on the wire that excuses a copy or a change of order."""

import itertools
import re
from collections import Counter

from sandbox.faults import Fault, FaultKind, Faults
from sandbox.slack.events import Carrier, Envelope
from sandbox.slack.state import Json
from sandbox.telegram import TelegramServer

_WORD = re.compile(r"\b[ca]\d+x\d+\b")


def words_in(texts: list[str], of: str) -> list[str]:
    """Return what was said, as it stands in these texts, by `c`ustomers or by `a`gents."""
    return [word for text in texts for word in _WORD.findall(text) if word.startswith(of)]


class Doubts(Faults):
    """Telegram's faults, and which words may come twice because of them and of kills."""

    def __init__(self, telegram: TelegramServer) -> None:
        super().__init__()
        self._telegram = telegram
        self.excused: Counter[str] = Counter()

    def take(self, method: str) -> Fault | None:
        """Return the fault that meets this call, and note the word that is in doubt after it."""
        fault = super().take(method)
        if fault and fault.kind in (FaultKind.ERROR_AFTER, FaultKind.CUT_AFTER):
            self._excuse(self._telegram.calls[-1].params)
        return fault

    def killed(self) -> None:
        """Note what was being sent when the desk was killed, or was not yet written down."""
        latest = max((call.at for call in self._telegram.calls), default=None)
        for call in self._telegram.calls:
            if latest is not None and (latest - call.at).total_seconds() < 1:
                self._excuse(call.params)

    def _excuse(self, params: dict[str, object]) -> None:
        self.excused.update(words_in([str(params.get("text", ""))], "a"))


class Told:
    """Slack's way to the desk, and in which order it told of what agents wrote."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._sent = itertools.count()
        self._first: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self._taken: set[str] = set()

    async def send(self, envelope: Envelope) -> Json:
        """Tell it; until the desk has taken it, that is the last time."""
        words = words_in([str(envelope.payload.get("event", {}).get("text", ""))], "a")
        number = next(self._sent)
        for word in words:
            self._first.setdefault(word, number)
            if word not in self._taken:
                self._last[word] = number
        answer = await self._carrier.send(envelope)
        self._taken.update(words)
        return answer

    def late(self) -> set[str]:
        """Return the words that were (still) told when a later one of their talk had been."""
        return {
            word
            for word, last in self._last.items()
            if any(_is_later(other, word) and first < last for other, first in self._first.items())
        }


def _is_later(one: str, other: str) -> bool:
    """Whether *one* was written after *other* in the same talk."""
    (talk, index), (other_talk, other_index) = one.split("x"), other.split("x")
    return talk == other_talk and int(index) > int(other_index)
