"""The portal, over real HTTP, from the real desk: links by mail, own tickets, and nobody else's."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest

from tests.support.portal_browser import Page, browser, link_in
from tests.support.portal_office import LOGIN, SOON, Office, office
from tests.support.real_world import BELGRADE, SUPPORT

HELP = "My shop shows error 503 since this morning"
A_PICTURE = b"\x89PNG\r\n\x1a\n...."
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def begun(tmp_path: Path) -> AsyncIterator[Office]:
    """Begin at ten o'clock on an ordinary Tuesday."""
    async with office(tmp_path) as opened:
        yield opened


async def test_a_request_from_link_to_end(begun: Office) -> None:
    """Log in, ask, read the answer, reply, close: both sides see the same in one thread."""
    async with browser(begun.there.url) as ana:
        page = await ana.asks_for_link("ana@example.net")
        assert "on its way to ana@example.net" in page.words
        mail = await begun.ana.receives(LOGIN, SOON)
        assert mail.header("Auto-Submitted") == "auto-generated"
        await ana.get(link_in(mail))
        assert "Log in as ana@example.net" in ana.page.words
        page = await ana.press("")
        assert page.path == "/portal/tickets"
        assert "There is nothing here yet" in page.words

        await ana.get("/portal/new")
        filled = {"name": "Ana Anić", "subject": "The shop is down", "text": HELP}
        page = await ana.press("/portal/new", filled, [("screen.png", A_PICTURE)])
        assert re.fullmatch(r"/portal/tickets/[0-9a-f]{32}", page.path), page.words
        assert HELP in page.words
        assert "The shop is down" in page.words
        assert "Open" in page.words
        ticket = page.path

        card = await begun.room.sees("The shop is down", timeout=SOON)
        await begun.room.sees(HELP, thread=card, timeout=SOON)
        filed = await begun.ana.receives("The shop is down", SOON)
        assert "/portal/ticket/" in filed.text
        await begun.marko.reply(card, "We are looking at it.")
        await begun.ana.receives("The shop is down", SOON)
        page = await ana.get(ticket)
        assert "Marko" in page.words
        assert "We are looking at it." in page.words
        assert "Answered" in page.words

        page = await ana.press(ticket, {"text": "It works again, thank you!"})
        assert "It works again, thank you!" in page.words
        await begun.room.sees("It works again", thread=card, timeout=SOON)
        page = await ana.press(f"{ticket}/close")
        assert "This request is closed." in page.words
        await begun.there.settled()
        assert any("closed the conversation" in each.shown for each in begun.room.thread(card))
        page = await ana.press(f"{ticket}/reopen")
        assert "Waiting for our answer" in page.words
        page = await ana.get("/portal/tickets")
        assert "The shop is down" in page.words


async def test_a_link_logs_in_once_and_on_any_device(begun: Office) -> None:
    """Asked for on the computer, opened on the phone; then it is used up, on both."""
    async with browser(begun.there.url) as computer, browser(begun.there.url) as phone:
        await computer.asks_for_link("ana@example.net")
        mail = await begun.ana.receives(LOGIN, SOON)
        await computer.get(link_in(mail))  # looks, and presses nothing
        page = await phone.opens(mail)
        assert page.path == "/portal/tickets"
        page = await computer.press("")
        assert page.status == 410
        assert "no longer good" in page.words
        page = await computer.press("/portal", {"email": "ana@example.net"})
        assert "Look into your mailbox" in page.words
        page = await computer.opens(await begun.ana.receives(LOGIN, SOON))
        assert page.path == "/portal/tickets"


async def test_programs_that_look_into_mails_use_no_link_up(begun: Office) -> None:
    """They fetch it, with every method that is said to change nothing; then it is still good."""
    async with browser(begun.there.url) as ana, aiohttp.ClientSession() as scanner:
        await ana.asks_for_link("ana@example.net")
        mail = await begun.ana.receives(LOGIN, SOON)
        for method in ("GET", "HEAD", "GET", "OPTIONS"):
            async with scanner.request(method, begun.there.url + link_in(mail)) as answer:
                assert answer.status in (200, 404)
        assert (await ana.opens(mail)).path == "/portal/tickets"


