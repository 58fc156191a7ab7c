"""Where a text may be cut: never inside a character as people see it, best where it pauses."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

_ZERO_WIDTH_JOINER = "\u200d"
_SENTENCE_ENDS = frozenset(".!?…。！？")
_CLOSERS = "\"'”’»)]"
# No-break spaces hold their words together: no cut there.
_GAP = re.compile(r"[^\S\u00a0\u2007\u202f]+")


class _Rank(IntEnum):
    """How little a cut disturbs the reader; the smaller, the better."""

    PARAGRAPH = 0
    SENTENCE = 1
    LINE = 2
    WORD = 3
    KEPT = 4  # inside something that should stay whole


class _Gap(NamedTuple):
    start: int
    end: int
    rank: _Rank


def joined(text: str, at: int, since: int = 0) -> bool:
    """Tell whether the characters on both sides of `at` make one grapheme.

    An approximation of Unicode's rules (UAX 29): combining marks, variation selectors, joiners,
    skin tones, tags, Hangul vowels and tails, and pairs of regional indicators (flags) counted
    from `since`, which has to be a grapheme's start.
    """
    if text[at] < "\u0300":
        return False
    if _extends(text[at]) or text[at - 1] == _ZERO_WIDTH_JOINER:
        return True
    if not (_is_regional(text[at]) and _is_regional(text[at - 1])):
        return False
    first = at
    while first > since and _is_regional(text[first - 1]):
        first -= 1
    return (at - first) % 2 == 1


def graphemes(text: str) -> Iterator[str]:
    """Yield the characters of a text as people count them (see `joined`)."""
    start = 0
    for at in range(1, len(text)):
        if not joined(text, at, start):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def cut(text: str, limit: int, kept: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Cut a text into ranges of at most `limit` code points; takes time linear in the text.

    A cut is made where a paragraph ends, else a sentence, else a line, else a word, as late as
    possible and never before a quarter of the limit if that can be helped; the white space there
    belongs to no piece. The ranges `kept` (sorted, disjoint) stay whole where possible, graphemes
    wherever they fit the limit. Pieces of nothing but white space are left out.
    """
    if limit < 1:
        raise ValueError("a piece holds at least one character")
    if len(text) <= limit:
        return ((0, len(text)),) if text.strip() else ()
    gaps = _gaps(text, kept)
    starts = [gap.start for gap in gaps]
    pieces = []
    at = 0
    while len(text) - at > limit:
        within = gaps[bisect_right(starts, at) : bisect_right(starts, at + limit)]
        gap = _best(within, at + limit // 4) or _forced(text, at, at + limit, kept, within)
        pieces.append((at, gap.start))
        at = gap.end
    pieces.append((at, len(text)))
    return tuple(piece for piece in pieces if text[slice(*piece)].strip())


def _gaps(text: str, kept: Sequence[tuple[int, int]]) -> list[_Gap]:
    gaps = []
    later = iter(kept)
    inside = next(later, None)
    for match in _GAP.finditer(text):
        start, end = match.span()
        if end < len(text) and joined(text, end):
            end -= 1  # the last space carries a combining mark
        if start == end:
            continue
        while inside and inside[1] <= start:
            inside = next(later, None)
        whole = inside is not None and inside[0] < end
        gaps.append(_Gap(start, end, _Rank.KEPT if whole else _rank(text, start, end)))
    return gaps


def _rank(text: str, start: int, end: int) -> _Rank:
    breaks = text.count("\n", start, end)
    if breaks > 1:
        return _Rank.PARAGRAPH
    last = start - 1
    while last > 0 and start - last < 4 and text[last] in _CLOSERS:
        last -= 1
    if last >= 0 and text[last] in _SENTENCE_ENDS:
        return _Rank.SENTENCE
    return _Rank.LINE if breaks else _Rank.WORD


def _best(gaps: Sequence[_Gap], enough: int) -> _Gap | None:
    free = [gap for gap in gaps if gap.rank is not _Rank.KEPT]
    late = [gap for gap in free if gap.start >= enough]
    return max(late or free, key=lambda gap: (-gap.rank, gap.start), default=None)


def _forced(
    text: str, at: int, end: int, kept: Sequence[tuple[int, int]], gaps: Sequence[_Gap]
) -> _Gap:
    """Return a cut in (at, end] for a stretch without a free gap."""
    nearest = bisect_left(kept, end, key=lambda span: span[0]) - 1
    start, stop = kept[nearest] if nearest >= 0 else (0, 0)
    if end < stop and start > at:
        end = start
    elif end < stop and gaps:
        return gaps[-1]
    back = end
    while back > at and joined(text, back, at):
        back -= 1
    if back == at:  # one grapheme longer than a piece
        back = end
    return _Gap(back, back, _Rank.WORD)


def _extends(char: str) -> bool:
    return (
        char == _ZERO_WIDTH_JOINER
        or unicodedata.category(char) in ("Mn", "Mc", "Me")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
        or "\u1160" <= char <= "\u11ff"
    )


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
