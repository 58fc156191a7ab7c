"""What makes a mail the same mail, wherever it was put."""

import hashlib
import re

from core.message import MEGABYTE

_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(
    rb"^(message-id|from|date|subject|received)[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_WRITTEN = (b"message-id", b"from", b"date", b"subject")
"""What its writer's program wrote. Received, Delivered-To and the like differ with each mailbox."""


def fingerprint(raw: bytes) -> str:
    """Return what two copies of one mail have in common, and two mails have not; hexadecimal.

    It says something about whatever bytes there are, and takes time in proportion to their number.
    A Message-ID alone is no proof: some programs give the same one to everything.
    """
    end = _HEADERS_END.search(raw)
    headers = raw[: min(end.start(), MEGABYTE)] if end else b""
    body = memoryview(raw)[end.end() :] if end else memoryview(raw)
    found: dict[bytes, list[bytes]] = {}
    for name, value in _FIELD.findall(headers):
        found.setdefault(name.lower(), []).append(b" ".join(value.split()))
    parts = [b"\0".join(found.get(name, ())) for name in _WRITTEN]
    if not parts[_WRITTEN.index(b"date")]:
        # The same words at another time are another mail: the first server's stamp says when.
        parts += found.get(b"received", [])[-1:]
    digest = hashlib.sha256()
    for each in parts:
        digest.update(b"%d:%s," % (len(each), each))
    digest.update(body)
    return digest.hexdigest()
