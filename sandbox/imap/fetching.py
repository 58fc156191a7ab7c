"""What a client can fetch of a mail (RFC 3501, 6.4.5): as much as reading a mailbox needs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sandbox.mailbox import SEEN, Kept

from .grammar import Bad, No, Scanner
from .view import View

MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_MACROS: Final = {"FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE")}
_UNSERVED: Final = frozenset({"ALL", "FULL", "ENVELOPE", "BODY", "BODYSTRUCTURE"})
_FIELD: Final = re.compile(rb"[^:\r\n]+:.*(?:\r\n[ \t].*)*(?:\r\n|$)")

Take = Callable[[View, Kept], bytes]


@dataclass(frozen=True)
class Item:
    """One thing that is fetched."""

    name: str
    """As it stands in the answer."""
    take: Take
    reads: bool = False
    """Whether the mail counts as read then."""


def read_items(args: Scanner) -> list[Item]:
    """Read what is asked for. Raises Bad, and No for what the sandbox does not serve."""
    if not args.skip(b"("):
        return _items(args)
    items = _items(args)
    while args.skip(b" "):
        items += _items(args)
    if not args.skip(b")"):
        raise Bad("Missing a parenthesis")
    return items


def answer(view: View, number: int, kept: Kept, items: list[Item], *, by_uid: bool) -> bytes:
    """Return a mail's response; fetching the body marks the mail as read, where that is allowed."""
    asked = {item.name for item in items}
    if any(item.reads for item in items) and SEEN not in kept.flags and not view.read_only:
        view.mailbox.flag(kept, kept.flags | {SEEN})
        if "FLAGS" not in asked:
            items = [*items, Item("FLAGS", _TAKEN["FLAGS"])]
    if by_uid and "UID" not in asked:
        items = [Item("UID", _TAKEN["UID"]), *items]
    told = b" ".join(item.name.encode() + b" " + item.take(view, kept) for item in items)
    return b"* %d FETCH (%s)" % (number, told)


def _items(args: Scanner) -> list[Item]:
    if args.skip(b"BODY.PEEK["):
        return [_section(args, reads=False)]
    if args.skip(b"BODY["):
        return [_section(args, reads=True)]
    name = args.atom()
    if name in _MACROS:
        return [Item(each, _TAKEN[each]) for each in _MACROS[name]]
    if name in _UNSERVED:
        raise No(f"[CANNOT] The sandbox does not serve {name}")
    if name not in _TAKEN:
        raise Bad(f"Nothing is called {name}")
    return [Item(name, _TAKEN[name], reads=name in ("RFC822", "RFC822.TEXT"))]


def _section(args: Scanner, *, reads: bool) -> Item:
    name = ""
    part: Callable[[bytes], bytes] = _whole
    if not args.skip(b"]"):
        name, part = _named_section(args)
        if not args.skip(b"]"):
            raise Bad("Missing a bracket")
    cut = args.partial()
    if cut is None:
        return Item(f"BODY[{name}]", lambda view, kept: literal(part(kept.raw)), reads)
    start, length = cut
    return Item(
        f"BODY[{name}]<{start}>",
        lambda view, kept: literal(part(kept.raw)[start : start + length]),
        reads,
    )


def _named_section(args: Scanner) -> tuple[str, Callable[[bytes], bytes]]:
    name = args.atom()
    if name in _SECTIONS:
        return name, _SECTIONS[name]
    if name not in ("HEADER.FIELDS", "HEADER.FIELDS.NOT"):
        raise No(f"[CANNOT] The sandbox does not serve the section {name}")
    args.space()
    fields = _fields(args)
    wanted = name == "HEADER.FIELDS"
    return f"{name} ({' '.join(fields)})", lambda raw: _chosen(raw, fields, wanted=wanted)


def _fields(args: Scanner) -> list[str]:
    if not args.skip(b"("):
        raise Bad("Missing a parenthesis")
    fields = [args.astring().upper()]
    while args.skip(b" "):
        fields.append(args.astring().upper())
    if not args.skip(b")"):
        raise Bad("Missing a parenthesis")
    return fields


def literal(content: bytes) -> bytes:
    """Return bytes as a literal, which can hold anything."""
    return b"{%d}\r\n%s" % (len(content), content)


def internal_date(at: datetime) -> str:
    """Return a moment as `INTERNALDATE` is written (RFC 3501, "date-time")."""
    return f'"{at.day:>2}-{MONTHS[at.month - 1]}-{at:%Y %H:%M:%S %z}"'


def _whole(raw: bytes) -> bytes:
    return raw


def header(raw: bytes) -> bytes:
    """Return the header with the empty line that ends it."""
    head, end, _ = raw.partition(b"\r\n\r\n")
    return head + end


def _text(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[2]


def _chosen(raw: bytes, fields: list[str], *, wanted: bool) -> bytes:
    every = _FIELD.findall(header(raw))
    names = [field.partition(b":")[0].strip().upper().decode(errors="replace") for field in every]
    chosen = (field for field, name in zip(every, names, strict=True) if (name in fields) == wanted)
    return b"".join(chosen) + b"\r\n"


_SECTIONS: Final = {"HEADER": header, "TEXT": _text}
_TAKEN: Final[dict[str, Take]] = {
    "UID": lambda view, kept: b"%d" % kept.uid,
    "FLAGS": lambda view, kept: view.tell_flags(kept).encode(),
    "INTERNALDATE": lambda view, kept: internal_date(kept.mail.at).encode(),
    "RFC822.SIZE": lambda view, kept: b"%d" % len(kept.raw),
    "RFC822": lambda view, kept: literal(kept.raw),
    "RFC822.HEADER": lambda view, kept: literal(header(kept.raw)),
    "RFC822.TEXT": lambda view, kept: literal(_text(kept.raw)),
}
