"""From a delivery to a mail: text and HTML that say the same, and the files.

The plain text has a paragraph a line, however long, and leaves it to the encoding to break what is
too long for the wire. Lines that are broken here would be ragged on a phone, and those who would
join them again (format=flowed, RFC 3676) are few.
"""

import hashlib
from collections.abc import Iterator, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from adapters.mail.enclosures import Enclosure
from adapters.mail.heading import POLICY, Desk, recipient, subject, thread
from adapters.mail.richtext import to_html, to_plain
from adapters.mail.writing import Link, Said, Writer, Written
from core.effects import Mail, MailKind
from core.outbox import Outgoing
from core.phrases import Phrase
from core.portal_port import LoginLink
from core.richtext import RichText, plain
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
    *,
    follow: str = "",
) -> EmailMessage:
    """Return the mail that carries out a delivery: for the same delivery, the same bytes.

    But for *follow*: where the customer reads the ticket online, in the mail that acknowledges it.
    Each attempt has a link of its own there, and all of them are good.
    Raises GiveUp for a customer without an address that mail can be sent to, and ValueError for a
    delivery that lacks what its mail says: a ticket, an agent's answer, what happens next.
    """
    writer = Writer(
        outgoing,
        phrasebook,
        enclosures,
        are_replies_read=desk.tokens is not None,
        follow=follow,
    )
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
    _fill(message, written, desk, language=writer.language, ticket=writer.ticket)
    _attach(message, enclosures)
    message["Content-Language"] = writer.language  # last: `set_content` takes such headers away
    return message


def render_login(
    link: LoginLink, to: Address, url: str, phrasebook: Phrasebook, desk: Desk
) -> EmailMessage:
    """Return the mail with a link that logs in to the portal: nobody has typed a word of it.

    Its Message-ID is the same however often it is sent.
    """

    def say(phrase: Phrase) -> str:
        return phrasebook.phrase(link.language, phrase)

    message = EmailMessage(policy=POLICY)
    message["From"] = desk.sender
    message["To"] = to
    message["Subject"] = say(Phrase.MAIL_LOGIN_SUBJECT)
    message["Date"] = link.asked_at
    message["Message-ID"] = f"<login.{link.id}@{desk.sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    written = Written(
        opening=(plain(say(Phrase.MAIL_HELLO)), plain(say(Phrase.MAIL_LOGIN))),
        link=Link(say(Phrase.MAIL_LOGIN_BUTTON), url),
        after_link=(
            plain(say(Phrase.MAIL_LOGIN_LASTS)),
            plain(say(Phrase.MAIL_LOGIN_NOT_YOU)),
        ),
        closing=(plain(say(Phrase.MAIL_GREETINGS)),),
    )
    _fill(message, written, desk, language=link.language, ticket="")
    _attach(message, ())
    message["Content-Language"] = link.language
    return message


def _fill(
    message: EmailMessage, written: Written, desk: Desk, *, language: str, ticket: str
) -> None:
    message.set_content("\n\n".join(_plain(written)) + "\n")
    page = _TEMPLATE.render(
        language=language,
        subject=message["Subject"],
        desk=desk.sender.display_name or desk.sender.addr_spec,
        ticket=ticket,
        written=written,
    )
    message.add_alternative(page, subtype="html")


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


def _plain(written: Written) -> Iterator[str]:
    """Return the paragraphs of the plain text."""
    yield from map(to_plain, written.opening)
    if written.link is not None:
        yield f"{written.link.label}:\n{written.link.url}"
    yield from map(to_plain, written.after_link)
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
