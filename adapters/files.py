"""The bytes of attachments, kept under names of our own."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, Final
from weakref import WeakValueDictionary

from core.channel_port import CanFetch
from core.errors import FileAway, Retry
from core.message import MEGABYTE, Attachment

SPARE: Final = 100 * MEGABYTE
"""Bytes of the disk that strangers' files leave to what people say."""


class NoRoom(OSError):
    """The disk is so full that no files of strangers are taken."""


class Files:
    """A folder of attachments, each fetched once from the channel it came by."""

    def __init__(self, folder: Path, *, spare: int = SPARE) -> None:
        """*spare*: bytes that are left on the disk, see `demand_room`."""
        self._folder = folder
        self._spare = spare
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
        path = self.place(attachment.channel, attachment.ref)
        async with self._fetching.setdefault(path, asyncio.Lock()):
            if not path.exists():
                await self._fetch(attachment)
        return path

    @asynccontextmanager
    async def keeping(self, channel: str, ref: str) -> AsyncIterator[BinaryIO]:
        """Yield a file to write an attachment's bytes to, as they come.

        It is there when the block ends well, and gone without a trace if it does not.
        """
        path = self.place(channel, ref)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = path.with_suffix(".part")
        try:
            with unfinished.open("wb") as file:
                yield file
            unfinished.rename(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def demand_room(self) -> None:
        """Raise `NoRoom` where too little is left on the disk for files that anybody may bring.

        The desk needs it: with a full disk, nobody's words can be taken.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self._folder).free < self._spare:
            raise NoRoom("too little is left on the disk")

    def forget(self, attachment: Attachment) -> None:
        """Delete an attachment's bytes, if they are here."""
        self.place(attachment.channel, attachment.ref).unlink(missing_ok=True)

    def place(self, channel: str, ref: str) -> Path:
        """Return where an attachment's bytes are, or will be."""
        return self._folder / hashlib.sha256(f"{channel}:{ref}".encode()).hexdigest()

    async def _fetch(self, attachment: Attachment) -> None:
        source = self._sources[attachment.channel]
        try:
            async with self.keeping(attachment.channel, attachment.ref) as file:
                async for chunk in source.fetch(attachment):
                    file.write(chunk)
        except Retry as away:
            raise FileAway(away.reason) from away
