"""Files that customers send through the portal, under names of our own."""

import asyncio
import os
import re
import secrets
import time
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

from adapters.browser_files import HEAD, as_attachment
from adapters.files import Files
from core.message import Attachment

CHANNEL: Final = "portal"
"""What the portal's identities and attachments are of."""

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_PIECE: Final = 256 * 1024
_WAITS: Final = 24 * 3600.0
"""Seconds that a file waits for its message to be sent."""


class Sent(Protocol):
    """A file as a form brings it."""

    async def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        ...


class Uploads:
    """Keeps what is sent. It waits in a folder of its own until its message is taken.

    A file is known to whoever sent it by a secret; where it lies is made of that and of their
    address, so that nobody else's secret leads to it.
    """

    def __init__(self, waiting: Path, files: Files) -> None:
        """Use the folder *waiting*, which is on the same disk as that of *files*."""
        self._waiting = waiting
        self._files = files

    async def put(self, whose: str, sent: Sent, largest: int) -> str | None:
        """Keep a file, and return its secret; None for one that is larger (in bytes).

        Raises `NoRoom`.
        """
        self._files.demand_room()
        await asyncio.to_thread(self._prepare)
        secret = secrets.token_urlsafe(32)
        path = self._waiting / _ref(whose, secret)
        size = 0
        file = await asyncio.to_thread(path.open, "xb")
        try:
            while piece := await sent.read(_PIECE):
                size += len(piece)
                if size > largest:
                    break
                await asyncio.to_thread(file.write, piece)
            await asyncio.to_thread(_settle, file.fileno())
        finally:
            await asyncio.to_thread(file.close)
        if size > largest:
            path.unlink()
            return None
        return secret

    def is_there(self, whose: str, secret: str) -> bool:
        """Whether a file is known by this secret to whom it belongs."""
        return bool(_SECRET.fullmatch(secret)) and self._find(_ref(whose, secret)) is not None

    def attach(self, whose: str, secret: str, name: str) -> Attachment:
        """Return what a message says of a file, which stays from now on.

        Raises FileNotFoundError for one that is not there.
        """
        ref = _ref(whose, secret)
        path = self._find(ref)
        if path is None:
            raise FileNotFoundError(ref)
        lasting = self._files.place(CHANNEL, ref)
        if path != lasting:
            lasting.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.rename(lasting)
        with lasting.open("rb") as file:
            head = file.read(HEAD)
        return as_attachment(CHANNEL, ref, name, lasting.stat().st_size, head)

    def _find(self, ref: str) -> Path | None:
        places = (self._files.place(CHANNEL, ref), self._waiting / ref)
        return next((each for each in places if each.exists()), None)

    def _prepare(self) -> None:
        """Make the folder, and forget what waits for too long."""
        self._waiting.mkdir(parents=True, exist_ok=True, mode=0o700)
        for each in self._waiting.iterdir():
            if each.stat().st_mtime < time.time() - _WAITS:
                each.unlink(missing_ok=True)


def _ref(whose: str, secret: str) -> str:
    return sha256(f"{whose}\0{secret}".encode()).hexdigest()


def _settle(descriptor: int) -> None:
    os.fsync(descriptor)
