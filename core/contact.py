"""What the desk knows of a customer."""

import re
from dataclasses import dataclass

from core.ids import ContactId
from core.richtext import clean_name

_NO_CHATS = frozenset({"mail", "portal", "api"})


@dataclass(frozen=True)
class Identity:
    """A contact's address on one channel; the address is opaque outside that channel's adapter."""

    channel: str
    address: str

    @property
    def is_chat(self) -> bool:
        """Whether words can be said there; else they are mailed, and stand in the ticket."""
        return self.channel not in _NO_CHATS


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A customer: what they told, and what their platform told of them."""

    id: ContactId
    language: str
    """The language the desk speaks with them: `en`, `sr` or `sr-Latn`."""
    offered_name: str = ""
    """What their platform calls them: offered as an answer, not taken for one."""
    name: str = ""
    email: str = ""
    email_proven: bool = False
    """Whether the mailbox itself has answered; until then the address is a claim."""
    email_works: bool = True
    """False once a mail to it has come back."""
    language_chosen: bool = False
    """Whether they chose the language themselves; then nothing else changes it."""

    @property
    def takes_mail(self) -> bool:
        """Whether there is an address that mail can be sent to."""
        return bool(self.email) and self.email_works


_LONGEST_NAME = 64
_MOST_WORDS = 5
_NOT_IN_NAMES = re.compile(r"[0-9@?!:;/\\<>{}\[\]=#%&*+|~]")


def read_name(text: str) -> str | None:
    """Return the name that *text* gives, or None when it reads like anything but a name.

    Someone in a hurry goes on with the problem when asked for a name; that must not become one.
    """
    if "\n" in text.strip() or len(text) > _LONGEST_NAME or _NOT_IN_NAMES.search(text):
        return None
    name = clean_name(text)
    words = name.split()
    if not words or len(words) > _MOST_WORDS or not any(letter.isalpha() for letter in name):
        return None
    if len(words) > 2 and not all(word[0].isupper() for word in (words[0], words[-1])):
        return None
    return name