async def test_a_link_is_good_for_a_quarter_of_an_hour(begun: Office) -> None:
    """And a session ends by itself: after a week without a word."""
    async with browser(begun.there.url) as ana:
        await ana.asks_for_link("ana@example.net")
        mail = await begun.ana.receives(LOGIN, SOON)
        begun.there.pass_time(minutes=16)
        page = await ana.get(link_in(mail))
        assert page.status == 410
        await begun.log_in(ana)
        begun.there.pass_time(days=6)
        assert (await ana.get("/portal/tickets")).path == "/portal/tickets"
        begun.there.pass_time(days=6)
        assert (await ana.get("/portal/tickets")).path == "/portal/tickets"
        begun.there.pass_time(days=8)
        assert (await ana.get("/portal/tickets")).path == "/portal"


async def test_a_session_lasts_a_month_at_most(begun: Office) -> None:
    """However busy it is."""
    async with browser(begun.there.url) as ana:
        await begun.log_in(ana)
        for _ in range(6):
            begun.there.pass_time(days=5, minutes=1)
            page = await ana.get("/portal/tickets")
        assert page.path == "/portal"


async def test_logging_out_here_and_everywhere(begun: Office) -> None:
    """Here leaves the other device alone; everywhere leaves none, nor a link that was mailed."""
    async with browser(begun.there.url) as one, browser(begun.there.url) as other:
        await begun.log_in(one)
        await begun.log_in(other)
        assert (await one.press("/portal/out")).path == "/portal"
        assert (await one.get("/portal/tickets")).path == "/portal"
        assert (await other.get("/portal/tickets")).path == "/portal/tickets"

        await one.asks_for_link("ana@example.net")
        mail = await begun.ana.receives(LOGIN, SOON)
        await other.get("/portal/tickets")
        await other.press("/portal/out", {"everywhere": "yes"})
        assert (await other.get("/portal/tickets")).path == "/portal"
        assert (await one.get(link_in(mail))).status == 410


async def test_a_ticket_from_a_mail_is_proven_by_its_link(begun: Office) -> None:
    """Until then nobody sees it who only claims the address; afterwards its owner does."""
    async with browser(begun.there.url) as ana, browser(begun.there.url) as scanner:
        begun.ana.writes(SUPPORT, "The shop is down", HELP)
        await begun.room.sees(HELP, timeout=SOON)
        filed = await begun.ana.receives("MNT-", SOON)
        await begun.log_in(ana)
        assert HELP not in ana.page.words
        assert "There is nothing here yet" in ana.page.words

        await scanner.get(link_in(filed))
        assert "Is this request yours?" in scanner.page.words
        assert "The shop" not in scanner.page.words  # nothing that anybody typed
        page = await ana.opens(filed)
        assert page.path.startswith("/portal/tickets/")
        assert HELP in page.words
        assert (await ana.get(link_in(filed))).status == 410
        begun.there.pass_time(days=1)
        assert "The shop is down" in (await ana.get("/portal/tickets")).words


async def test_what_strangers_mail_into_a_ticket_is_not_shown(begun: Office) -> None:
    """A sign-up somewhere as support@ours, and its code: it stays among agents, as do notes."""
    async with browser(begun.there.url) as ana:
        await begun.log_in(ana)
        path = await begun.open_ticket(ana, "The shop is down", HELP)
        card = await begun.room.sees("The shop is down", timeout=SOON)
        filed = await begun.ana.receives("The shop is down", SOON)
        slack = begun.there.mail.customer("no-reply@slack.com", "Slack", "en")
        slack.writes(begun.ana.answers_to(filed), "Your code", "The code is ABC-123")
        await begun.room.sees("ABC-123", thread=card, timeout=SOON)
        await begun.marko.reply(card, "// they cannot pay")
        await begun.marko.reply(card, "The disk was full.")
        await begun.ana.receives("The shop is down", SOON)
        for address in (path, f"{path}/transcript.txt", f"{path}/transcript.html"):
            page = await ana.get(address)
            assert "The disk was full." in page.html
            assert "ABC-123" not in page.html
            assert "cannot pay" not in page.html


