"""A mail's header fields, taken from its bytes within bounds and read without trust.

The stdlib reads the fields themselves (RFC 2047, 2231, 5322), but only behind caps: what it does
is quadratic in places, it recurses, and it raises on some of what people send.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime, unquote
from typing import NamedTuple

from adapters.mail.charsets import decode, mended
from adapters.mail.transfer import words
from core.richtext import clean_name

_LONGEST_FIELD = 16_000  # bytes
_MOST_FIELDS = 1_000
_MOST_BYTES = 500_000
_LONGEST_SUBJECT = 200  # characters
_LONGEST_CONTENT = 3_000  # characters of a Content-Type or Content-Disposition
_MOST_IDS = 100
_LONGEST_ID = 996
_ESSENTIAL = frozenset(
    "from to cc subject date message-id in-reply-to references mime-version content-type"
    " content-transfer-encoding content-disposition".split()
)
_NAME = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")
_KNOWN = re.compile(
    rb"(?i)(content-|mime-|from|to|cc|subject|date|message-id|received|x-|dkim-|return-|reply-)"
    rb"[!-9;-~]{0,80}:"
)
_ID = re.compile(r"<([^<>]+)>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]+")
_WORDY = frozenset({"subject", "comments", "keywords", "thread-topic", "content-description"})

Fields = tuple[tuple[str, bytes], ...]
"""Lower-cased names and unfolded values, in order."""


class Block(NamedTuple):
    """The header fields at the beginning of a mail or of a part."""

    fields: Fields
    body: int
    """Where the body begins."""
    cut: bool
    """Whether there was more than is kept."""


def block(raw: bytes, start: int, end: int, *, most_lines: int) -> Block:
    """Return the header fields that begin at *start*, in time linear in their size.

    No sender is kept where a second one may stand in what is left out.
    """
    kept: list[tuple[str, bytearray]] = []
    current: bytearray | None = None
    size = lines = 0
    cut = False
    at = start
    while at < end:
        newline = raw.find(b"\n", at, end)
        after = end if newline < 0 else newline + 1
        line = raw[at : min(after, at + _LONGEST_FIELD + 200)].rstrip(b"\r\n")
        if not line:
            return Block(_frozen(kept), after, cut)
        if lines >= most_lines:  # who knows how many senders follow
            known = [(name, value) for name, value in kept if name != "from"]
            return Block(_frozen(known), _blank(raw, at, end), True)
        lines += 1
        if line[:1] in (b" ", b"\t"):
            pass
        elif (match := _NAME.match(line)) is not None:
            name = match[0][:-1].strip().decode("ascii").lower()
            room = len(kept) < _MOST_FIELDS and size < _MOST_BYTES
            essential = name in _ESSENTIAL and len(kept) < 2 * _MOST_FIELDS
            keep = room or essential or name == "from"
            cut = cut or not keep
            current = bytearray() if keep else None
            if current is not None:
                kept.append((name, current))
            line = line[match.end() :]
        elif not _is_noise(raw, line, after, first=lines == 1):
            return Block(_frozen(kept), at, cut)
        else:
            line, current = b"", None
        if current is not None:
            room_left = _LONGEST_FIELD - len(current)
            current += line[:room_left]
            if len(line) > room_left:
                cut = True
                if kept[-1][0] == "from":
                    current.clear()
                    current = None
            size += len(line[:room_left])
        at = after
    return Block(_frozen(kept), end, cut)


def texts(fields: Fields, charset: str) -> Mapping[str, tuple[str, ...]]:
    """Return every field as text of one line.

    Only fields of free text are decoded from RFC 2047: in any other, an encoded word could hide
    what the field's own grammar would read.
    """
    found: dict[str, list[str]] = {}
    for name, value in fields:
        text = text_of(value, charset)
        if name in _WORDY:
            text = words(text)
        found.setdefault(name, []).append(one_line(text))
    return {name: tuple(values) for name, values in found.items()}


def text_of(value: bytes, charset: str = "") -> str:
    """Return a field's value as text, raw UTF-8 and raw one-byte charsets included."""
    if value.isascii():
        return value.decode("ascii")
    return decode(value, "") if not charset or _guess_first(value) else decode(value, charset)


def one_line(text: str) -> str:
    """Return the text without control characters and without line ends of any kind."""
    return _CONTROL.sub(" ", text.encode(errors="replace").decode()).strip()


def subject(line: str) -> str:
    """Return a subject for showing, at most 200 characters."""
    return clean_name(line, _LONGEST_SUBJECT)[:_LONGEST_SUBJECT].strip()


def date(value: str) -> datetime | None:
    """Return when a mail says that it was written, in UTC."""
    try:
        when = parsedate_to_datetime(value[:200])
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None


def ids(value: str) -> tuple[str, ...]:
    """Return the message ids of a field, each without white space, in brackets.

    One with characters that nobody sees is none.
    """
    found = ["".join(match[1].split()) for match in _ID.finditer(value)]
    bare = value.split()
    if len(bare) == 1 and "@" in value and not set(value) & set("<>"):
        found = bare
    return tuple(f"<{one}>" for one in found if 0 < len(one) <= _LONGEST_ID and one.isprintable())


def refers_to(replies: Iterable[str], references: Iterable[str]) -> tuple[str, ...]:
    """Return the mails that a mail refers to, the nearest first, each once, at most 100."""
    nearest = [one for value in replies for one in ids(value)]
    farther = [one for value in references for one in ids(value)]
    return tuple(dict.fromkeys([*nearest, *reversed(farther)]))[:_MOST_IDS]


def parameters(value: str) -> tuple[str, Mapping[str, str]]:
    """Return the first word of a Content-Type or Content-Disposition, and its parameters.

    Names are in lower case, and values are decoded from RFC 2231 and, against the rules but often
    sent, from RFC 2047.
    """
    kind = value.partition(";")[0].strip().lower()
    message = Message()
    found: dict[str, str] = {}
    try:
        message["Content-Type"] = value[:_LONGEST_CONTENT]
        for name, given in (message.get_params() or [])[1:]:
            found.setdefault(name.lower(), one_line(words(_extended(given))))
    except Exception:  # it raises IndexError, ValueError, TypeError, … on what people send
        return kind, found
    return kind, found


def _extended(value: str | tuple[str | None, str | None, str]) -> str:
    """Return a parameter's value, of RFC 2231 where it comes in three: charset, language, text."""
    if isinstance(value, str):
        return mended(unquote(value))
    charset, _, text = value
    return decode(unquote(text).encode("latin-1", errors="replace"), charset or "")


def _is_noise(raw: bytes, line: bytes, after: int, *, first: bool) -> bool:
    """Tell whether a line that is no field stands among fields nevertheless."""
    if first and line.startswith((b"From ", b">From ")):
        return True
    return _KNOWN.match(raw[after : after + 100]) is not None


def _blank(raw: bytes, at: int, end: int) -> int:
    """Return where the body begins behind a header that is too long to go through."""
    found = [
        where + len(gap) for gap in (b"\n\n", b"\n\r\n") if (where := raw.find(gap, at, end)) >= 0
    ]
    return min(found, default=end)


def _frozen(kept: Iterable[tuple[str, bytearray]]) -> Fields:
    return tuple((name, bytes(value).strip()) for name, value in kept)


def _guess_first(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
