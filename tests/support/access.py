"""The table of who gets what, on a page that people can read; and what is asked of a desk."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp

from adapters.passes import new_token
from adapters.portal.own import name_of
from core.ids import ConversationId
from core.passes_port import Purpose
from tests.support.open_desk import OpenDesk, Right, Somebody
from tests.support.routes import SOCKET, Address
from tests.support.visitor import SITE, Answer

PAGE = Path(__file__).parents[1] / "security" / "access.md"
NOWHERE = "0" * 32
A_PICTURE = b"\x89PNG\r\n\x1a\n...."

Table = Mapping[str, Mapping[str, str]]
"""By address and by who asks: the status that they get for what is Ana's."""


def read_table(page: Path = PAGE) -> Table:
    """Return the table on that page."""
    rows = [
        [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.startswith("|") and not line.startswith("|-")
    ]
    (_, *names), *rest = rows
    return {address: dict(zip(names, cells, strict=True)) for address, *cells in rest}


@dataclass(frozen=True, kw_only=True)
class Things:
    """What an address may name: of one person, or of nobody."""

    ticket: str
    number: str
    """What people call the ticket."""
    message: str
    file: str
    login: str
    proof: str


NOTHING = Things(
    ticket=NOWHERE,
    number="MNT-00000",
    message="0" * 20,
    file=NOWHERE,
    login="0" * 43,
    proof="1" * 43,
)


ANA, EVE = "ana@example.net", "eve@example.net"
RIGHTS = {
    "visitor": Right(Purpose.VISITOR, "a" + "1" * 32, SITE),
    "another visitor": Right(Purpose.VISITOR, "a" + "2" * 32, SITE),
    "customer": Right(Purpose.SESSION, ANA),
    "another customer": Right(Purpose.SESSION, EVE),
    "program": Right(Purpose.API, "billing"),
    "revoked program": Right(Purpose.API, "dismissed"),
}


class People:
    """Everybody who knocks, and what is Ana's and Eve's."""

    def __init__(self, desk: OpenDesk) -> None:
        self._desk = desk
        self.everybody: dict[str, Somebody] = {"nobody": Somebody("nobody")}
        self.anas = self.eves = NOTHING

    async def come(self) -> None:
        """Let everybody come, and bring what is theirs."""
        await self.log_in()
        self.anas = await self._things("customer", "visitor")
        self.eves = await self._things("another customer", "another visitor")

    async def log_in(self) -> None:
        """Give everybody a fresh secret, and Ana's links as well."""
        secrets = await self._desk.give(*RIGHTS.values())
        for name, secret in zip(RIGHTS, secrets, strict=True):
            self.everybody[name] = Somebody(name, secret)
        await self._desk.revoke(Purpose.API, "dismissed")
        if self.anas is not NOTHING:
            self.anas = replace(self.anas, **await self._links(ANA, self.anas.ticket))

    async def _things(self, customer: str, visitor: str) -> Things:
        desk, email = self._desk, RIGHTS[customer].subject
        who = self.everybody[customer]
        path = await desk.opens_ticket(who, "Mine", "It is mine", {"a.png": A_PICTURE})
        ticket = path.rpartition("/")[2]
        async with desk.store.transaction() as tx:
            said = await tx.messages_in(ConversationId(ticket))
        brought = await desk.ask(self.everybody[visitor], "POST", "/chat/files", data=A_PICTURE)
        return Things(
            ticket=ticket,
            number=await desk.number_of(who, path),
            message=name_of(said[0].id),
            file=str(brought.json()["id"]),
            **await self._links(email, ticket),
        )

    async def _links(self, email: str, ticket: str) -> dict[str, str]:
        login, proof = await self._desk.give(
            Right(Purpose.LOGIN, email), Right(Purpose.PROOF, email, ticket)
        )
        return {"login": login, "proof": proof}


async def knock(desk: OpenDesk, who: Somebody, address: Address, things: Things) -> Answer:
    """Ask for this, as rightly as *who* can: only who they are may be against it."""
    if address.method == SOCKET:
        return Answer(0, {"says": await desk.hello(who)}, b"")
    path = address.path.replace("{rest:path}", "no/such/page").replace("{form}", "html")
    is_api = address.path.startswith("/api/")
    names = {"ticket": things.number if is_api else things.ticket, "message": things.message}
    names |= {"id": things.file, "login": things.login, "proof": things.proof, "number": "0"}
    for name, value in names.items():
        path = path.replace(f"{{{name}}}", value)
    return await desk.ask(who, address.method, path, **_given(who, address))


def _given(who: Somebody, address: Address) -> Mapping[str, Any]:
    """Return what belongs to such a request."""
    path = address.path
    if address.method == "OPTIONS":
        return {"headers": {"Access-Control-Request-Method": "POST"}}
    if address.method != "POST":
        return {}
    if path == "/chat/files":
        return {"data": A_PICTURE, "headers": {"X-File-Name": "a.png"}}
    if path == "/chat/poll":
        return {"json": {"after": 0, "frames": [], "wait": False}}
    if path == "/chat/session":
        return {"json": {"language": "en"}}
    if path == "/api/tickets":
        asked = {"email": "ana@example.net", "name": "Ana", "subject": "A", "text": "by an API"}
        return {"json": asked}
    if path.startswith("/api/"):
        return {"json": {"text": f"by {who.name}"}}
    if path.startswith("/portal"):
        return {"data": _form(who, path)}
    return {"json": {}}


def _form(who: Somebody, path: str) -> aiohttp.FormData | Mapping[str, str]:
    filled = {"form_token": who.form_token, "form_id": new_token(), "subject": "A"}
    filled |= {"text": f"by {who.name}", "name": "Ana", "language": "en"}
    if path == "/portal":  # one mailbox gets so many links and no more
        filled["email"] = f"{who.name.replace(' ', '-')}@example.org"
    return filled


def shown(answer: Answer) -> str:
    """Return an answer's status as the table has it, with where it leads."""
    if "says" in answer.headers:
        return answer.headers["says"]
    where = answer.headers.get("Location", "")
    leads = f" {re.sub('[0-9a-f]{32}', '{ticket}', where)}" if answer.status == 303 else ""
    return f"{answer.status}{leads}"


def telling(answer: Answer) -> object:
    """Return all of an answer that could tell anybody anything: not what is new each time."""
    unsaid = ("Date", "Content-Length", "Set-Cookie")
    headers = {name: value for name, value in answer.headers.items() if name not in unsaid}
    cookies = answer.headers.get("Set-Cookie", "").partition("=")[0]
    body = re.sub(r'value="[^"]*"', "", answer.content.decode(errors="replace"))
    return answer.status, headers, cookies, body
