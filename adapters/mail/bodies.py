"""Which of a mail's parts are its text, in which order, and which are its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from adapters.mail.charsets import decode
from adapters.mail.mime import Part
from core.richtext import clean

_MOST_BYTES = 1_000_000  # of one text
_SIGNATURES = frozenset(
    "application/pgp-signature application/pkcs7-signature application/x-pkcs7-signature".split()
)
_PLAIN = frozenset({"text/plain", "text/markdown"})
_FILES_AMONG_TEXTS = frozenset({"text/calendar", "text/vcard", "text/x-vcard", "text/directory"})


class Role(Enum):
    """What a part is to a reader."""

    PLAIN = auto()
    HTML = auto()
    FILE = auto()


@dataclass(frozen=True)
class Piece:
    """A part that is read, or a file."""

    role: Role
    part: Part
    alternative: Part | None = None
    """The plain text of HTML, for where the HTML says less."""


def pieces(root: Part) -> tuple[Piece, ...]:
    """Return a mail's texts and files in the order in which they are read.

    Of alternatives HTML is taken: it keeps marks, links and the place of images, tells what is
    quoted, and does not break lines. Signatures that only a program can read are left out, and so
    is a second version of a text. A mail within the mail is a file.
    """
    found = _pieces(root)
    first = next((piece for piece in found if piece.role is not Role.FILE), None)
    return tuple(
        Piece(Role.FILE, piece.part) if piece is not first and piece.part.name else piece
        for piece in found
    )


def source(part: Part) -> tuple[str, bool]:
    """Return a part's characters, and whether they are all of them."""
    data = part.content(_MOST_BYTES)
    complete = len(data) < _MOST_BYTES
    return clean(decode(data, part.parameters.get("charset", ""), whole=complete)), complete


def plain_source(part: Part) -> tuple[str, bool]:
    """Return a part's plain text with its paragraphs in one line each where it says "flowed"."""
    text, complete = source(part)
    if part.parameters.get("format", "").lower() == "flowed":
        text = unflowed(text, delete=part.parameters.get("delsp", "").lower() == "yes")
    return text.replace("\ufeff", ""), complete


def unflowed(text: str, *, delete: bool) -> str:
    """Return flowed text (RFC 3676) with its lines joined, the depth of quotes kept.

    *delete* is DelSp: the space that marks a flowing line is no part of the text.
    """
    out: list[str] = []
    flowing = -1
    """The depth of the line that flows into the next; -1 where none does."""
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        is_rule = content == "-- "
        flows = content.endswith(" ") and not is_rule
        shown = content[:-1] if flows and delete else content
        if flowing == depth and not is_rule:
            out.append(shown)
        else:
            out.append(("\n" if out else "") + _quoting(depth, shown) + shown)
        flowing = depth if flows else -1
    return "".join(out)


def _quoting(depth: int, line: str) -> str:
    return ">" * depth + (" " if depth and line else "")


def _pieces(part: Part) -> list[Piece]:
    if not part.children:
        return _leaf(part)
    each = [_pieces(child) for child in part.children]
    match part.kind:
        case "multipart/alternative":
            return _best(each)
        case "multipart/related":
            start = part.parameters.get("start", "").strip("<> ")
            ids = [child.field("content-id").strip("<> ") for child in part.children]
            if start and start in ids:
                each.insert(0, each.pop(ids.index(start)))
    return [piece for some in each for piece in some]


def _leaf(part: Part) -> list[Piece]:
    if part.kind in _SIGNATURES:
        return []
    if part.disposition == "attachment":
        return [Piece(Role.FILE, part)]
    if part.kind in _PLAIN:
        return [Piece(Role.PLAIN, part)]
    if part.kind == "text/html":
        return [Piece(Role.HTML, part)]
    nonsense = part.kind == "" and part.parameters == {} and not part.disposition
    encoded = part.field("content-transfer-encoding").lower() == "base64"
    return [Piece(Role.PLAIN if nonsense and not encoded else Role.FILE, part)]


def _best(each: Sequence[list[Piece]]) -> list[Piece]:
    """Return the alternative that is read, with the files of all."""
    html = next((some for some in reversed(each) if _has(some, Role.HTML)), None)
    text = next((some for some in each if _has(some, Role.PLAIN)), None)
    chosen = html or text or next((some for some in each if some), [])
    files = [
        piece
        for some in each
        if some is not chosen
        for piece in some
        if piece.role is Role.FILE and _is_file(piece.part)
    ]
    if html and text and html is not text:
        plain = next(piece.part for piece in text if piece.role is Role.PLAIN)
        alone = sum(piece.role is not Role.FILE for piece in html) == 1
        chosen = [
            Piece(piece.role, piece.part, plain) if alone and piece.role is Role.HTML else piece
            for piece in html
        ]
    return [*chosen, *files]


def _is_file(part: Part) -> bool:
    another_version = part.kind.startswith("text/") and part.kind not in _FILES_AMONG_TEXTS
    return not another_version or part.disposition == "attachment"


def _has(some: Sequence[Piece], role: Role) -> bool:
    return any(piece.role is role for piece in some)
