"""The head of a mail as it came: names and values, nothing decoded, nothing left out.

What judges senders must not read what was decoded: an encoded word can say anything.
"""

import re
from collections.abc import Mapping
from typing import Final

_LONGEST: Final = 256 * 1024
_MOST_LINES: Final = 5_000
_HEAD_END: Final = re.compile(rb"\r\n\r\n|\n\n|\r\r|\r\n\n|\n\r\n")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_FIELD: Final = re.compile(r"([!-9;-~]{1,100})[ \t]*:(.*)")


def raw_head(raw: bytes) -> Mapping[str, tuple[str, ...]]:
    """Return the values of every header, unfolded, from the top down, by lower-cased name.

    Where programs disagree, more is seen rather than less: a bare CR ends a line, a blank may stand
    before the colon, and a line that is no header does not end the head. A head of more than 256 kB
    or 5,000 lines is read as empty, for nothing that stands in it can be relied upon. Every byte is
    a character of the same number (Latin-1).
    """
    end = _HEAD_END.search(raw, 0, _LONGEST)
    if end is None and len(raw) > _LONGEST:
        return {}
    lines = _LINE_END.split(raw[: end.start() if end else None].decode("latin-1"))
    if len(lines) > _MOST_LINES:
        return {}
    head: dict[str, list[str]] = {}
    values: list[str] = []
    for line in lines:
        if line[:1] in (" ", "\t") and values:
            values[-1] += line
        elif field := _FIELD.fullmatch(line):
            values = head.setdefault(field[1].lower(), [])
            values.append(field[2])
        else:
            values = []
    return {name: tuple(value.strip() for value in values) for name, values in head.items()}
