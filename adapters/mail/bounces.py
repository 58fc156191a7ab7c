"""Mails that could not be delivered, told by the mail servers that tried."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from enum import StrEnum
from itertools import islice
from typing import Final

from flufl.bounce import all_failures

from adapters.mail.head import raw_head
from adapters.mail.tokens import Token, Tokens

_LOOKED_AT: Final = 128 * 1024
"""Bytes of a mail. What a server says comes first; behind it is what it sends back."""

_MOST_MULTIPARTS: Final = 20
"""The standard library's time grows with how deeply parts are nested."""

_MOST_LINES: Final = 100
_LONGEST_LINE: Final = 160
"""What is searched for words. The library's patterns take minutes for a long line of blanks, so it
is shown neither long lines nor runs of blanks, and no more than is needed to say what happened."""

_MOST_ADDRESSES: Final = 50

_MOST_RECIPIENTS: Final = 20
_LONGEST_DIAGNOSTIC: Final = 200

_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE: Final = re.compile(r"(?<![\d.#-])[45]\d\d[ -]")
_ADDRESS: Final = re.compile(r"[\w.+%&'*/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LATE: Final = re.compile(
    r"delay|will be retried|still (?:being )?tr(?:y|ied)|warning", re.IGNORECASE
)
_DAEMON: Final = re.compile(r"<?(?:mail(?:er)?[-_]?daemon|postmaster|microsoftexchange\w*)@")


class Outcome(StrEnum):
    """What became of a mail."""

    PERMANENT = "permanent"
    """It came back, and another would too: the address does not work."""
    TEMPORARY = "temporary"
    """It came back, but another may arrive: a full mailbox, a server away for days."""
    DELAYED = "delayed"
    """It did not come back: the server goes on trying."""


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """What a mail server says about a mail that could not be delivered."""

    recipients: tuple[str, ...]
    """Whom it did not reach, as the server says; can be empty, and can be untrue."""
    outcome: Outcome
    status: str
    """Such as "5.1.1" (RFC 3463), or empty."""
    diagnostic: str
    """In the server's words, one line of at most 200 characters, or empty."""
    token: Token | None
    """The one of the mail that came back; None if none is found, or several conversations'."""


@dataclass(frozen=True)
class _Report:
    """What is said about one recipient."""

    recipient: str
    outcome: Outcome
    status: str = ""
    diagnostic: str = ""


def bounce_in(raw: bytes, tokens: Tokens) -> Bounce | None:
    """Return what a mail says about a mail of ours that did not arrive; None if it is no bounce.

    Reads the standard's form (RFC 3464), and most of those that servers have made up. Never raises,
    whatever the bytes are, and looks at no more than the first 128 kB of them.
    """
    try:
        return _bounce(raw[:_LOOKED_AT], tokens)
    except Exception:  # a parser's weakness must not stop the mailbox: then it is no bounce
        return None


def _bounce(raw: bytes, tokens: Tokens) -> Bounce | None:
    if raw.lower().count(b"multipart/") > _MOST_MULTIPARTS or not _is_from_a_server(raw):
        return None
    message = message_from_bytes(raw)
    texts = list(_texts(message))
    token = _token_in(raw, texts, tokens)
    lines = [" ".join(line.split())[:_LONGEST_LINE] for text in texts for line in text.splitlines()]
    said = "\n".join(lines[:_MOST_LINES])
    reports = (
        list(_standard_reports(message))
        or _known_forms(message, said)
        or _in_words(message, said, token, tokens)
    )
    if not reports:
        return None
    worst = min(reports, key=lambda report: list(Outcome).index(report.outcome))
    return Bounce(
        recipients=tuple(
            dict.fromkeys(
                r.recipient for r in reports if r.outcome is worst.outcome and r.recipient
            )
        )[:_MOST_RECIPIENTS],
        outcome=worst.outcome,
        status=worst.status,
        diagnostic=_one_line(worst.diagnostic),
        token=token,
    )


