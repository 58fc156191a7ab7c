"""Files in the chat: what they are, by what is in them, and how they are shown."""

from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath
from typing import TypedDict

from core.effects import Words
from core.errors import GiveUp
from core.message import MEGABYTE, Attachment, AttachmentKind
from core.phrases import Phrase
from core.richtext import clean_name

LARGEST = 20 * MEGABYTE
"""Bytes of one file."""
MOST = 10
"""Files of one message."""
A_DAY = 100 * MEGABYTE
"""Bytes that one visitor may bring in a day."""

UNKNOWN = "application/octet-stream"
_LONGEST_NAME = 64
_LONGEST_SUFFIX = 12
HEAD = 16
"""How many bytes tell what a file is."""

_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


class Shown(TypedDict):
    """A file as a browser is told of it."""

    id: str
    name: str
    size: int
    mime: str
    picture: bool


def type_of(head: bytes) -> str:
    """Return a picture's type, told by its first bytes; anything else is unknown, SVG above all."""
    for magic, mime in _PICTURES:
        if head.startswith(magic):
            return mime
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return UNKNOWN


def shown(id_: str, attachment: Attachment) -> Shown:
    """Return what a browser is told of a file."""
    return Shown(
        id=id_,
        name=attachment.name,
        size=attachment.size or 0,
        mime=attachment.mime,
        picture=attachment.mime.startswith("image/"),
    )


def as_attachment(channel: str, ref: str, name: str, size: int, head: bytes) -> Attachment:
    """Return a file that a visitor brought, as the desk has it."""
    mime = type_of(head)
    kind = AttachmentKind.DOCUMENT if mime == UNKNOWN else AttachmentKind.PHOTO
    return Attachment(
        kind=kind, channel=channel, ref=ref, name=file_name(name), mime=mime, size=size
    )


def file_name(name: str) -> str:
    """Return a file's name, safe to show, without folders; a cut leaves its ending whole."""
    path = PurePosixPath(name.replace("\\", "/"))
    suffix = clean_name(path.suffix, _LONGEST_SUFFIX)
    return clean_name(path.stem, _LONGEST_NAME - len(suffix)) + suffix or "file"


def beginning(path: Path) -> tuple[bytes, int]:
    """Return the first bytes of a file, and its size."""
    with path.open("rb") as file:
        return file.read(HEAD), path.stat().st_size


class Brought:
    """The bytes that visitors bring are kept as they come: one that is not here is gone."""

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """Raise `GiveUp`."""
        gone = Words(phrase=Phrase.WHY_FILE_GONE)
        raise GiveUp("the file is not here any more", why=gone)
        yield b""
