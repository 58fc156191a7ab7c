"""Files, and the messages' fields that describe them."""

import mimetypes
import secrets
from dataclasses import dataclass
from pathlib import PurePosixPath

from .wire import Json, bad_request

MAX_DOWNLOAD = 20 * 2**20
"""The largest file that getFile hands out, in bytes ("getFile")."""
MAX_PHOTO = 10 * 2**20
MAX_UPLOAD = 50 * 2**20
"""The largest files that a bot may send, in bytes ("Sending files")."""

KINDS = ("photo", "document", "voice", "audio", "video", "animation")
"""The media that a bot sends, by the name of the field that carries them."""

_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
_DIMENSIONS: Json = {"width": 640, "height": 480}
_MIMES = {
    "photo": "image/jpeg", "voice": "audio/ogg", "audio": "audio/mpeg", "video": "video/mp4",
    "animation": "video/mp4", "sticker": "image/webp",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file that the platform holds."""

    file_id: str
    unique_id: str
    kind: str
    name: str
    mime: str
    content: bytes
    path: str

    def described(self) -> Json:
        """Return the fields that every file's object has."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
        }


class Files:
    """All the files that the platform holds."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}

    def keep(self, kind: str, content: bytes, name: str = "", mime: str = "") -> StoredFile:
        """Store a file. Its path shows neither name nor owner, as the platform's do not."""
        number = len(self._by_id)
        mime = _MIMES[kind] if kind in ("photo", "sticker", "voice") else mime
        mime = mime or mimetypes.guess_type(name)[0] or _MIMES.get(kind, "application/octet-stream")
        suffix = PurePosixPath(name).suffix or mimetypes.guess_extension(mime) or ""
        stored = StoredFile(
            file_id=f"{kind[:1].upper()}QAC{secrets.token_urlsafe(30)}",
            unique_id=f"AgAD{secrets.token_hex(6)}",
            kind=kind,
            name=name,
            mime=mime,
            content=content,
            path=f"{kind}s/file_{number}{suffix}",
        )
        self._by_id[stored.file_id] = stored
        return stored

    def get(self, file_id: str) -> StoredFile:
        """Return a file. Raises ApiError if there is no such file."""
        try:
            return self._by_id[file_id]
        except KeyError:
            raise bad_request("wrong file_id or the file is temporarily unavailable") from None

    def at(self, path: str) -> StoredFile | None:
        """Return the file that is downloaded from *path*."""
        return next((file for file in self._by_id.values() if file.path == path), None)


def check_upload(kind: str, content: bytes) -> None:
    """Raise ApiError for a file that Telegram does not take as *kind*."""
    if not content:
        raise bad_request("file must be non-empty")
    if kind == "photo" and len(content) > MAX_PHOTO:
        raise bad_request(f"file of size {len(content)} bytes is too big for a photo")
    if kind == "photo" and not content.startswith(_PICTURES):
        raise bad_request("IMAGE_PROCESS_FAILED")


def media_fields(file: StoredFile, seconds: int = 1) -> Json:
    """Return the fields by which a message carries *file*; *seconds* is how long it plays."""
    described = file.described()
    named = {"file_name": file.name} if file.name else {}
    match file.kind:
        case "photo":
            # The same picture in two sizes, smallest first, as Telegram lists them.
            small = {**described, "file_unique_id": f"{file.unique_id}s", "width": 90, "height": 67}
            return {"photo": [small, {**described, **_DIMENSIONS}]}
        case "voice":
            return {"voice": {**described, "duration": seconds, "mime_type": file.mime}}
        case "document":
            return {"document": {**described, **named, "mime_type": file.mime}}
        case "audio":
            sound = {**described, **named, "duration": seconds, "mime_type": file.mime}
            return {"audio": sound}
        case "sticker":
            flags = {"type": "regular", "is_animated": False, "is_video": False}
            return {"sticker": {**described, **flags, "width": 512, "height": 512}}
        case _:
            film = {**described, **named, **_DIMENSIONS, "duration": seconds}
            film["mime_type"] = file.mime
            document = {"document": film} if file.kind == "animation" else {}
            return {file.kind: film, **document}
