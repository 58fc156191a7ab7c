"""Who writes: a person, or one of the many machines that are never answered (RFC 3834)."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from adapters.mail.letter import Letter
from adapters.mail.own import Own


class MailNature(StrEnum):
    """What kind of sender a mail has. Only a person's is ever answered by itself."""

    PERSON = "person"
    AUTO_REPLY = "auto-reply"
    """A machine in a person's name: on holiday, a read receipt, a notice."""
    BULK_OR_LIST = "bulk-or-list"
    """A newsletter or a mailing list."""
    NO_REPLY = "no-reply"
    """An address that nobody reads."""
    OUR_OWN = "our-own"
    """From an address of ours, or a mail of ours come back."""
    BOUNCE = "bounce"
    """A mail server about the delivery of a mail."""


_BULK: Final = frozenset({"bulk", "list", "junk"})
_AUTOREPLY_HEADERS: Final = (
    "x-autoreply",
    "x-autoreply-from",
    "x-autorespond",
    "x-autoresponder",
    "x-mail-autoreply",
)
_SAYS_NO: Final = frozenset({"", "no", "false", "0", "none"})
_NO_REPLY: Final = re.compile(
    r"(?:.*[._+-])?(?:no|do[._-]?not|dont)[._-]?reply(?:[._+\d-].*)?", re.IGNORECASE | re.DOTALL
)
_DAEMONS: Final = frozenset({"mailer-daemon", "mailerdaemon", "mail-daemon", "mailer_daemon"})

_VACATION: Final = (
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "out of office",
    "out of the office",
    "automatski odgovor",
    "аутоматски одговор",
    "odsutan sam",
    "odsutna sam",
    "одсутан сам",
    "одсутна сам",
    "van kancelarije",
    "ван канцеларије",
    "izvan ureda",
    "samodejni odgovor",
    "автоматический ответ",
    "автоматичен отговор",
    "автоматски одговор",
    "automatische antwort",
    "abwesenheitsnotiz",
    "abwesenheit",
    "automatikus válasz",
    "răspuns automat",
    "réponse automatique",
    "risposta automatica",
    "respuesta automática",
)
"""How the subjects of those on holiday begin, as their programs write them."""


def kind_of(letter: Letter, own: Own) -> MailNature:
    """Return who wrote a mail, by its headers alone.

    A header that only asks others not to answer automatically (X-Auto-Response-Suppress) makes no
    mail automatic, and neither does a subject without a second sign: people write of holidays too.
    """
    if own.has(letter.sender) or own.made(letter.message_id):
        return MailNature.OUR_OWN
    if _is_bounce(letter):
        return MailNature.BOUNCE
    if _answers_by_itself(letter):
        return MailNature.AUTO_REPLY
    if any(name.startswith("list-") for name in letter.headers) or _precedence(letter) & _BULK:
        return MailNature.BULK_OR_LIST
    if _NO_REPLY.fullmatch(_local_part(letter)) or _local_part(letter) == "postmaster":
        return MailNature.NO_REPLY
    if _is_automatic(letter):
        return MailNature.AUTO_REPLY
    return MailNature.PERSON


def _is_bounce(letter: Letter) -> bool:
    local = _local_part(letter)
    return (
        _report_type(letter) == "delivery-status"
        or "x-failed-recipients" in letter.headers
        or local in _DAEMONS
        or (_came_from_nobody(letter) and local in ("", "postmaster"))
    )


def _answers_by_itself(letter: Letter) -> bool:
    """Whether it says that it is the answer of a machine, whatever else it says."""
    return (
        "auto-replied" in _auto_submitted(letter)
        or "auto_reply" in _precedence(letter)
        or any(set(_words(letter, name)) - _SAYS_NO for name in _AUTOREPLY_HEADERS)
        or (letter.subject.casefold().startswith(_VACATION) and _may_be_automatic(letter))
    )


def _may_be_automatic(letter: Letter) -> bool:
    """Whether there is a sign, too weak alone, that goes with the subject of an automatic reply."""
    return (
        bool(letter.refers_to)
        or _is_automatic(letter)
        or "x-auto-response-suppress" in letter.headers
        or "precedence" in letter.headers
    )


def _is_automatic(letter: Letter) -> bool:
    return (
        bool(_auto_submitted(letter))
        or _came_from_nobody(letter)
        or _content_type(letter).startswith("multipart/report")
        or "disposition-notification" in _content_type(letter)
    )


def _auto_submitted(letter: Letter) -> set[str]:
    return set(_words(letter, "auto-submitted")) - {"", "no"}


def _precedence(letter: Letter) -> set[str]:
    return set(_words(letter, "precedence"))


def _came_from_nobody(letter: Letter) -> bool:
    """Whether there is no address for errors, as machines have it so as not to loop."""
    return any(value.strip() == "<>" for value in letter.headers.get("return-path", ()))


def _words(letter: Letter, name: str) -> Iterator[str]:
    """Yield the header's values without comments and parameters, in lower case."""
    for value in letter.headers.get(name, ()):
        said = re.sub(r"\([^()]*\)", " ", value).strip()
        yield re.split(r"[;\s]", said, maxsplit=1)[0].lower()


def _content_type(letter: Letter) -> str:
    return " ".join(letter.headers.get("content-type", ("",))[:1]).lower()


def _report_type(letter: Letter) -> str:
    """Return what a multipart/report reports: delivery-status, disposition-notification, ..."""
    content_type = _content_type(letter)
    if not content_type.startswith("multipart/report"):
        return ""
    found = re.search(r"report-type\s{0,9}=\s{0,9}\"?([\w-]+)", content_type)
    return found[1] if found else ""


def _local_part(letter: Letter) -> str:
    return letter.sender.rpartition("@")[0].lower()
