"""The demo's page: over HTTP as a browser talks to it, and once in a real browser."""

import asyncio
import base64
import json
import re
import smtplib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from playwright.async_api import Page, expect
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from telegram import Bot, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.request import HTTPXRequest

from sandbox.clock import Clock
from sandbox.mail import MailServer
from sandbox.page import SUPPORT, About, DemoPage, cast
from sandbox.page.moments import MOMENTS
from sandbox.slack import Room, SlackServer
from sandbox.telegram import TelegramServer
from tests.support.browsing import chromium
from tests.support.waiting import PATIENCE

Json = dict[str, Any]

HOSTILE = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


class Demo:
    """The sandbox's servers with the page, and a browser's ways to talk to it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.telegram = TelegramServer(self.clock)
        self.slack = SlackServer(self.clock, ack_seconds=PATIENCE, trigger_seconds=PATIENCE)
        self.mail = MailServer(self.clock)
        cast(self.telegram, self.slack, self.mail)
        about = About(title="Podrška", lead="Two & more.", steps=("Write <as> Ana.",))
        self.page = DemoPage(self.telegram, self.slack, self.mail, self.clock, about=about)
        self.servers = (self.telegram, self.slack, self.mail, self.page)

    @property
    def room(self) -> Room:
        return next(iter(self.slack.rooms.values()))

    @property
    def marko(self) -> str:
        return next(iter(self.slack.agents))

    @asynccontextmanager
    async def browsing(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Talk to the page as it talks to its server."""
        headers = {"Origin": self.page.url.rstrip("/")}
        async with aiohttp.ClientSession(self.page.url, headers=headers) as session:
            yield session


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    demo = Demo()
    for server in demo.servers:
        await server.start()
    yield demo
    for server in reversed(demo.servers):
        await server.stop()


@pytest.fixture
async def browser(demo: Demo) -> AsyncIterator[aiohttp.ClientSession]:
    async with demo.browsing() as session:
        yield session


@pytest.fixture
async def bot(demo: Demo) -> AsyncIterator[Bot]:
    url = demo.telegram.url
    bot = Bot(
        demo.telegram.token,
        base_url=f"{url}/bot",
        request=HTTPXRequest(read_timeout=PATIENCE),
        get_updates_request=HTTPXRequest(read_timeout=PATIENCE),
    )
    async with bot:
        yield bot


async def do(browser: aiohttp.ClientSession, action: str, **body: object) -> Json:
    async with browser.post(f"/do/{action}", json=body) as response:
        answer: Json = await response.json()
        assert response.status == 200, answer
        return answer


async def refused(browser: aiohttp.ClientSession, action: str, **body: object) -> str:
    async with browser.post(f"/do/{action}", json=body) as response:
        assert response.status in (409, 502)
        return str((await response.json())["error"])


async def snapshots(browser: aiohttp.ClientSession) -> AsyncIterator[Json]:
    """Read /live, snapshot by snapshot."""
    async with browser.get("/live") as response:
        assert response.content_type == "text/event-stream"
        async for line in response.content:
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))


async def shown(browser: aiohttp.ClientSession, fragment: str) -> Json:
    """Return the first snapshot that has *fragment* anywhere in it."""
    return await following(snapshots(browser), lambda told: fragment in words(told))


def words(snapshot: Json) -> str:
    return json.dumps(snapshot, ensure_ascii=False)


async def following(stream: AsyncIterator[Json], wanted: Callable[[Json], bool]) -> Json:
    """Return the next snapshot of an open stream that is *wanted*."""
    async with asyncio.timeout(PATIENCE):
        async for snapshot in stream:
            if wanted(snapshot):
                return snapshot
    raise AssertionError("the stream ended")


def mails_of(snapshot: Json, address: str) -> list[Json]:
    """Return what the page is told of somebody's mail."""
    accounts = {each["address"]: each["mails"] for each in snapshot["mail"]["accounts"]}
    return list(accounts[address])


