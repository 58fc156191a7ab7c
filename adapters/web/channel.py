"""The way to visitors of the website: an entry in their log is all that there is to deliver."""

from dataclasses import replace
from datetime import datetime, timedelta

from adapters.browser_files import type_of
from adapters.files import Files
from adapters.web.files import beginning
from adapters.web.parse import CHANNEL
from adapters.web.render import FITS, carried, render
from adapters.web.together import Together
from adapters.web.visitors import Visitors
from core.channel_port import Delivered
from core.ids import Receipt
from core.outbox import Delivery, Outgoing
from core.pace import Toll
from core.ports import Clock, Transaction
from core.web_port import WebFile
from core.wording import Phrasebook


class WebChannel:
    """Carries deliveries out by writing them down: what is committed is delivered.

    Each is known by its id, so that one that is carried out twice is there once.
    """

    name = CHANNEL
    fits = FITS

    def __init__(
        self,
        together: Together,
        clock: Clock,
        visitors: Visitors,
        phrasebook: Phrasebook,
        files: Files,
        *,
        grace: timedelta,
    ) -> None:
        """*grace*: how long a visitor may be gone before agents' words are mailed to them."""
        self._together = together
        self._clock = clock
        self._visitors = visitors
        self._phrasebook = phrasebook
        self._files = files
        self._grace = grace

    def tolls(self, delivery: Delivery) -> tuple[Toll, ...]:
        """Return nothing: nobody limits how fast we write to ourselves."""
        return ()

    async def deliver(self, outgoing: Outgoing) -> Delivered:
        """Write it into the visitor's log. Raises `Retry` or `GiveUp` for a file that is away."""
        visitor, key = outgoing.delivery.place, outgoing.delivery.id
        now = self._clock.now()
        file = await self._file(outgoing, visitor, now)
        body = render(outgoing, self._phrasebook, file.attachment if file else None)
        if body is None:
            return Delivered(Receipt(""))

        async def write_down(tx: Transaction) -> None:
            if file is not None:
                await tx.keep_file(file)
            await tx.add_frame(
                visitor, key, body.json, now, answer=body.answer, away_at=now + self._grace
            )

        async with self._visitors.turn(visitor):
            await self._together.do(write_down)
        self._visitors.wake(visitor)
        return Delivered(body.receipt)

    async def _file(self, outgoing: Outgoing, visitor: str, now: datetime) -> WebFile | None:
        """Return the file that goes with it, fetched: what is delivered can be had."""
        attachment = carried(outgoing)
        if attachment is None:
            return None
        path = await self._files.path(attachment)
        head, size = beginning(path)
        here = replace(attachment, mime=type_of(head), size=size)
        key = outgoing.delivery.id
        return WebFile(id=key, visitor=visitor, attachment=here, at=now, used_by=key)
