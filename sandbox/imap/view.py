"""What one client knows of the mailbox that it has selected."""

from collections.abc import Iterator

from sandbox.mailbox import Kept, Mailbox

from .grammar import Bad, Sequence


class Restored(Exception):
    """The numbers that the client knows are no longer the mailbox's."""


class View:
    """A mailbox as it was told to one client: news change it only when they are told.

    So the numbers of messages hold while a command runs (RFC 3501, 7.4.1).
    """

    def __init__(self, mailbox: Mailbox, *, read_only: bool) -> None:
        self.mailbox = mailbox
        self.read_only = read_only
        self._known = list(mailbox.kept)
        self._flags = {kept: set(kept.flags) for kept in self._known}
        self._validity = mailbox.uid_validity

    def __len__(self) -> int:
        return len(self._known)

    def first_unseen(self) -> int | None:
        """Return the number of the first mail that nobody has read."""
        unread = (n for n, kept in enumerate(self._known, 1) if "\\Seen" not in kept.flags)
        return next(unread, None)

    def all(self) -> Iterator[tuple[int, Kept]]:
        """Return all messages with their numbers."""
        return enumerate(self._known, start=1)

    @property
    def largest_uid(self) -> int:
        """The UID for which `*` stands."""
        return self._known[-1].uid if self._known else 0

    def chosen(self, sequence: Sequence, *, by_uid: bool) -> list[tuple[int, Kept]]:
        """Return the messages that are meant: unknown UIDs are passed over, numbers are not."""
        if by_uid:
            largest = self.largest_uid
            return [(n, kept) for n, kept in self.all() if sequence.has(kept.uid, largest)]
        if not self._known or sequence.beyond(len(self._known)):
            raise Bad("No such message")
        return [(n, kept) for n, kept in self.all() if sequence.has(n, len(self._known))]

    def is_gone(self, kept: Kept) -> bool:
        """Say whether somebody has removed a message of which the client still knows."""
        return kept not in self.mailbox.kept

    def tell_flags(self, kept: Kept) -> str:
        """Return a message's flags, which the client knows from now on."""
        self._flags[kept] = set(kept.flags)
        return f"({' '.join(sorted(kept.flags))})"

    def news(self, *, removals: bool = True) -> list[bytes]:
        """Return what is new, as untagged responses; *removals* only where numbers may change.

        Raises Restored if the mailbox has got another validity.
        """
        if self.mailbox.uid_validity != self._validity:
            raise Restored
        lines = self._removals() if removals else []
        for number, kept in self.all():
            if kept.flags != self._flags[kept]:
                flags = self.tell_flags(kept)
                lines.append(f"* {number} FETCH (UID {kept.uid} FLAGS {flags})".encode())
        fresh = [kept for kept in self.mailbox.kept if kept not in self._flags]
        if fresh:
            self._known += fresh
            self._flags |= {kept: set(kept.flags) for kept in fresh}
            lines += [f"* {len(self._known)} EXISTS".encode(), b"* 0 RECENT"]
        return lines

    def _removals(self) -> list[bytes]:
        there = set(self.mailbox.kept)
        gone = [(number, kept) for number, kept in self.all() if kept not in there]
        self._known = [kept for kept in self._known if kept in there]
        for _, kept in gone:
            del self._flags[kept]
        # From the last to the first, since each one moves those behind it up.
        return [f"* {number} EXPUNGE".encode() for number, _ in reversed(gone)]
