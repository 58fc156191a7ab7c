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
    WEEKDAYS,
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
    begins = start < len(lines) and _label(lines[start]) is Label.SENDER
    return end if begins and {Label.SENDER, Label.SUBJECT} <= seen and len(seen) >= 3 else start


def attribution_start(lines: Sequence[str], last: int, first: int) -> int | None:
    """Return where the attribution begins that ends with line `last`; None if none does.

    Long ones are wrapped over up to four lines, of which none lies before `first`.
    """
    if not stripped(lines[last]).endswith(":"):
        return None
    joined = ""
    fallback = None
    for at in range(last, max(last - _ATTRIBUTION_LINES, first - 1), -1):
        line = stripped(lines[at])
        if not line:
            break
        joined = f"{line} {joined}" if joined else line
        dated, addressed = _DATED.search(joined) is not None, "@" in joined
        if not (_says_wrote(joined) or (dated and addressed)):
            continue
        if dated and _opens(line):
            return at
        if fallback is None and (dated or addressed) and not line.startswith("<"):
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
    bare = [unquoted(line) for line in lines[start : start + _ATTRIBUTION_LINES]]
    for at in range(len(bare)):
        if attribution_start(bare, at, 0) == 0 and is_dated(bare[: at + 1]):
            return start + at + 1
    return start


def unquoted(line: str) -> str:
    """Return the line without its first mark of a quote."""
    return line.lstrip(" ").removeprefix(">")


def is_certain(attribution: Sequence[str]) -> bool:
    """Tell whether an attribution is one whatever stands under it: somebody, some time, wrote."""
    joined = " ".join(map(stripped, attribution))
    return _says_wrote(joined) and "@" in joined and _DATED.search(joined) is not None


def is_dated(attribution: Sequence[str]) -> bool:
    """Tell whether an attribution says when."""
    joined = " ".join(map(stripped, attribution))
    return _says_wrote(joined) and _DATED.search(joined) is not None


def _label(line: str) -> Label | None:
    head, colon, _ = line[:_LONGEST_LABEL].strip(_BLANK + "*").partition(":")
    return LABELS.get(head.strip(_BLANK + "*").casefold()) if colon else None


def _dashed(line: str) -> str:
    """Return what stands between dashes; nothing where there are none."""
    line = stripped(line)
    return line.strip(_DASHES).casefold() if line[:2] in ("--", "__", "==", "——") else ""


def _says_wrote(text: str) -> bool:
    words = [word.strip(".,:;()") for word in text.casefold().split()]
    return any(word in WROTE or word.startswith(WROTE_STEMS) for word in words)


def _opens(line: str) -> bool:
    words = line.casefold().split(maxsplit=1)
    first = words[0].strip(",")
    return first in OPENERS or first.startswith(WEEKDAYS) or first[:1].isdigit()


def _is_bare(line: str) -> bool:
    """Tell whether it is "Marko Marković wrote:" and no more."""
    return len(line) <= _BARE_ATTRIBUTION and _says_wrote(" ".join(line.split()[-2:]))
