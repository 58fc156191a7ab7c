"""What every answer of every address has, and what none has."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.support.access import People, knock
from tests.support.open_desk import OpenDesk, Somebody, open_desk
from tests.support.routes import SOCKET, Address, addresses_of
from tests.support.visitor import SITE, Answer

FOREIGN = {
    "null": "a page in a sandbox, or a file",
    "": "nothing",
    "https://example.com": "the website's parent",
    "https://www.example.com.evil.net": "a longer name",
    "https://evilwww.example.com": "a name that ends so",
    "https://www.example.co": "a shorter name",
    "https://www.example.com:8443": "another port",
    "https://www.example.com:443": "the port that is not written",
    "http://www.example.com": "another scheme",
    "https://WWW.EXAMPLE.COM": "capitals, which no browser sends",
    "https://www.example.com.": "a dot at the end",
    "https://www.example.com/": "a path",
    "https://www.example.com@evil.net": "a user's name",
    "https://www.example.com https://evil.net": "two in one",
    "*": "everybody",
}
"""Origins that are not the website's, and what is wrong with each."""
EVIL = "https://evil.example/"
SOMEWHERE = "next url to return return_to redirect redirect_uri goto continue lang back".split()
NOWHERE = [Address("GET", path) for path in ("/no", "/chat/no", "/docs/", "/api/tickets/a/b/", "/")]
WRONG_WAY = [Address(method, path) for method, path in (("PUT", "/chat/session"), ("GET", "/api"))]


@dataclass(frozen=True)
class Given:
    """An answer, to whom and to what."""

    who: Somebody
    address: Address
    answer: Answer

    @property
    def where(self) -> str:
        return f"{self.address} for {self.who.name}: {self.answer.status}"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[OpenDesk]:
    """Open every door that a desk can have."""
    async with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
async def people(desk: OpenDesk) -> People:
    """Let everybody come."""
    come = People(desk)
    await come.come()
    return come


@pytest.fixture
async def answers(desk: OpenDesk, people: People) -> list[Given]:
    """Ask for everything: as a stranger, and as those who may."""
    found = []
    table = [each for each in addresses_of(desk.app) if each.method != SOCKET]
    for address in [*table, *NOWHERE, *WRONG_WAY]:
        for name in ("nobody", "visitor", "customer", "program"):
            who = people.everybody[name]
            found.append(Given(who, address, await knock(desk, who, address, people.anas)))
            if address.path.endswith(("}", "/out", "/session")):
                await people.log_in()
    return found


async def test_every_answer_is_sealed(answers: list[Given]) -> None:
    """Nothing is taken for what it is not; pages run nothing; no cookies but the portal's."""
    for each in answers:
        headers = each.answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", each.where
        assert headers["Referrer-Policy"] == "no-referrer", each.where
        assert "Server" not in headers, each.where
        assert "Access-Control-Allow-Credentials" not in headers, each.where
        if "html" in headers.get("Content-Type", ""):
            policy = headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none';"), each.where
            assert "unsafe" not in policy, each.where
            assert "frame-ancestors 'none'" in policy or "sandbox" in policy, each.where
        if "Set-Cookie" in headers:
            assert each.address.path.startswith("/portal"), each.where
            assert "HttpOnly; " in headers["Set-Cookie"], each.where
            assert "SameSite=lax" in headers["Set-Cookie"], each.where
        if not each.address.path.startswith("/chat"):
            assert "Access-Control-Allow-Origin" not in headers, each.where


async def test_no_answer_repeats_a_secret(answers: list[Given], people: People) -> None:
    """Not in a page, nor in the address of one; the chat's own token is the browser's to keep."""
    for each in answers:
        said = each.answer.content.decode(errors="replace") + each.answer.headers.get(
            "Location", ""
        )
        if each.who.secret:
            assert each.who.secret not in said, each.where
        for link in (people.anas.login, people.anas.proof):
            assert link not in said, each.where


async def test_nothing_that_is_asked_says_where_to_go(desk: OpenDesk, people: People) -> None:
    """No parameter and no header ends in a `Location`; each leads to a page of the portal's."""
    query = "?" + "&".join(f"{name}={EVIL}" for name in SOMEWHERE)
    liar = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Referer": EVIL}
    table = [each for each in addresses_of(desk.app) if each.method == "GET"]
    for address in [*table, *NOWHERE, Address("GET", "//evil.example/%2e%2e")]:
        for name in ("nobody", "customer"):
            who = people.everybody[name]
            path = (
                address.path.replace("{rest:path}", "/evil.example/")
                .replace("{", "")
                .replace("}", "")
            )
            answer = await desk.ask(who, "GET", path + query, headers=liar)
            where = answer.headers.get("Location", "/portal")
            assert where.startswith("/portal"), (str(address), where)
            assert b"evil.example" not in answer.content, str(address)
            assert answer.status != 500, str(address)
    for path in ("/portal", "/portal/out", "/portal/language"):
        who = people.everybody["customer"]
        form = {"form_token": who.form_token, "email": "a@example.org", "language": "en"}
        form |= dict.fromkeys(SOMEWHERE, EVIL)
        answer = await desk.ask(who, "POST", path + query, data=form, headers=liar)
        assert answer.headers.get("Location", "/portal").startswith("/portal"), path
        await people.log_in()


