"""A mail taken apart: its parts, where their bytes lie, and what they call themselves.

The structure is found in the bytes themselves. The stdlib's parser goes line by line: it takes
seconds for a photo album and a minute and a gigabyte for a mail of blank lines.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adapters.mail import headers
from adapters.mail.headers import Fields
from adapters.mail.transfer import transferred

_MOST_PARTS = 200
_DEEPEST = 20
_MOST_DELIMITERS = 2_000  # in one multipart, look-alikes included
_LONGEST_BOUNDARY = 200
_HEADER_LINES = 50_000
_PART_HEADER_LINES = 1_000
_GUESSING = 4_000  # bytes in which a multipart's first delimiter is looked for
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a mail; the mail itself is number 0."""

    number: int
    """Depth first, in the order of the bytes."""
    fields: Fields
    kind: str
    """Type and subtype in lower case; empty where they are nonsense."""
    parameters: Mapping[str, str]
    disposition: str
    name: str
    """What the file is called, as it came: not for showing."""
    body: memoryview
    """Encoded, as it lies in the mail."""
    children: tuple["Part", ...] = ()

    def field(self, name: str) -> str:
        """Return the first field of that name as one line, or nothing."""
        found = next((value for one, value in self.fields if one == name), b"")
        return headers.one_line(headers.text_of(found))

    def content(self, limit: int | None = None) -> bytes:
        """Return the decoded bytes, of a long body only about *limit*."""
        body = self.body if limit is None else self.body[: 4 * limit]
        return transferred(bytes(body), self.field("content-transfer-encoding"))[:limit]

    def walk(self) -> Iterator["Part"]:
        """Yield this part and all within it, in the order of their numbers."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Parsed:
    """A mail's parts, and what could not be read of them."""

    root: Part
    damages: tuple[str, ...]


def parse(raw: bytes, *, bodies: bool = True) -> Parsed:
    """Return the parts of a mail. Never raises; linear in its size.

    Without *bodies* only the header is looked at.
    """
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    builder = _Builder(raw)
    root = builder.part(0, len(raw), 0 if bodies else None, "text/plain")
    return Parsed(root, tuple(dict.fromkeys(builder.damages)))


@dataclass
class _Builder:
    raw: bytes
    count: int = 0
    damages: list[str] = field(default_factory=list)

    def part(self, start: int, end: int, depth: int | None, default: str) -> Part:
        number = self.count
        self.count += 1
        lines = _PART_HEADER_LINES if number else _HEADER_LINES
        block = headers.block(self.raw, start, end, most_lines=lines)
        if block.cut:
            self.damages.append("the header is too long")
        first = dict(reversed(block.fields))
        kind, parameters = _typed(first.get("content-type"), default)
        disposition, named = headers.parameters(
            headers.text_of(first.get("content-disposition", b""))
        )
        stop = end if depth is not None else block.body
        children: list[Part] = []
        if kind.startswith("multipart/") and depth is not None:
            inner = "message/rfc822" if kind == "multipart/digest" else "text/plain"
            for at, until in self._pieces(block.body, end, parameters.get("boundary", ""), depth):
                if self.count >= _MOST_PARTS:
                    self.damages.append(f"more than {_MOST_PARTS} parts")
                    break
                children.append(self.part(at, until, depth + 1, inner))
            kind = kind if children else ("" if depth >= _DEEPEST else "text/plain")
        return Part(
            number=number,
            fields=block.fields,
            kind=kind,
            parameters=parameters,
            disposition=disposition,
            name=named.get("filename") or parameters.get("name", ""),
            body=memoryview(self.raw)[block.body : stop],
            children=tuple(children),
        )

    def _pieces(self, start: int, end: int, boundary: str, depth: int) -> list[tuple[int, int]]:
        """Return where the parts of a multipart lie."""
        if depth >= _DEEPEST:
            self.damages.append(f"nested more than {_DEEPEST} deep")
            return []
        given = boundary.encode(errors="replace").rstrip()
        pieces, closed = self._split(start, end, given) if given else ([], False)
        if not pieces:
            guessed = _first_delimiter(self.raw[start : min(end, start + _GUESSING)])
            pieces, closed = self._split(start, end, guessed) if guessed else ([], False)
            self.damages.append("a multipart without its boundary")
        elif not closed:
            self.damages.append("a multipart without its end")
        return pieces

    def _split(self, start: int, end: int, boundary: bytes) -> tuple[list[tuple[int, int]], bool]:
        """Return what lies between the delimiters, and whether the last one closes.

        What follows a closing one is looked at, too: where a part and the multipart around it
        have the same boundary, it closes only the part.
        """
        needle = b"\n--" + boundary[:_LONGEST_BOUNDARY]
        pieces: list[tuple[int, int]] = []
        opened = -1
        # The line end before the first delimiter may be the one that ends the header.
        at = self.raw.find(needle, max(start - 1, 0), end)
        for _ in range(_MOST_DELIMITERS):
            if at < 0:
                break
            behind = at + len(needle)
            newline = self.raw.find(b"\n", behind, end)
            after = end if newline < 0 else newline + 1
            rest = self.raw[behind : min(after, behind + 100)].strip()
            if rest in (b"", b"--"):
                if opened >= 0:
                    pieces.append((opened, max(opened, at - (self.raw[at - 1 : at] == b"\r"))))
                opened = -1 if rest else after
            at = self.raw.find(needle, after - 1, end)
        if opened >= 0:
            pieces.append((opened, end))
        return pieces, opened < 0


def _typed(value: bytes | None, default: str) -> tuple[str, Mapping[str, str]]:
    if not value:
        return default, {}
    kind, parameters = headers.parameters(headers.text_of(value))
    return kind if _TYPE.fullmatch(kind) else "", parameters


def _first_delimiter(beginning: bytes) -> bytes:
    """Return the boundary that a multipart seems to have, since it does not name it."""
    lines = (line.rstrip() for line in beginning.split(b"\n"))
    return next((line[2:] for line in lines if line.startswith(b"--") and len(line) > 4), b"")
