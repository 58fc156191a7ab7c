"""Writes the pictures of the portal in `docs/images`.

`python -m docs.portal_images` rewrites them; it needs Chromium, and a font with Cyrillic letters.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from fastapi import FastAPI
from playwright.async_api import Browser, async_playwright

from adapters.files import Files
from adapters.mail.richtext import to_html
from adapters.passes import hash_of, new_token
from adapters.phrasebook import load_phrasebook
from adapters.portal.parts import Parts
from adapters.portal.router import portal_router
from adapters.portal.uploads import Uploads
from adapters.store.memory import MemoryStore
from adapters.web.server import WebServer, take
from bots.transcripts import as_html
from core.contact import Contact, Identity
from core.conversation import Conversation, Stage
from core.hours import WorkingHours
from core.ids import ContactId, ConversationId, MessageId, TicketId
from core.message import Attachment, AttachmentKind, Message, Part, Side
from core.passes_port import Pass, Purpose
from core.policy import Department, Policy
from core.ports import Audit, Changes, Incoming
from core.richtext import Mark, RichText, Span, plain, rich
from core.ticket import FiledBecause, Ticket, TicketStatus

IMAGES: Final = Path(__file__).parent / "images"
EMAIL: Final = "ana@example.com"
_NOW: Final = datetime(2026, 11, 23, 9, 20, tzinfo=UTC)
_HOURS: Final = WorkingHours(week="Mo-Fr 08:00-20:00", zone="Europe/Belgrade")
_ID: Final = "0" * 31


@dataclass(frozen=True)
class _Words:
    """What is said in the pictures, in one language."""

    departments: tuple[str, str]
    subjects: tuple[str, str, str]
    problem: str
    answer: str
    bold: str
    file: str
    thanks: str
    agent: str


_SERBIAN: Final = _Words(
    ("Техничка подршка", "Наплата"),
    ("Продавница не ради од јутрос", "Рачун за новембар", "Пренос домена"),
    "Добар дан, од јутрос продавница приказује грешку 503. У прилогу је слика.",
    "Здраво Ана, диск је био пун. Ослободили смо место и продавница поново ради.\n\n"
    "Ако желите, повећаћемо пакет: df -h сада показује 61%.",
    "продавница поново ради",
    "грешка-503.png",
    "Хвала, ради! Јавићу се за пакет.",
    "Марко Илић",
)
_ENGLISH: Final = _Words(
    ("Technical support", "Billing"),
    ("The shop is down since this morning", "Invoice for November", "Moving a domain"),
    "Hello, since this morning the shop shows error 503. A screenshot is attached.",
    "Hi Ana, the disk was full. We have made room, and the shop works again.\n\n"
    "We can give you a larger plan: df -h says 61% now.",
    "the shop works again",
    "error-503.png",
    "Thank you, it works! I will write about the plan.",
    "Marko Ilić",
)
_WORDS: Final = {"sr": _SERBIAN, "en": _ENGLISH}


@dataclass(frozen=True, kw_only=True)
class Shot:
    """A picture to take."""

    name: str
    path: str
    language: str = "en"
    scheme: Literal["light", "dark"] = "light"
    width: int = 900
    logged_in: bool = True


SHOTS: Final[Sequence[Shot]] = (
    Shot(name="log-in-en-light", path="/portal", logged_in=False),
    Shot(name="log-in-sr-phone", path="/portal", logged_in=False, language="sr", width=390),
    Shot(name="tickets-en-light", path="/portal/tickets"),
    Shot(name="tickets-sr-dark", path="/portal/tickets", language="sr", scheme="dark"),
    Shot(name="ticket-en-light", path=f"/portal/tickets/{_ID}0"),
    Shot(name="ticket-en-dark", path=f"/portal/tickets/{_ID}0", scheme="dark"),
    Shot(name="ticket-sr-phone", path=f"/portal/tickets/{_ID}0", language="sr", width=390),
    Shot(name="new-sr-light", path="/portal/new", language="sr"),
    Shot(name="new-en-dark-phone", path="/portal/new", scheme="dark", width=390),
)


class _Clock:
    """The moment at which all pictures are taken."""

    def now(self) -> datetime:
        """Return it."""
        return _NOW

    def monotonic(self) -> float:
        """Return seconds on a clock that never jumps."""
        return time.monotonic()


async def take_all() -> None:
    """Take every picture."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for language in _WORDS:
            async with _portal(language) as (url, token):
                for each in SHOTS:
                    if each.language == language:
                        await _take(chromium, each, url, token)
        await chromium.close()