async def test_nobody_elses_ticket_is_there(begun: Office) -> None:
    """The same page for what is somebody else's, what is not there, and what is no address."""
    async with browser(begun.there.url) as ana, browser(begun.there.url) as eve:
        await begun.log_in(ana)
        path = await begun.open_ticket(ana, "The shop is down", HELP)
        friendly = re.findall(r"MNT-[A-Z0-9]{5}", ana.page.words)[0]
        await begun.log_in(eve, begun.there.mail.customer("eve@example.net", "Eve", "en"))
        shown = set()
        nowhere = "/portal/tickets/" + "0" * 32
        for address in (path, nowhere):
            for rest in ("", "/transcript.txt", "/transcript.html", "/files/0/0"):
                page = await eve.get(address + rest)
                assert page.status == 404
                shown.add(re.sub(r'value="[^"]*"', "", page.html))
        for address in (f"/portal/tickets/{friendly}", "/portal/anything", "/portal/tickets/"):
            page = await eve.get(address)
            assert page.status == 404
            shown.add(re.sub(r'value="[^"]*"', "", page.html))
        assert len(shown) == 1

        token = (await eve.get("/portal/tickets")).forms[0].values["form_token"]
        form = {"form_token": token, "form_id": "x" * 43, "text": "let me in"}
        for address in (path, nowhere):
            for rest in ("", "/close", "/reopen"):
                page = await eve.ask("POST", address + rest, data=form, headers=OURS)
                assert page.status == 404
        page = await ana.get(path)
        assert "let me in" not in page.words
        assert "Open" in page.words


async def test_a_double_click_makes_one_ticket_and_one_reply(begun: Office) -> None:
    """The same form twice at once, and once more by a reload."""
    async with browser(begun.there.url) as ana:
        await begun.log_in(ana)
        await ana.get("/portal/new")
        form = ana.filled("/portal/new", {"name": "Ana", "subject": "One", "text": HELP})
        first, second = await asyncio.gather(ana.send(form), ana.send(form))
        assert first.path == second.path == (await ana.send(form)).path
        assert len((await ana.get("/portal/tickets")).links("/portal/tickets/")) == 1
        await ana.get(first.path)
        reply = ana.filled(first.path, {"text": "Only once"})
        await asyncio.gather(ana.send(reply), ana.send(reply))
        assert (await ana.get(first.path)).words.count("Only once") == 1


async def test_nothing_typed_is_lost_on_an_error(begun: Office) -> None:
    """Words, department and files wait in the form, and what is wrong is said beside it."""
    async with browser(begun.there.url) as ana:
        await begun.log_in(ana)
        await ana.get("/portal/new")
        page = await ana.press("/portal/new", {"text": HELP}, [("screen.png", A_PICTURE)])
        assert page.status == 422
        assert "Please say in a few words what it is about." in page.words
        assert HELP in page.words
        assert "screen.png" in page.words
        page = await ana.press("/portal/new", {"name": "Ana", "subject": "The shop"})
        assert page.path.startswith("/portal/tickets/")
        (file,) = page.links("/files/")
        page = await ana.get(file)
        assert page.body == A_PICTURE
        assert page.headers["Content-Disposition"].startswith("attachment;")
        assert page.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert page.headers["Content-Type"] == "application/octet-stream"


async def test_words_of_a_session_that_is_over_are_shown(begun: Office) -> None:
    """They are not sent, and can be copied."""
    async with browser(begun.there.url) as ana:
        await begun.log_in(ana)
        path = await begun.open_ticket(ana, "The shop is down", HELP)
        reply = ana.filled(path, {"text": "A long story"})
        begun.there.pass_time(days=8)
        page = await ana.send(reply)
        assert page.status == 403
        assert "You were logged out meanwhile" in page.words
        assert "A long story" in page.words


