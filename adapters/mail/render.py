"""From a delivery to a mail: text and HTML that say the same, in the customer's language.

Nothing that a customer typed is in any mail: not their name, not their subject, not their words.
Whoever types a stranger's address could otherwise have the desk write to that stranger what they
please.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from adapters.mail.address import ascii_address
from adapters.mail.richtext import to_html, to_plain
from core.effects import Mail, MailKind, Words
from core.errors import GiveUp
from core.message import Attachment
from core.outbox import Outgoing
from core.phrases import Phrase
from core.richtext import Mark, RichText, Span, clean_name, plain
from core.wording import Phrasebook

_SUBJECTS: Final = {
    MailKind.TICKET_FILED: Phrase.MAIL_FILED_SUBJECT,
    MailKind.ANSWER: Phrase.MAIL_ANSWER_SUBJECT,
    MailKind.TICKET_CLOSED: Phrase.MAIL_CLOSED_SUBJECT,
}

_AUTOMATIC: Final = {
    MailKind.TICKET_FILED: "auto-replied",
    MailKind.TICKET_CLOSED: "auto-generated",
}
"""What RFC 3834 (section 5) calls the mails that no person wrote."""

# The email package would encode an id of more than 78 characters, and with that break the thread;
# it spares only headers of this type.
_HEADERS = HeaderRegistry()
for _name in ("in-reply-to", "references"):
    _HEADERS.map_to_type(_name, MessageIDHeader)  # type: ignore[arg-type]  # it adds BaseHeader
_POLICY = SMTP.clone(header_factory=_HEADERS, cte_type="7bit")

_TEMPLATE = Environment(
    loader=PackageLoader("adapters.mail"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
).get_template("mail.html")


@dataclass(frozen=True)
class _Part:
    """A paragraph of a mail, or an agent's answer."""

    text: RichText
    is_answer: bool = False

    @property
    def html(self) -> Markup:
        return Markup(to_html(self.text))  # noqa: S704 (to_html has escaped what people wrote)


def render(outgoing: Outgoing, mail: Mail, phrasebook: Phrasebook, sender: Address) -> EmailMessage:
    """Return the mail that carries out a delivery: for the same delivery, the same bytes.

    Raises GiveUp for a customer without an address that mail can be sent to, and ValueError for a
    delivery that lacks what its mail says: a ticket, or an agent's answer.
    """
    writer = _Writer(outgoing, phrasebook)
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = _recipient(outgoing)
    message["Subject"] = f"[{writer.ticket}] {writer.say(_SUBJECTS[mail.kind])}"
    message["Date"] = outgoing.delivery.created_at
    for name, value in _thread(outgoing, mail.kind, sender.domain).items():
        message[name] = value
    if mail.kind in _AUTOMATIC:
        message["Auto-Submitted"] = _AUTOMATIC[mail.kind]
        message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange: MS-OXCMAIL 2.1.3.2.20
    parts = tuple(writer.parts(mail))
    html = _TEMPLATE.render(language=writer.language, subject=message["Subject"], parts=parts)
    message.set_content("\n\n".join(to_plain(part.text) for part in parts) + "\n")
    message.add_alternative(html, subtype="html")
    # Its own each time, a repeated mail would not be the same one.
    message.set_boundary(f"=_{hashlib.sha256(message['Message-ID'].encode()).hexdigest()[:32]}")
    message["Content-Language"] = writer.language  # last: `set_content` takes such headers away
    return message


def _recipient(outgoing: Outgoing) -> Address:
    """Return the customer's address, and only that: a name in front of it would be typed text."""
    address = ascii_address(outgoing.conversation.contact.email)
    if address is None:
        raise GiveUp("no mail address", why=Words(phrase=Phrase.WHY_NO_ADDRESS))
    return Address(addr_spec=address)


def _thread(outgoing: Outgoing, kind: MailKind, domain: str) -> dict[str, str]:
    """Return the headers by which mail programs thread (RFC 5322, 3.6.4).

    A ticket's first mail is known by its conversation, so that later ones refer to it unasked.
    """
    first = f"<ticket.{outgoing.conversation.id}@{domain}>"
    if kind is MailKind.TICKET_FILED:
        return {"Message-ID": first}
    this = f"<mail.{outgoing.delivery.id}@{domain}>"
    return {"Message-ID": this, "In-Reply-To": first, "References": first}


class _Writer:
    """What a mail says, in the language of the one who reads it."""

    def __init__(self, outgoing: Outgoing, phrasebook: Phrasebook) -> None:
        conversation = outgoing.conversation
        if conversation.ticket is None:
            raise ValueError(f"a mail about {conversation.id}, which is no ticket")
        self.ticket = conversation.ticket.id
        self.language = conversation.contact.language
        self._proven = conversation.contact.email_proven
        self._answer = outgoing.message
        self._phrasebook = phrasebook

    def say(self, phrase: Phrase, **values: str) -> str:
        return self._phrasebook.phrase(self.language, phrase, **values)

    def parts(self, mail: Mail) -> Iterable[_Part]:
        yield _Part(plain(self.say(Phrase.MAIL_HELLO)))
        match mail.kind:
            case MailKind.TICKET_FILED:
                yield from self._filed(mail)
            case MailKind.ANSWER:
                yield from self._answered()
            case MailKind.TICKET_CLOSED:
                yield self._about_ticket(Phrase.MAIL_CLOSED)
        yield _Part(plain(self.say(Phrase.MAIL_GREETINGS)))

    def _filed(self, mail: Mail) -> Iterable[_Part]:
        yield self._about_ticket(Phrase.MAIL_FILED_ACCEPTED)
        if mail.expect is None:
            yield _Part(plain(self.say(Phrase.MAIL_FILED_SOON)))
        else:
            yield _Part(plain(self._phrasebook.say(self.language, mail.expect)))
        yield _Part(plain(self.say(Phrase.MAIL_FILED_GO_ON)))
        if not self._proven:
            yield _Part(plain(self.say(Phrase.MAIL_FILED_NOT_YOU)))

    def _answered(self) -> Iterable[_Part]:
        answer = self._answer
        if answer is None:
            raise ValueError(f"a mail about {self.ticket} without the answer that it carries")
        yield self._about_ticket(Phrase.MAIL_ANSWER_FROM, agent=clean_name(answer.author))
        if answer.text:
            yield _Part(answer.text, is_answer=True)
        if answer.attachments:
            names = ", ".join(map(self._name, answer.attachments))
            yield _Part(plain(self.say(Phrase.MAIL_FILES, names=names)))
        yield _Part(plain(self.say(Phrase.MAIL_ANSWER_GO_ON)))

    def _name(self, attachment: Attachment) -> str:
        return clean_name(attachment.name) or self._phrasebook.sent(self.language, attachment)

    def _about_ticket(self, phrase: Phrase, **values: str) -> _Part:
        """Return a sentence in which the ticket's ID stands out."""
        sentence = self.say(phrase, ticket=self.ticket, **values)
        at = sentence.rfind(self.ticket)
        bold = Span(at, at + len(self.ticket), Mark.BOLD)
        return _Part(RichText(sentence, (bold,)))
