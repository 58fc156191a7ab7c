"""Which mails belong together, as mail programs find out."""

import re
from collections.abc import Sequence
from typing import Final

from sandbox.letter import Mail

_MESSAGE_ID: Final = re.compile(r"<[^<>\s]+>")
_HEADERS: Final = ("Message-ID", "In-Reply-To", "References")


def threaded(mails: Sequence[Mail]) -> list[int]:
    """Return for each mail the place of the first mail of its thread.

    Mails belong together that name a message in common: themselves, or what they answer.
    """
    first_of: list[int] = []
    named_by: dict[str, int] = {}
    for place, mail in enumerate(mails):
        named = {id_ for name in _HEADERS for id_ in _MESSAGE_ID.findall(mail.header(name))}
        joined = {named_by[id_] for id_ in named if id_ in named_by}
        first = min(joined, default=place)
        first_of = [first if each in joined else each for each in first_of] + [first]
        named_by = {id_: first if each in joined else each for id_, each in named_by.items()}
        named_by |= dict.fromkeys(named, first)
    return first_of
