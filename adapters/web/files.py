"""Files in the chat: how much there may be of them, and how they are shown."""

from pathlib import Path
from typing import TypedDict

from adapters.browser_files import HEAD
from core.message import MEGABYTE, Attachment

LARGEST = 20 * MEGABYTE
"""Bytes of one file."""
MOST = 10
"""Files of one message."""
A_DAY = 100 * MEGABYTE
"""Bytes that one visitor may bring in a day."""


class Shown(TypedDict):
    """A file as a browser is told of it."""

    id: str
    name: str
    size: int
    mime: str
    picture: bool


def shown(id_: str, attachment: Attachment) -> Shown:
    """Return what a browser is told of a file."""
    return Shown(
        id=id_,
        name=attachment.name,
        size=attachment.size or 0,
        mime=attachment.mime,
        picture=attachment.mime.startswith("image/"),
    )


def beginning(path: Path) -> tuple[bytes, int]:
    """Return the first bytes of a file, and its size."""
    with path.open("rb") as file:
        return file.read(HEAD), path.stat().st_size
