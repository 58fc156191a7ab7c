"""Mails as they are sent, and as a mail program reads them."""

from datetime import timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from typing import Any

from adapters.mail.heading import Desk
from adapters.mail.render import render
from adapters.mail.tokens import Tokens
from adapters.phrasebook import load_phrasebook
from core.effects import Mail, MailKind, Words
from core.outbox import Outgoing
from core.phrases import Phrase
from tests.support.mailing import AT, outgoing

PHRASEBOOK = load_phrasebook()
SENDER = Address("Podrška", "podrska", "example.com")
CLOSES = Words(
    phrase=Phrase.TICKET_CLOSING_SOON,
    values={"ticket": "MNT-4K7Q2"},
    moment=AT + timedelta(days=4, hours=14),
    now=AT,
    zone="Europe/Belgrade",
)
MERGED = Words(phrase=Phrase.TICKET_MERGED, values={"ticket": "MNT-4K7Q2", "into": "MNT-7HHH2"})
TOKENS = Tokens([b"a key of sixteen"], "podrska@example.com")


def rendered(sent: Outgoing, *, sender: Address = SENDER, tokens: Tokens | None = None) -> bytes:
    """Return the mail as it is sent; a desk without *tokens* reads no replies."""
    effect = sent.delivery.effect
    assert isinstance(effect, Mail)
    return render(sent, effect, PHRASEBOOK, Desk(sender, tokens)).as_bytes()


def of_kind(kind: MailKind, **changes: Any) -> Outgoing:
    """Return a mail of this kind, with all that it needs."""
    needed = {MailKind.CLOSING_SOON: CLOSES, MailKind.MERGED: MERGED}
    return outgoing(kind, expect=needed.get(kind), **changes)


def read(raw: bytes) -> EmailMessage:
    """Return the mail as a mail program reads it."""
    return message_from_bytes(raw, EmailMessage, policy=default)


def text_of(mail: EmailMessage) -> str:
    """Return what a plain mail program shows."""
    return body(mail, "plain").replace("\r\n", "\n")


def body(mail: EmailMessage, kind: str) -> str:
    """Return the text of a mail's "plain" or "html" part."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())
