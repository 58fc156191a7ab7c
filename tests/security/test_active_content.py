"""What people write stays text, wherever it is shown: nothing of it runs, or loads anything."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from adapters.passes import hash_of
from adapters.web.render import said
from core.contact import Contact
from core.conversation import Conversation
from core.ids import ContactId, TicketId
from core.message import Attachment, AttachmentKind, Message, Side
from core.passes_port import Purpose
from core.richtext import clean_name, plain
from core.ticket import FiledBecause, Ticket
from sandbox.letter import Attachment as MailFile
from tests.support.active_content import active_content
from tests.support.browsing import chromium
from tests.support.open_desk import OpenDesk, Right, open_desk
from tests.support.portal_browser import link_in
from tests.support.ports import held_port
from tests.support.real_world import SUPPORT
from tests.support.stored import NOON, a_conversation, a_message, keep
from tests.support.trapped import TRAPS, Trapped, as_read, only, trapped
from tests.support.waiting import until
from tests.support.widget_world import a_website, serving

pytestmark = pytest.mark.chromium

TEXTS = active_content()
ANA = "ana@example.net"
A_LIST = 200
"""Tickets on one page."""
TALK = "ol li div strong span br a ul em s u code pre blockquote".split()
"""The elements that a talk in the portal is made of."""
CHAT = "article div span p button svg path time small bdi a strong em s u code q b".split()
"""The elements that a talk in the widget is made of."""


@dataclass
class There:
    """A desk, and a browser."""

    desk: OpenDesk
    browser: Browser
    port: int
    """Where a website may be that embeds the chat."""

    async def log_in(self, profile: Trapped, email: str = ANA) -> None:
        """Let this profile be logged in to the portal."""
        (secret,) = await self.desk.give(Right(Purpose.SESSION, email))
        await profile.context.add_cookies(
            [{"name": "podrska", "value": secret, "url": self.desk.url}]
        )


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[There]:
    """Open the desk, for a website that is served here."""
    with held_port() as port:
        origins = (f"http://localhost:{port}",)
        async with open_desk(tmp_path, web_origins=origins) as desk, chromium() as browser:
            yield There(desk, browser, port)


def batches(longest: int) -> list[str]:
    """Return everything in few texts of at most so many characters, a line each."""
    found = [""]
    for each in TEXTS:
        if len(found[-1]) + len(each) > longest:
            found.append("")
        found[-1] = f"{found[-1]}\n{each}".strip()
    return found


def a_ticket(number: int, email: str, title: str) -> Conversation:
    """Return a ticket of whoever reads that mailbox, about *title*."""
    ticket = Ticket(
        id=TicketId(f"MNT-{number:05}"),
        filed_at=NOON - timedelta(minutes=number),
        because=FiledBecause.MAIL,
    )
    contact = Contact(id=ContactId(f"of-{email}"), language="en", email=email, email_proven=True)
    return a_conversation(
        email, f"{number:032x}", contact=contact, ticket=ticket, mail_subject=title
    )


def a_word(number: int, conversation: str, words: str) -> Message:
    """Return something said in which everything that people can name is *words*."""
    file = Attachment(
        kind=AttachmentKind.DOCUMENT, channel="portal", ref=f"{number:064x}", name=words, size=1
    )
    return a_message(
        f"portal:{number}",
        conversation,
        side=Side.AGENTS if number % 2 else Side.CUSTOMER,
        author=words,
        at=NOON + timedelta(seconds=number),
        text=plain(words),
        attachments=(file,),
    )


async def texts_of(page: Page, selector: str) -> list[str]:
    """Return what is read at each of these places."""
    found = await page.locator(selector).evaluate_all("all => all.map(each => each.textContent)")
    return [as_read(each) for each in found]


async def test_the_texts_are_worth_the_trouble(there: There) -> None:
    """There are more than 500, and a page that takes them for markup is in trouble at once."""
    assert len(set(TEXTS)) == len(TEXTS) > 500
    context = await there.browser.new_context()
    await context.add_init_script(TRAPS)
    page = await context.new_page()
    caught: list[str] = []
    page.on("console", lambda said: caught.append(said.text))
    page.on("request", lambda request: caught.append(request.url))
    await page.goto("about:blank")
    await page.evaluate(
        """texts => texts.forEach(each =>
          document.body.append(document.createRange().createContextualFragment(each)))""",
        [each for each in TEXTS if "http-equiv" not in each],
    )
    trouble = ("caught:", "http://evil.example/")
    await until(lambda: len({each for each in caught if each.startswith(trouble)}) > 100)
    await context.close()


async def test_in_the_portal(there: There, tmp_path: Path) -> None:
    """The list, a ticket, its files' names, and the transcript."""
    desk = there.desk
    lists = [TEXTS[start : start + A_LIST] for start in range(0, len(TEXTS), A_LIST)]
    tickets = [
        a_ticket(1000 * place + number, f"{place}@example.net", title)
        for place, titles in enumerate(lists)
        for number, title in enumerate(titles)
    ]
    talk = a_ticket(9999, ANA, TEXTS[0])
    await keep(desk.store, talk, *tickets)
    await keep(desk.store, *(a_word(n, talk.id, words) for n, words in enumerate(TEXTS)))

    async with trapped(there.browser, desk.url) as profile:
        page = await profile.page()
        for place, titles in enumerate(lists):
            await there.log_in(profile, f"{place}@example.net")
            await page.goto(f"{desk.url}/portal/tickets")
            shown = await texts_of(page, ".row .title")
            assert shown == [as_read(clean_name(each, 80)) for each in titles]
            await only(page.locator("main"), [*TALK, "section", "h1", "h2", "p"])
        await there.log_in(profile)
        await page.goto(f"{desk.url}/portal/tickets/{talk.id}")
        assert await texts_of(page, ".said .words") == [as_read(each) for each in TEXTS]
        names = [as_read(clean_name(each)) for each in TEXTS]
        assert await texts_of(page, ".said .files li") == names
        assert await texts_of(page, ".said .agent .by strong") == names[1::2]
        assert as_read(await page.title()).startswith(as_read(clean_name(TEXTS[0], 80)))
        await only(page.locator(".said"), TALK)

        saved = await page.request.get(f"{desk.url}/portal/tickets/{talk.id}/transcript.html")
        assert "attachment" in saved.headers["content-disposition"]
        (tmp_path / "saved.html").write_bytes(await saved.body())
    async with trapped(there.browser, "file://") as profile:
        page = await profile.page()
        await page.goto((tmp_path / "saved.html").as_uri())
        assert await texts_of(page, "li > div") == [as_read(each) for each in TEXTS]
        await only(page.locator("main"), [*TALK, "header", "time", "p", "dl", "dt", "dd", "h1"])


