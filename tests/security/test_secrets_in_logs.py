"""The desk's log, at its most talkative, names no secret that anybody has shown or been given."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import aiohttp

from adapters.passes import new_token
from adapters.web.sessions import SignedIdentity, signature
from tests.journeys.test_api import token_of
from tests.support.portal_browser import browser, link_in
from tests.support.portal_office import LOGIN, SOON, Office
from tests.support.real_world import World, world
from tests.support.visitor import SITE, a_visitor

SIGNING = "the-website-and-the-desk-share-this-secret"


async def chats(there: World) -> list[str]:
    """Chat as a stranger and as a signed visitor, rightly and wrongly; return all secrets."""
    expires = int((there.clock.now() + timedelta(hours=1)).timestamp())
    ivo = SignedIdentity(
        id="customer-7",
        email="ivo@example.net",
        name="Ivo",
        expires=expires,
        nonce="n" * 22,
        hmac="",
    )
    signed = {**vars(ivo), "hmac": signature(SIGNING, ivo)}
    forged = {**signed, "hmac": "0123456789abcdef" * 4}
    async with a_visitor(there.url) as stranger, a_visitor(there.url) as known:
        await stranger.comes()
        await stranger.connects()
        await stranger.asks("My site is down", files=[await stranger.uploads(b"x", "a.txt")])
        await stranger.disconnects()
        await known.comes(signed)
        await known.connects()
        refused = await known.post("/chat/session", json={"identity": forged})
        assert refused.status == 403
        await stranger.get(f"/chat/files/no?token={stranger.token}")
        await stranger.logs_out()
        await stranger.connects()
        assert (await stranger.post("/chat/poll", json={}, headers=stranger.bearer)).status == 401
        return [stranger.token, known.token, signed["hmac"], forged["hmac"], SIGNING]


async def uses_the_portal(office: Office) -> list[str]:
    """Log in by a link, open a ticket, use both kinds of links; return all secrets."""
    async with browser(office.there.url) as ana:
        await ana.asks_for_link(office.ana.address)
        form = ana.page.forms[0].values["form_token"]
        mail = await office.ana.receives(LOGIN, SOON)
        found = [cookies_of(ana.session), link_in(mail), form]
        await ana.opens(mail)
        await ana.get(link_in(mail))
        await ana.get("/portal/tickets")
        await office.open_ticket(ana, "The shop is down", "Error 503")
        filed = await office.ana.receives("The shop is down", SOON)
        await ana.opens(filed)
        found += [cookies_of(ana.session), link_in(filed)]
        await ana.press("/portal/out", {"everywhere": "yes"})
        return [each.rpartition("/")[2] for each in found]


def cookies_of(session: aiohttp.ClientSession) -> str:
    """Return the secret in the portal's cookie."""
    return next(each.value for each in session.cookie_jar if each.key == "podrska")


async def uses_the_api(there: World) -> list[str]:
    """Ask with a good token and with a mistyped one; return both."""
    good = await token_of(there, "billing")
    tokens = [good, good[:-1] + uuid4().hex[0], f"{good}x"]
    async with aiohttp.ClientSession(f"{there.url}/") as http:
        for token in tokens:
            headers = {"Authorization": f"Bearer {token}"}
            for path in ("api/tickets/MNT-00000", "api/tickets/a%00b", "api/nothing"):
                async with http.get(path, headers=headers) as answer:
                    assert answer.status in (401, 404)
    return tokens


async def test_a_run_of_the_desk_writes_down_no_secret(tmp_path: Path) -> None:
    """Neither a whole one nor the first half of it; also while the database fails."""
    async with world(
        tmp_path,
        start=False,
        LOG_LEVEL="debug",
        LOG_FORMAT="json",
        WEB_ORIGINS=SITE,
        WEB_IDENTITY_SECRET=SIGNING,
    ) as there:
        there.settings["PUBLIC_URL"] = there.url
        office = Office(there)
        await there.start()
        secrets = [*await chats(there), *await uses_the_portal(office), *await uses_the_api(there)]
        await there.settled()
        with closing(sqlite3.connect(there.database, timeout=30)) as database:
            database.execute("ALTER TABLE passes RENAME TO away")
            secrets += await fails(there)
            database.execute("ALTER TABLE away RENAME TO passes")
        own = there.environment()
        secrets += [own[name] for name in own if name.endswith(("_TOKEN", "_SECRET"))]
    log = there.log.read_text()
    assert len(log.splitlines()) > 20
    assert len(secrets) > 15
    assert [each for each in secrets if len(each) < 10] == []
    assert [each for each in secrets if each in log or each[:16] in log] == []


async def fails(there: World) -> list[str]:
    """Ask for what cannot be done now; return what was shown."""
    token = new_token()
    shown = {"Origin": SITE, "Authorization": f"Bearer {token}", "Cookie": f"podrska={token}"}
    async with aiohttp.ClientSession(there.url, headers=shown) as http:
        for path in ("/chat/session", "/chat/poll", "/chat/files", "/portal", "/api/tickets"):
            async with http.post(path, json={"token": token}) as answer:
                assert answer.status in (500, 503), path
        async with http.ws_connect("/chat/socket") as socket:
            await socket.send_json({"type": "hello", "token": token, "after": 0})
            await socket.receive()
    return [token]
