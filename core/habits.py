"""What the desk has learned of itself."""

from datetime import datetime, timedelta

from core.ports import Transaction

HISTORY = timedelta(weeks=4)
"""How far back the desk looks to say how long an answer usually takes."""
FRESH = timedelta(minutes=10)


class Habits:
    """How long first answers take, asked of the store now and then."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[datetime, timedelta | None]] = {}

    async def typical_answer(
        self, tx: Transaction, department: str, at: datetime
    ) -> timedelta | None:
        """Return the median at this hour of the last four weeks, at most ten minutes old."""
        key = (department, at.hour)
        asked_at, answer = self._known.get(key, (None, None))
        if asked_at is None or not asked_at <= at < asked_at + FRESH:
            answer = await tx.typical_answer(department, at - HISTORY, at.hour)
            self._known[key] = (at, answer)
        return answer