async def send_mail(demo: Demo, html: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "desk@example.com", "ana@example.com", "A ticket"
    mail.set_content("As text")
    mail.add_alternative(html, subtype="html")
    mail.add_attachment(b"<script>", maintype="text", subtype="html", filename="Račun.html")

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", int(demo.mail.url.rpartition(":")[2])) as server:
            server.send_message(mail)

    await asyncio.to_thread(send)


# Who may come in


async def test_the_page_forbids_all_but_its_own_scripts(browser: aiohttp.ClientSession) -> None:
    """The page's words are escaped, and its policy has no room for anything inline or remote."""
    async with browser.get("/") as response:
        html = await response.text()
        policy = response.headers["Content-Security-Policy"]
    assert "Two &amp; more." in html
    assert "<li>Write &lt;as&gt; Ana.</li>" in html
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "style=" not in html
    assert "onclick" not in html


@pytest.mark.parametrize("path", ["/", "/live", "/static/main.js"])
async def test_a_foreign_host_is_refused(browser: aiohttp.ClientSession, path: str) -> None:
    """A site whose name was made to point here (DNS rebinding) gets nothing."""
    for host in ("evil.example", "127.0.0.1.evil.example:80", "localhost@evil.example", "[::1"):
        async with browser.get(path, headers={"Host": host}) as response:
            assert response.status in (400, 403)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", ""])
async def test_a_foreign_origin_may_do_nothing(
    demo: Demo, browser: aiohttp.ClientSession, origin: str
) -> None:
    """A post from another page, or from no page at all, has no effect."""
    headers = {"Origin": origin}
    async with browser.post("/do/move", json={"seconds": 60}, headers=headers) as response:
        assert response.status == 403
    assert demo.clock.offset == timedelta()


async def test_localhost_is_the_same_place(demo: Demo, browser: aiohttp.ClientSession) -> None:
    """Whoever types localhost instead of 127.0.0.1 is let in all the same."""
    host = f"localhost:{demo.page.url.rstrip('/').rpartition(':')[2]}"
    headers = {"Host": host, "Origin": f"http://{host}"}
    async with browser.post("/do/move", json={"seconds": 60}, headers=headers) as response:
        assert response.status == 200


# What is shown


async def test_the_cast_is_there_from_the_start(browser: aiohttp.ClientSession) -> None:
    """Three customers and two agents in one room, with the clock in Belgrade."""
    told = await shown(browser, "Ana")
    people = [(c["name"], c["language"]) for c in told["telegram"]["customers"]]
    assert people == [("Ana Anić", "sr"), ("Dragan Dragić", "sr"), ("Grace Hopper", "en")]
    assert [(a["name"], a["admin"]) for a in told["slack"]["agents"]] == [
        ("Marko", True),
        ("Jelena", False),
    ]
    assert [room["name"] for room in told["slack"]["rooms"]] == ["support"]
    assert told["clock"]["zone"] == "Europe/Belgrade"


async def test_changes_are_told_as_they_happen(demo: Demo, browser: aiohttp.ClientSession) -> None:
    """What happens on any of the three servers, or to the clock, reaches an open page."""
    stream = snapshots(browser)
    await anext(stream)
    demo.telegram.customers[0].write("Sajt ne radi")
    await following(stream, lambda told: "Sajt ne radi" in words(told["telegram"]))
    await demo.slack.agents[demo.marko].write(demo.room, "Gledam")
    await following(stream, lambda told: "Gledam" in words(told["slack"]))
    demo.clock.move(timedelta(hours=1))
    await following(stream, lambda told: round(told["clock"]["moved"]) == 3600)
    await send_mail(demo, "<p>Hi</p>")
    await following(stream, lambda told: "A ticket" in words(told["mail"]))
    await stream.aclose()  # type: ignore[attr-defined]


# The customers


async def test_a_customer_writes_edits_and_blocks(
    demo: Demo, browser: aiohttp.ClientSession
) -> None:
    """What is done on the page is done on the phone."""
    ana = demo.telegram.customers[0]
    await do(browser, "write", chat=ana.chat_id, text="Sajt ne radi")
    (message,) = ana.messages
    await do(browser, "edit", chat=ana.chat_id, message=message.id, text="Sajt opet radi")
    assert [(m.text, m.edited) for m in ana.messages] == [("Sajt opet radi", True)]
    await do(browser, "block", chat=ana.chat_id, blocked=True)
    assert "unblocks" in await refused(browser, "write", chat=ana.chat_id, text="Hej")


async def test_a_picture_is_sent_as_one_and_can_be_looked_at(
    demo: Demo, browser: aiohttp.ClientSession
) -> None:
    """Pictures go as photos, everything else as a document that is only ever saved."""
    ana = demo.telegram.customers[0]
    page = base64.b64encode(b"<script>alert(1)</script>").decode()
    files = [
        {"name": "a.png", "mime": "image/png", "base64": base64.b64encode(PNG).decode()},
        {"name": "x.html", "mime": "text/html", "base64": page},
    ]
    await do(browser, "write", chat=ana.chat_id, text="Evo", files=files)
    assert [m.shown() for m in ana.messages] == ["Evo", "[photo]", "[document x.html]"]
    told = await shown(browser, "x.html")
    _, picture, document = told["telegram"]["customers"][0]["messages"]
    async with browser.get(picture["media"]["url"]) as response:
        assert (response.content_type, await response.read()) == ("image/jpeg", PNG)
    async with browser.get(document["media"]["url"]) as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["Content-Security-Policy"].startswith("sandbox")


async def test_a_pressed_button_brings_the_bots_word(
    demo: Demo, browser: aiohttp.ClientSession, bot: Bot
) -> None:
    """The press waits for the bot's answer, as a phone does."""
    ana = demo.telegram.customers[0]
    ana.write("/start")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Da", callback_data="yes")]])
    sent = await bot.send_message(ana.chat_id, "Je li tako?", reply_markup=keyboard)
    press = asyncio.create_task(
        do(browser, "press", chat=ana.chat_id, message=sent.message_id, data="yes")
    )
    await (await next_press(bot)).answer("Hvala", show_alert=True)
    assert await press == {"text": "Hvala", "alert": True}


async def next_press(bot: Bot) -> CallbackQuery:
    """Return the press of a button, when it has come."""
    offset = None
    async with asyncio.timeout(PATIENCE):
        while True:
            for update in await bot.get_updates(offset=offset, timeout=3):
                offset = update.update_id + 1
                if update.callback_query:
                    return update.callback_query


async def test_a_new_customer_comes(demo: Demo, browser: aiohttp.ClientSession) -> None:
    """A newcomer gets a phone in the language that was chosen for it; a name is needed."""
    come = await do(browser, "customer", name="Zoë", language="de")
    told = (await shown(browser, "Zoë"))["telegram"]["customers"][-1]
    assert (told["chat_id"], told["language"]) == (come["chat"], "de")
    assert await refused(browser, "customer", name=" ", language="de") == "A customer needs a name."


# The agents


async def test_an_agent_writes_replies_corrects_and_reacts(
    demo: Demo, browser: aiohttp.ClientSession
) -> None:
    """The room's composer, the thread's, and what can be done with a message."""
    who: Json = {"agent": demo.marko, "room": demo.room.id}
    await do(browser, "say", **who, text="Ko preuzima?")
    (root,) = demo.room.messages
    await do(browser, "reply", **who, message=root.ts, text="*Ja*")
    (reply,) = demo.room.thread(root)
    assert reply.blocks[0]["elements"][0]["elements"][0]["style"] == {"bold": True}
    await do(browser, "change", **who, message=reply.ts, text="Mi")
    await do(browser, "reaction", **who, message=reply.ts, name="lock")
    assert (reply.shown, list(reply.reactions)) == ("Mi", ["lock"])
    await do(browser, "reaction", **who, message=reply.ts, name="lock")
    assert reply.reactions == {}
    await do(browser, "delete", **who, message=reply.ts)
    assert demo.room.thread(root) == []
    assert "gone" in await refused(browser, "delete", **who, message=reply.ts)


async def test_a_file_of_an_agent_can_be_fetched(
    demo: Demo, browser: aiohttp.ClientSession
) -> None:
    """What an agent uploads lies in the room, and the page hands it out."""
    file = {"name": "račun.pdf", "mime": "application/pdf", "base64": "JVBERg=="}
    await do(browser, "say", agent=demo.marko, room=demo.room.id, text="", files=[file])
    (message,) = demo.room.messages
    async with browser.get(f"/slack/files/{message.files[0].id}") as response:
        assert await response.read() == b"%PDF"
        assert "ra%C4%8Dun.pdf" in response.headers["Content-Disposition"]
    async with browser.get("/slack/files/F0") as response:
        assert response.status == 404


@asynccontextmanager
async def slack_app(demo: Demo) -> AsyncIterator[AsyncApp]:
    """Connect an app to the sandbox's Slack over a socket."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient("xoxb-sandbox", base_url=demo.slack.url, session=session)
        app = AsyncApp(client=client, signing_secret="s")
        handler = AsyncSocketModeHandler(app, "xapp-sandbox")
        await handler.client.connect()  # type: ignore[no-untyped-call]
        await demo.slack.connected()
        try:
            yield app
        finally:
            await handler.client.close()  # type: ignore[no-untyped-call]


FORM: Json = {
    "type": "modal",
    "callback_id": "hours",
    "title": {"type": "plain_text", "text": "Hours"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "week",
            "label": {"type": "plain_text", "text": "Week"},
            "element": {"type": "plain_text_input", "action_id": "typed"},
        }
    ],
}


async def test_a_command_opens_a_form_that_complains_and_is_taken(
    demo: Demo, browser: aiohttp.ClientSession
) -> None:
    """A slash command in the room's composer, and the modal that it opens."""
    async with slack_app(demo) as app:

        @app.command("/podrska")
        async def open_form(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=FORM)

        @app.view("hours")
        async def take(ack: AsyncAck, view: Json) -> None:
            if view["state"]["values"]["week"]["typed"]["value"] == "never":
                await ack(response_action="errors", errors={"week": "Say when."})
            else:
                await ack()

        who: Json = {"agent": demo.marko}
        await do(browser, "say", **who, room=demo.room.id, text="/podrska hours")
        view = await demo.slack.agents[demo.marko].sees_view("Week")
        place = {**who, "view": view.id}
        never = await do(browser, "submit", **place, values={"week/typed": "never"})
        assert never == {"errors": {"week": "Say when."}}
        told = await shown(browser, "Say when.")
        assert told["slack"]["agents"][0]["view"]["errors"] == {"week": "Say when."}
        assert await do(browser, "submit", **place, values={"week/typed": "Mo"}) == {"errors": {}}
        assert "closed" in await refused(browser, "close", **place)


async def test_buttons_with_one_action_are_told_apart_by_their_block(
    demo: Demo, browser: aiohttp.ClientSession
) -> None:
    """A list with the same button on each line: the pressed line is the one that is told."""
    pressed: asyncio.Queue[str] = asyncio.Queue()
    async with slack_app(demo) as app:

        @app.action("open")
        async def opened(ack: AsyncAck, action: Json) -> None:
            await ack()
            pressed.put_nowait(action["value"])

        lines = [
            {
                "type": "actions",
                "block_id": name,
                "elements": [
                    {
                        "type": "button",
                        "action_id": "open",
                        "value": name,
                        "text": {"type": "plain_text", "text": "Open"},
                    }
                ],
            }
            for name in ("first", "second")
        ]
        await app.client.chat_postMessage(channel=demo.room.id, text="Tickets", blocks=lines)
        (message,) = demo.room.messages
        place: Json = {"agent": demo.marko, "room": demo.room.id, "message": message.ts}
        await do(browser, "click", **place, element="second/open")
        async with asyncio.timeout(PATIENCE):
            assert await pressed.get() == "second"


async def test_an_app_that_is_away_is_told_of(demo: Demo, browser: aiohttp.ClientSession) -> None:
    """A command that nobody answers ends in words, and not in silence."""
    command = {"agent": demo.marko, "room": demo.room.id, "text": "/podrska"}
    assert await refused(browser, "say", **command)


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("write", {}),
        ("write", {"chat": 1, "text": "?"}),
        ("move", {"seconds": "soon"}),
        ("move-to", {"moment": "never"}),
        ("say", {"agent": "U", "room": "C", "text": 1}),
    ],
)
async def test_nonsense_is_refused(browser: aiohttp.ClientSession, action: str, body: Json) -> None:
    """Wrong JSON is answered with a reason; nothing breaks."""
    assert await refused(browser, action, **body)


