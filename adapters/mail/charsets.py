"""Bytes as the text they were meant to be, whatever charset they claim."""

import codecs
import re

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}")
# What is named is often a small part of what was used.
_MEANT = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "",
    "ascii": "",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-8-i": "iso-8859-8",
    "tis-620": "cp874",
    "x-mac-cyrillic": "mac-cyrillic",
}
# Codecs that Python has and no mail means: slow on long text, or no charset at all.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH = bytes(range(0x80, 0x100))
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MOSTLY_RIGHT = 4


def decode(data: bytes, charset: str, *, whole: bool = True) -> str:
    """Return the text that the bytes stand for.

    *charset* is what they claim; it may be empty, unknown or wrong. With *whole* false the bytes
    were cut somewhere, and a character that was cut in two is left out.
    """
    for mark, meant in _MARKS:
        if data.startswith(mark):
            return _read(data, meant, whole).removeprefix("\ufeff")
    name = _MEANT.get(charset.strip().lower(), charset.strip().lower())
    if _is_charset(name):
        try:
            return _strictly(data, name, whole)
        except ValueError:
            # Broken UTF-8 is guessed at, and so is UTF-16 without a mark, which can only raise.
            unicode = codecs.lookup(name).name in ("utf-8", "utf-16", "utf-32")
            if not unicode and not _is_utf8(data):
                return _read(data, name, whole)
    return _guessed(data, whole)


def mended(text: str) -> str:
    """Return the text with the bytes that stdlib hid in lone surrogates read as what they are."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        try:
            return decode(text.encode(errors="surrogateescape"), "")
        except UnicodeEncodeError:
            return text.encode(errors="replace").decode()
    return text


def _is_charset(name: str) -> bool:
    if not _NAME.fullmatch(name):
        return False
    try:
        codec = codecs.lookup(name)
        return codec.name not in _NO_CHARSETS and isinstance(b"a".decode(name, "replace"), str)
    except (LookupError, ValueError, ImportError):
        return False


def _strictly(data: bytes, name: str, whole: bool) -> str:
    return codecs.getincrementaldecoder(name)("strict").decode(data, whole)


def _read(data: bytes, name: str, whole: bool) -> str:
    return codecs.getincrementaldecoder(name)("replace").decode(data, whole)


def _is_utf8(data: bytes) -> bool:
    try:
        _strictly(data, "utf-8", False)
    except UnicodeDecodeError:
        return False
    return True


def _guessed(data: bytes, whole: bool) -> str:
    """Return the text as UTF-8, or in the one-byte charset of the Balkans that it looks like."""
    try:
        return _strictly(data, "utf-8", whole)
    except UnicodeDecodeError:
        pass
    text = _read(data, "utf-8", whole)
    wrong = text.count("\ufffd")
    right = sum(char > "\x7f" for char in text) - wrong
    return text if right > _MOSTLY_RIGHT * wrong else _read(data, _one_byte_charset(data), whole)


def _one_byte_charset(data: bytes) -> str:
    high = len(data) - len(data.translate(None, _HIGH))
    latin = len(data) - len(data.translate(None, _LETTERS))
    if high > latin:
        return "cp1251"
    windows = any(byte in data for byte in b"\x8a\x8e\x9a\x9e")
    iso = any(byte in data for byte in b"\xa9\xae\xb9\xbe")  # Š Ž š ž
    return "iso-8859-2" if iso and not windows else "cp1250"
