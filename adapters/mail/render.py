"""From a delivery to a mail: text and HTML that say the same, and the files.

The plain text has a paragraph a line, however long, and leaves it to the encoding to break what is
too long for the wire. Lines that are broken here would be ragged on a phone, and those who would
join them again (format=flowed, RFC 3676) are few.
"""

import hashlib
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from adapters.mail.enclosures import Enclosure
from adapters.mail.heading import POLICY, Desk, recipient, subject, thread
from adapters.mail.richtext import to_html, to_plain
from adapters.mail.writing import Said, Writer, Written
from core.effects import Mail, MailKind
from core.outbox import Outgoing
from core.richtext import RichText
from core.wording import Phrasebook

_AUTOMATIC: Final = {
    MailKind.TICKET_FILED: "auto-replied",
    MailKind.TICKET_CLOSED: "auto-generated",
    MailKind.CLOSING_SOON: "auto-generated",
    MailKind.MERGED: "auto-generated",
}
"""What RFC 3834 (section 5) calls the mails that no person wrote."""


def _as_html(text: RichText) -> Markup:
    return Markup(to_html(text))  # noqa: S704 (to_html has escaped what people wrote)


_ENVIRONMENT: Final = Environment(
    loader=PackageLoader("adapters.mail"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_ENVIRONMENT.filters["as_html"] = _as_html
_TEMPLATE: Final = _ENVIRONMENT.get_template("mail.html")


def render(
    outgoing: Outgoing,
    mail: Mail,
    phrasebook: Phrasebook,
    desk: Desk,
    enclosures: Sequence[Enclosure] = (),
) -> EmailMessage:
    """Return the mail that carries out a delivery: for the same delivery, the same bytes.

    Raises GiveUp for a customer without an address that mail can be sent to, and ValueError for a
    delivery that lacks what its mail says: a ticket, an agent's answer, what happens next.
    """
    writer = Writer(outgoing, phrasebook, enclosures, are_replies_read=desk.tokens is not None)
    to = recipient(outgoing)
    message = EmailMessage(policy=POLICY)
    message["From"] = desk.sender
    message["To"] = to
    message["Subject"] = subject(outgoing, writer.about(mail.kind), writer.ticket)
    message["Date"] = outgoing.delivery.created_at
    for name, value in thread(outgoing, mail, desk, to).items():
        message[name] = value
    if mail.kind in _AUTOMATIC:
        message["Auto-Submitted"] = _AUTOMATIC[mail.kind]
        message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange: MS-OXCMAIL 2.1.3.2.20
    written = writer.write(mail)
    message.set_content("\n\n".join(_plain(written)) + "\n")
    message.add_alternative(_html(message, written, writer, desk), subtype="html")
    _attach(message, enclosures)
    message["Content-Language"] = writer.language  # last: `set_content` takes such headers away
    return message


def _attach(message: EmailMessage, enclosures: Sequence[Enclosure]) -> None:
    """Add the files, and name the parts' borders after the mail.

    Names of their own each time, and a repeated mail would not be the same one. Neither of them is
    how the other one begins: that is all that is compared (RFC 2046, section 5.1.1).
    """
    name = hashlib.sha256(message["Message-ID"].encode()).hexdigest()[:32]
    message.set_boundary(f"=_text_{name}")
    attached = [each for each in enclosures if each.content is not None]
    for each in attached:
        kind, subtype = each.mime
        message.add_attachment(each.content, maintype=kind, subtype=subtype, filename=each.name)
    if attached:
        message.set_boundary(f"=_files_{name}")


def _html(message: EmailMessage, written: Written, writer: Writer, desk: Desk) -> str:
    return _TEMPLATE.render(
        language=writer.language,
        subject=message["Subject"],
        desk=desk.sender.display_name or desk.sender.addr_spec,
        ticket=writer.ticket,
        written=written,
    )


def _plain(written: Written) -> Iterator[str]:
    """Return the paragraphs of the plain text."""
    yield from map(to_plain, written.opening)
    for said in written.answers:
        yield from _said(said, to_plain(said.text))
    yield from map(to_plain, written.closing)
    if written.before:
        yield f"{written.heading}:"
    for said in written.before:
        lines = [*to_plain(said.text).split("\n"), *said.files]
        quoted = (f"> {line}".rstrip() for line in lines if line or said.text)
        yield f"{said.by}:\n" + "\n".join(quoted)


def _said(said: Said, text: str) -> Iterator[str]:
    by = f"{said.by}:\n" if said.by else ""
    if by or said.text:
        yield by + text
    yield from said.files
