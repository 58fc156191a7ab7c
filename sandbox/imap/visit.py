"""What a client does in the mailbox that it has selected."""

from collections.abc import Callable, Mapping
from typing import Final

from sandbox.mailbox import Kept

from .fetching import answer, read_items
from .grammar import FLAGS, Bad, No, Scanner
from .searching import read_search
from .view import View

DELETED: Final = "\\Deleted"
_CHANGES: Final[Mapping[str, Callable[[set[str], set[str]], set[str]]]] = {
    "FLAGS": lambda old, named: named,
    "+FLAGS": lambda old, named: old | named,
    "-FLAGS": lambda old, named: old - named,
}


class Visit:
    """A mailbox that is selected; the commands return their untagged responses."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.commands: Final[Mapping[str, Callable[[Scanner, bool], list[bytes]]]] = {
            "FETCH": self.fetch,
            "STORE": self.store,
            "SEARCH": self.search,
            "EXPUNGE": self.expunge,
        }
        """What can be done by number, or by UID where the second argument says so."""

    def opening(self) -> list[bytes]:
        """Return what a client is told first (RFC 3501, 6.3.1)."""
        mailbox = self.view.mailbox
        permanent = "" if self.view.read_only else " ".join([*FLAGS, "\\*"])
        unseen = self.view.first_unseen()
        lines = [
            f"* FLAGS ({' '.join(FLAGS)})",
            f"* OK [PERMANENTFLAGS ({permanent})] These flags are kept",
            f"* {len(self.view)} EXISTS",
            "* 0 RECENT",
            *([f"* OK [UNSEEN {unseen}] The first that nobody has read"] if unseen else []),
            f"* OK [UIDVALIDITY {mailbox.uid_validity}] The numbers are valid",
            f"* OK [UIDNEXT {mailbox.uid_next}] The next number",
        ]
        return [line.encode() for line in lines]

    def fetch(self, args: Scanner, by_uid: bool) -> list[bytes]:
        """Return what is asked for of messages. Raises Bad, No."""
        args.space()
        sequence = args.sequence()
        args.space()
        items = read_items(args)
        args.end()
        chosen = self._there(self.view.chosen(sequence, by_uid=by_uid))
        return [answer(self.view, number, kept, items, by_uid=by_uid) for number, kept in chosen]

    def store(self, args: Scanner, by_uid: bool) -> list[bytes]:
        """Change flags (RFC 3501, 6.4.6). Raises Bad, No."""
        args.space()
        sequence = args.sequence()
        args.space()
        what = args.atom()
        how = what.removesuffix(".SILENT")
        if how not in _CHANGES:
            raise Bad(f"Nothing is stored by {what}")
        args.space()
        named = args.flags()
        args.end()
        self._must_be_writable()
        lines = []
        for number, kept in self._there(self.view.chosen(sequence, by_uid=by_uid)):
            self.view.mailbox.flag(kept, _CHANGES[how](kept.flags, named))
            uid = f"UID {kept.uid} " if by_uid else ""
            lines.append(f"* {number} FETCH ({uid}FLAGS {self.view.tell_flags(kept)})".encode())
        return [] if what.endswith(".SILENT") else lines

    def search(self, args: Scanner, by_uid: bool) -> list[bytes]:
        """Return the numbers or UIDs of what fits. Raises Bad, No."""
        args.space()
        test = read_search(args, self.view)
        args.end()
        found = [(number, kept) for number, kept in self.view.all() if test(number, kept)]
        numbers = [str(kept.uid if by_uid else number) for number, kept in found]
        return [" ".join(["* SEARCH", *numbers]).encode()]

    def expunge(self, args: Scanner, by_uid: bool) -> list[bytes]:
        """Remove what is marked as deleted; the client learns of it as of any removal."""
        args.end()
        self._must_be_writable()
        for kept in [each for each in self.view.mailbox.kept if DELETED in each.flags]:
            self.view.mailbox.remove(kept)
        return []

    def _there(self, chosen: list[tuple[int, Kept]]) -> list[tuple[int, Kept]]:
        """Return the messages, unless somebody has removed one of them since (RFC 5530)."""
        if any(self.view.is_gone(kept) for _, kept in chosen):
            raise No("[EXPUNGEISSUED] Some of these messages exist no longer")
        return chosen

    def _must_be_writable(self) -> None:
        if self.view.read_only:
            raise No("[READ-ONLY] The folder was opened to be read only")
