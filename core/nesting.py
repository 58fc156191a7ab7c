"""Rich text as a tree: what markup languages want, and what spans that overlap are not."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from core.richtext import Mark, RichText, Span

_WHOLE = (Mark.LINK, Mark.MENTION, Mark.CODE, Mark.PRE)
# Which is the outer one of two spans over the same text.
_DEPTH = {mark: at for at, mark in enumerate(dict.fromkeys((Mark.QUOTE, *_WHOLE, *Mark)))}


class Edge(NamedTuple):
    """The beginning or the end of a span, met on the walk through a text."""

    span: Span
    opens: bool


def nested(text: RichText) -> tuple[Span, ...]:
    """Return the spans cut so that any two are apart or one lies within the other.

    The outer comes before the inner. A quote is never inside anything. Where a style (bold, …)
    and a link, a mention or code overlap in part, the style is cut and the other stays whole.
    """
    if not text.spans:
        return ()
    quotes = [span for span in text.spans if span.mark is Mark.QUOTE]
    borders = [at for quote in quotes for at in (quote.start, quote.end)]
    whole = _cut((s for s in text.spans if s.mark in _WHOLE), borders)
    styles = _cut((s for s in text.spans if s.mark not in (Mark.QUOTE, *_WHOLE)), borders)
    styles = [part for style in styles for part in _yielding(style, whole)]
    return _stacked([*quotes, *whole, *styles])


def walk(text: RichText) -> Iterator[Edge | str]:
    """Yield the text in order: its pieces (never empty), and the edges of the spans around them."""
    at = 0
    around: list[Span] = []
    end = Span(len(text.text), len(text.text), Mark.QUOTE)
    for span in (*nested(text), end):
        while around and around[-1].end <= span.start:
            inner = around.pop()
            if at < inner.end:
                yield text.text[at : inner.end]
                at = inner.end
            yield Edge(inner, False)
        if at < span.start:
            yield text.text[at : span.start]
            at = span.start
        if span is not end:
            around.append(span)
            yield Edge(span, True)


def _cut(spans: Iterable[Span], borders: Sequence[int]) -> list[Span]:
    """Return the spans cut at every border inside them."""
    parts = []
    for span in spans:
        inside = borders[bisect_right(borders, span.start) : bisect_left(borders, span.end)]
        edges = (span.start, *inside, span.end)
        parts += [
            Span(start, end, span.mark, span.target)
            for start, end in pairwise(edges)
            if start < end
        ]
    return parts


def _yielding(style: Span, whole: Sequence[Span]) -> list[Span]:
    """Return a style cut at the borders of what it overlaps in part; `whole` is disjoint."""
    borders = []
    left = bisect_left(whole, style.start, key=lambda span: span.start) - 1
    if left >= 0 and style.start < whole[left].end < style.end:
        borders.append(whole[left].end)
    right = bisect_left(whole, style.end, key=lambda span: span.start) - 1
    if right >= 0 and style.start < whole[right].start and whole[right].end > style.end:
        borders.append(whole[right].start)
    return _cut([style], borders)


def _stacked(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans, each cut where the one around it ends."""
    queue = [(_order(span), span) for span in spans]
    heapify(queue)
    ends: list[int] = []
    done = []
    while queue:
        _, span = heappop(queue)
        while ends and ends[-1] <= span.start:
            ends.pop()
        if ends and ends[-1] < span.end:
            rest = Span(ends[-1], span.end, span.mark, span.target)
            heappush(queue, (_order(rest), rest))
            span = Span(span.start, ends[-1], span.mark, span.target)
        done.append(span)
        ends.append(span.end)
    return tuple(done)


def _order(span: Span) -> tuple[int, int, int]:
    return span.start, -span.end, _DEPTH[span.mark]
