"""The addresses in a mail's header fields.

The stdlib's two parsers take `ana@example.com <eve@example.net>` for Ana's, refuse names that
people's programs do not quote, and are quadratic; mail servers go by the brackets, and so do we.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from adapters.mail.transfer import words
from core.richtext import clean_name

_LONGEST = 254  # characters of an address
_LONGEST_NAME = 1_000  # characters, encoded
_MOST = 200
_MOST_TEXT = 32_000  # characters of all fields of one name
_CLOSING = {'"': '"', "<": ">"}


class Mailbox(NamedTuple):
    """One address of an address field, with the name beside it."""

    name: str
    """Cleaned for showing; may be empty."""
    address: str
    """Its domain is in lower case."""


@dataclass
class _Entry:
    """What stands between two commas."""

    phrase: list[str] = field(default_factory=list)
    brackets: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


def mailboxes(values: Iterable[str]) -> tuple[Mailbox, ...]:
    """Return the addresses of address fields, in order, at most 200; what is none is left out.

    An entry with two addresses gives both: whoever asks for one sender has to refuse it.
    """
    text = ",".join(values)[:_MOST_TEXT]
    found: list[Mailbox] = []
    for entry in _entries(text):
        found += _read(entry)
        if len(found) >= _MOST:
            break
    return tuple(found[:_MOST])


def _entries(text: str, plain: str = "") -> list[_Entry]:
    """Return the entries of an address list; characters of *plain* mean nothing special."""
    entries = [_Entry()]
    opened = ""
    start = depth = 0
    escaped = False
    for at, char in enumerate(text):
        if escaped:
            escaped = False
        elif char == "\\" and opened in ('"', "("):
            escaped = True
        elif opened == "(":
            depth += (char == "(") - (char == ")")
            if not depth:
                entries[-1].comments.append(text[start:at])
                opened = ""
        elif opened:
            if char == _CLOSING[opened]:
                into = entries[-1].phrase if opened == '"' else entries[-1].brackets
                into.append(text[start:at])
                opened = ""
        elif char in '"(<' and char not in plain:
            opened, start, depth = char, at + 1, 1
        elif char in ",;":
            entries.append(_Entry())
        elif char == ":" and _may_name_a_group(entries[-1]):
            entries[-1] = _Entry()
        else:
            entries[-1].phrase.append(char)
    return entries if not opened else _entries(text, plain + opened)


def _may_name_a_group(entry: _Entry) -> bool:
    said = "".join(entry.phrase[-_LONGEST:])
    return "@" not in said and "=?" not in said


def _read(entry: _Entry) -> Iterator[Mailbox]:
    phrase = "".join(entry.phrase)
    if entry.brackets:
        candidates = entry.brackets
        name = phrase.strip() or " ".join(entry.comments)
    else:
        candidates = [word for word in phrase.split() if "@" in word]
        name = " ".join(entry.comments)
        spaced = phrase.replace(" @ ", "@")
        if len(spaced.split()) == 1:
            candidates = [spaced]
    for candidate in candidates:
        address = _address(candidate)
        if address:
            shown = words(name[:_LONGEST_NAME].replace("\\", ""))
            yield Mailbox(clean_name(" ".join(shown.split())), address)


def _address(text: str) -> str:
    """Return an address with its domain in lower case; nothing where it cannot be one."""
    route, _, behind = text.rpartition(":")
    bare = behind if route.startswith("@") else text
    local, at, domain = "".join(bare.split(" ") if " @" in bare else bare.strip()).rpartition("@")
    address = f"{local}@{domain.lower()}"
    if not (local and at and domain) or "@" in local or len(address) > _LONGEST:
        return ""
    return address if address.isprintable() and not set(address) & set(' <>,;:()\\"') else ""
