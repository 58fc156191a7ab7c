"""The desk's real process, on a clock that a test moves.

`python -m tests.support.run_desk FILE [LASTS]`: the file holds the seconds between this clock and
the machine's; the lease lasts so many seconds.
"""

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.store import Terms
from bots import desk, logs
from bots.settings import read_settings, secrets_of
from bots.tuning import Tuning


class FileClock:
    """The machine's clock, moved by what a file says."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=float(self._path.read_text()))

    def monotonic(self) -> float:
        """Return seconds on a clock that never jumps."""
        return time.monotonic()


if __name__ == "__main__":
    settings = read_settings()
    logs.set_up(form=settings.log_format, level=settings.log_level, secrets=secrets_of(settings))
    clock = FileClock(Path(sys.argv[1]))
    terms = Terms(lasts=float(sys.argv[2])) if sys.argv[2:] else Terms()
    tuning = Tuning(look_every=timedelta(seconds=0.2), terms=terms)
    sys.exit(asyncio.run(desk.run(settings, clock, tuning)))
