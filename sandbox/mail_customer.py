"""A person with a mail program, who writes to the desk and answers its mail."""

import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, Protocol

from sandbox.bell import PATIENCE
from sandbox.letter import Attachment, Mail, sender_of
from sandbox.mailbox import Mailbox
from sandbox.quoting import ZONE, as_html, quote

_POLICY: Final = SMTP.clone(max_line_length=998)
"""Shorter lines make the library encode message ids, which no program recognises then."""
_MESSAGE_ID: Final = re.compile(r"<[^<>\s]+>")


class HandsIn(Protocol):
    """Gives a mail to the sandbox's mail server, which has read it when this returns."""

    def __call__(self, raw: bytes, sender: str, to: Sequence[str]) -> Mail:
        """Hand in a mail with this envelope."""
        ...


class MailCustomer:
    """Somebody's mail program: what came, what was sent, and ways to write more."""

    def __init__(
        self,
        inbox: Mailbox,
        *,
        name: str,
        language: str,
        now: Callable[[], datetime],
        hand_in: HandsIn,
    ) -> None:
        self.address: Final = inbox.address
        self.name: Final = name
        self.language: Final = language
        """The language of the program, an IETF tag: in it, a quoted mail is introduced."""
        self.inbox: Final = inbox
        self.sent: Final = Mailbox(inbox.address)
        self._now = now
        self._hand_in = hand_in

    async def receives(self, fragment: str, timeout: float = PATIENCE) -> Mail:
        """Return the oldest mail about *fragment*, see `Mailbox.receives`."""
        return await self.inbox.receives(fragment, timeout)

    def writes(
        self,
        to: str,
        subject: str,
        text: str,
        html: str | None = None,
        files: Sequence[Attachment] = (),
    ) -> Mail:
        """Send a mail, with *html* or what the program makes of the text; return it as sent.

        Raises ValueError if *to* is no address.
        """
        return self._send(self._mail(to, subject), to, text, html or as_html(text), files)

    def replies(
        self,
        mail: Mail,
        text: str,
        quoting: bool = True,
        files: Sequence[Attachment] = (),
    ) -> Mail:
        """Answer *mail*, below *text* the mail itself unless not *quoting*; return what was sent.

        A *text* that ends in `quoted` is sent as if the program had put that there, and what is
        quoted otherwise (`>`) as somebody's answers between the lines. Raises ValueError if the
        mail says of nobody to whom an answer goes.
        """
        answer = text.removesuffix(self.quoted(mail))
        html = f'<div dir="ltr">{as_html(answer.rstrip())}</div>'
        if quoting or answer != text:
            text = f"{answer.rstrip()}\n\n{self.quoted(mail)}"
            html += f"<br>{quote(mail, self.language).html}"
        to = self.answers_to(mail)
        message = self._mail(to, self.answer_subject(mail))
        known = _MESSAGE_ID.findall(mail.header("References") or mail.header("In-Reply-To"))
        if own := _MESSAGE_ID.findall(mail.message_id):
            message["In-Reply-To"] = own[0]
            message["References"] = " ".join([*known, own[0]])
        return self._send(message, to, text, html, files)

    def answers_to(self, mail: Mail) -> str:
        """Return where an answer to *mail* goes; "" if it does not say."""
        return sender_of(mail.header("Reply-To") or mail.header("From"))[1]

    def answer_subject(self, mail: Mail) -> str:
        """Return the subject of an answer to *mail*."""
        subject = " ".join(mail.subject.split())
        return subject if subject.lower().startswith("re:") else f"Re: {subject}"

    def quoted(self, mail: Mail) -> str:
        """Return *mail* as it stands below an answer to it."""
        return quote(mail, self.language).text

    def _mail(self, to: str, subject: str) -> EmailMessage:
        try:
            recipient = Address(addr_spec=to)
        except Exception:  # of many kinds, whatever the parser stumbles over
            raise ValueError(f"{to!r} is no address to which mail can go.") from None
        message = EmailMessage(policy=_POLICY)
        message["From"] = Address(self.name, addr_spec=self.address)
        message["Date"] = format_datetime(self._now().astimezone(ZONE))
        domain = self.address.rpartition("@")[2]
        message["Message-ID"] = f"<CA{secrets.token_urlsafe(24)}@mail.{domain}>"
        message["Subject"] = " ".join(subject.split())
        message["To"] = recipient
        return message

    def _send(
        self, message: EmailMessage, to: str, text: str, html: str, files: Sequence[Attachment]
    ) -> Mail:
        message.set_content(f"{text}\n", cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        for file in files:
            kind, _, subtype = file.mime.partition("/")
            message.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
        mail = self._hand_in(message.as_bytes(), self.address, [to])
        self.sent.put(mail)
        return mail