async def _take(chromium: Browser, shot: Shot, url: str, token: str) -> None:
    context = await chromium.new_context(
        color_scheme=shot.scheme,
        viewport={"width": shot.width, "height": 640},
        device_scale_factor=1.5 if shot.width < 500 else 1,
        java_script_enabled=False,
        locale=shot.language,
    )
    if shot.logged_in:
        await context.add_cookies([{"name": "podrska", "value": token, "url": url}])
    page = await context.new_page()
    await page.goto(url + shot.path)
    await page.screenshot(path=IMAGES / f"portal-{shot.name}.png", full_page=True)
    await context.close()


@asynccontextmanager
async def _portal(language: str) -> AsyncIterator[tuple[str, str]]:
    """Serve a portal with tickets in it; yield its address and the secret of a session."""
    store, token = MemoryStore(), new_token()
    await _fill(store, _WORDS[language], language, token)
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder))
        parts = Parts(
            store=store,
            clock=_Clock(),
            receive=_ignore,
            phrasebook=load_phrasebook(),
            files=files,
            uploads=Uploads(Path(folder), files),
            url="http://127.0.0.1",
            name="Podrška",
            sender="podrska@example.com",
            language=language,
            policy=Policy(departments=()),
            to_html=lambda text: to_html(text, pre="<pre>"),
            transcript_page=as_html,
            link_asked=lambda: None,
        )
        app = FastAPI()
        app.include_router(portal_router(parts))
        server = WebServer(app, take("127.0.0.1", 0))
        server.start()
        try:
            yield f"http://127.0.0.1:{server.port}", token
        finally:
            await server.stop()


async def _ignore(incoming: Sequence[Incoming]) -> None:
    """Take nothing: these pages are only looked at."""


async def _fill(store: MemoryStore, words: _Words, language: str, token: str) -> None:
    contact = Contact(
        id=ContactId("ana"), language=language, name="Ana", email=EMAIL, email_proven=True
    )
    statuses = (TicketStatus.CUSTOMER_REPLY, TicketStatus.ANSWERED, TicketStatus.CLOSED)
    names = ("MNT-4K7Q2", "MNT-9WB3E", "MNT-T6HXA")
    changes = Changes()
    for number, (status, name, subject) in enumerate(
        zip(statuses, names, words.subjects, strict=True)
    ):
        at = _NOW - timedelta(hours=2, days=number * 9)
        over = status is TicketStatus.CLOSED
        talk = Conversation(
            id=ConversationId(f"{_ID}{number}"),
            contact=contact,
            identity=Identity("portal", EMAIL),
            opened_at=at,
            stage=Stage.RESOLVED if over else Stage.TICKETED,
            resolved_at=at if over else None,
            ticket=Ticket(id=TicketId(name), filed_at=at, because=FiledBecause.FORM, status=status),
            department="support",
            mail_subject=subject,
            handed_over=True,
        )
        changes.conversations[talk.id] = talk
    for each in _said(words):
        changes.messages[each.id] = each
    async with store.transaction() as tx:
        for key, department in zip(("support", "billing"), words.departments, strict=True):
            audit = Audit(at=_NOW, who="docs", what=key, before="", after="")
            made = Department(key=key, name=department, room="C1", hours=_HOURS)
            await tx.save_department(made, audit)
        await tx.save(changes)
        session = Pass(hash=hash_of(token), purpose=Purpose.SESSION, subject=EMAIL, made_at=_NOW)
        await tx.keep_pass(session)


def _said(words: _Words) -> list[Message]:
    picture = Attachment(kind=AttachmentKind.PHOTO, channel="portal", ref="1", name=words.file)
    bold, code = (words.answer.index(each) for each in (words.bold, "df -h"))
    answer = rich(
        words.answer,
        [Span(bold, bold + len(words.bold), Mark.BOLD), Span(code, code + 5, Mark.CODE)],
    )

    def one(number: int, side: Side, author: str, text: RichText, *files: Attachment) -> Message:
        return Message(
            id=MessageId(str(number)),
            conversation_id=ConversationId(f"{_ID}0"),
            side=side,
            author=author,
            at=_NOW - timedelta(minutes=120 - 40 * number),
            part=Part.TALK,
            text=text,
            attachments=files,
        )

    return [
        one(0, Side.CUSTOMER, "Ana", plain(words.problem), picture),
        one(1, Side.AGENTS, words.agent, answer),
        one(2, Side.CUSTOMER, "Ana", plain(words.thanks)),
    ]


if __name__ == "__main__":
    asyncio.run(take_all())
