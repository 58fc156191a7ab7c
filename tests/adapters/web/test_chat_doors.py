"""Who gets into the chat: pages of listed websites, at a human pace, in frames of a human size."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from adapters.web.doors import DoorLimits
from tests.support.chat_world import chat_world, talking
from tests.support.visitor import SITE, a_visitor
from tests.support.waiting import PATIENCE

FOREIGN = [
    "null",
    "",
    "https://example.com",
    "https://www.example.com.evil.net",
    "https://evilwww.example.com",
    "https://www.example.com:8443",
    "https://www.example.com:443",
    "http://www.example.com",
    "https://www.example.com/",
    "https://www.example.com@evil.net",
    "HTTPS://WWW.EXAMPLE.COM",
    "https://www.example.com, https://evil.net",
    "*",
]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_pages_of_other_websites_get_nothing(tmp_path: Path, origin: str) -> None:
    """By no door, and with no word that would let them read the answer."""
    async with chat_world(tmp_path) as there, aiohttp.ClientSession(there.url) as http:
        headers = {"Origin": origin}
        for method, path in (
            ("POST", "/chat/session"),
            ("DELETE", "/chat/session"),
            ("POST", "/chat/poll"),
            ("POST", "/chat/files"),
            ("GET", "/chat/files/abcdefgh"),
            ("GET", "/chat/state"),
            ("OPTIONS", "/chat/session"),
        ):
            async with http.request(method, path, headers=headers, data=b"{}") as answer:
                assert answer.status == 403, (method, path)
                assert "Access-Control-Allow-Origin" not in answer.headers
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect("/chat/socket", headers=headers)
        assert refused.value.status == 403


async def test_a_page_that_does_not_say_where_it_is_gets_nothing_but_the_state(
    tmp_path: Path,
) -> None:
    """That is no secret."""
    async with chat_world(tmp_path) as there, aiohttp.ClientSession(there.url) as http:
        async with http.post("/chat/session", json={}) as answer:
            assert answer.status == 403
        async with http.get("/chat/state?lang=sr-Latn") as answer:
            assert answer.status == 200
            state = await answer.json()
        assert state["says"] == "Otvoreno"
        assert state["limits"] == {"text": 4000, "file": 20 * 1024 * 1024, "files": 10}
        assert state["departments"] == []
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect("/chat/socket")


async def test_a_listed_website_may_ask_and_read(tmp_path: Path) -> None:
    """Itself alone, and without cookies."""
    async with chat_world(tmp_path) as there, aiohttp.ClientSession(there.url) as http:
        headers = {"Origin": SITE, "Access-Control-Request-Method": "POST"}
        async with http.options("/chat/poll", headers=headers) as answer:
            assert answer.status == 204
            assert answer.headers["Access-Control-Allow-Origin"] == SITE
            assert "authorization" in answer.headers["Access-Control-Allow-Headers"]
            assert "Access-Control-Allow-Credentials" not in answer.headers
        async with http.post("/chat/session", headers={"Origin": SITE}, json={}) as answer:
            assert answer.status == 200
            assert answer.headers["Vary"] == "Origin"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Set-Cookie" not in answer.headers


async def test_the_widget_is_for_everybody(tmp_path: Path) -> None:
    """Packed where the browser can, and not fetched again while it is the same."""
    async with chat_world(tmp_path) as there, aiohttp.ClientSession(there.url) as http:
        async with http.get("/widget.js") as answer:
            assert answer.status == 200
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert answer.headers["Content-Encoding"] == "gzip"
            tag = answer.headers["ETag"]
            assert "Ask us" in await answer.text()
        async with http.get("/widget.js", headers={"Accept-Encoding": "identity"}) as answer:
            assert "Content-Encoding" not in answer.headers
        async with http.get("/widget.js", headers={"If-None-Match": tag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("x" * 16 * 1024, 1008),
        ("x" * (16 * 1024 + 1), 1009),
        ("no JSON", 1008),
        ("[]", 1008),
        ("[" * 10_000, 1008),
        ('{"type": "fly"}', 1008),
        ('{"type": "say", "id": "short", "text": ""}', 1008),
        ('{"type": "say", "id": "../../../../etc", "text": ""}', 1008),
        ('{"type": "say", "id": "12345678", "text": 1}', 1008),
        ('{"type": "say", "id": "12345678", "text": "", "files": "12345678"}', 1008),
        ('{"type": "seen", "seq": true}', 1008),
        ('{"type": "seen", "seq": -1}', 1008),
        ('{"type": "hello", "token": "t", "after": 0}', 1008),
    ],
)
async def test_what_no_browser_of_ours_sends_ends_the_line(
    tmp_path: Path, frame: str, code: int
) -> None:
    """Nothing of it is stored."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        await ana.sends_raw(frame)
        assert await ana.is_closed() == code
        assert len(there.desk.told) == 1