# The mail


async def test_mail_is_shown_where_it_can_do_no_harm(
    demo: Demo, browser: aiohttp.ClientSession
) -> None:
    """A mail's HTML comes with a policy of its own; what hangs on it is only saved."""
    await send_mail(demo, "<html><head><style>p{color:red}</style></head><p>Hi</p></html>")
    (mail,) = mails_of(await shown(browser, "A ticket"), "ana@example.com")
    assert (mail["key"], mail["text"], mail["html"]) == ("in/1", "As text\n", True)
    async with browser.get("/mail/ana@example.com/in/1/html") as response:
        assert "<p>Hi</p>" in await response.text()
        policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    async with browser.get("/mail/ana@example.com/in/1/0") as response:
        assert response.headers["Content-Disposition"].startswith("attachment")
    for nothing in ("ana@example.com/in/2/html", "x@example.com/in/1/0", "ana@example.com/no/1/0"):
        async with browser.get(f"/mail/{nothing}") as response:
            assert response.status == 404


async def test_a_customer_writes_to_the_desk(demo: Demo, browser: aiohttp.ClientSession) -> None:
    """A new mail with a file goes to the support address, and lies among what was sent."""
    file = {"name": "račun.pdf", "mime": "application/pdf", "base64": "JVBERg=="}
    letter: Json = {"address": "grace@example.com", "subject": "Compiler", "text": "It is down."}
    assert await do(browser, "mail", **letter, files=[file]) == {"key": "out/1"}

    (taken,) = demo.mail.mailbox(SUPPORT).mails
    assert (taken.header("From"), taken.subject) == (
        "Grace Hopper <grace@example.com>",
        "Compiler",
    )
    assert (taken.text, taken.attachments[0].content) == ("It is down.\n", b"%PDF")
    (sent,) = mails_of(await shown(browser, "Compiler"), "grace@example.com")
    assert (sent["key"], sent["to"]) == ("out/1", [SUPPORT])
    async with browser.get("/mail/grace@example.com/out/1/0") as response:
        assert await response.read() == b"%PDF"

    nothing: Json = {"address": "grace@example.com", "subject": " ", "text": ""}
    assert "needs" in await refused(browser, "mail", **nothing)


