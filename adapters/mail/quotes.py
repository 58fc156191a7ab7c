"""What a mail says now: its text without what it quotes, and without its signature.

Everything is decided line by line, from a few lines around each and what one pass backwards told
before, so that the work grows with the mail's length and with nothing else. Nothing is lost by it:
the whole mail is kept beside. In doubt a line counts as said.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from adapters.mail.quote_layout import Kind, Layout, layout
from adapters.mail.quote_lines import is_blank, is_quoted, stripped, unquoted
from adapters.mail.quote_words import FORWARD_PREFIXES
from adapters.mail.signatures import signature_start
from core.richtext import Mark, RichText, Span, rich

_MOST_LINES = 20_000

_Gap = tuple[int, int]


def said(text: RichText, *, forwarded: bool = False) -> RichText:
    """Return what a mail says now: without quotes, what stands above them, and its signature.

    Answers written between quoted lines stay, with the lines that they answer. What somebody
    forwards is what they say: it stays if it is announced as such, or if the subject tells so
    (`forwarded`, see `is_forward`). A text that is nothing but a quote comes back whole, and so
    does one of more than 20,000 lines, which is no letter.
    """
    lines = text.text.split("\n", _MOST_LINES)
    if len(lines) > _MOST_LINES:
        return text
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    kept = said_lines(lines, _quoted(lines, starts, text), forwarded=forwarded)
    return _without(text, list(_gaps(lines, starts, frozenset(kept))))


def said_lines(
    lines: Sequence[str], quoted: Sequence[bool], *, forwarded: bool = False
) -> list[int]:
    """Return the numbers of the lines that say something now, in order; blank ones are left out.

    `quoted` tells of each line whether it is marked as quoted. If nothing is said besides quotes
    and a signature, all lines that are not blank come back.
    """
    found = layout(lines, quoted, forwarded=forwarded)
    _mark_signatures(lines, found)
    kept = _answers(lines, found)
    if not any(found.kinds[at] is Kind.SAID for at in kept):
        kept = list(range(len(lines)))
    else:
        kept += range(found.forwarded, len(lines))
    return [at for at in kept if not is_blank(lines[at])]


def is_forward(subject: str) -> bool:
    """Tell whether a subject says that its mail is forwarded: "Fwd:", "WG:", "Прос:"."""
    prefix, colon, _ = subject.lstrip()[:12].partition(":")
    return colon != "" and prefix.rstrip().casefold() in FORWARD_PREFIXES


def _quoted(lines: Sequence[str], starts: Sequence[int], text: RichText) -> list[bool]:
    """Return of each line whether it is quoted: behind ">", or under a quote's mark."""
    quoted = [is_quoted(line) for line in lines]
    for span in text.spans:
        if span.mark is Mark.QUOTE:
            first = bisect_right(starts, span.start) - 1
            last = bisect_right(starts, span.end - 1) - 1
            quoted[first : last + 1] = [True] * (last + 1 - first)
    return quoted


def _mark_signatures(lines: Sequence[str], found: Layout) -> None:
    """Mark the signature at the end of each run of lines between quotes."""
    start = 0
    for at in range(found.end + 1):
        if at == found.end or found.kinds[at] in (Kind.QUOTED, Kind.ABOVE):
            if start < at:
                signature = signature_start(lines, start, at)
                for line in range(signature, at):
                    if found.kinds[line] is Kind.SAID:
                        found.kinds[line] = Kind.SIGNED
            start = at + 1


def _answers(lines: Sequence[str], found: Layout) -> list[int]:
    """Return the lines that were said, and the quoted ones that they answer."""
    kinds = found.kinds[: found.end]
    answers = [at for at, kind in enumerate(kinds) if kind is Kind.SAID]
    if not answers:
        return []
    if _is_below_one_quote(kinds, answers):
        return answers
    end = answers[-1] + 1
    if found.end == len(lines) and _introduces(lines[answers[-1]], kinds[end:]):
        end = len(kinds)
    return list(_without_empty_quotes(lines, kinds, range(end)))


def _without_empty_quotes(
    lines: Sequence[str], kinds: Sequence[Kind], numbers: range
) -> Iterator[int]:
    """Yield what was said and quoted, but no empty quoted line at a quote's beginning or end."""
    quoting = False
    empty: list[int] = []
    for at in numbers:
        if kinds[at] is Kind.SAID:
            quoting, empty = False, []
            yield at
        elif kinds[at] is Kind.QUOTED and is_blank(unquoted(lines[at])):
            empty.append(at)
        elif kinds[at] is Kind.QUOTED:
            if quoting:
                yield from empty
            quoting, empty = True, []
            yield at


def _is_below_one_quote(kinds: Sequence[Kind], answers: Sequence[int]) -> bool:
    """Tell whether all was said below one quote that the mail program put there."""
    first = answers[0]
    return (
        Kind.ABOVE in kinds[:first]
        and Kind.QUOTED in kinds[:first]
        and Kind.QUOTED not in kinds[first : answers[-1]]
    )


def _introduces(line: str, kinds_below: Sequence[Kind]) -> bool:
    """Tell whether somebody quotes by hand at the end: "This is the error:", and then the error."""
    by_hand = Kind.QUOTED in kinds_below and Kind.ABOVE not in kinds_below
    return by_hand and stripped(line).endswith(":")


def _gaps(lines: Sequence[str], starts: Sequence[int], kept: frozenset[int]) -> Iterator[_Gap]:
    """Yield what has to go, from offset to offset; a blank line stays in each place of it."""
    kept_until = -1  # the end of the last kept line
    dropped = False
    for at, line in enumerate(lines):
        if at in kept:
            if dropped and kept_until < 0:
                yield 0, starts[at]
            elif dropped:
                yield kept_until + 1, starts[at] - 1
            kept_until = starts[at] + len(line)
            dropped = False
        else:
            dropped = dropped or not is_blank(line)
    if dropped:
        yield kept_until, starts[-1] - 1


def _without(text: RichText, gaps: Sequence[_Gap]) -> RichText:
    """Return the text without these parts; its marks stay on what they were on."""
    if not gaps:
        return text
    begins = [begin for begin, _ in gaps]
    gone_before = list(accumulate((end - begin for begin, end in gaps), initial=0))

    def moved(offset: int) -> int:
        gap = bisect_right(begins, offset) - 1
        if gap < 0:
            return offset
        begin, end = gaps[gap]
        return offset - gone_before[gap] - (min(offset, end) - begin)

    ends = [0, *(end for _, end in gaps)]
    pieces = [text.text[a:b] for a, b in zip(ends, [*begins, len(text.text)], strict=True)]
    spans = (Span(moved(s.start), moved(s.end), s.mark, s.target) for s in text.spans)
    return rich("".join(pieces), spans)
