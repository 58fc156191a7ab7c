"""What mail encodes for its way, decoded: bodies (RFC 2045), words in header fields (RFC 2047)."""

import binascii
import re

from adapters.mail.charsets import decode

# No part of it can match in two ways, so the time is linear: no "?" is passed twice.
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NO_BASE64 = bytes(byte for byte in range(256) if byte not in _BASE64)


def transferred(data: bytes, encoding: str) -> bytes:
    """Return a body's bytes, decoded as far as they can be; unknown encodings leave them."""
    match encoding.strip().lower():
        case "base64":
            return base64(data)
        case "quoted-printable":
            return binascii.a2b_qp(data)
    return data


def base64(data: bytes) -> bytes:
    """Return what the characters of base64 in it stand for, though the end may be missing."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        kept = data.translate(None, _NO_BASE64)
        kept = kept[: len(kept) - (len(kept) % 4 == 1)]
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def words(text: str) -> str:
    """Return header text with its encoded words decoded; line ends may come out of them.

    Words of one charset that follow each other are decoded in one: many programs cut them in the
    middle of a character.
    """
    parts: list[str] = []
    pending, charset, at = b"", "", 0
    for word in _WORD.finditer(text):
        between = text[at : word.start()]
        name = word[1].partition("*")[0].lower()
        if pending and (between.strip() or name != charset):
            parts.append(decode(pending, charset))
            pending = b""
        if between.strip() or not at:
            parts.append(between)
        pending += _bytes(word[2], word[3])
        charset, at = name, word.end()
    return "".join((*parts, decode(pending, charset), text[at:]))


def _bytes(encoding: str, content: str) -> bytes:
    data = content.encode()
    return base64(data) if encoding in "bB" else binascii.a2b_qp(data, header=True)
