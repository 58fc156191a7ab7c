"""Writes the pictures of the desk's mails in `docs/images`.

`python -m docs.mail_images` rewrites them; it needs Chromium, and a font with Cyrillic letters.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final, Literal

from playwright.sync_api import Browser, sync_playwright

from adapters.mail.enclosures import Enclosure
from adapters.mail.heading import Desk
from adapters.mail.render import render
from adapters.mail.tokens import Tokens
from adapters.phrasebook import load_phrasebook
from core.contact import Contact, Identity
from core.conversation import Conversation, Stage
from core.effects import Mail, MailKind, Words
from core.hours import WorkingHours
from core.ids import ContactId, ConversationId, DeliveryId, MessageId, TicketId
from core.message import Attachment, AttachmentKind, Message, Part, Side
from core.outbox import MAIL, Delivery, Outgoing
from core.phrases import Phrase
from core.policy import Department
from core.richtext import Mark, RichText, Span, plain, rich
from core.ticket import FiledBecause, Ticket

IMAGES: Final = Path(__file__).parent / "images"
WIDTHS: Final = {"desktop": 760, "phone": 390}
"""CSS pixels."""
_SCALES: Final = {"desktop": 1, "phone": 1.5}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")

_SUNDAY: Final = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)
_MONDAY: Final = datetime(2026, 11, 23, 7, 20, tzinfo=UTC)
_DESK: Final = Desk(
    Address("Podrška", "podrska", "example.com"),
    Tokens([b"only for the pictures"], "podrska@example.com"),
)
_DEPARTMENT: Final = Department(
    key="support",
    name="Support",
    room="C1",
    hours=WorkingHours(week="Mo-Fr 08:00-20:00", zone="Europe/Belgrade"),
)
_OPENS: Final = Words(
    phrase=Phrase.MAIL_FILED_WHEN,
    moment=datetime(2026, 11, 23, 7, tzinfo=UTC),
    now=_SUNDAY,
    zone="Europe/Belgrade",
)


@dataclass(frozen=True, kw_only=True)
class _Talk:
    """What is said in the pictures, in one language."""

    customer: str
    agent: str
    problem: str
    more: str
    answer: str
    bold: str
    code: str
    link: str
    file: str


_TALKS: Final = {
    "sr": _Talk(
        customer="Ана Марковић",
        agent="Марко Илић",
        problem="Добар дан, од јутрос не могу да се пријавим. Пише да лозинка није исправна.",
        more="Пробала сам и са другог рачунара, исто је.",
        answer=(
            "Здраво Ана, налог Вам је био закључан после превише погрешних покушаја. "
            "Откључао сам га.\n\n"
            "1. Отворите страницу за пријаву.\n"
            "2. Унесите привремени кôд KX-2291.\n"
            "3. Изаберите нову лозинку.\n\n"
            "У прилогу је упутство са сликама."
        ),
        bold="Откључао сам га.",
        code="KX-2291",
        link="страницу за пријаву",
        file="Упутство за пријаву.pdf",
    ),
    "en": _Talk(
        customer="Ana Marković",
        agent="Marko Ilić",
        problem="Hello, I have not been able to log in since this morning. The password is wrong, "
        "it says.",
        more="I have tried another computer too, it is the same there.",
        answer=(
            "Hi Ana, your account was locked after too many wrong attempts. I have unlocked it.\n\n"
            "1. Open the login page.\n"
            "2. Enter the temporary code KX-2291.\n"
            "3. Choose a new password.\n\n"
            "The guide with pictures is attached."
        ),
        bold="I have unlocked it.",
        code="KX-2291",
        link="login page",
        file="How to log in.pdf",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A mail to look at."""

    name: str
    html: str


