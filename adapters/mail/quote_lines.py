"""Which lines of a mail stand above something quoted: attributions, header blocks, dashed titles.

All of it looks at a fixed number of short lines, so that it takes the same time whatever the mail.
"""

import re
from collections.abc import Sequence

from adapters.mail.quote_words import (
    FORWARDED,
    LABELS,
    OPENERS,
    ORIGINAL,
    WEEKDAY_OPENERS,
    WEEKDAYS,
    WRITES,
    WROTE,
    WROTE_STEMS,
    Label,
)

LONGEST = 300
"""Code points; a longer line is what somebody said, or quoted, but never stands above a quote."""

_ATTRIBUTION_LINES = 4
_HEADER_LINES = 14
_STRANGE_LINES = 2
_LONGEST_LABEL = 24
_BARE_ATTRIBUTION = 80
_DATED = re.compile(r"\d[:.] ?\d\d|\d/\d|[12]\d\d\d")
_DASHES = "-_=*—– \u00a0\t"
_BLANK = "\u00a0\u200b\ufeff \t\r"


def stripped(line: str) -> str:
    """Return the line without white space at its ends, or nothing if it is too long to matter."""
    return line.strip(_BLANK) if len(line) <= LONGEST else ""


def is_blank(line: str) -> bool:
    """Tell whether there is nothing to see on the line."""
    return not line.strip(_BLANK)


def is_rule(line: str) -> bool:
    """Tell whether a line is drawn there, as some programs do above a quoted mail."""
    line = stripped(line)
    return len(line) >= 5 and not line.strip("_-—=*")


def is_original_title(line: str) -> bool:
    """Tell whether the line is a title as "-------- Originalna poruka --------"."""
    return _dashed(line) in ORIGINAL


def is_forward_title(line: str) -> bool:
    """Tell whether the line announces a mail that was forwarded."""
    line = stripped(line)
    return _dashed(line) in FORWARDED or (
        line.endswith(":") and line[:-1].rstrip().casefold() in FORWARDED
    )


def is_header_line(line: str) -> bool:
    """Tell whether the line begins as one of a quoted mail's headers does: "Od:", "Betreff:"."""
    return _label(line) is not None


def header_block_end(lines: Sequence[str], start: int, *, titled: bool) -> int:
    """Return the line behind a quoted mail's headers that begin at `start`; `start` if none do.

    Sender, subject and one more are asked for; two of them, whichever, where a title or a drawn
    line precedes (`titled`). "From: Belgrade / To: Nis" is nobody's header block.
    """
    seen: set[Label] = set()
    end = start
    strange = 0  # lines since the last header: its second line perhaps, or a blank one
    for at in range(start, min(start + _HEADER_LINES, len(lines))):
        label = _label(lines[at])
        if label is not None:
            seen.add(label)
            end = at + 1
            strange = 0
        elif end == start or strange == _STRANGE_LINES:
            break
        else:
            strange += 1
    if titled:
        return end if len(seen) >= 2 else start
    begins = start < len(lines) and _label(lines[start]) in (Label.SENDER, Label.SENT)
    return end if begins and {Label.SENDER, Label.SUBJECT} <= seen and len(seen) >= 3 else start


def attribution_start(lines: Sequence[str], last: int, first: int) -> int | None:
    """Return where the attribution begins that ends with line `last`; None if none does.

    Long ones are wrapped over up to four lines, of which none lies before `first`.
    """
    if not _closing(lines[last]).endswith(":"):
        return None
    joined = ""
    fallback = None
    for at in range(last, max(last - _ATTRIBUTION_LINES, first - 1), -1):
        line = _closing(lines[at])
        if not line:
            break
        joined = f"{line} {joined}" if joined else line
        dated, addressed = _DATED.search(joined) is not None, "@" in joined
        wrote, writes = _says_wrote(joined), _says_writes(joined)
        if dated and (wrote or writes or addressed) and _opens(line):
            return at
        whole = (wrote and (dated or addressed)) or (addressed and (dated or writes))
        if fallback is None and whole and not line.startswith("<"):
            fallback = at
    if fallback is None and _is_bare(stripped(lines[last])):
        return last
    return fallback


