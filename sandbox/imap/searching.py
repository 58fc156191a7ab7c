"""What a client can search for (RFC 3501, 6.4.4): as much as reading a mailbox needs."""

from collections.abc import Callable
from datetime import UTC, date
from typing import Final

from sandbox.mailbox import Kept

from .fetching import MONTHS
from .grammar import Bad, No, Scanner
from .view import View

Test = Callable[[int, Kept], bool]

_CHARSETS: Final = frozenset({"US-ASCII", "UTF-8"})
_FLAGS: Final = frozenset("ANSWERED DELETED DRAFT FLAGGED SEEN".split())
_HEADERS: Final = frozenset("BCC CC FROM SUBJECT TO".split())
_UNSERVED: Final = frozenset("BODY TEXT SENTBEFORE SENTON SENTSINCE".split())


def read_search(args: Scanner, view: View) -> Test:
    """Read what is searched for. Raises Bad, and No for what the sandbox does not serve."""
    if args.skip(b"CHARSET "):
        charset = args.astring().upper()
        if charset not in _CHARSETS:
            raise No("[BADCHARSET (US-ASCII UTF-8)] No such charset")
        args.space()
    return _every(args, view)


def _every(args: Scanner, view: View) -> Test:
    tests = [_key(args, view)]
    while args.skip(b" "):
        tests.append(_key(args, view))
    return lambda number, kept: all(test(number, kept) for test in tests)


def _key(args: Scanner, view: View) -> Test:
    if args.skip(b"("):
        inner = _every(args, view)
        if not args.skip(b")"):
            raise Bad("Missing a parenthesis")
        return inner
    if args.at_sequence():
        numbers = args.sequence()
        return lambda number, kept: numbers.has(number, len(view))
    name = args.atom()
    if name in _ALONE:
        return _ALONE[name]
    if name in _FLAGS or name.removeprefix("UN") in _FLAGS:
        flag = f"\\{name.removeprefix('UN').capitalize()}"
        return _flagged(flag, present=name in _FLAGS)
    if name in _UNSERVED:
        raise No(f"[CANNOT] The sandbox does not search by {name}")
    args.space()
    return _key_with_argument(name, args, view)


def _key_with_argument(name: str, args: Scanner, view: View) -> Test:
    match name:
        case "UID":
            uids = args.sequence()
            return lambda number, kept: uids.has(kept.uid, view.largest_uid)
        case "NOT":
            test = _key(args, view)
            return lambda number, kept: not test(number, kept)
        case "OR":
            either = _key(args, view)
            args.space()
            other = _key(args, view)
            return lambda number, kept: either(number, kept) or other(number, kept)
        case "KEYWORD" | "UNKEYWORD":
            return _flagged(args.astring(), present=name == "KEYWORD")
        case "HEADER":
            field = args.astring()
            args.space()
            return _in_header(field, args.astring())
        case "LARGER" | "SMALLER":
            size, sign = args.number(), 1 if name == "LARGER" else -1
            return lambda number, kept: sign * (len(kept.raw) - size) > 0
        case "BEFORE" | "ON" | "SINCE":
            return _dated(name, _date(args.date()))
        case _ if name in _HEADERS:
            return _in_header(name, args.astring())
        case _:
            raise Bad(f"Nothing is searched by {name}")


def _flagged(flag: str, *, present: bool) -> Test:
    return lambda number, kept: (flag in kept.flags) == present


def _in_header(field: str, fragment: str) -> Test:
    def test(number: int, kept: Kept) -> bool:
        values = [value for name, value in kept.mail.headers if name.lower() == field.lower()]
        return any(fragment.lower() in value.lower() for value in values)

    return test


def _dated(name: str, day: date) -> Test:
    def test(number: int, kept: Kept) -> bool:
        kept_on = kept.mail.at.astimezone(UTC).date()
        return {"BEFORE": kept_on < day, "ON": kept_on == day, "SINCE": kept_on >= day}[name]

    return test


def _date(text: str) -> date:
    day, month, year = text.split("-")
    try:
        # Not by strptime's %b, which follows the machine's language.
        return date(int(year), MONTHS.index(month.capitalize()) + 1, int(day))
    except ValueError:
        raise Bad("No such date") from None


_ALONE: Final[dict[str, Test]] = {
    "ALL": lambda number, kept: True,
    # The sandbox tells nobody that a mail is recent, which a server may do.
    "RECENT": lambda number, kept: False,
    "NEW": lambda number, kept: False,
    "OLD": lambda number, kept: True,
}
