"""A mailbox of the sandbox, and the mail in it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Final, Literal, NamedTuple, TypeVar

from aiosmtpd.smtp import Envelope

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


def read_mail(envelope: Envelope, at: datetime) -> Mail:
    """Read a mail that was taken at *at*; never raises, whatever is in it."""
    raw = envelope.original_content or b""
    message = _or_else(
        EmailMessage(), lambda: message_from_bytes(raw, EmailMessage, policy=default)
    )
    headers = tuple((name, _header(name, value)) for name, value in message.raw_items())
    named = {name.lower(): value for name, value in reversed(headers)}
    return Mail(
        at=at,
        sender="" if envelope.mail_from == "<>" else _clean(envelope.mail_from or ""),
        to=tuple(map(_clean, envelope.rcpt_tos)),
        message_id=named.get("message-id", ""),
        subject=named.get("subject", ""),
        text=_or_else("", lambda: _body(message, "plain")),
        html=_or_else("", lambda: _body(message, "html")),
        headers=headers,
        attachments=tuple(_or_else([], lambda: _attachments(message))),
        raw=raw,
    )


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


class Mailbox:
    """What came for one address."""

    def __init__(self, address: str) -> None:
        self.address: Final = address
        self.mails: Final[list[Mail]] = []
        """All of it, oldest first."""
        self._arrival = asyncio.Condition()
        self._returned: set[int] = set()

    async def receives(self, fragment: str, timeout: float = 5) -> Mail:
        """Return the oldest mail with *fragment* in its subject, waiting for it if need be.

        Each mail is returned once: asking again waits for another one. Raises AssertionError after
        *timeout* seconds, with what is in the mailbox.
        """
        try:
            async with asyncio.timeout(timeout), self._arrival:
                number = await self._arrival.wait_for(lambda: self._find(fragment))
        except TimeoutError:
            missing = f"no mail about {fragment!r} in {timeout} s\n{self.transcript()}"
            raise AssertionError(missing) from None
        self._returned.add(number)
        return self.mails[number - 1]

    def _find(self, fragment: str) -> int:
        """Return the number of the mail, counted from 1; 0 if it has not come."""
        for number, mail in enumerate(self.mails, start=1):
            if number not in self._returned and fragment in mail.subject:
                return number
        return 0

    def transcript(self) -> str:
        """Return the mailbox as text, a line a mail; "→" marks what `receives` has not returned."""
        lines = [f"{self.address}: {len(self.mails)} mails"]
        for number, mail in enumerate(self.mails, start=1):
            mark = " " if number in self._returned else "→"
            lines.append(f"{mark} {mail.at:%H:%M:%S} from {mail.sender or '<>'}: {mail.subject}")
        return "\n".join(lines)

    async def put(self, mail: Mail) -> None:
        """Add a mail, and wake all who wait for it."""
        async with self._arrival:
            self.mails.append(mail)
            self._arrival.notify_all()