def begins_with_attribution(line: str) -> bool:
    """Tell whether an attribution is followed, on its own line, by the beginning of the quote.

    Yahoo's programs write so, with three spaces between.
    """
    attribution, spaces, _ = line[:LONGEST].strip(_BLANK).partition(":   ")
    return spaces != "" and _opens(attribution) and is_certain([attribution])


def quoted_attribution_end(lines: Sequence[str], start: int) -> int:
    """Return the line behind an attribution that a quote begins with; `start` if none does.

    Apple's programs put it there.
    """
    first = start
    while first < len(lines) and is_quoted(lines[first]) and is_blank(unquoted(lines[first])):
        first += 1
    bare = [unquoted(line) for line in lines[first : first + _ATTRIBUTION_LINES]]
    for at in range(len(bare)):
        if attribution_start(bare, at, 0) == 0 and is_dated(bare[: at + 1]):
            return first + at + 1
    return start


def is_quoted(line: str) -> bool:
    """Tell whether the line is marked as quoted; ">:" is only the end of an address."""
    line = line.lstrip(" ")
    return line.startswith(">") and line[:3].rstrip() != ">:"


def unquoted(line: str) -> str:
    """Return the line without its first mark of a quote."""
    return line.lstrip(" ").removeprefix(">")


def is_certain(attribution: Sequence[str]) -> bool:
    """Tell whether an attribution is one whatever stands under it.

    It says that somebody wrote, when, and from which address, as a program writes addresses.
    """
    joined = " ".join(map(_closing, attribution))
    told = _says_wrote(joined) or (joined.endswith(">:") and _opens(joined))
    return told and "<" in joined and "@" in joined and _DATED.search(joined) is not None


def is_dated(attribution: Sequence[str]) -> bool:
    """Tell whether an attribution says when."""
    joined = " ".join(map(_closing, attribution))
    return _says_wrote(joined) and _DATED.search(joined) is not None


def _label(line: str) -> Label | None:
    head, colon, _ = line[:_LONGEST_LABEL].strip(_BLANK + "*").partition(":")
    return LABELS.get(head.strip(_BLANK + "*").casefold()) if colon else None


def _dashed(line: str) -> str:
    """Return what stands between dashes; nothing where there are none."""
    line = stripped(line)
    return line.strip(_DASHES).casefold() if line[:2] in ("--", "__", "==", "——") else ""


def _closing(line: str) -> str:
    """Return a line of an attribution; one between dashes, as Zoho's, ends in a colon then."""
    line = stripped(line)
    if line.startswith("---") and line.endswith("---"):
        line = f"{line.strip('- ')}:"
    return line


def _says_wrote(text: str) -> bool:
    return any(word in WROTE or word.startswith(WROTE_STEMS) for word in _words(text))


def _says_writes(text: str) -> bool:
    return any(word in WRITES for word in _words(text))


def _words(text: str) -> list[str]:
    return [word.strip(".,:;()") for word in text.casefold().split()]


def _opens(line: str) -> bool:
    """Tell whether a line begins with a date, or as one does that names it."""
    first, second = (*_words(line)[:2], "", "")[:2]
    if first in WEEKDAY_OPENERS:
        return second.startswith(WEEKDAYS)
    return first in OPENERS or first.startswith(WEEKDAYS) or first[:1].isdigit()


def _is_bare(line: str) -> bool:
    """Tell whether it is "Marko Marković je napisao:" and no more."""
    *name, verb = line.split() or [""]
    if name and name[-1] in ("je", "је"):
        name.pop()
    named = name != [] and all(word[:1].isupper() or word[:1] in '"„(' for word in name)
    return len(line) <= _BARE_ATTRIBUTION and named and _says_wrote(verb)
