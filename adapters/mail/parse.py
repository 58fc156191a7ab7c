"""From a mail, read and judged, to what happened. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from adapters.mail.address import lowered
from adapters.mail.authentic import Verdict
from adapters.mail.automatic import MailNature
from adapters.mail.bounces import Bounce, Outcome
from adapters.mail.letter import Letter
from adapters.mail.trust import Judgement
from core.contact import Identity
from core.events import CustomerMailed, MailBounced
from core.ids import MessageId
from core.message import Attachment, AttachmentKind
from core.outbox import MAIL
from core.policy import Department
from core.ports import About, FromMail, Incoming
from core.richtext import RichText, plain

_PHOTOS = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_NOTHING_SAID = plain("…")
_LONGEST_WAY = timedelta(days=365)
"""How old a mail can be: in a mailbox that nobody has read for long."""


class NothingToDo(Exception):
    """Nothing is to become of this mail; its words say why, for operators."""


def event_key(key: str) -> str:
    """Return what makes the event of the mail known by *key* that event and no other."""
    return f"mail:{key}"


def message_id(key: str) -> MessageId:
    """Return what the words are called that came with the mail known by *key*."""
    return MessageId(f"mail:{key}")


def parse(
    key: str,
    letter: Letter,
    judgement: Judgement,
    at: datetime,
    departments: Iterable[Department],
) -> Incoming:
    """Return what happened when the mail known by *key* came. Raises `NothingToDo`."""
    if judgement.nature is MailNature.OUR_OWN:
        raise NothingToDo("a mail of our own")
    if judgement.bounce is not None:
        return _bounced(key, letter, judgement.bounce, at)
    sender = lowered(letter.sender)
    token = judgement.token
    return Incoming(
        key=event_key(key),
        origin=FromMail(
            # Who cannot be told is somebody else each time.
            identity=Identity(MAIL, sender or f"unknown:{key}"),
            name=letter.sender_name,
            language=letter.language or None,
            department=_department(letter, departments),
            conversation_id=token.conversation if token else None,
        ),
        event=CustomerMailed(
            at=at,
            message_id=message_id(key),
            sent_at=_written(letter.date, at),
            sender=sender,
            subject=letter.subject,
            text=_text(letter),
            attachments=tuple(_attachments(key, letter)),
            mail_id=letter.message_id,
            proven=judgement.proven,
            authentic=judgement.verdict is Verdict.PASS,
            automatic=judgement.nature is not MailNature.PERSON,
            damage=letter.damaged,
        ),
    )


def _bounced(key: str, letter: Letter, bounce: Bounce, at: datetime) -> Incoming:
    if bounce.token is None:
        raise NothingToDo("a bounce of a mail that is not known here")
    if bounce.outcome is Outcome.DELAYED:
        raise NothingToDo("a mail server goes on trying")
    return Incoming(
        key=event_key(key),
        origin=About(bounce.token.conversation),
        event=MailBounced(
            at=at,
            emails=bounce.recipients,
            detail=" ".join(filter(None, (bounce.status, bounce.diagnostic))) or letter.subject,
            is_final=bounce.outcome is Outcome.PERMANENT,
        ),
    )


def _written(said: datetime | None, at: datetime) -> datetime:
    """Return when a mail was written, as far as that can be believed."""
    return said if said is not None and at - _LONGEST_WAY <= said <= at else at


def _department(letter: Letter, departments: Iterable[Department]) -> str | None:
    """Return the department whose address the mail was sent to."""
    named = {address.lower() for address in letter.recipients}
    keys = (each.key for each in departments if each.email and each.email.lower() in named)
    return next(keys, None)


def _text(letter: Letter) -> RichText:
    if letter.text:
        return letter.text
    return _NOTHING_SAID if letter.enclosed else plain(letter.subject or _NOTHING_SAID.text)


def _attachments(key: str, letter: Letter) -> Iterator[Attachment]:
    for each in letter.enclosed:
        yield Attachment(
            kind=AttachmentKind.PHOTO if each.mime in _PHOTOS else AttachmentKind.DOCUMENT,
            channel=MAIL,
            ref=f"{key}#{each.part}",
            name=each.name,
            mime=each.mime,
            size=each.size,
        )
    for name in letter.dropped:
        yield Attachment(kind=AttachmentKind.DOCUMENT, channel=MAIL, name=name)
