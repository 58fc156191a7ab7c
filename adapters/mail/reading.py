"""Raw mail, read: whatever the bytes are, something comes out.

Nothing here raises, whatever a mail holds; the time and the memory it takes are bounded. Every
bound is a figure in the module that it guards.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.mail import headers, quotes
from adapters.mail.addresses import Mailbox, mailboxes
from adapters.mail.bodies import Piece, Role, pieces, plain_source, source
from adapters.mail.files import mime_of, name_of
from adapters.mail.html import LONGEST_TEXT, read_html
from adapters.mail.language import language_of
from adapters.mail.letter import Enclosed, Letter
from adapters.mail.mime import Part, parse
from adapters.mail.richtext import to_plain
from adapters.mail.tidy import MOST_TAGS
from core.richtext import RichText, concat, plain

MEGABYTE = 1024 * 1024
_MOST_FILES = 10
_MOST_BYTES = 2 * MEGABYTE  # of all texts, encoded
_CLEARLY_MORE = 2  # times the letters
_HEADER_ALONE = MEGABYTE  # what is looked at of a mail that is too large
_DELIVERED_TO = ("delivered-to", "x-original-to", "envelope-to")
_IMAGE = re.compile(r"\[(cid:|image: ?)([^\[\]\n]{1,200})\]")
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_NOTHING = plain("")


def read(raw: bytes, *, largest: int = 25 * MEGABYTE) -> Letter:
    """Return what a mail says. Never raises.

    Of a mail larger than *largest* (bytes), only the header is read. `Letter.damaged` says what
    could not be read.
    """
    try:
        return _letter(raw, largest)
    except Exception as error:
        return _unread(f"the reader failed: {type(error).__name__}")


def part(raw: bytes, number: int) -> bytes:
    """Return the bytes of the file that `Letter.enclosed` gives that number.

    Never raises; nothing comes back for a number that no part of the mail has.
    """
    try:
        return next((one.content() for one in parse(raw).root.walk() if one.number == number), b"")
    except Exception:
        return b""


@dataclass
class _Said:
    """The texts and files of a mail, as they are gone through."""

    now: list[RichText] = field(default_factory=list)
    whole: list[RichText] = field(default_factory=list)
    placed: set[int] = field(default_factory=set)
    damages: list[str] = field(default_factory=list)
    size: int = 0
    tags: int = 0

    def has_room_for(self, size: int, tags: int = 0) -> bool:
        """Tell whether one more text may be read; the first always may, as its own reader cuts."""
        self.size += size
        self.tags += tags
        first = not self.whole
        fits = first or (self.size <= _MOST_BYTES and self.tags <= MOST_TAGS)
        if not fits:
            self.damages.append("more texts than are read")
        return fits


def _letter(raw: bytes, largest: int) -> Letter:
    large = len(raw) > largest
    parsed = parse(raw[:_HEADER_ALONE] if large else raw, bodies=not large)
    damages = [f"larger than {largest} bytes: the body was not read"] if large else []
    damages += parsed.damages
    root = parsed.root
    fields = headers.texts(root.fields, root.parameters.get("charset", ""))
    subject = headers.subject(_first(fields, "subject"))
    found = pieces(root) if not large else ()
    files = [piece.part for piece in found if piece.role is Role.FILE]
    said = _said(found, files, forwarded=quotes.is_forward(subject))
    text = _joined(said.now)
    whole = to_plain(_joined(said.whole)).strip()
    kept, dropped = _enclosed(files, said.placed)
    if len(whole) > LONGEST_TEXT or len(text.text) > LONGEST_TEXT:
        said.damages.append(f"longer than {LONGEST_TEXT} characters")
    sender = _sender(fields)
    return Letter(
        sender=sender.address,
        sender_name=sender.name,
        recipients=_recipients(fields),
        subject=subject,
        date=headers.date(_first(fields, "date")),
        message_id=next(iter(headers.ids(_first(fields, "message-id"))), ""),
        refers_to=headers.refers_to(fields.get("in-reply-to", ()), fields.get("references", ())),
        text=text.slice(0, LONGEST_TEXT).strip(),
        whole=whole[:LONGEST_TEXT],
        enclosed=kept,
        dropped=dropped,
        language=language_of(text.text, _languages(fields)),
        headers=fields,
        damaged="; ".join(dict.fromkeys([*damages, *said.damages])),
    )


def _unread(problem: str) -> Letter:
    return Letter(
        sender="",
        sender_name="",
        recipients=(),
        subject="",
        date=None,
        message_id="",
        refers_to=(),
        text=_NOTHING,
        whole="",
        enclosed=(),
        dropped=(),
        language="",
        headers={},
        damaged=problem,
    )


def _said(found: Sequence[Piece], files: Sequence[Part], *, forwarded: bool) -> _Said:
    """Go through a mail's texts in order, and put the images between them in their place."""
    said = _Said()
    ids = {_content_id(file): file for file in reversed(files) if _content_id(file)}
    last_text = max(
        (at for at, piece in enumerate(found) if piece.role is not Role.FILE), default=0
    )
    for at, piece in enumerate(found):
        if piece.role is not Role.FILE and not said.has_room_for(len(piece.part.body)):
            continue
        match piece.role:
            case Role.HTML:
                if not _say_html(said, piece, ids, forwarded=forwarded) and piece.alternative:
                    _say_plain(said, piece.alternative, files, ids, forwarded=forwarded)
            case Role.PLAIN:
                _say_plain(said, piece.part, files, ids, forwarded=forwarded)
            case Role.FILE if at < last_text and piece.part.disposition == "inline":
                place = plain(f"[{name_of(piece.part)}]")
                said.now.append(place)
                said.whole.append(place)
                said.placed.add(piece.part.number)
    return said


