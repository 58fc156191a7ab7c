"""A mail as it was read: only data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.richtext import RichText


@dataclass(frozen=True)
class Enclosed:
    """A file that came with a mail."""

    part: int
    """Its number among all parts of the mail, depth first: with the raw mail it finds the bytes."""
    name: str
    """Cleaned for showing; never a path."""
    mime: str
    """As declared, in lower case; application/octet-stream where that is nonsense."""
    size: int
    """Bytes, decoded."""
    inline: bool
    """Whether it has its place in the text."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a mail says. Nothing in it is proven: every header can be forged."""

    sender: str
    """The address of From, its domain in lower case; empty where there is none or more than one."""
    sender_name: str
    """The name beside it, cleaned."""
    recipients: tuple[str, ...]
    """To, Cc, Delivered-To, X-Original-To and Envelope-To, each address once."""
    subject: str
    """One line without control characters, at most 200 characters."""
    date: datetime | None
    """When it says it was written: aware, UTC."""
    message_id: str
    """As written, "<...>", or empty."""
    refers_to: tuple[str, ...]
    """In-Reply-To first, then References from the last to the first; at most 100."""
    text: RichText
    """What was said now: quoted text and signature are cut off."""
    whole: str
    """Everything it said, quoted text included, as plain text of at most 200,000 characters."""
    enclosed: tuple[Enclosed, ...]
    """Its files, at most ten."""
    dropped: tuple[str, ...]
    """The names of files beyond what is kept."""
    language: str
    """An IETF tag such as "en", "sr" (Cyrillic) or "sr-Latn"; empty where nobody can tell."""
    headers: Mapping[str, tuple[str, ...]]
    """Lower-cased names and their decoded values of one line each, in order; capped."""
    damaged: str
    """What could not be read of it, in English, for operators; empty where all could."""
