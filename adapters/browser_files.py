"""Files that people bring and fetch with a browser: what they are, and how they are handed out."""

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import quote

from core.effects import Words
from core.errors import GiveUp
from core.file_name import file_name
from core.message import Attachment, AttachmentKind
from core.phrases import Phrase

HEAD: Final = 16
"""How many bytes tell what a file is."""
UNKNOWN: Final = "application/octet-stream"
SANDBOXED: Final = "default-src 'none'; sandbox"
"""The policy with which a file is handed out: should a browser show it, nothing in it runs."""

_PICTURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def type_of(head: bytes) -> str:
    """Return a picture's type, told by its first bytes; anything else is unknown, SVG above all."""
    for magic, mime in _PICTURES:
        if head.startswith(magic):
            return mime
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return UNKNOWN


def as_attachment(channel: str, ref: str, name: str, size: int, head: bytes) -> Attachment:
    """Return a file that somebody brought, as the desk has it."""
    mime = type_of(head)
    kind = AttachmentKind.DOCUMENT if mime == UNKNOWN else AttachmentKind.PHOTO
    return Attachment(
        kind=kind, channel=channel, ref=ref, name=file_name(name) or "file", mime=mime, size=size
    )


def saved_as(name: str) -> str:
    """Return the `Content-Disposition` of a file that is to be saved under this name."""
    # RFC 6266, appendix D: the plain name for programs that know no other.
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class Brought:
    """The bytes that people bring are kept as they come: one that is not here is gone."""

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """Raise `GiveUp`."""
        gone = Words(phrase=Phrase.WHY_FILE_GONE)
        raise GiveUp("the file is not here any more", why=gone)
        yield b""
