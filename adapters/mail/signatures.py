"""Where a signature begins, as far as that is certain.

Three things are: the line "-- ", the line that a telephone or a program puts under a mail, and,
under a closing formula and a name, lines that say where to reach somebody. What people sign with
beyond that is theirs and stays.
"""

import re
from collections.abc import Sequence

from adapters.mail.quote_lines import is_blank, stripped
from adapters.mail.quote_words import CLOSINGS, CONTACTS, DEVICES, SCANNED, SCANNERS, SENT_WITH

_LONGEST_SIGNATURE = 15  # lines that are not blank
_LONGEST_DEVICE_LINE = 110
_LONGEST_CLOSING = 60
_LONGEST_CONTACT = 100
_NUMBER = re.compile(r"[+(]*\d[\d ()/.\u00a0-]{5,}")


def signature_start(lines: Sequence[str], start: int, end: int) -> int:
    """Return the first line of the signature that ends the lines from `start` to `end`.

    `end` where there is none. Looks at the last few lines only.
    """
    tail = _tail(lines, start, end)
    marked = next((n for n, at in enumerate(tail) if _is_mark(lines[at])), None)
    if marked is not None:
        end = tail[marked]
        del tail[marked:]
    while tail and is_device_line(lines[tail[-1]]):
        end = tail.pop()
    return _contacts_start(lines, tail) or end


def is_device_line(line: str) -> bool:
    """Tell whether a program put it under the mail: "Sent from my iPhone", "Virus-free"."""
    line = stripped(line).casefold()
    if line.startswith(SCANNED):
        return any(scanner in line for scanner in SCANNERS)
    return (
        len(line) <= _LONGEST_DEVICE_LINE
        and line.startswith(SENT_WITH)
        and any(device in line for device in DEVICES)
    )


def _tail(lines: Sequence[str], start: int, end: int) -> list[int]:
    """Return the last lines that are not blank, as many as a signature has, in order."""
    tail: list[int] = []
    for at in range(end - 1, start - 1, -1):
        if len(tail) == _LONGEST_SIGNATURE + 1:
            break
        if not is_blank(lines[at]):
            tail.append(at)
    return tail[::-1]


def _is_mark(line: str) -> bool:
    return stripped(line) == "--"


def _contacts_start(lines: Sequence[str], tail: Sequence[int]) -> int | None:
    """Return where, under a closing and a name, lines begin that tell where to reach somebody."""
    closings = [n for n, at in enumerate(tail) if _is_closing(lines[at])]
    if not closings:
        return None
    closing = closings[-1]
    below = tail[closing + 2 :]
    named = closing + 1 < len(tail) and not _is_contact(lines[tail[closing + 1]])
    if not named or not any(_is_contact(lines[at]) for at in below):
        return None
    return below[0] if all(_may_sign(lines[at]) for at in below) else None


def _is_closing(line: str) -> bool:
    line = stripped(line).casefold()
    return len(line) <= _LONGEST_CLOSING and line.startswith(CLOSINGS)


def _is_contact(line: str) -> bool:
    line = stripped(line).casefold().strip("|*_ ")
    if line.startswith(CONTACTS) or _NUMBER.fullmatch(line):
        return True
    return " " not in line and ("@" in line or line.startswith("<http"))


def _may_sign(line: str) -> bool:
    line = stripped(line)
    asks = line.endswith(("?", "!")) or line[:2].casefold() in ("ps", "p.", "п.", "пс")
    return 0 < len(line) <= _LONGEST_CONTACT and not asks
