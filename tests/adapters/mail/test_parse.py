"""From a mail, read and judged, to what happened."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.mail.authentic import Verdict
from adapters.mail.automatic import MailNature
from adapters.mail.bounces import Bounce, Outcome
from adapters.mail.letter import Enclosed, Letter
from adapters.mail.parse import NothingToDo, parse
from adapters.mail.tokens import Token
from adapters.mail.trust import Judgement
from core.events import CustomerMailed, MailBounced
from core.ids import ConversationId
from core.message import AttachmentKind
from core.ports import About, FromMail, Incoming
from core.richtext import plain
from tests.support.builders import MONDAY, department
from tests.support.letters import letter

TOKEN = Token(ConversationId("c7"), b"1234")
DEPARTMENTS = (
    department("support", email=""),
    department("sales", email="Prodaja@example.com"),
    department("legal", email="pravo@example.com"),
)


def judged(nature: MailNature = MailNature.PERSON, **changes: object) -> Judgement:
    """Return what is known of a mail that is tied to nothing and proves nothing."""
    given = {"token": None, "proven": False, "verdict": Verdict.UNKNOWN, "bounce": None, **changes}
    return Judgement(nature=nature, **given)  # type: ignore[arg-type]


def happened(mail: Letter, judgement: Judgement | None = None) -> Incoming:
    return parse("k1", mail, judgement or judged(), MONDAY, DEPARTMENTS)


def mailed(mail: Letter, judgement: Judgement | None = None) -> CustomerMailed:
    event = happened(mail, judgement).event
    assert isinstance(event, CustomerMailed)
    return event


def origin(mail: Letter, judgement: Judgement | None = None) -> FromMail:
    where = happened(mail, judgement).origin
    assert isinstance(where, FromMail)
    return where


def bounced(**changes: object) -> Judgement:
    given = {
        "recipients": ("ana@example.org",),
        "outcome": Outcome.PERMANENT,
        "status": "5.1.1",
        "diagnostic": "No such user",
        "token": TOKEN,
        **changes,
    }
    return judged(MailNature.BOUNCE, bounce=Bounce(**given))  # type: ignore[arg-type]


def test_the_same_mail_is_the_same_event() -> None:
    """However often it is read: its key is the mail's."""
    assert happened(letter()).key == happened(letter(subject="Read better")).key == "mail:k1"
    assert mailed(letter()).message_id == "mail:k1"


def test_a_sender_is_one_customer_however_the_address_is_written() -> None:
    """Who cannot be told is somebody else in each mail."""
    assert origin(letter(sender="Ana@Example.org")).identity.address == "ana@example.org"
    assert origin(letter(sender="")).identity.address == "unknown:k1"
    assert mailed(letter(sender="")).sender == ""


def test_what_ties_and_what_proves_are_told_apart() -> None:
    """A token says to which conversation it belongs, and nothing of who wrote."""
    stranger = judged(token=TOKEN)
    assert origin(letter(), stranger).conversation_id == "c7"
    assert origin(letter()).conversation_id is None
    assert not mailed(letter(), stranger).proven

    ana = judged(token=TOKEN, proven=True, verdict=Verdict.PASS)
    assert (mailed(letter(), ana).proven, mailed(letter(), ana).authentic) == (True, True)
    assert not mailed(letter(), judged(verdict=Verdict.FAIL)).authentic


@pytest.mark.parametrize(
    "nature", [MailNature.AUTO_REPLY, MailNature.BULK_OR_LIST, MailNature.NO_REPLY]
)
def test_a_machine_is_known_for_one(nature: MailNature) -> None:
    """It is shown, and never answered."""
    assert mailed(letter(), judged(nature)).automatic
    assert not mailed(letter()).automatic


@pytest.mark.parametrize(
    ("to", "key"),
    [
        (("prodaja@example.com",), "sales"),
        (("PRAVO@example.com", "somebody@example.org"), "legal"),
        (("podrska@example.com",), None),
        ((), None),
    ],
)
def test_the_department_is_that_of_the_address(to: tuple[str, ...], key: str | None) -> None:
    """A department without one gets what goes to no other."""
    assert origin(replace(letter(), recipients=to)).department == key


@pytest.mark.parametrize("year", [1, 1970, 2025, 2027, 9999])
def test_a_date_that_cannot_be_is_not_believed(year: int) -> None:
    """Nobody writes in the future, and nothing is under way for years."""
    dated = replace(letter(), date=datetime(year, 1, 1, tzinfo=UTC))
    assert mailed(dated).sent_at == MONDAY

    hours = replace(letter(), date=MONDAY - timedelta(hours=30))
    assert mailed(hours).sent_at == MONDAY - timedelta(hours=30)
    assert mailed(replace(letter(), date=None)).sent_at == MONDAY


def test_a_mail_always_says_something() -> None:
    """Its subject where there is no text, or that there is a file."""
    silent = replace(letter(), text=plain(""))
    file = Enclosed(part=2, name="photo.jpg", mime="image/jpeg", size=9, inline=False)

    assert mailed(silent).text.text == "The invoice"
    assert mailed(replace(silent, subject="")).text.text == "…"
    assert mailed(replace(silent, enclosed=(file,))).text.text == "…"


def test_files_are_found_again_and_those_left_out_are_named() -> None:
    """By the mail's key and the part's number."""
    files = (
        Enclosed(part=2, name="photo.jpg", mime="image/jpeg", size=9, inline=True),
        Enclosed(part=4, name="invoice.svg", mime="image/svg+xml", size=7, inline=False),
    )
    photo, invoice, left_out = mailed(
        replace(letter(), enclosed=files, dropped=("eleventh.pdf",))
    ).attachments

    assert (photo.kind, photo.ref, photo.size) == (AttachmentKind.PHOTO, "k1#2", 9)
    assert (invoice.kind, invoice.ref) == (AttachmentKind.DOCUMENT, "k1#4")
    assert (left_out.name, left_out.ref) == ("eleventh.pdf", "")


def test_a_bounce_is_no_mail_of_a_customers() -> None:
    """It is told in the ticket of the mail that came back."""
    incoming = happened(letter(), bounced())

    assert incoming.origin == About(ConversationId("c7"))
    assert incoming.event == MailBounced(
        at=MONDAY, emails=("ana@example.org",), detail="5.1.1 No such user", is_final=True
    )
    for_now = happened(letter(), bounced(outcome=Outcome.TEMPORARY)).event
    assert isinstance(for_now, MailBounced)
    assert not for_now.is_final


@pytest.mark.parametrize(
    "judgement",
    [judged(MailNature.OUR_OWN), bounced(token=None), bounced(outcome=Outcome.DELAYED)],
)
def test_what_nothing_is_to_become_of(judgement: Judgement) -> None:
    """Our own mail come back, a bounce that nobody can place, a server that goes on trying."""
    with pytest.raises(NothingToDo):
        happened(letter(), judgement)