async def test_in_forms_that_come_back(there: There) -> None:
    """What was wrong, or came too late, is shown in the fields again, as it was typed."""
    desk, everything = there.desk, " ".join(TEXTS)
    async with trapped(there.browser, desk.url) as profile:
        page = await profile.page()
        for typed in (everything, *(f"{each}@gmial.com" for each in TEXTS[:5]), *TEXTS[::60]):
            await page.goto(f"{desk.url}/portal")
            await page.locator("#email").fill(as_read(typed))
            async with page.expect_navigation():
                await page.locator("main button").first.click()
            assert await page.locator("[name=email]").first.input_value()
            await only(page.locator("main"), "section h1 p form input div label button a".split())

        await there.log_in(profile)
        await page.goto(f"{desk.url}/portal/new")
        filled = {"#name": everything, "#subject": everything, "#text": "\n".join(TEXTS)}
        for field, text in filled.items():
            await page.locator(field).evaluate("it => it.removeAttribute('maxlength')")
            await page.locator(field).fill(text)
        await page.locator("#files").set_input_files(
            [FilePayload(name=each, mimeType="text/html", buffer=b"<p>") for each in TEXTS[1:4]]
        )
        async with page.expect_navigation():
            await page.locator("main form button").click()
        await expect(page.locator("[role=alert]")).to_be_visible()
        for field, text in filled.items():
            assert as_read(await page.locator(field).input_value()) == as_read(text)
        assert len(await texts_of(page, ".kept span")) == 3
        form = "section div p form input label button textarea fieldset legend span h1".split()
        await only(page.locator("main"), form)

        await desk.revoke(Purpose.SESSION, ANA)
        await page.locator("main form button").click()
        kept = as_read(await page.locator("#kept").input_value())
        assert kept == as_read(everything + " " + everything)


