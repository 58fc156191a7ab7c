"""The bytes of what came with mails: found again in the mails themselves."""

import asyncio
from collections.abc import AsyncIterator

from core.effects import Words
from core.errors import GiveUp
from core.message import Attachment
from core.phrases import Phrase
from core.ports import Store


class MailFiles:
    """Fetches attachments out of the mails that the store keeps."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """Yield the bytes. Raises `GiveUp` where the mail is gone, or has no such part."""
        # Not before there is a mail: most desks read none, and what reads them takes 3 MB.
        from adapters.mail.reading import part

        key, _, number = attachment.ref.rpartition("#")
        async with self._store.transaction() as tx:
            kept = await tx.mail(key)
        content = await asyncio.to_thread(part, kept.raw, int(number)) if kept else b""
        if kept is None or (not content and attachment.size):
            raise GiveUp("the mail is gone", why=Words(phrase=Phrase.WHY_FILE_GONE))
        yield content
