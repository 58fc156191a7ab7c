"""Rich text as a mail's two bodies: HTML and plain text."""

import re
from html import escape

from core.nesting import Edge, walk
from core.richtext import Mark, RichText, hides_target, readable

_TAGS = {
    Mark.BOLD: "strong",
    Mark.ITALIC: "em",
    Mark.UNDERLINE: "u",
    Mark.STRIKE: "s",
    Mark.CODE: "code",
    Mark.PRE: "pre",
    Mark.QUOTE: "blockquote",
}
_BLOCKS = (Mark.PRE, Mark.QUOTE)
# Some programs drop style sheets; without this, a long line is wider than any phone.
_PRE = '<pre style="white-space: pre-wrap">'
_LINKED = ("http", "https", "mailto")
# HTML shows a run of spaces, or spaces at a line's start, as one space or none.
_COLLAPSING = re.compile(r"(?<![^\n ]) ")


def to_html(text: RichText, *, pre: str = _PRE) -> str:
    """Return the text as a fragment of HTML in which nothing that people wrote is markup.

    *pre* is how a block of code begins: in a mail with a style of its own.
    Marks become strong, em, u, s, code, pre, a and blockquote, line breaks become br. A link shows
    its destination behind a label that says something else. Spoilers and mentions are plain text.
    """
    parts: list[str] = []
    verbatim = False
    after_block = False
    before = "\n"
    for step in walk(text):
        if isinstance(step, str):
            shown = step.removeprefix("\n") if after_block else step  # a block ends its own line
            parts.append(escape(shown) if verbatim else _lines(shown, before))
            after_block = False
            before = step[-1]
            continue
        parts.append(_link(step, text) if step.span.mark is Mark.LINK else _tag(step, pre))
        if step.span.mark in _BLOCKS:
            verbatim = step.opens and step.span.mark is Mark.PRE
            after_block = not step.opens
    return "".join(parts)


def to_plain(text: RichText) -> str:
    """Return the text with quoted lines behind "> " and links as "label <url>"."""
    parts: list[str] = []
    quote_from = 0
    after_quote = False
    for step in walk(text):
        if isinstance(step, str):
            parts.append(f"\n{step}" if after_quote and not step.startswith("\n") else step)
            after_quote = False
        elif step.span.mark is Mark.LINK:
            if not step.opens and hides_target(text, step.span):
                parts.append(f" <{readable(step.span.target)}>")
        elif step.span.mark is Mark.QUOTE and step.opens:
            if (parts and not parts[-1].endswith("\n")) or after_quote:
                parts.append("\n")
            after_quote = False
            quote_from = len(parts)
        elif step.span.mark is Mark.QUOTE:
            lines = "".join(parts[quote_from:]).split("\n")
            parts[quote_from:] = ["\n".join(f"> {line}" for line in lines)]
            after_quote = True
    return "".join(parts)


def _lines(text: str, before: str) -> str:
    """Return flowing text as HTML; `before` is the character in front of it."""
    kept = _COLLAPSING.sub("\u00a0", before + text)[1:]
    return escape(kept).replace("\n", "<br>\n")


def _tag(edge: Edge, pre: str) -> str:
    tag = _TAGS.get(edge.span.mark)
    if tag is None:
        return ""
    if edge.span.mark is Mark.PRE and edge.opens:
        return pre
    return f"<{tag}>" if edge.opens else f"</{tag}>"


def _link(edge: Edge, text: RichText) -> str:
    target = edge.span.target
    linked = target.partition(":")[0].lower() in _LINKED
    if edge.opens:
        return f'<a href="{escape(target)}" rel="noopener noreferrer nofollow">' if linked else ""
    end = "</a>" if linked else ""
    return f"{end} ({escape(readable(target))})" if hides_target(text, edge.span) else end