def _is_from_a_server(raw: bytes) -> bool:
    """Whether it has a sign that no person's mail has. The words alone make no bounce."""
    head = raw_head(raw)
    content_type = " ".join(head.get("content-type", ())).lower()
    return (
        "x-failed-recipients" in head
        or ("multipart/report" in content_type and "delivery-status" in content_type)
        or any(value in ("", "<>") for value in head.get("return-path", ()))
        or any(_DAEMON.search(value.lower()) for value in head.get("from", ()))
    )


def _standard_reports(message: Message) -> Iterator[_Report]:
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            for about in part.get_payload():
                if isinstance(about, Message) and (report := _standard_report(about)):
                    yield report


def _standard_report(about: Message) -> _Report | None:
    action = str(about.get("action", "")).strip().lower()
    if not action.startswith(("fail", "error", "delayed")):
        return None
    diagnostic = str(about.get("diagnostic-code", "")).partition(";")[2]
    status = _status(str(about.get("status", ""))) or _status(diagnostic)
    if action.startswith("delayed"):
        outcome = Outcome.DELAYED
    else:
        outcome = Outcome.TEMPORARY if status.startswith("4") else Outcome.PERMANENT
    addresses = (
        str(about.get(name, "")).rpartition(";")[2].strip(" \t<>")
        for name in ("original-recipient", "final-recipient")
    )
    recipient = next((address for address in addresses if _ADDRESS.fullmatch(address)), "")
    return _Report(recipient, outcome, status, diagnostic)


def _known_forms(message: Message, text: str) -> list[_Report]:
    """Return what is recognised of the forms before the standard and beside it."""
    outcome, status, diagnostic = _said(text)
    named = " ".join(str(value) for value in message.get_all("x-failed-recipients", []))
    if named:
        return [_Report(each, outcome, status, diagnostic) for each in _addresses(named)]
    plain = Message()
    plain["From"] = "mailer-daemon@localhost"  # without one the library fails
    plain.set_payload(text)
    late, lost = all_failures(plain)
    return [
        *(_Report(each.decode(), outcome, status, diagnostic) for each in sorted(lost)),
        *(_Report(each.decode(), Outcome.DELAYED, status, diagnostic) for each in sorted(late)),
    ]


def _in_words(message: Message, text: str, token: Token | None, tokens: Tokens) -> list[_Report]:
    """Return what can be understood without knowing the form: a code, about a mail of ours.

    The recipient is whichever address in the text our mail was sent to.
    """
    outcome, status, diagnostic = _said(text)
    if token is None or not diagnostic:
        return []
    if _LATE.search(str(message.get("subject", ""))):
        outcome = Outcome.DELAYED
    sent_to = [each for each in _addresses(text) if tokens.was_sent_to(token, each)]
    return [_Report(address, outcome, status, diagnostic) for address in sent_to or [""]]


def _addresses(text: str) -> list[str]:
    found = (match[0] for match in _ADDRESS.finditer(text))
    return list(dict.fromkeys(islice(found, _MOST_ADDRESSES)))


def _said(text: str) -> tuple[Outcome, str, str]:
    """Return what the first line with a server's code in it says."""
    for line in text.splitlines():
        status = _status(line)
        if status[:1] in ("4", "5") or _REPLY_CODE.search(line):
            code = status or _REPLY_CODE.findall(line)[0]
            outcome = Outcome.TEMPORARY if code.startswith("4") else Outcome.PERMANENT
            return outcome, status, line
    return Outcome.PERMANENT, "", ""


def _status(text: str) -> str:
    found = _STATUS.search(text)
    return found[1] if found else ""


def _texts(message: Message) -> Iterator[str]:
    """Yield what people are meant to read, and what may be a copy of our mail in it."""
    for part in message.walk():
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield payload.decode("latin-1")


def _token_in(raw: bytes, texts: list[str], tokens: Tokens) -> Token | None:
    """Return the token that came back: in the original's headers, or in the address written to."""
    joined = raw.replace(b"=\r\n", b"").replace(b"=\n", b"").decode("latin-1")
    found = list(tokens.read_all(joined, *texts))
    return found[0] if len({token.conversation for token in found}) == 1 else None


def _one_line(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:_LONGEST_DIAGNOSTIC]
