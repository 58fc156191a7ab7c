"""The bytes of attachments, kept under names of our own."""

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path
from weakref import WeakValueDictionary

from core.errors import FileAway, Retry
from core.message import Attachment
from core.ports import CanFetch


class Files:
    """A folder of attachments, each fetched once from the channel it came by."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sources: dict[str, CanFetch] = {}
        self._fetching = WeakValueDictionary[Path, asyncio.Lock]()

    def fetch_with(self, sources: Mapping[str, CanFetch]) -> None:
        """Say which channel fetches what came by it."""
        self._sources.update(sources)

    async def path(self, attachment: Attachment) -> Path:
        """Return a file with the attachment's bytes, fetched in pieces if it is not here yet.

        Raises `FileAway` where it cannot be had yet, `GiveUp` where it never will be, and
        `KeyError` for an unknown channel.
        """
        known_as = f"{attachment.channel}:{attachment.ref}"
        path = self._folder / hashlib.sha256(known_as.encode()).hexdigest()
        async with self._fetching.setdefault(path, asyncio.Lock()):
            if not path.exists():
                await self._fetch(attachment, path)
        return path

    async def _fetch(self, attachment: Attachment, path: Path) -> None:
        source = self._sources[attachment.channel]
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = path.with_suffix(".part")
        try:
            with unfinished.open("wb") as file:
                async for chunk in source.fetch(attachment):
                    file.write(chunk)
            unfinished.rename(path)
        except Retry as away:
            raise FileAway(away.reason) from away
        finally:
            unfinished.unlink(missing_ok=True)