@pytest.mark.parametrize("origin", FOREIGN, ids=FOREIGN.values())
async def test_pages_of_other_origins_get_nothing_of_the_chat(desk: OpenDesk, origin: str) -> None:
    """By no address, with no method, over no socket; whoever's token they have found."""
    people = People(desk)
    await people.log_in()
    visitor, strange = people.everybody["visitor"], {"Origin": origin}
    for address in [each for each in addresses_of(desk.app) if each.path.startswith("/chat")]:
        if address.method == SOCKET:
            headers = visitor.headers | strange
            async with aiohttp.ClientSession() as http:
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await http.ws_connect(f"{desk.url}{address.path}", headers=headers)
            assert refused.value.status == 403
            continue
        path = address.path.replace("{id}", "0" * 32)
        answer = await desk.ask(visitor, address.method, path, headers=strange)
        assert answer.status == 403, str(address)
        assert answer.content == b"", str(address)
        assert "Access-Control-Allow-Origin" not in answer.headers, str(address)


async def test_a_preflight_names_the_website_alone(desk: OpenDesk) -> None:
    """Whatever else a page asks for, it is not allowed by being asked."""
    asks = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "cookie, x-evil",
        "Access-Control-Request-Private-Network": "true",
    }
    for address in [each for each in addresses_of(desk.app) if each.method == "OPTIONS"]:
        if not address.path.startswith("/chat"):
            continue
        path = address.path.replace("{id}", "0" * 32)
        answer = await desk.ask(Somebody("nobody"), "OPTIONS", path, headers=asks)
        assert answer.headers["Access-Control-Allow-Origin"] == SITE
        assert "PUT" not in answer.headers["Access-Control-Allow-Methods"]
        assert "evil" not in answer.headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Private-Network" not in answer.headers
        assert answer.headers["Vary"] == "Origin"


async def test_forms_of_other_pages_do_nothing(desk: OpenDesk, people: People) -> None:
    """Each form of the portal's, sent by another website's page, or without what was in it."""
    ana, eve = people.everybody["customer"], people.everybody["another customer"]
    good = {"form_token": ana.form_token, "form_id": "f" * 43, "subject": "A", "text": "A"}
    good |= {"email": "a@example.org", "language": "sr"}
    forgeries: dict[str, tuple[dict[str, str], dict[str, str | None]]] = {
        "another site": (good, {"Sec-Fetch-Site": "cross-site"}),
        "a neighbour": (good, {"Sec-Fetch-Site": "same-site"}),
        "an old browser's": (good, {"Sec-Fetch-Site": None, "Origin": "https://evil.example"}),
        "no token": ({**good, "form_token": ""}, {}),
        "another's token": ({**good, "form_token": eve.form_token}, {}),
    }
    posts = [each for each in addresses_of(desk.app) if each.method == "POST"]
    for address in [each for each in posts if each.path.startswith("/portal")]:
        if "{rest" in address.path:
            continue
        path = address.path.replace("{ticket}", people.anas.ticket)
        path = path.replace("{login}", people.anas.login).replace("{proof}", people.anas.proof)
        for name, (form, headers) in forgeries.items():
            shown = {key: value for key, value in headers.items() if value is not None}
            dropped = {key for key, value in headers.items() if value is None}
            sender = Somebody(ana.name, ana.secret)
            answer = await post(desk, sender, path, form, shown, dropped)
            assert answer == 403, (str(address), name)


async def post(
    desk: OpenDesk,
    who: Somebody,
    path: str,
    form: dict[str, str],
    headers: dict[str, str],
    dropped: set[str],
) -> int:
    """Send a form with these headers, and without those; return the status."""
    sent = {**who.headers, **desk.network(), **headers}
    sent = {name: value for name, value in sent.items() if name not in dropped}
    async with (
        aiohttp.ClientSession() as http,
        http.post(desk.url + path, data=form, headers=sent, allow_redirects=False) as answer,
    ):
        return answer.status
