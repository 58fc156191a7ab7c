"""The files that go with a mail: their bytes, and how they are named and declared."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from adapters.files import Files
from core.errors import GiveUp, Retry
from core.message import CARRIED, MEGABYTE, Attachment, AttachmentKind
from core.richtext import clean_name

ROOM: Final = 20 * MEGABYTE
"""How many bytes of files one mail carries; in the mail they take a third more."""

_LONGEST_NAME: Final = 64
_LONGEST_ENDING: Final = 8
_UNNAMED: Final = {AttachmentKind.PHOTO: "photo.jpg"}
# What means something to one file system or another.
_NO_FILE_NAME: Final = dict.fromkeys(map(ord, '/\\:*?"<>|'), "_")
_MIME: Final = re.compile(r"(?!multipart/|message/)[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9]"
                          r"[a-z0-9!#$&^_.+-]{0,62}")  # fmt: skip
"""RFC 6838, section 4.2. What is built of parts would have to be sent as it is, and checked."""


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """A file on its way into a mail."""

    attachment: Attachment
    content: bytes | None = None
    """None where it does not go with the mail."""
    size: int | None = None
    """Bytes, where that is known, of one that is too large; None where it cannot be had at all."""

    @property
    def name(self) -> str:
        """Return a name that is safe on every machine, never a path, and never empty."""
        return file_name(self.attachment)

    @property
    def mime(self) -> tuple[str, str]:
        """Return type and subtype, as they were declared where that makes sense."""
        declared = self.attachment.mime.lower()
        known = declared if _MIME.fullmatch(declared) else "application/octet-stream"
        kind, _, subtype = known.partition("/")
        return kind, subtype


async def enclose(attachments: Iterable[Attachment], files: Files) -> list[Enclosure]:
    """Return these files with their bytes, as far as they fit into `ROOM`, in order.

    One that will never be had is left without bytes. Raises `Retry` (`FileAway`) for one that
    cannot be had yet.
    """
    room = ROOM
    enclosed = []
    for each in attachments:
        enclosure = await _enclosed(each, files, room)
        room -= len(enclosure.content or b"")
        enclosed.append(enclosure)
    return enclosed


def fitted(enclosures: Sequence[Enclosure], room: int) -> list[Enclosure]:
    """Return the same, without the bytes of what does not fit into so many bytes, in order."""
    kept = []
    for each in enclosures:
        size = len(each.content or b"")
        if size > room:
            kept.append(replace(each, content=None, size=size))
            continue
        room -= size
        kept.append(each)
    return kept


def file_name(attachment: Attachment) -> str:
    """Return what an attachment is called in a mail: one line, no path; "file" if it has no name.

    A long name is cut before its ending.
    """
    whole = clean_name(attachment.name, len(attachment.name)).translate(_NO_FILE_NAME).strip(". ")
    stem, dot, ending = whole.rpartition(".")
    if dot and len(ending) <= _LONGEST_ENDING:
        name = f"{clean_name(stem, _LONGEST_NAME - _LONGEST_ENDING)}.{ending}"
    else:
        name = clean_name(whole, _LONGEST_NAME)
    return name or _UNNAMED.get(attachment.kind, "file")


async def _enclosed(attachment: Attachment, files: Files, room: int) -> Enclosure:
    without = Enclosure(attachment=attachment)
    if attachment.kind not in CARRIED or not attachment.ref:
        return without
    if (attachment.size or 0) > room:
        return replace(without, size=attachment.size)
    try:
        path = await files.path(attachment)
        return await asyncio.to_thread(_read, without, path, room)
    except GiveUp:
        return without
    except OSError as error:
        raise Retry(f"the file cannot be read ({type(error).__name__})") from error


def _read(without: Enclosure, path: Path, room: int) -> Enclosure:
    size = path.stat().st_size  # what a platform says of a file's size need not be so
    return replace(without, size=size, content=path.read_bytes() if size <= room else None)
