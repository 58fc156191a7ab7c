"""The bytes of attachments, kept under names of our own."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from core.message import Attachment
from core.ports import CanFetch


class Files:
    """A folder of attachments, each fetched once from the channel it came by."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sources: dict[str, CanFetch] = {}

    def fetch_with(self, sources: Mapping[str, CanFetch]) -> None:
        """Say which channel fetches what came by it."""
        self._sources.update(sources)

    async def path(self, attachment: Attachment) -> Path:
        """Return a file with the attachment's bytes, fetched in pieces if it is not here yet.

        Raises `Retry` or `GiveUp` as the channel does, and `KeyError` for an unknown channel.
        """
        known_as = f"{attachment.channel}:{attachment.ref}"
        path = self._folder / hashlib.sha256(known_as.encode()).hexdigest()
        if path.exists():
            return path
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            async for chunk in self._sources[attachment.channel].fetch(attachment):
                file.write(chunk)
        unfinished.rename(path)
        return path