async def test_an_answer_belongs_to_its_thread(demo: Demo, browser: aiohttp.ClientSession) -> None:
    """It begins with the mail quoted, goes where the mail says, and is shown below it."""
    desk = demo.mail.customer(SUPPORT, "Podrška")
    desk.writes("ana@example.com", "[MNT-4K7Q2] Sajt", "Pogledaćemo.")
    desk.writes("ana@example.com", "Something else", "Hi.")
    mail: Json = {"address": "ana@example.com", "uid": 1}
    quote = await do(browser, "mail-quote", **mail)
    assert (quote["to"], quote["subject"]) == (SUPPORT, "Re: [MNT-4K7Q2] Sajt")
    assert quote["text"].endswith("je napisao/la:\n\n> Pogledaćemo.")

    done = await do(browser, "mail-answer", **mail, text=f"Hvala\n\n{quote['text']}")
    assert done == {"key": "out/1"}
    (answer,) = demo.mail.mailbox(SUPPORT).mails
    assert answer.text == f"Hvala\n\n{quote['text']}\n"
    mails = mails_of(await shown(browser, "Hvala"), "ana@example.com")
    assert [(each["key"], each["thread"]) for each in mails] == [
        ("in/1", "in/1"),
        ("in/2", "in/2"),
        ("out/1", "in/1"),
    ]
    assert "gone" in await refused(browser, "mail-quote", address="ana@example.com", uid=9)


