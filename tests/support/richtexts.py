"""Hypothesis strategies for rich text, with the characters that formatters stumble over."""

from hypothesis import strategies as st

from core.richtext import Mark, RichText, Span, hides_target, readable, rich

LINKS = (
    "https://example.com/a?b=c&d=e",
    "http://пример.срб/",
    "mailto:ana@example.com",
    "tel:+381111234567",
    "tg://resolve?domain=podrska",
    "javascript:alert(1)",
)
_PIECES = (
    *("a", "č", "Ж", "word", ".", "!", " ", "  ", "\n", "\n\n", "\t", "\r\n", "\x00", "\ud800"),
    *("<", ">", "&", "&amp;", "<b>", "</pre>", "<!channel>", "<@U1>", "@channel", ":smile:"),
    *("*", "_", "~", "`", "```", "||", "“", "\u00a0", "\u200b", "\u202e", "https://example.com"),
    *("😀", "👩🏻‍❤️‍💋‍👩🏼", "🇷🇸", "🇷", "e\u0301", "각", "\u200d", "\ufe0f"),
)


def texts() -> st.SearchStrategy[str]:
    """Return a strategy for what somebody may type, harmless or not."""
    return st.lists(st.sampled_from(_PIECES) | st.text(max_size=6), max_size=25).map("".join)


@st.composite
def richtexts(draw: st.DrawFn, links: tuple[str, ...] = LINKS) -> RichText:
    """Return a text with any spans, however they overlap."""
    text = draw(texts())
    offset = st.integers(-1, len(text) + 1)
    target = st.sampled_from(links)
    marks = st.lists(st.tuples(offset, offset, st.sampled_from(Mark), target), max_size=8)
    return rich(text, (Span(*span) for span in draw(marks)))


def written_out(text: RichText) -> str:
    """Return the text with the destinations that its labels hide."""
    parts, at = [], 0
    for link in (span for span in text.spans if span.mark is Mark.LINK):
        parts.append(text.text[at : link.end])
        at = link.end
        if hides_target(text, link):
            parts.append(f" ({readable(link.target)})")
    return "".join(parts) + text.text[at:]
