"""A mail as the sandbox's mail server took it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from typing import Any, Literal, NamedTuple, TypeVar

T = TypeVar("T")


class Attachment(NamedTuple):
    """A file that came with a mail."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail as it was taken; what cannot be read of it is empty."""

    at: datetime
    """When it was taken (UTC, by the sandbox's clock)."""
    sender: str
    """Who the envelope says it is from; "" for bounces and other automatic mail."""
    to: tuple[str, ...]
    """Whom the envelope says it is for."""
    message_id: str
    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]
    """All of them, decoded, in order."""
    attachments: tuple[Attachment, ...]
    raw: bytes
    """What was handed in, to the byte."""

    def header(self, name: str) -> str:
        """Return the first header of that name, in any case; "" if there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def as_json(self) -> dict[str, Any]:
        """Return what a mail program shows."""
        return {
            "at": self.at.isoformat(),
            "from": self.header("From") or self.sender,
            "to": list(self.to),
            "message_id": self.message_id,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "attachments": [
                {"name": each.name, "mime": each.mime, "bytes": len(each.content)}
                for each in self.attachments
            ],
        }


def read_mail(raw: bytes, sender: str, to: Sequence[str], at: datetime) -> Mail:
    """Read a mail that was taken at *at*; never raises, whatever is in it.

    *sender* and *to* are the envelope's.
    """
    message = _or_else(
        EmailMessage(), lambda: message_from_bytes(raw, EmailMessage, policy=default)
    )
    headers = tuple((name, _header(name, value)) for name, value in message.raw_items())
    named = {name.lower(): value for name, value in reversed(headers)}
    return Mail(
        at=at,
        sender=_clean(sender),
        to=tuple(map(_clean, to)),
        message_id=named.get("message-id", ""),
        subject=named.get("subject", ""),
        text=_or_else("", lambda: _body(message, "plain")),
        html=_or_else("", lambda: _body(message, "html")),
        headers=headers,
        attachments=tuple(_or_else([], lambda: _attachments(message))),
        raw=raw,
    )


def sender_of(header: str) -> tuple[str, str]:
    """Return the name and the address that a From or Reply-To tells; never raises."""
    return _or_else(("", ""), lambda: parseaddr(header))


def _or_else(fallback: T, read: Callable[[], T]) -> T:
    """Return what *read* reads, or *fallback*: the parser fails on broken mail in many ways."""
    try:
        return read()
    except Exception:
        return fallback


def _clean(text: str) -> str:
    """Replace what UTF-8 cannot say: the halves of characters that broken mail decodes to."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _header(name: str, raw: str) -> str:
    return _clean(_or_else(raw, lambda: str(default.header_fetch_parse(name, raw))))


def _body(message: EmailMessage, kind: Literal["plain", "html"]) -> str:
    part = message.get_body((kind,))
    return _clean(str(part.get_content()).replace("\r\n", "\n")) if part else ""


def _attachments(message: EmailMessage) -> list[Attachment]:
    return [
        _attachment(part) for part in message.iter_attachments() if isinstance(part, EmailMessage)
    ]


def _attachment(part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    return Attachment(
        name=_clean(part.get_filename() or ""),
        mime=part.get_content_type(),
        content=content if isinstance(content, bytes) else part.as_bytes(),
    )
