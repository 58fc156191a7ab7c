"""The folders of a mailbox: there is the inbox, and no other."""

import re
from typing import Final

from sandbox.mailbox import SEEN, Mailbox

from .grammar import Bad, No, Scanner

_STATUS: Final = frozenset("MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN".split())


def is_inbox(name: str) -> bool:
    """Say whether a name is the inbox's, which is the same in any case."""
    return name.upper() == "INBOX"


def listed(command: str, args: Scanner) -> list[bytes]:
    """Return the responses to LIST and LSUB (RFC 3501, 6.3.8). Raises Bad."""
    args.space()
    reference = args.astring()
    args.space()
    pattern = args.pattern()
    args.end()
    if not pattern:
        return [f'* {command} (\\Noselect) "/" ""'.encode()]
    wildcards = re.sub(r"[%*]+", ".*", re.escape(reference + pattern).replace(r"\*", "*"))
    if not re.fullmatch(wildcards, "INBOX", re.IGNORECASE):
        return []
    return [f'* {command} (\\HasNoChildren) "/" INBOX'.encode()]


def status(mailbox: Mailbox, args: Scanner) -> bytes:
    """Return the response to STATUS (RFC 3501, 6.3.10). Raises Bad, No."""
    args.space()
    name = args.astring()
    args.space()
    wanted = _wanted(args)
    args.end()
    if not is_inbox(name):
        raise No("[NONEXISTENT] There is no such folder")
    figures = {
        "MESSAGES": len(mailbox.kept),
        "RECENT": 0,
        "UIDNEXT": mailbox.uid_next,
        "UIDVALIDITY": mailbox.uid_validity,
        "UNSEEN": sum(SEEN not in kept.flags for kept in mailbox.kept),
    }
    return f"* STATUS INBOX ({' '.join(f'{each} {figures[each]}' for each in wanted)})".encode()


def _wanted(args: Scanner) -> list[str]:
    if not args.skip(b"("):
        raise Bad("Missing a parenthesis")
    wanted = [args.atom()]
    while args.skip(b" "):
        wanted.append(args.atom())
    if not args.skip(b")"):
        raise Bad("Missing a parenthesis")
    if not _STATUS.issuperset(wanted):
        raise Bad("Nothing is called so")
    return wanted
