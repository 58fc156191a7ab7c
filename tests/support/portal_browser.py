"""A customer's browser, as far as the portal needs one: cookies, forms, and no JavaScript."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from types import TracebackType
from typing import Self

import aiohttp

from sandbox.letter import Mail


class Page:
    """What the browser shows."""

    def __init__(self, path: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.path = path
        self.status = status
        self.headers = headers
        self.body = body
        self.html = body.decode(errors="replace")
        self.forms = _forms(self.html)

    @property
    def words(self) -> str:
        """What can be read on it."""
        bare = re.sub(r"<(style|title|head)\b.*?</\1>|<[^>]*>", " ", self.html, flags=re.S)
        return " ".join(unescape(bare).split())

    def links(self, fragment: str) -> list[str]:
        """Return where its links lead that have this in their address."""
        found = re.findall(r'href="([^"]*)"', self.html)
        return [unescape(each) for each in found if fragment in each]


class Browser:
    """Somebody's browser at the desk's portal."""

    def __init__(self, url: str, language: str = "en") -> None:
        self.url = url
        self.session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Accept-Language": language}
        )
        self.page = Page("", 0, {}, b"")

    async def __aenter__(self) -> Self:
        """Open it."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Close it."""
        await self.session.close()

    async def get(self, path: str) -> Page:
        """Open an address."""
        return await self.ask("GET", path)

    async def press(
        self,
        action: str,
        values: Mapping[str, str] | None = None,
        files: Sequence[tuple[str, bytes]] = (),
    ) -> Page:
        """Fill in and send the form on this page that goes to *action*."""
        return await self.send(self.filled(action, values or {}), files)

    def filled(self, action: str, values: Mapping[str, str]) -> "Filled":
        """Return a form of this page, filled in, to be sent as often as one likes."""
        for form in self.page.forms:
            if form.action == action:
                where = form.action or self.page.path
                return Filled(where, form.multipart, [*_over(form, values)])
        raise AssertionError(f"no form for {action!r} on {self.page.path}: {self.page.words}")

    async def send(self, form: "Filled", files: Sequence[tuple[str, bytes]] = ()) -> Page:
        """Send a form as a browser does."""
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
        if not form.multipart:
            return await self.ask("POST", form.action, data=form.values, headers=headers)
        writer = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
        for name, value in form.values:
            writer.add_field(name, value)
        for name, content in files:
            writer.add_field("files", BytesIO(content), filename=name)
        return await self.ask("POST", form.action, data=writer, headers=headers)

    async def ask(self, method: str, path: str, **more: object) -> Page:
        """Send any request, and follow where the answer leads."""
        async with self.session.request(method, self.url + path, **more) as answer:  # type: ignore[arg-type]
            body = await answer.read()
            self.page = Page(answer.url.path, answer.status, answer.headers, body)
        return self.page

    async def asks_for_link(self, email: str) -> Page:
        """Ask for a link to log in."""
        await self.get("/portal")
        return await self.press("/portal", {"email": email})

    async def opens(self, mail: Mail) -> Page:
        """Open the link in a mail, and press its button."""
        await self.get(link_in(mail))
        return await self.press("")


class Filled:
    """A form as it is sent."""

    def __init__(self, action: str, multipart: bool, values: list[tuple[str, str]]) -> None:
        self.action = action
        self.multipart = multipart
        self.values = values


def link_in(mail: Mail) -> str:
    """Return the path of the portal's link in a mail."""
    found = re.search(r"https?://[^/\s]+(/portal/\S+)", mail.text)
    assert found, mail.text
    return found[1]


@asynccontextmanager
async def browser(url: str, language: str = "en") -> AsyncIterator[Browser]:
    """Open a browser for as long as the block lasts."""
    async with Browser(url, language) as opened:
        yield opened


class _Form:
    def __init__(self, action: str, multipart: bool) -> None:
        self.action = action
        self.multipart = multipart
        self.values: dict[str, str] = {}
        self.kept: list[tuple[str, str]] = []
        """Checked boxes, of which there may be many with one name."""


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Form] = []
        self._open: _Form | None = None
        self._area = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            multipart = given.get("enctype", "").startswith("multipart")
            self._open = _Form(given.get("action", ""), multipart)
            self.found.append(self._open)
        if self._open is None:
            return
        if tag == "input" and given.get("type") == "checkbox":
            if "checked" in given:
                self._open.kept.append((given["name"], given["value"]))
        elif tag == "input" and given.get("type") != "file":
            self._open.values[given["name"]] = given.get("value", "")
        elif tag == "textarea" and "name" in given:
            self._area = given["name"]
            self._open.values[self._area] = ""
        elif tag == "select":
            self._select = given["name"]
            self._open.values[self._select] = ""
        elif tag == "option" and "selected" in given:
            self._open.values[self._select] = given["value"]

    def handle_data(self, data: str) -> None:
        if self._area and self._open is not None:
            self._open.values[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = ""


def _forms(html: str) -> list[_Form]:
    parser = _Forms()
    parser.feed(html)
    return parser.found


def _over(form: _Form, values: Mapping[str, str]) -> list[tuple[str, str]]:
    return [*(form.values | dict(values)).items(), *form.kept]
