"""Slack's mrkdwn into the desk's rich text, for messages that came without a rich_text block.

Rules: docs.slack.dev, "Formatting message text". Every pattern here gives nothing back once it has
matched (possessive), so reading takes time linear in the text.
"""

import re
from collections.abc import Callable
from itertools import accumulate, groupby

from core.richtext import Mark, RichText, Span, clean_name, concat, plain, rich

Names = Callable[[str, str], str]
"""What people call a thing: (kind, Slack's id) → name. A kind is user, usergroup, channel,
broadcast (whose id is here, channel or everyone) or team."""

_LEXEME = re.compile(r"`[^`\n]++`|<[^<>\n]++>|[*_~\n`<]|[^*_~\n`<]++")
_FENCE = "```"
_QUOTE = "&gt;"
_STYLES = {"*": Mark.BOLD, "_": Mark.ITALIC, "~": Mark.STRIKE}
_MENTIONS = (("@", "user"), ("#", "channel"), ("!subteam^", "usergroup"))


def nobody(kind: str, slack_id: str) -> str:
    """Return a name that gives nobody away."""
    return "somebody"


def mention(kind: str, slack_id: str, names: Names) -> RichText:
    """Return the name of somebody (or something) mentioned.

    It never starts with "@": on other platforms "@ana" is some stranger's account.
    """
    name = clean_name(names(kind, slack_id)).lstrip("@")
    return plain(name or nobody(kind, slack_id)).marked(Mark.MENTION)


def unescape(text: str) -> str:
    """Undo Slack's escaping of its three control characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def from_mrkdwn(text: str, names: Names) -> RichText:
    """Return the text of a message as people see it in Slack."""
    parts = text.split(_FENCE)
    if len(parts) % 2 == 0:  # the last fence was never closed
        parts[-2:] = [_FENCE.join(parts[-2:])]
    return concat(
        *(
            _verbatim(part, names).marked(Mark.PRE) if index % 2 else _lines(part, names)
            for index, part in enumerate(parts)
        )
    )


def _verbatim(text: str, names: Names) -> RichText:
    """Return code, in which Slack still wraps addresses and names in angle brackets."""
    lexemes = (match[0] for match in _LEXEME.finditer(text.removeprefix("\n").removesuffix("\n")))
    return plain(
        "".join(
            _angle(lexeme[1:-1], names).text if _is_angle(lexeme) else unescape(lexeme)
            for lexeme in lexemes
        )
    )


def _lines(text: str, names: Names) -> RichText:
    blocks: list[RichText] = []
    for quoted, lines in groupby(text.split("\n"), lambda line: line.startswith(_QUOTE)):
        if blocks:
            blocks.append(plain("\n"))
        if quoted:
            bare = (line.removeprefix(_QUOTE).removeprefix(" ") for line in lines)
            blocks.append(_inline("\n".join(bare), names).marked(Mark.QUOTE))
        else:
            blocks.append(_inline("\n".join(lines), names))
    return concat(*blocks)


def _inline(text: str, names: Names) -> RichText:
    pieces: list[RichText] = []
    styled: list[tuple[int, int, Mark]] = []  # (first piece, piece after the last, mark)
    opened: dict[str, int] = {}
    for match in _LEXEME.finditer(text):
        lexeme = match[0]
        if lexeme in _STYLES:
            begun = opened.get(lexeme, len(pieces))
            if begun + 1 < len(pieces) and _may_close(text, match.start()):
                styled.append((begun, len(pieces), _STYLES[lexeme]))
                pieces[begun] = plain("")
                del opened[lexeme]
                continue
            if _may_open(text, match.start()):
                opened.setdefault(lexeme, len(pieces))
        elif lexeme == "\n":
            opened.clear()
        pieces.append(_piece(lexeme, names))
    offsets = list(accumulate((len(piece.text) for piece in pieces), initial=0))
    spans = (Span(offsets[first], offsets[last], mark) for first, last, mark in styled)
    whole = concat(*pieces)
    return rich(whole.text, (*whole.spans, *spans))


def _may_open(text: str, at: int) -> bool:
    after = text[at + 1 : at + 2]
    return not after.isspace() and after != "" and not text[max(at - 1, 0) : at].isalnum()


def _may_close(text: str, at: int) -> bool:
    return not text[at - 1].isspace() and not text[at + 1 : at + 2].isalnum()


def _piece(lexeme: str, names: Names) -> RichText:
    if _is_angle(lexeme):
        return _angle(lexeme[1:-1], names)
    if len(lexeme) > 1 and lexeme[0] == "`":
        return _verbatim(lexeme[1:-1], names).marked(Mark.CODE)
    return plain(unescape(lexeme))


def _is_angle(lexeme: str) -> bool:
    return len(lexeme) > 1 and lexeme[0] == "<"


def _angle(inner: str, names: Names) -> RichText:
    """Return what Slack shows for `<inner>`: a name, a date or a link."""
    target, _, label = inner.partition("|")
    for prefix, kind in _MENTIONS:
        if target.startswith(prefix):
            return mention(kind, target.removeprefix(prefix), names)
    if target.startswith("!date^"):
        return plain(unescape(label))
    if target.startswith("!"):
        return mention("broadcast", target.removeprefix("!"), names)
    url = unescape(target)
    return plain(unescape(label) or url).marked(Mark.LINK, url)
