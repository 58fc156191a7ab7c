"""What the website's chat needs of the store: visitors' logs, how far they were read, and files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.ids import MessageId
from core.message import Attachment


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One entry of a visitor's log: something that their browsers are to show."""

    visitor: str
    seq: int
    """Its place in the log: 1, 2, 3, … without a gap."""
    key: str
    """What makes it this entry and no other, however often it is added."""
    at: datetime
    body: str
    """JSON; the store does not look into it."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What is known of a visitor and their log."""

    visitor: str
    last: int = 0
    """The newest entry; 0 for an empty log."""
    answered: int = 0
    """The newest entry with an agent's words."""
    seen: int = 0
    """Up to where it has been seen on a page."""
    told: int = 0
    """Up to where the desk has been told what became of agents' words: seen, or not."""
    away_at: datetime | None = None
    """From when on, without a browser that listens, they count as gone (UTC)."""
    name: str = ""
    email: str = ""
    """Who they are, where the website says so under its signature."""

    @property
    def has_unseen(self) -> bool:
        """Whether agents have answered, and nobody has looked, nor been told so."""
        return self.answered > max(self.seen, self.told)


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Agents' words that a visitor who is gone has not seen."""

    visitor: str
    last: int
    """The newest entry with any of them."""
    messages: tuple[MessageId, ...]


@dataclass(frozen=True, kw_only=True)
class WebFile:
    """A file that a visitor brought, or that was sent to them: theirs, and nobody else's."""

    id: str
    visitor: str
    attachment: Attachment
    at: datetime
    used_by: str | None = None
    """The log's entry that it came with; None while it waits for its message."""

    @property
    def was_sent(self) -> bool:
        """Whether it was sent to the visitor, and not brought by them."""
        return self.used_by == self.id


class Visits(Protocol):
    """The part of a transaction that keeps the website's chat."""

    async def visit(self, visitor: str) -> Visit:
        """Return what is known of a visitor; of one who is not known, an empty log."""
        ...

    async def vouch(self, visitor: str, name: str, email: str) -> None:
        """Write down who a visitor is, as the website has signed it."""
        ...

    async def add_frame(
        self,
        visitor: str,
        key: str,
        body: str,
        at: datetime,
        *,
        answer: MessageId | None = None,
        away_at: datetime | None = None,
    ) -> Frame:
        """Append to a visitor's log; with a key that is in it, return what is there.

        *answer*: the agents' message whose words these are. It is to have been seen by *away_at*,
        or by when an earlier one is.
        """
        ...

    async def frame(self, visitor: str, key: str) -> Frame | None:
        """Return the entry with this key, if a visitor's log has it."""
        ...

    async def frames(self, visitor: str, after: int, limit: int) -> list[Frame]:
        """Return the entries that follow the one with the number *after*, in order."""
        ...

    async def mark_seen(self, visitor: str, seq: int) -> None:
        """Write down up to where a log has been seen; never less than before."""
        ...

    async def await_until(self, visitor: str, at: datetime) -> None:
        """Let a visitor who has not seen agents' words count as gone from *at* on, not before."""
        ...

    async def unseen(self, at: datetime, limit: int) -> list[Unseen]:
        """Return what visitors have not seen who count as gone by then, the longest gone first."""
        ...

    async def mark_told(self, visitor: str, seq: int) -> None:
        """Write down up to where the desk knows what became of agents' words."""
        ...

    async def keep_file(self, file: WebFile) -> None:
        """Keep what is known of a file; one with that id stays as it is."""
        ...

    async def file_of(self, visitor: str, id_: str) -> WebFile | None:
        """Return a file, if it is this visitor's."""
        ...

    async def use_files(self, visitor: str, ids: Sequence[str], by: str) -> list[WebFile] | None:
        """Use a visitor's files for the entry *by*, and return them in order; once more the same.

        None, and none is used, if one is not theirs or was used for another.
        """
        ...

    async def brought_since(self, visitor: str, since: datetime) -> int:
        """Return how many bytes of files a visitor has brought since then."""
        ...

    async def forget_unused(self, before: datetime, limit: int) -> list[WebFile]:
        """Forget files brought before then that no message has used; return them."""
        ...