async def test_whoever_gets_mail_has_a_mail_program(
    demo: Demo, browser: aiohttp.ClientSession
) -> None:
    """An address that was typed into a chat shows up with its first mail; the desk's does not."""
    people = [each["address"] for each in (await shown(browser, "grace@"))["mail"]["accounts"]]
    assert people == ["ana@example.com", "dragan@example.com", "grace@example.com"]
    demo.mail.customer("ana@example.com").writes("zoe@example.org", "Hi", "x")
    demo.mail.customer("ana@example.com").writes(SUPPORT, "Hi", "x")
    told = await shown(browser, "zoe@")
    assert [each["address"] for each in told["mail"]["accounts"]] == [*people, "zoe@example.org"]


# The clock


@pytest.mark.parametrize(
    ("name", "now", "then"),
    [
        ("closing", "2026-11-23 14:00", "2026-11-23 20:00"),
        ("closing", "2026-11-23 20:00", "2026-11-24 20:00"),
        ("sunday", "2026-11-29 11:59", "2026-11-29 12:00"),
        ("sunday", "2026-11-29 12:00", "2026-12-06 12:00"),
        ("monday", "2026-10-24 12:00", "2026-10-26 08:00"),  # over the end of summer time
    ],
)
def test_named_moments_are_the_next_ones(name: str, now: str, then: str) -> None:
    """A moment lies ahead, at its hour by the clocks of Belgrade."""
    belgrade = ZoneInfo("Europe/Belgrade")
    start = datetime.fromisoformat(now).replace(tzinfo=belgrade)
    expected = datetime.fromisoformat(then).replace(tzinfo=belgrade)
    assert MOMENTS[name].after(start.astimezone(UTC)) == expected.astimezone(UTC)


