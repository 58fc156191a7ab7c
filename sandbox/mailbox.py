"""A mailbox of the sandbox: what came for one address, with the numbers and flags of IMAP."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from sandbox.bell import PATIENCE, Bell
from sandbox.letter import Mail

SEEN: Final = "\\Seen"
_FIRST_VALIDITY: Final = 1_700_000_000


@dataclass(eq=False, kw_only=True)
class Kept:
    """A mail in its mailbox."""

    mail: Mail
    raw: bytes
    """What is kept: the mail as it was handed in, below what the mail exchanger wrote on top."""
    uid: int
    """Its number in the mailbox: never given twice (RFC 3501, 2.3.1.1)."""
    flags: set[str] = field(default_factory=set)


class Mailbox:
    """What came for one address."""

    def __init__(self, address: str) -> None:
        self.address: Final = address
        self.kept: Final[list[Kept]] = []
        """All that is in it, oldest first."""
        self.mails: Final[list[Mail]] = []
        """The same as its sender sees it, without numbers and flags."""
        self.uid_validity = _FIRST_VALIDITY
        """As long as it stays the same, so do the numbers."""
        self.uid_next = 1
        """The number that the next mail gets."""
        self.bell: Final = Bell()
        """Rings when anything here has changed."""
        self._returned: set[Kept] = set()

    def put(self, mail: Mail, raw: bytes | None = None) -> Kept:
        """Add a mail, kept as *raw* if that is not what was handed in; wake all who wait for it."""
        kept = Kept(mail=mail, raw=mail.raw if raw is None else raw, uid=self.uid_next)
        self.uid_next += 1
        self.kept.append(kept)
        self.mails.append(mail)
        self.bell.ring()
        return kept

    def remove(self, kept: Kept) -> None:
        """Remove a mail, as somebody does who reads the same mailbox. Raises ValueError."""
        index = self.kept.index(kept)
        del self.kept[index], self.mails[index]
        self.bell.ring()

    def flag(self, kept: Kept, flags: set[str]) -> None:
        """Give a mail these flags and no others."""
        if kept.flags != flags:
            kept.flags = flags
            self.bell.ring()

    def renumber(self) -> None:
        """Give every mail a new number, and say so by a new validity: as after a restore."""
        self.uid_validity += 1
        for number, kept in enumerate(self.kept, start=1):
            kept.uid = number
        self.uid_next = len(self.kept) + 1
        self.bell.ring()

    async def receives(self, fragment: str, timeout: float = PATIENCE) -> Mail:
        """Return the oldest mail with *fragment* in its subject, waiting for it if need be.

        Each mail is returned once: asking again waits for another one. Raises AssertionError after
        *timeout* seconds, with what is in the mailbox.
        """
        try:
            async with asyncio.timeout(timeout):
                while (found := self._find(fragment)) is None:
                    await self.bell.heard()
        except TimeoutError:
            missing = f"no mail about {fragment!r} in {timeout} s\n{self.transcript()}"
            raise AssertionError(missing) from None
        self._returned.add(found)
        return found.mail

    def _find(self, fragment: str) -> Kept | None:
        fitting = (each for each in self.kept if fragment in each.mail.subject)
        return next((each for each in fitting if each not in self._returned), None)

    def transcript(self) -> str:
        """Return the mailbox as text, a line a mail; "→" marks what `receives` has not returned."""
        lines = [f"{self.address}: {len(self.kept)} mails"]
        for kept in self.kept:
            mark = " " if kept in self._returned else "→"
            mail = kept.mail
            lines.append(f"{mark} {mail.at:%H:%M:%S} from {mail.sender or '<>'}: {mail.subject}")
        return "\n".join(lines)
