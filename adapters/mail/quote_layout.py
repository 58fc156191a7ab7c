"""How a mail is laid out: which lines were said, which are quoted, and what stands above those."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from adapters.mail.quote_lines import (
    attribution_start,
    begins_with_attribution,
    header_block_end,
    is_blank,
    is_certain,
    is_dated,
    is_forward_title,
    is_original_title,
    is_rule,
    quoted_attribution_end,
    unquoted,
)


class Kind(Enum):
    """What a line is."""

    BLANK = auto()
    SAID = auto()
    QUOTED = auto()
    ABOVE = auto()
    """The attribution or the headers of what is quoted below."""
    SIGNED = auto()


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The kind of each line, and what lies at the end without any mark."""

    kinds: list[Kind]
    end: int
    """Where a quote or a forwarded mail begins that goes on to the end; else the lines' number."""
    forwarded: int
    """The same for a forwarded mail only."""


@dataclass(frozen=True)
class _Heading:
    """What stands above a quote, from line to line; whether it is known where that quote ends."""

    begin: int
    end: int
    marked: bool


def layout(lines: Sequence[str], quoted: Sequence[bool], *, forwarded: bool) -> Layout:
    """Return a mail's layout; with `forwarded` its first quote is what somebody forwards."""
    kinds = [
        Kind.QUOTED if marked else Kind.BLANK if is_blank(line) else Kind.SAID
        for line, marked in zip(lines, quoted, strict=True)
    ]
    following = _following(kinds)
    count = len(lines)
    fresh = 0  # the first line that an attribution may still take
    ruled = count  # the drawn line right above, if there is one
    before = Kind.BLANK  # the kind of the last line that is not blank
    at = 0
    while at < count:
        if kinds[at] is Kind.QUOTED:
            begins = before not in (Kind.QUOTED, Kind.ABOVE)
            if forwarded or (begins and is_forward_title(unquoted(lines[at]))):
                return Layout(kinds=kinds, end=at, forwarded=at)
            if begins:
                end = quoted_attribution_end(lines, at)
                kinds[at:end] = [Kind.ABOVE] * (end - at)
            fresh, ruled = at + 1, count
        elif kinds[at] is Kind.SAID:
            if is_forward_title(lines[at]):
                return Layout(kinds=kinds, end=at, forwarded=at)
            heading = _heading(lines, kinds, following, at, fresh, ruled)
            if heading:
                if forwarded or not heading.marked:
                    kept_from = heading.begin if forwarded else count
                    return Layout(kinds=kinds, end=heading.begin, forwarded=kept_from)
                kinds[heading.begin : heading.end] = [Kind.ABOVE] * (heading.end - heading.begin)
                at, fresh = heading.end - 1, heading.end
            ruled = at if is_rule(lines[at]) else count
        before = before if kinds[at] is Kind.BLANK else kinds[at]
        at += 1
    return Layout(kinds=kinds, end=count, forwarded=count)


def _following(kinds: Sequence[Kind]) -> list[int]:
    """Return for each line the first that is not blank, itself or below; their number if none."""
    following = [len(kinds)] * (len(kinds) + 1)
    for at in range(len(kinds) - 1, -1, -1):
        following[at] = following[at + 1] if kinds[at] is Kind.BLANK else at
    return following


def _heading(
    lines: Sequence[str],
    kinds: Sequence[Kind],
    following: Sequence[int],
    at: int,
    fresh: int,
    ruled: int,
) -> _Heading | None:
    """Return what stands above a quote and has line `at` in it."""
    count = len(lines)

    def quote_below(line: int) -> bool:
        return following[line] < count and kinds[following[line]] is Kind.QUOTED

    titled = is_original_title(lines[at])
    first = following[at + 1] if titled else at
    end = header_block_end(lines, first, titled=titled or ruled < count)
    if titled or end > first:
        end = max(end, at + 1) if first < count else at + 1
        return _Heading(min(at, ruled), end, marked=quote_below(end))
    if begins_with_attribution(lines[at]):
        return _Heading(at, at + 1, marked=False)
    start = attribution_start(lines, at, fresh)
    if start is None:
        return None
    attribution = lines[start : at + 1]
    if quote_below(at + 1):
        return _Heading(start, at + 1, marked=True)
    if following[at + 1] == count:
        return _Heading(start, at + 1, marked=True) if is_dated(attribution) else None
    return _Heading(start, at + 1, marked=False) if is_certain(attribution) else None