async def test_the_clock_is_moved_and_put_right(demo: Demo, browser: aiohttp.ClientSession) -> None:
    """By a span, to a moment, and back."""
    await do(browser, "move", seconds=300)
    assert demo.clock.offset == timedelta(minutes=5)
    await do(browser, "move-to", moment="sunday")
    assert demo.clock.now().astimezone(ZoneInfo("Europe/Belgrade")).strftime("%a %H") == "Sun 12"
    await do(browser, "move-to", moment="now")
    assert abs(demo.clock.offset) < timedelta(seconds=1)


# In a browser


@pytest.fixture
async def window(demo: Demo) -> AsyncIterator[Page]:
    """Open the page in Chromium; whatever it complains of fails the test."""
    complaints: list[str] = []
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": 1500, "height": 900})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text))
        await page.goto(demo.page.url)
        await expect(page.locator("#bot-name")).not_to_be_empty()  # the first snapshot is there
        yield page
    assert complaints == []


async def answer_everything(bot: Bot) -> None:
    """Answer messages with a question, and the press of its button with a correction."""
    offset = None
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(HOSTILE[:40], callback_data="yes")]])
    while True:
        for update in await bot.get_updates(offset=offset, timeout=3):
            offset = update.update_id + 1
            if update.message:
                said = f"{update.message.from_user.first_name}? {update.message.text}"  # type: ignore[union-attr]
                await bot.send_message(update.message.chat.id, said, reply_markup=keyboard)
            elif update.callback_query and update.callback_query.message:
                asked = update.callback_query.message
                await update.callback_query.answer("Noted")
                await bot.edit_message_text("Thank you", asked.chat.id, asked.message_id)


@pytest.mark.chromium
async def test_a_newcomer_plays_with_the_keyboard_and_hostile_text_stays_text(
    demo: Demo, bot: Bot, window: Page
) -> None:
    """Written as Ana, answered, pressed; and what looks like markup is shown, never run."""
    answering = asyncio.create_task(answer_everything(bot))
    try:
        box = window.get_by_label("Message to the bot")
        await box.focus()
        await window.keyboard.type(HOSTILE)
        await window.keyboard.press("Shift+Enter")
        await window.keyboard.type("second line")
        await window.keyboard.press("Enter")
        chat = window.get_by_label("Chat with the bot")
        await expect(chat).to_contain_text(f"Ana? {HOSTILE}\nsecond line")
        await expect(box).to_be_focused()
        await window.keyboard.type("a draft")
        await chat.get_by_role("button", name=HOSTILE[:40]).focus()
        await window.keyboard.press("Enter")
        await expect(window.get_by_role("status")).to_contain_text("Noted")  # and soon goes
        await expect(chat).to_contain_text("Thank you")
        await expect(chat).to_be_focused()  # the button is gone
        await expect(box).to_have_value("a draft")
        for hostile in (demo.telegram.customer(HOSTILE), demo.telegram.customers[1]):
            hostile.write(HOSTILE, [{"type": "bold", "offset": 0, "length": 10}])
        agent = demo.slack.agent(HOSTILE, display_name=HOSTILE)
        await agent.join(demo.room)
        await agent.write(demo.room, f"{HOSTILE} *{HOSTILE}*")
        await expect(window.get_by_role("list", name="# support")).to_contain_text(HOSTILE)
        assert await window.evaluate("window.pwned") is None
    finally:
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)


