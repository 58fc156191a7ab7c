"""What a visitor can put right before it is sent: what is missing, too long, or a likely slip."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from adapters.web.parse import Ask, Edit, Say, Told
from core.email_address import Accepted, Doubtful, Refused, read_email
from core.phrases import Phrase
from core.richtext import clean_name, plain
from core.wording import EMAIL_REFUSALS

Field = Literal["name", "email", "text", "file"]


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where."""

    phrase: Phrase
    field: Field
    limit: int | None = None
    suggestion: str | None = None
    """What was probably meant."""
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)


def fault_of(frame: Told, *, longest: int, most_files: int) -> Fault | None:
    """Return what is to be put right first; None if all is well."""
    if isinstance(frame, Ask):
        if not clean_name(frame.name):
            return Fault(Phrase.WEB_NAME_MISSING, "name")
        if (wrong := _email(frame.email)) is not None:
            return wrong
    if isinstance(frame, Ask | Say | Edit) and len(frame.text) > longest:
        return Fault(Phrase.WEB_TEXT_TOO_LONG, "text", limit=longest)
    if isinstance(frame, Ask | Say):
        if len(frame.files) > most_files:
            return Fault(Phrase.WEB_TOO_MANY_FILES, "file", limit=most_files)
        if not frame.files and not plain(frame.text):
            return Fault(Phrase.WEB_TEXT_MISSING, "text")
    return None


def _email(typed: str) -> Fault | None:
    match read_email(typed):
        case Accepted():
            return None
        case Doubtful(address, suggestion):
            values = {"address": address}
            return Fault(Phrase.WEB_EMAIL_DOUBTFUL, "email", suggestion=suggestion, values=values)
        case Refused(reason):
            return Fault(EMAIL_REFUSALS[reason], "email")
