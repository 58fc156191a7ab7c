"""The headers of a mail: whom it is for, how it hangs together with others, what it is about."""

import re
from dataclasses import dataclass
from email import _header_value_parser as values
from email.headerregistry import Address, HeaderRegistry
from email.policy import SMTP, EmailPolicy
from typing import Any, Final

from adapters.mail.address import ascii_address
from adapters.mail.tokens import Tokens
from core.effects import Mail, MailKind, Words
from core.errors import GiveUp
from core.outbox import Outgoing
from core.phrases import Phrase
from core.richtext import clean_name

_FOREIGN_ID: Final = re.compile(r"<[!-;=?-~]{1,198}>")
"""A Message-ID that can do no harm in a header of ours, whoever made it."""

_LONGEST_SUBJECT: Final = 150
_REPLY_MARK: Final = re.compile(r"(?:re|aw|sv|odg|одг)(?:\[\d{1,3}\])? ?: ?", re.IGNORECASE)


@dataclass(frozen=True)
class Desk:
    """Who writes."""

    sender: Address
    tokens: Tokens | None
    """What ties replies to their tickets; None where no replies are read."""


class _MessageIds:
    """A header of Message-IDs: folded between them, and never encoded.

    The email package would encode an id of more than 78 characters, and with that break the thread.
    """

    max_count = 1
    name: str

    @classmethod
    def parse(cls, value: str, parsed: dict[str, Any]) -> None:
        """Take the ids as they are, as the package's registry asks for."""
        parsed["parse_tree"] = values.get_unstructured(value)
        parsed["decoded"] = value

    def fold(self, *, policy: EmailPolicy) -> str:
        """Return the header as it is sent, an id a line."""
        ids = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {ids}{policy.linesep}"


_HEADERS: Final = HeaderRegistry()
for _name in ("message-id", "in-reply-to", "references"):
    _HEADERS.map_to_type(_name, _MessageIds)  # type: ignore[arg-type]  # it adds BaseHeader

POLICY: Final = SMTP.clone(header_factory=_HEADERS, cte_type="7bit")
"""How our mails are put together: seven bits, CRLF, and ids as they are."""


def recipient(outgoing: Outgoing) -> Address:
    """Return the customer's address, and only that: a name in front of it would be typed text.

    Raises GiveUp where there is none that mail can be sent to.
    """
    address = ascii_address(outgoing.conversation.contact.email)
    if address is None:
        raise GiveUp("no mail address", why=Words(phrase=Phrase.WHY_NO_ADDRESS))
    return Address(addr_spec=address)


def thread(outgoing: Outgoing, mail: Mail, desk: Desk, to: Address) -> dict[str, str | Address]:
    """Return the headers by which mail programs thread (RFC 5322, 3.6.4), and how to reply.

    A ticket's first mail is known by its conversation, so that later ones refer to it unasked. What
    the customer's mails are called, whoever forges one may choose: what no person sends names them
    only where it is known whose they are.
    """
    talk = outgoing.conversation
    first = _message_id(outgoing, desk, to, of="first")
    is_first = mail.kind is MailKind.TICKET_FILED
    this = first if is_first else _message_id(outgoing, desk, to, of=outgoing.delivery.id)
    earlier = [] if is_first else [first]
    if mail.kind is MailKind.ANSWER or mail.answers_theirs or talk.contact.email_proven:
        earlier += [each for each in talk.mail_ids if _FOREIGN_ID.fullmatch(each)]
    headers: dict[str, str | Address] = {"Message-ID": this}
    if earlier:
        headers |= {"In-Reply-To": earlier[-1], "References": " ".join(earlier)}
    if desk.tokens is not None:
        replies = desk.tokens.reply_address(talk.id, to.addr_spec)
        headers["Reply-To"] = Address(desk.sender.display_name, addr_spec=replies)
    return headers


def subject(outgoing: Outgoing, about: str, ticket: str) -> str:
    """Return the subject: what the mail is *about*, with the ticket's ID.

    Whoever began it with a mail, from an address that is proven to be theirs, reads their own
    subject. Nobody else does: whatever a stranger typed is not sent on, nor how agents call it.
    """
    talk = outgoing.conversation
    theirs = clean_name(talk.mail_subject, _LONGEST_SUBJECT)
    while mark := _REPLY_MARK.match(theirs):
        theirs = theirs[mark.end() :]
    if theirs and talk.contact.email_proven:
        return f"Re: {theirs} [{ticket}]"
    return f"[{ticket}] {about}"


def _message_id(outgoing: Outgoing, desk: Desk, to: Address, *, of: str) -> str:
    if desk.tokens is not None:
        return desk.tokens.message_id(outgoing.conversation.id, to.addr_spec, of)
    name = f"ticket.{outgoing.conversation.id}" if of == "first" else f"mail.{of}"
    return f"<{name}@{desk.sender.domain}>"