@pytest.mark.chromium
async def test_a_mail_is_read_and_answered_in_the_browser(demo: Demo, window: Page) -> None:
    """Opened, answered with the quoted text below, and followed by the desk's next word."""
    desk = demo.mail.customer(SUPPORT, "Podrška")
    desk.writes("ana@example.com", f"[MNT-4K7Q2] {HOSTILE}", "Pogledaćemo.", "<p>Pogledaćemo.</p>")
    mail = window.get_by_role("region", name="The customers' mail")
    await mail.get_by_role("button", name="[MNT-4K7Q2]").focus()
    await window.keyboard.press("Enter")
    await expect(mail.get_by_role("heading", name="[MNT-4K7Q2]")).to_be_focused()
    await expect(window.frame_locator("#letter-html").locator("p")).to_have_text("Pogledaćemo.")

    await mail.get_by_role("button", name="Reply").click()
    box = mail.get_by_label("What you write")
    await expect(box).to_be_focused()
    await window.keyboard.type("Hvala, čekam.")
    await expect(box).to_have_value(re.compile(r"^Hvala, čekam\.\n\n.+:\n\n> Pogledaćemo\.$"))
    await window.keyboard.press("Escape")
    await mail.get_by_role("button", name="Reply").click()
    await expect(box).to_be_focused()
    await expect(box).to_have_value(re.compile("^Hvala, čekam"))  # the draft has waited
    await window.keyboard.press("Control+Enter")

    answer = await demo.mail.mailbox(SUPPORT).receives("Re: [MNT-4K7Q2]")
    assert answer.text.startswith("Hvala, čekam.\n\n")
    turns = mail.get_by_label("The mails of this thread").get_by_role("button")
    await expect(turns).to_have_count(2)
    await expect(turns.last).to_contain_text("You")
    desk.replies(answer, "Gotovo.")
    await expect(turns).to_have_count(3)
    await expect(turns.last).to_have_attribute("aria-current", "true")
    await expect(window.frame_locator("#letter-html").get_by_text("Gotovo.")).to_be_visible()
    assert await window.evaluate("window.pwned") is None


@pytest.mark.chromium
async def test_a_new_mail_with_a_file_on_a_small_screen(demo: Demo, window: Page) -> None:
    """Where there is room for one thing at a time, the editor takes the list's place."""
    await window.set_viewport_size({"width": 390, "height": 800})
    mail = window.get_by_role("region", name="The customers' mail")
    await mail.get_by_role("button", name="Grace").click()
    await mail.get_by_role("button", name="New mail").click()
    await expect(mail.get_by_role("button", name="New mail")).to_be_hidden()
    await window.keyboard.type("Compiler")
    await mail.get_by_label("What you write").fill("It is down.")
    await mail.get_by_label("Files to attach").set_input_files(
        {"name": "log.txt", "mimeType": "text/plain", "buffer": b"Error"}
    )
    await expect(mail.get_by_role("button", name="Remove log.txt")).to_be_visible()
    await mail.get_by_role("button", name="Send").click()

    sent = await demo.mail.mailbox(SUPPORT).receives("Compiler")
    assert (sent.text, sent.attachments[0].content) == ("It is down.\n", b"Error")
    await expect(mail.get_by_role("heading", name="Compiler")).to_be_focused()
    await expect(mail.get_by_role("link", name="log.txt")).to_be_visible()
    await mail.get_by_role("button", name="All mail").click()
    await expect(mail.get_by_label("Threads, newest first")).to_contain_text("To podrska@")
