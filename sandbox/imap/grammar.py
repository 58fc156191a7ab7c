"""How a command is written (RFC 3501, section 9), and how its arguments are read."""

import re
from dataclasses import dataclass
from typing import Final

FLAGS: Final = tuple("\\Answered \\Flagged \\Deleted \\Seen \\Draft".split())
"""The flags that every mail can have; clients may add keywords of their own."""


class Bad(Exception):
    """What the client sent breaks the protocol: BAD."""


class No(Exception):
    """What the client asked for is refused: NO. Its text may begin with a response code."""


_TAG: Final = re.compile(rb"[!#$&',-\[^-z|}~\]]+")  # printable, without ( ) { % * " \ + and space
_ATOM: Final = re.compile(rb"[!#$&'+,-\[^-z|}~]+")
_ASTRING: Final = re.compile(rb"[!#$&'+,-\[\]^-z|}~]+")
_PATTERN: Final = re.compile(rb"[!#$&'+,-\[\]^-z|}~%*]+")
_QUOTED: Final = re.compile(rb'"((?:[^"\\\r\n\x00\x80-\xff]|\\["\\])*)"')
_LITERAL: Final = re.compile(rb"\{([0-9]{1,10})\+?\}\r\n")
_NUMBER: Final = re.compile(rb"[0-9]{1,10}")
_SEQUENCE: Final = re.compile(rb"(?:[0-9]{1,10}|\*)(?::(?:[0-9]{1,10}|\*))?")
_FLAG: Final = re.compile(rb"\\?[!#$&'+,-\[^-z|}~]+")
_DATE: Final = re.compile(rb'"?([0-9]{1,2}-[A-Za-z]{3}-[0-9]{4})"?')
_PARTIAL: Final = re.compile(rb"<([0-9]{1,10})\.([0-9]{1,10})>")


@dataclass(frozen=True)
class Sequence:
    """A set of message numbers or UIDs; None stands for `*`, the largest in the mailbox."""

    ranges: tuple[tuple[int | None, int | None], ...]

    def has(self, number: int, largest: int) -> bool:
        """Say whether *number* is meant: `9:*` means the largest, too, if that is below 9."""
        for range_ in self.ranges:
            first, last = sorted(largest if end is None else end for end in range_)
            if first <= number <= last:
                return True
        return False

    def beyond(self, largest: int) -> bool:
        """Say whether a number is named that is over *largest*."""
        return any((end or largest) > largest for range_ in self.ranges for end in range_)


class Scanner:
    """Reads a command from left to right; everything that is not as it must be raises Bad."""

    def __init__(self, command: bytes) -> None:
        """Read *command*: without its last line end, with its literals in place."""
        self._command = command
        self._at = 0

    def tag(self) -> str:
        """Return the tag that the answer carries."""
        return self._take(_TAG, "a tag").decode()

    def atom(self) -> str:
        """Return an atom in upper case: the name of a command, of a key, of an item."""
        return self._take(_ATOM, "an atom").decode().upper()

    def space(self) -> None:
        """Pass the one space between arguments."""
        if not self.skip(b" "):
            raise Bad("Missing a space")

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self.more():
            raise Bad("Too many arguments")

    def more(self) -> bool:
        """Say whether anything follows."""
        return self._at < len(self._command)

    def skip(self, mark: bytes) -> bool:
        """Pass *mark*, if it is what comes next, in any case; say whether it was."""
        found = self._command[self._at : self._at + len(mark)].upper() == mark
        if found:
            self._at += len(mark)
        return found

    def astring(self) -> str:
        """Return an atom, a quoted string or a literal."""
        return self._string(_ASTRING)

    def pattern(self) -> str:
        """Return a mailbox's name in which `%` and `*` stand for others."""
        return self._string(_PATTERN)

    def _string(self, bare: re.Pattern[bytes]) -> str:
        if self._command.startswith(b'"', self._at):
            quoted = self._take(_QUOTED, "a quoted string")[1:-1]
            return re.sub(r"\\(.)", r"\1", quoted.decode())
        if self._command.startswith(b"{", self._at):
            size = int(self._take(_LITERAL, "a literal").strip(b"{+}\r\n"))
            literal = self._command[self._at : self._at + size]
            self._at += size
            return literal.decode(errors="replace")
        return self._take(bare, "a string").decode()

    def number(self) -> int:
        """Return a number."""
        return int(self._take(_NUMBER, "a number"))

    def sequence(self) -> Sequence:
        """Return a set such as `1,3:5,9:*`."""
        ranges = []
        while True:
            first, _, last = self._take(_SEQUENCE, "a message set").partition(b":")
            ranges.append((_end(first), _end(last or first)))
            if not self.skip(b","):
                return Sequence(tuple(ranges))

    def at_sequence(self) -> bool:
        """Say whether a message set comes next."""
        return _SEQUENCE.match(self._command, self._at) is not None

    def flags(self) -> set[str]:
        """Return flags: a list in parentheses, or one or more of them without."""
        listed = self.skip(b"(")
        flags: set[str] = set()
        if listed and self.skip(b")"):
            return flags
        while True:
            flags.add(_flag(self._take(_FLAG, "a flag").decode()))
            if not self.skip(b" "):
                break
        if listed and not self.skip(b")"):
            raise Bad("Missing a parenthesis")
        return flags

    def date(self) -> str:
        """Return a date as it was written: `23-Nov-2026`."""
        return self._take(_DATE, "a date").decode().strip('"')

    def partial(self) -> tuple[int, int] | None:
        """Return the offset and the length of `<0.1024>`, if that comes next."""
        found = _PARTIAL.match(self._command, self._at)
        if found is None:
            return None
        self._at = found.end()
        return int(found.group(1)), int(found.group(2))

    def _take(self, shape: re.Pattern[bytes], what: str) -> bytes:
        found = shape.match(self._command, self._at)
        if found is None:
            raise Bad(f"Missing {what}")
        self._at = found.end()
        return found.group()


def _end(text: bytes) -> int | None:
    if text == b"*":
        return None
    if int(text) == 0:
        raise Bad("Messages are counted from 1")
    return int(text)


def _flag(text: str) -> str:
    """Return a flag as it is kept: only clients' own keywords are kept as they came."""
    if not text.startswith("\\"):
        return text
    known = f"\\{text[1:].capitalize()}"
    if known not in FLAGS:
        raise Bad(f"No such flag: {text}")
    return known