async def test_a_machine_gun_ends_the_line(tmp_path: Path) -> None:
    """Twenty frames at once are a person's; a hundred are not."""
    async with chat_world(tmp_path) as there, talking(there) as (ana, _):
        for number in range(100):
            await ana.sends_raw(f'{{"type": "seen", "seq": {number}}}')
        assert await ana.is_closed() == 1008


@pytest.mark.parametrize(
    "hello",
    [
        '{"type": "say", "id": "12345678", "text": "hi"}',
        '{"type": "hello"}',
        '{"type": "hello", "token": "x", "after": 1e9}',
    ],
)
async def test_who_does_not_say_hello_is_not_let_in(tmp_path: Path, hello: str) -> None:
    """First of all, one says who one is."""
    async with (
        chat_world(tmp_path) as there,
        aiohttp.ClientSession(there.url) as http,
        http.ws_connect("/chat/socket", headers={"Origin": SITE}) as socket,
    ):
        await socket.send_str(hello)
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 1008


async def test_a_wrong_token_is_told_goodbye(tmp_path: Path) -> None:
    """So is a good one that was made for another website's page."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as ana:
        ana.token = "nonsense"
        assert (await ana.connects())["type"] == "bye"
        assert await ana.is_closed() == 1008
        for path in ("/chat/poll", "/chat/files"):
            answer = await ana.post(path, data=b"{}", headers=ana.bearer)
            assert answer.status == 401
            assert "closed in this browser" in answer.json()["why"]


async def test_one_network_holds_so_many_lines_and_no_more(tmp_path: Path) -> None:
    """Whoever closes one makes room for another."""
    limits = DoorLimits(open_at_once=2)
    async with (
        chat_world(tmp_path, limits=limits) as there,
        talking(there) as (ana, _),
        talking(there),
        a_visitor(there.url) as ivo,
    ):
        await ivo.comes()
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await ivo.connects()
        assert refused.value.status == 503
        await ana.disconnects()
        await comes_in(ivo.connects)
        poll = await ivo.post("/chat/poll", json={"after": 0, "wait": False}, headers=ivo.bearer)
        assert poll.status == 429
        assert poll.headers["Retry-After"] == "60"


async def comes_in(connect: object) -> None:
    """Try until there is room."""
    assert callable(connect)
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await connect()
            except aiohttp.WSServerHandshakeError:
                await asyncio.sleep(0.01)
            else:
                return


async def test_one_network_knocks_so_often_and_no_more(tmp_path: Path) -> None:
    """It is told to wait; what a header claims makes nobody another network."""
    limits = DoorLimits(sessions="2/minute", looks="2/minute", sockets="1/minute")
    async with chat_world(tmp_path, limits=limits) as there, a_visitor(there.url) as ana:
        await ana.comes()
        await ana.comes()
        claim = {"X-Forwarded-For": "198.51.100.7"}
        refused = await ana.post("/chat/session", json={}, headers=claim)
        assert refused.status == 429
        assert "try again" in refused.json()["why"]
        statuses = [(await ana.get("/chat/state")).status for _ in range(3)]
        assert statuses == [200, 200, 429]
        await ana.connects()
        with pytest.raises(aiohttp.WSServerHandshakeError) as closed:
            await ana.connects()
        assert closed.value.status == 429


async def test_who_is_turned_away_at_the_door_is_no_trouble_of_the_desk_s(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """However often they try, the log has no error for it."""
    limits = DoorLimits(open_at_once=0, sockets="1/minute")
    async with chat_world(tmp_path, limits=limits) as there, a_visitor(there.url) as ana:
        await ana.comes()
        for status in (503, 429):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await ana.connects()
            assert refused.value.status == status
    assert [each for each in caplog.records if each.levelname == "ERROR"] == []


async def test_a_trusted_proxy_is_believed(tmp_path: Path) -> None:
    """Its visitors are counted apart; what they claim themselves does not count."""
    limits = DoorLimits(sessions="1/minute")
    async with (
        chat_world(tmp_path, limits=limits, proxies=["127.0.0.0/8"]) as there,
        a_visitor(there.url) as ana,
    ):
        for claimed, status in (
            ("198.51.100.7", 200),
            ("203.0.113.9", 200),
            ("192.0.2.1, 203.0.113.10", 429),
        ):
            answer = await ana.post("/chat/session", json={}, headers={"X-Forwarded-For": claimed})
            assert answer.status == status, claimed


async def test_large_bodies_are_refused_unread(tmp_path: Path) -> None:
    """A session's request is small."""
    async with chat_world(tmp_path) as there, a_visitor(there.url) as ana:
        answer = await ana.post("/chat/session", data=b"x" * (16 * 1024 + 1))
        assert answer.status == 413
        for body in (b"no JSON", b"[]", b'{"token": 1}', b'{"identity": []}'):
            assert (await ana.post("/chat/session", data=body)).status in (400, 403)
