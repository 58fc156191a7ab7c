"""What the fake platforms were told, and what arrived there."""

import asyncio
import time
from collections.abc import Sequence

from bots.bench.talk import Mark, Outcome, Script, marks_in


class Ledger:
    """One run's words: when each was said, and when and in what order it arrived."""

    def __init__(self) -> None:
        self._said: dict[Mark, float] = {}
        self._heard: dict[Mark, float] = {}
        self._latest: dict[int, int] = {}
        self._posts = 0
        self._doubled = 0
        self._out_of_order = 0
        self.refused = 0
        self._arrived = asyncio.Event()

    @property
    def under_way(self) -> int:
        """How many messages have been said and not arrived."""
        return len(self._said) - len(self._heard)

    def say(self, marks: Sequence[Mark]) -> None:
        """Write down that these are being said now."""
        now = time.monotonic()
        for each in marks:
            self._said[each] = now

    def hear(self, body: bytes) -> list[Mark]:
        """Write down what a call carries, and return what of it is heard for the first time.

        What belongs to another run is passed over.
        """
        marks = [each for each in marks_in(body) if each in self._said]
        if not marks:
            return []
        now = time.monotonic()
        new = [each for each in marks if each not in self._heard]
        self._posts += 1
        self._doubled += len(marks) - len(new)
        for each in new:
            self._heard[each] = now
            latest = self._latest.get(each.conversation, -1)
            if each.number < latest:
                self._out_of_order += 1
            self._latest[each.conversation] = max(latest, each.number)
        self._arrived.set()
        return new

    async def progress(self, patience: float) -> bool:
        """Return when something has arrived; False if nothing has in *patience* seconds."""
        self._arrived.clear()
        try:
            await asyncio.wait_for(self._arrived.wait(), patience)
        except TimeoutError:
            return False
        return True

    def outcome(self, script: Script) -> Outcome:
        """Return what became of what was said."""
        return Outcome(
            said=self._said,
            heard=self._heard,
            posts=self._posts,
            lost=script.messages - len(self._heard),
            doubled=self._doubled,
            out_of_order=self._out_of_order,
            refused=self.refused,
        )
