"""What reading a mailbox needs of the store: mails as they came, and how far it was read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class MailState(StrEnum):
    """What has become of a mail that was fetched."""

    NEW = "new"
    """It waits to be read."""
    TAKEN = "taken"
    """It became an event."""
    UNREADABLE = "unreadable"
    """Nobody could make sense of it."""
    SKIPPED = "skipped"
    """It was looked at, and nothing is to become of it."""


class Extent(StrEnum):
    """How much of a mail is here."""

    WHOLE = "whole"
    HEADERS = "headers"
    """It is too big: what follows its headers stayed in the mailbox."""
    NOTHING = "nothing"
    """The server could not hand it out."""


@dataclass(frozen=True, kw_only=True)
class MailRecord:
    """What is known of a mail from outside."""

    key: str
    fingerprint: str
    """What makes it the same mail, wherever it was put."""
    mailbox: str
    """Where it was found first, with its place there."""
    uid_validity: int
    uid: int
    size: int
    """Bytes, as the server counts them; 0 where it does not tell."""
    extent: Extent
    received_at: datetime
    """When it was fetched (UTC)."""
    state: MailState = MailState.NEW
    error: str = ""
    """For operators: what is wrong with it, or why not all of it is here."""


@dataclass(frozen=True)
class KeptMail:
    """A mail with its bytes, as they came."""

    record: MailRecord
    raw: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """How far a mailbox was read: RFC 3501, section 2.3.1.1."""

    uid_validity: int
    """As long as the server says the same, a UID means the same mail."""
    last_uid: int


@dataclass(frozen=True, kw_only=True)
class AutomaticMails:
    """How many mails that no person wrote the desk has decided to send."""

    to_it_today: int = 0
    """To one mailbox, in the last 24 hours."""
    to_it: int = 0
    """To that mailbox, ever."""
    this_hour: int = 0
    """To anybody, in the last hour."""


class Mails(Protocol):
    """The part of a transaction that keeps mails."""

    async def automatic_mails(self, address: str, at: datetime) -> AutomaticMails:
        """Return how many automatic mails there were up to *at*.

        Those to an address are those to its mailbox, as `email_address.mailbox_of` has it.
        """
        ...

    async def begun_by_mail(self, addresses: Collection[str], since: datetime) -> dict[str, int]:
        """Return how many conversations each address has begun after *since*, where it is any."""
        ...

    async def mail_keys(self) -> list[bytes]:
        """Return the keys with which what ties a reply to its ticket is signed, newest first."""
        ...

    async def add_mail_key(self, key: bytes, at: datetime) -> None:
        """Add a key; from now on it signs."""
        ...

    async def keep_mails(self, mails: Sequence[KeptMail]) -> list[KeptMail]:
        """Keep these, and return those that were not known by their fingerprints, in order.

        One that is here takes the place of a record that said it could not be fetched.
        """
        ...

    async def cursor(self, mailbox: str) -> Cursor | None:
        """Return how far a mailbox was read; None if it never was."""
        ...

    async def set_cursor(self, mailbox: str, cursor: Cursor) -> None:
        """Write down how far a mailbox was read."""
        ...

    async def mails_to_take(self, limit: int) -> list[MailRecord]:
        """Return the new ones, oldest first."""
        ...

    async def mail(self, key: str) -> KeptMail | None:
        """Return a mail with its bytes."""
        ...

    async def mark_mail(self, key: str, state: MailState, error: str = "") -> None:
        """Write down what has become of a mail."""
        ...

    async def list_mails(self, states: Collection[MailState], limit: int) -> list[MailRecord]:
        """Return mails in these states, oldest first."""
        ...

    async def retry_mails(self, keys: Collection[str] | None = None) -> list[str]:
        """Make unreadable and skipped mails new again, to be taken; return their keys.

        Those with these keys, or all of them. Left out is what has no bytes to be read.
        """
        ...

    async def fetch_again(self, keys: Collection[str] | None = None) -> list[str]:
        """Take their mailboxes' cursors back to mails that could not be fetched; return their keys.

        Those with these keys, or all of them, as long as their UIDs mean the same. They stay as
        they are until they are fetched.
        """
        ...