async def test_in_the_widget(there: There) -> None:
    """A visitor's words and files, an agent's name and words, on a page that lets all run."""
    desk = there.desk
    async with (
        serving(a_website(desk.url, policy=False), there.port),
        trapped(there.browser, desk.url, f"http://localhost:{there.port}") as profile,
    ):
        page = await profile.page()
        await page.goto(f"http://localhost:{there.port}")
        await page.locator(".launcher").click()
        await page.get_by_label("Your name").fill(TEXTS[0])
        await page.get_by_label("Your e-mail address").fill(ANA)
        first, *rest = batches(3500)
        await page.get_by_label("What do you need help with?").fill(first)
        await page.get_by_role("button", name="Start the conversation").click()
        log = page.get_by_role("log")
        await expect(log.get_by_label("Delivered")).to_have_count(1)
        card = await desk.room.sees(ANA)
        for number, text in enumerate(rest, start=2):
            await page.get_by_label("Your message").fill(text)
            await page.keyboard.press("Enter")
            await expect(log.get_by_label("Delivered")).to_have_count(number)
        mallory = desk.there.slack.agent("mallory", display_name=TEXTS[3])
        await mallory.join(desk.room)
        for text in batches(3500):
            await mallory.reply(card, text)
        await mallory.upload(card, TEXTS[4], b"<script>trap(1)</script>", "text/html")
        await expect(log.locator(".agent .words")).to_have_count(len(batches(3500)))
        await expect(log.locator(".agent .file-name")).to_have_count(1)
        assert await texts_of(page, ".you .words") == [as_read(each) for each in batches(3500)]
        await only(log, CHAT)

        await fills_the_log(desk, page)
        await page.keyboard.press("Escape")
        await page.reload()
        await page.locator(".launcher").click()
        await expect(log.locator(".choice")).to_have_count(len(TEXTS))
        shown = await texts_of(page, ".agent .words")
        assert shown[-len(TEXTS) :] == [as_read(each) for each in TEXTS]
        assert (await texts_of(page, ".choice")) == [as_read(each) for each in TEXTS]
        assert (await texts_of(page, ".file-name bdi"))[-len(TEXTS) :] == [
            as_read(each) for each in TEXTS
        ]
        await only(log, CHAT)


async def fills_the_log(desk: OpenDesk, page: Page) -> None:
    """Let everything be said to the visitor in every place that an entry of their log has."""
    token = await page.evaluate("Object.values(localStorage).join(' ').match(/[\\w-]{43}/)[0]")
    async with desk.store.transaction() as tx:
        known = await tx.pass_of(hash_of(token), Purpose.VISITOR, desk.there.clock.now())
        assert known is not None
        for number, each in enumerate(TEXTS):
            file = {"id": f"{number:032x}", "name": each, "size": 1, "mime": each, "picture": False}
            body = said(
                f"m{number}",
                "agent",
                plain(each),
                name=f"{number} {each}",
                files=[file],  # type: ignore[list-item]
                buttons=[{"token": each, "label": each}],
            )
            await tx.add_frame(known.subject, f"k{number}", body, desk.there.clock.now())


async def test_in_mails(there: There) -> None:
    """A mail's sender, subject and words, its HTML, its files' names: in the portal it is text."""
    desk = there.desk
    customer = desk.there.mail.customer(ANA, TEXTS[5], "en")
    html = "".join(f"<div>{each}</div>" for each in TEXTS)
    files = [MailFile(each, "text/html", b"<script>trap(1)</script>") for each in TEXTS[:9]]
    customer.writes(SUPPORT, TEXTS[6], "\n".join(TEXTS), html=html, files=files)
    filed = await customer.receives("MNT-", 20)
    async with trapped(there.browser, desk.url) as profile:
        page = await profile.page()
        await page.goto(desk.url + link_in(filed))
        async with page.expect_navigation():
            await page.locator("main button").click()
        assert (await texts_of(page, "h1"))[0] == as_read(clean_name(TEXTS[6], 80))
        await expect(page.locator(".said .files li")).to_have_count(9)
        assert len("".join(await texts_of(page, ".said .words"))) > 500
        await only(page.locator(".said"), TALK)


async def test_in_addresses(there: There) -> None:
    """Pages that are not there, links that are none, parameters that nobody reads; and /docs."""
    desk = there.desk
    async with trapped(there.browser, desk.url) as profile:
        page = await profile.page()
        for number, each in enumerate(TEXTS[::12]):
            path = ["/portal/{}", "/portal/in/{}", "/portal/tickets/{}", "/docs?x={}#{}"][
                number % 4
            ]
            await page.goto(desk.url + path.format(quote(each, safe=""), quote(each, safe="")))
            assert each not in await page.content()