async def test_too_large_files_are_refused_one_by_one(begun: Office) -> None:
    """What is too large is named, the rest waits in the form; what is far too much is not read."""
    async with browser(begun.there.url) as ana:
        await begun.log_in(ana)
        await ana.get("/portal/new")
        large, small = ("large.bin", bytes(10 * 1024 * 1024 + 1)), ("small.txt", b"small")
        page = await ana.press("/portal/new", {"subject": "S", "text": HELP}, [large, small])
        assert page.status == 422
        assert "large.bin is larger than 10 MB" in page.words
        many = [(f"{number}.txt", b"x") for number in range(6)]
        page = await ana.press("/portal/new", {}, many)
        assert "Only 5 files can be sent at once" in page.words
        headers = {"Content-Length": str(10**9), "Content-Type": "multipart/form-data; boundary=x"}
        page = await ana.ask("POST", "/portal/new", data=b"", headers=OURS | headers)
        assert page.status == 413


async def test_forms_of_other_sites_are_not_taken(begun: Office) -> None:
    """By what the browser says of them, and by the token that they cannot know."""
    async with browser(begun.there.url) as ana:
        await begun.log_in(ana)
        path = await begun.open_ticket(ana, "The shop is down", HELP)
        form = dict(ana.filled(f"{path}/close", {}).values)
        foreign = [
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
        ]
        for headers in foreign:
            page = await ana.ask("POST", f"{path}/close", data=form, headers=headers)
            assert page.status == 403
        for wrong in ({}, {"form_token": "x"}, {"form_token": "\u0436"}):
            page = await ana.ask(
                "POST", f"{path}/close", data={**form, "form_token": "", **wrong}, headers=OURS
            )
            assert page.status == 403
        assert "This request is closed." not in (await ana.get(path)).words
        for action in ("/portal", "/portal/out", "/portal/language", "/portal/new", path):
            page = await ana.ask("POST", action, data={"email": "x@example.net"}, headers=OURS)
            assert page.status == 403


async def test_the_answer_is_the_same_whoever_asks_for_a_link(begun: Office) -> None:
    """Known or not; and after three in a quarter of an hour to one mailbox none is mailed."""
    async with browser(begun.there.url) as ana:
        begun.ana.writes(SUPPORT, "The shop is down", HELP)
        await begun.room.sees(HELP, timeout=SOON)
        for _ in range(3):
            known = await ana.asks_for_link("ana@example.net")
            assert known.status == 200
            await begun.ana.receives(LOGIN, SOON)
        stranger = begun.there.mail.customer("nobody@example.net", "", "en")
        unknown = await ana.asks_for_link("nobody@example.net")
        assert _without(known, "ana@") == _without(unknown, "nobody@")
        await stranger.receives(LOGIN, SOON)
        page = await ana.asks_for_link("Ana+more@example.net")
        assert page.status == 429
        assert "try again in 15 minutes" in page.words
        begun.there.pass_time(minutes=16)
        assert (await ana.asks_for_link("ana@example.net")).status == 200


async def test_a_slip_in_the_address_is_noticed(begun: Office) -> None:
    """With what is probably meant; who insists is believed."""
    async with browser(begun.there.url) as ana:
        page = await ana.asks_for_link("ana")
        assert page.status == 422
        assert "That has no @" in page.words
        page = await ana.asks_for_link("ana@gmial.com")
        assert "Did you mean ana@gmail.com?" in page.words
        (first, second) = [each for each in page.forms if each.action == "/portal"]
        typed = {"email": "ana@gmial.com", **second.values}
        page = await ana.ask("POST", "/portal", data=typed, headers=OURS)
        assert "on its way to ana@gmial.com" in page.words
        assert "certain" not in first.values


async def test_a_mail_server_that_is_away_is_waited_for(begun: Office) -> None:
    """Also across a restart of the desk: what was asked for stands in the store."""
    await begun.there.mail.stop()
    async with browser(begun.there.url) as ana:
        assert (await ana.asks_for_link("ana@example.net")).status == 200
        await begun.there.restart()
        await begun.there.mail.start()
        mail = await begun.ana.receives(LOGIN, SOON)
        assert (await ana.opens(mail)).path == "/portal/tickets"