def samples() -> Iterator[Sample]:
    """Return the mails that are shown: a ticket's first one and an answer, in both languages."""
    phrasebook = load_phrasebook()
    for language, talk in _TALKS.items():
        for kind in (MailKind.TICKET_FILED, MailKind.ANSWER):
            outgoing = _outgoing(kind, language, talk)
            mail = outgoing.delivery.effect
            assert isinstance(mail, Mail)  # noqa: S101 (it has just been made)
            enclosed = [
                Enclosure(attachment=each, content=b"%PDF")
                for each in (outgoing.message.attachments if outgoing.message else ())
            ]
            message = render(outgoing, mail, phrasebook, _DESK, enclosed)
            yield Sample(name=f"{kind}-{language}", html=html_of(message))


def html_of(message: EmailMessage) -> str:
    """Return what a mail program shows of a mail."""
    part = message.get_body(("html",))
    return "" if part is None else str(part.get_content())


def _outgoing(kind: MailKind, language: str, talk: _Talk) -> Outgoing:
    is_answer = kind is MailKind.ANSWER
    conversation = Conversation(
        id=ConversationId("c1"),
        contact=Contact(
            id=ContactId("ana"),
            language=language,
            name=talk.customer,
            email="ana@example.com",
            email_proven=is_answer,
        ),
        identity=Identity("telegram", "17"),
        opened_at=_SUNDAY,
        stage=Stage.TICKETED,
        ticket=Ticket(id=TicketId("MNT-4K7Q2"), filed_at=_SUNDAY, because=FiledBecause.CLOSED),
    )
    asked = _said("m1", talk, plain(talk.problem), _SUNDAY)
    more = _said("m2", talk, plain(talk.more), _SUNDAY + timedelta(minutes=1))
    answer = _said("m3", talk, _answer(talk), _MONDAY, side=Side.AGENTS)
    effect = (
        Mail(kind=kind, message_ids=(answer.id,)) if is_answer else Mail(kind=kind, expect=_OPENS)
    )
    return Outgoing(
        delivery=Delivery(
            id=DeliveryId("d1"),
            conversation_id=conversation.id,
            channel=MAIL,
            lane=MAIL,
            place="ana@example.com",
            effect=effect,
            created_at=_SUNDAY,
            due_at=_SUNDAY,
        ),
        conversation=conversation,
        department=_DEPARTMENT,
        message=answer if is_answer else None,
        said_before=(asked, more) if is_answer else (),
    )


def _said(id_: str, talk: _Talk, text: RichText, at: datetime, **changes: Any) -> Message:
    side: Side = changes.get("side", Side.CUSTOMER)
    guide = Attachment(kind=AttachmentKind.DOCUMENT, channel="agents", ref="F1", name=talk.file)
    return Message(
        id=MessageId(id_),
        conversation_id=ConversationId("c1"),
        side=side,
        author=talk.customer if side is Side.CUSTOMER else talk.agent,
        at=at,
        part=Part.TALK,
        text=text,
        attachments=() if side is Side.CUSTOMER else (guide,),
    )


def _answer(talk: _Talk) -> RichText:
    return rich(
        talk.answer,
        [
            _span(talk.answer, talk.bold, Mark.BOLD),
            _span(talk.answer, talk.code, Mark.CODE),
            _span(talk.answer, talk.link, Mark.LINK, "https://example.com/login"),
        ],
    )


def _span(text: str, words: str, mark: Mark, target: str = "") -> Span:
    at = text.index(words)
    return Span(at, at + len(words), mark, target)


def _take(browser: Browser, sample: Sample) -> None:
    for scheme in SCHEMES:
        for device, width in WIDTHS.items():
            page = browser.new_page(
                color_scheme=scheme,
                viewport={"width": width, "height": 200},
                device_scale_factor=_SCALES[device],
            )
            page.set_content(sample.html)
            if device == "desktop":  # on the phone it stays folded
                page.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")
            page.screenshot(
                path=IMAGES / f"mail-{sample.name}-{scheme}-{device}.png", full_page=True
            )
            page.close()


if __name__ == "__main__":
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for each in samples():
            _take(chromium, each)
        chromium.close()
