"""How far threads were heard live, written down: after a crash they need not be read up to there.

Only what Slack told over a line without a gap counts, the desk's own posts among it. That a post of
ours was accepted says nothing: an agent may have written before it, unheard.
"""

import asyncio
from datetime import timedelta

import structlog

from adapters.slack.gaps import Gaps
from adapters.slack.lasting import Lasting
from core.ids import Thread
from core.ports import Store

log = structlog.get_logger()


class Marks:
    """Writes all that is settled in one piece, now and then."""

    def __init__(self, store: Store, gaps: Gaps, *, every: timedelta) -> None:
        """Ask *every* so often what is settled (see `Gaps.settled`)."""
        self._store = store
        self._gaps = gaps
        self._every = every.total_seconds()
        self._storing = asyncio.Lock()
        self._writing = Lasting(self._keep_writing, name="marks")

    def start(self) -> None:
        """Begin."""
        self._writing.start()

    async def stop(self) -> None:
        """Write no more, and nothing by halves: that would keep the database from being closed."""
        async with self._storing:
            self._writing.cancel()
        await self._writing.ended()

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self._write()
            except Exception:  # what is not written down is read once more than it had to be
                log.exception("slack.marks_not_written")

    async def _write(self) -> None:
        if settled := self._gaps.settled():
            async with self._storing, self._store.transaction() as tx:
                await tx.mark_read({Thread(str(each)): ts for each, ts in settled.items()})
