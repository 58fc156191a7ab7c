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
    stripped,
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
    scan = _Scan(lines, quoted)
    kinds, count = scan.kinds, len(lines)
    at = 0
    while at < count:
        if kinds[at] is Kind.QUOTED:
            if forwarded or scan.forwards_in_quote(at):
                return Layout(kinds=kinds, end=at, forwarded=at)
            scan.pass_quoted(at)
        elif kinds[at] is Kind.SAID:
            if is_forward_title(lines[at]):
                return Layout(kinds=kinds, end=at, forwarded=at)
            heading = scan.heading(at)
            if heading and (forwarded or not heading.marked):
                kept_from = heading.begin if forwarded else count
                return Layout(kinds=kinds, end=heading.begin, forwarded=kept_from)
            at = scan.pass_said(at, heading)
        at += 1
    return Layout(kinds=kinds, end=count, forwarded=count)


class _Scan:
    """One way down a mail's lines: what is known of those above, and where those below go on."""

    def __init__(self, lines: Sequence[str], quoted: Sequence[bool]) -> None:
        self.kinds = [
            Kind.QUOTED if marked else Kind.BLANK if is_blank(line) else Kind.SAID
            for line, marked in zip(lines, quoted, strict=True)
        ]
        self._lines = lines
        self._following = _following(self.kinds)
        self._above = -1  # the last line that is not blank
        self._free = 0  # the first line that an attribution may still take

    def pass_quoted(self, at: int) -> None:
        """Go over a quoted line; an attribution that the quote begins with is told from it."""
        if self._begins_quote():
            end = quoted_attribution_end(self._lines, at)
            self.kinds[at:end] = [Kind.ABOVE] * (end - at)
        self._above = at
        self._free = at + 1

    def pass_said(self, at: int, heading: _Heading | None) -> int:
        """Go over a line, and over the quote's heading that it begins; return the last of them."""
        if heading:
            self.kinds[heading.begin : heading.end] = [Kind.ABOVE] * (heading.end - heading.begin)
            at = heading.end - 1
            self._free = heading.end
        self._above = at
        return at

    def forwards_in_quote(self, at: int) -> bool:
        """Tell whether a quote begins that is a forwarded mail, as Apple's programs show one."""
        return self._begins_quote() and is_forward_title(unquoted(self._lines[at]))

    def heading(self, at: int) -> _Heading | None:
        """Return what stands above a quote and has line `at` in it."""
        lines, count = self._lines, len(self._lines)
        titled = is_original_title(lines[at])
        ruled = self._above_is_said() and is_rule(lines[self._above])
        first = self._following[at + 1] if titled else at
        end = header_block_end(lines, first, titled=titled or ruled)
        if titled or (end > first and (ruled or not self._introduced())):
            end = max(end, at + 1) if first < count else at + 1
            return _Heading(self._above if ruled else at, end, marked=self._quote_below(end))
        if begins_with_attribution(lines[at]):
            return _Heading(at, at + 1, marked=False)
        start = attribution_start(lines, at, self._free)
        if start is None:
            return None
        marked = self._quote_below(at + 1)
        last = self._following[at + 1] == count
        attribution = lines[start : at + 1]
        if marked or (last and is_dated(attribution)):
            return _Heading(start, at + 1, marked=True)
        return _Heading(start, at + 1, marked=False) if is_certain(attribution) else None

    def _begins_quote(self) -> bool:
        return self._above < 0 or self.kinds[self._above] not in (Kind.QUOTED, Kind.ABOVE)

    def _above_is_said(self) -> bool:
        return self._above >= 0 and self.kinds[self._above] is Kind.SAID

    def _introduced(self) -> bool:
        """Tell whether somebody shows what follows: "This is what came back:"."""
        return self._above_is_said() and stripped(self._lines[self._above]).endswith(":")

    def _quote_below(self, line: int) -> bool:
        at = self._following[line]
        return at < len(self.kinds) and self.kinds[at] is Kind.QUOTED


def _following(kinds: Sequence[Kind]) -> list[int]:
    """Return for each line the first that is not blank, itself or below; their number if none."""
    following = [len(kinds)] * (len(kinds) + 1)
    for at in range(len(kinds) - 1, -1, -1):
        following[at] = following[at + 1] if kinds[at] is Kind.BLANK else at
    return following