async def test_the_language_is_changed_for_pages_and_mails(begun: Office) -> None:
    """In both scripts; agents are told."""
    async with browser(begun.there.url) as ana:
        await begun.log_in(ana)
        path = await begun.open_ticket(ana, "The shop is down", HELP)
        card = await begun.room.sees("The shop is down", timeout=SOON)
        page = await ana.press("/portal/language", {"language": "sr"})
        assert "Ваши захтеви" in page.words
        assert '<html lang="sr">' in page.html
        await begun.room.sees("now reads: Српски", thread=card, timeout=SOON)
        page = await ana.press("/portal/language", {"language": "sr-Latn"})
        assert "Vaši zahtevi" in page.words
        assert "Nije pronađeno" not in (await ana.get(path)).words
    async with browser(begun.there.url, "sr-RS,sr;q=0.9") as another:
        assert "Имејл адреса" in (await another.get("/portal")).words


async def test_every_answer_has_the_headers_that_keep_it_safe(begun: Office) -> None:
    """Also what is missing, refused, redirected, or broken."""
    url = begun.there.url
    async with browser(url) as ana:
        await begun.log_in(ana)
        path = await begun.open_ticket(ana, "The shop is down", HELP)
        pages = ["/portal", "/portal/tickets", "/portal/new", path, "/portal/nowhere"]
        pages += ["/portal/in/wrong", "/portal/ticket/wrong", f"{path}/transcript.txt"]
        requests = [("GET", each) for each in pages] + [("PUT", path), ("POST", path)]
        for method, address in requests:
            async with ana.session.request(method, url + address, allow_redirects=False) as answer:
                headers = answer.headers
            assert headers["X-Content-Type-Options"] == "nosniff", address
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["Cache-Control"] == "no-store"
            policy = headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'")
            assert "unsafe" not in policy
            assert "Location" not in headers or headers["Location"].startswith("/portal")
        page = await ana.get("/portal")
        assert "<script" not in page.html
        assert 'style="' not in page.html
        (style,) = page.links(".css")
        assert (await ana.get(style)).headers["Content-Type"].startswith("text/css")


async def test_the_cookie_is_for_this_site_alone(begun: Office) -> None:
    """No page reads it, no other site sends it along; logging in makes another one."""
    async with browser(begun.there.url) as ana:
        before = (await ana.get("/portal")).headers["Set-Cookie"]
        assert "HttpOnly" in before
        assert "SameSite=lax" in before
        assert "Path=/" in before
        await begun.log_in(ana)
        (now,) = [each.value for each in ana.session.cookie_jar if each.key == "podrska"]
        assert now not in before
        for file in begun.there.database.parent.glob("podrska.db*"):
            assert now.encode() not in file.read_bytes()


async def test_hostile_words_are_only_shown(begun: Office) -> None:
    """In subject, text, name, file name and address: nothing of it becomes markup."""
    hostile = "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>"
    async with browser(begun.there.url) as ana:
        await begun.log_in(ana)
        await ana.get("/portal/new")
        typed = {"name": hostile, "text": hostile, "subject": ""}
        page = await ana.press("/portal/new", typed, [(f"{hostile}.png", A_PICTURE)])
        _is_harmless(page)
        page = await ana.press("/portal/new", {"subject": hostile})
        _is_harmless(page)
        assert "onerror=alert(1)" in page.words
        path = page.path
        _is_harmless(await ana.get("/portal/tickets"))
        _is_harmless(await ana.get(f"{path}/transcript.html"))
        await ana.get(path)
        (file,) = ana.page.links("/files/")
        page = await ana.get(file)
        assert "\n" not in page.headers["Content-Disposition"]
        await ana.get("/portal")
        async with browser(begun.there.url) as eve:
            _is_harmless(await eve.asks_for_link('"<script>alert(1)</script>"@example.net'))


async def test_a_closed_desk_says_when_it_opens(tmp_path: Path) -> None:
    """On Sunday a request is taken all the same."""
    sunday = datetime(2026, 11, 22, 12, 0, tzinfo=BELGRADE)
    async with office(tmp_path, at=sunday) as begun, browser(begun.there.url) as ana:
        await begun.log_in(ana)
        page = await ana.get("/portal/new")
        assert "We are closed now and open tomorrow at 08:00" in page.words
        await begun.open_ticket(ana, "The shop is down", HELP)


def _without(page: Page, address: str) -> str:
    return re.sub(r'value="[^"]*"', "", page.html).replace(address, "")


def _is_harmless(page: Page) -> None:
    assert "<script" not in page.html
    assert "<img" not in page.html