def _say_html(said: _Said, piece: Piece, ids: Mapping[str, Part], *, forwarded: bool) -> bool:
    """Take in what HTML says, unless its plain alternative says clearly more."""
    markup, complete = source(piece.part)
    if not said.has_room_for(0, markup.count("<")):
        return True
    names = {content_id: name_of(file) for content_id, file in ids.items()}
    bodies = read_html(markup, names, forwarded=forwarded)
    if piece.alternative:
        length = _letters(bodies.whole.text.text)
        if length * _CLEARLY_MORE < _letters(plain_source(piece.alternative)[0]):
            return False
    said.whole.append(bodies.whole.text)
    now = quotes.said(bodies.said.text, forwarded=forwarded)
    said.now.append(now if now else bodies.whole.text)
    said.placed |= {ids[content_id].number for content_id in bodies.whole.images}
    if not (complete and bodies.complete):
        said.damages.append("the HTML is too long")
    return True


def _say_plain(
    said: _Said, body: Part, files: Sequence[Part], ids: Mapping[str, Part], *, forwarded: bool
) -> None:
    text, complete = plain_source(body)
    named = {file.name: file for file in reversed(files) if file.name}

    def placed(match: re.Match[str]) -> str:
        file = (ids if match[1] == "cid:" else named).get(match[2].strip())
        if file is None:
            return match[0]
        said.placed.add(file.number)
        return f"[{name_of(file)}]"

    whole = plain(_IMAGE.sub(placed, text[: LONGEST_TEXT + 1]))
    said.whole.append(whole)
    now = quotes.said(plain(_EMPTY_LINES.sub("\n\n", whole.text)), forwarded=forwarded)
    said.now.append(now if now else whole)
    if not complete:
        said.damages.append(f"longer than {LONGEST_TEXT} characters")


def _letters(text: str) -> int:
    return len("".join(text.split()))


def _joined(texts: Iterable[RichText]) -> RichText:
    """Return texts as one, with an empty line between them."""
    parts: list[RichText] = []
    for text in texts:
        if text:
            parts += [plain("\n\n"), _trimmed(text)] if parts else [_trimmed(text)]
    return concat(*parts)


def _trimmed(text: RichText) -> RichText:
    """Return the text without empty lines at its ends; the first line keeps its indentation."""
    end = len(text.text.rstrip())
    start = text.text.rfind("\n", 0, len(text.text) - len(text.text.lstrip())) + 1
    return text.slice(start, end)


def _enclosed(
    files: Sequence[Part], placed: set[int]
) -> tuple[tuple[Enclosed, ...], tuple[str, ...]]:
    """Return the files that are kept, those without a place in the text first, and other names."""
    ranked = sorted(files, key=lambda file: file.number in placed)[:_MOST_FILES]
    kept = {file.number for file in ranked}
    enclosed = tuple(
        Enclosed(
            part=file.number,
            name=name_of(file),
            mime=mime_of(file),
            size=len(file.content()),
            inline=file.number in placed,
        )
        for file in files
        if file.number in kept
    )
    return enclosed, tuple(name_of(file) for file in files if file.number not in kept)


def _content_id(file: Part) -> str:
    return file.field("content-id").strip("<> ")


def _first(fields: Mapping[str, tuple[str, ...]], name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def _sender(fields: Mapping[str, tuple[str, ...]]) -> Mailbox:
    """Return who a mail says it is from; nobody where it names more than one."""
    named = mailboxes(fields.get("from", ()))
    if len(fields.get("from", ())) != 1 or len({one.address for one in named}) != 1:
        return Mailbox("", "")
    return named[0]


def _recipients(fields: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return whom a mail went to, each address once."""
    names = ("to", "cc", *_DELIVERED_TO)
    return tuple(
        dict.fromkeys(one.address for name in names for one in mailboxes(fields.get(name, ())))
    )


def _languages(fields: Mapping[str, tuple[str, ...]]) -> str:
    return _first(fields, "content-language") or _first(fields, "accept-language")
