"""The demo: a page on which the desk answers, on this machine alone."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bots.demo import demo
from tests.support.logging_kept import logging_kept
from tests.support.visitor import a_visitor
from tests.support.waiting import PATIENCE

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    with logging_kept():
        yield


class Browser:
    """What the page does in a browser."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def do(self, action: str, **body: object) -> None:
        async with self._session.post(f"/do/{action}", json=body) as answer:
            assert answer.status == 200, await answer.text()

    async def sees(self, fragment: str, part: str = "") -> Json:
        """Return the first picture that has *fragment* in it, or in this *part* of it."""
        async with asyncio.timeout(PATIENCE), self._session.get("/live") as answer:
            async for line in answer.content:
                if line.startswith(b"data: "):
                    seen: Json = json.loads(line.removeprefix(b"data: "))
                    if fragment in json.dumps(seen[part] if part else seen):
                        return seen
        raise AssertionError("the page has gone")


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    async with demo(port=0) as url:
        headers = {"Origin": url.rstrip("/")}
        async with aiohttp.ClientSession(url, headers=headers) as session:
            yield Browser(session)


async def test_the_desk_answers_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the customer's first word to the agent's answer."""
    for name, value in {"SLACK_CHANNEL": "#elsewhere", "WORKING_HOURS": "nonsense"}.items():
        monkeypatch.setenv(name, value)  # whatever this machine's own desk is set up to do
    async with browsing() as browser:
        people = (await browser.sees("Grace"))["telegram"]["customers"]
        grace = next(each["chat_id"] for each in people if each["name"] == "Grace Hopper")

        await browser.do("write", chat=grace, text="My compiler is down")
        await browser.sees("What is your name?")
        await browser.do("write", chat=grace, text="Grace")
        await browser.sees("e-mail")
        await browser.do("write", chat=grace, text="grace@example.com")
        await browser.sees("Our people have been told")
        slack = (await browser.sees("File ticket"))["slack"]

        room, marko = slack["rooms"][0], slack["agents"][0]
        card = {"room": room["id"], "message": room["messages"][0]["ts"]}
        await browser.do("reply", agent=marko["id"], text="On my way, Admiral", **card)
        await browser.sees("Answered by")
        seen = await browser.sees("On my way, Admiral", "telegram")
        chat = next(each for each in seen["telegram"]["customers"] if each["chat_id"] == grace)
        assert "On my way, Admiral" in chat["messages"][-1]["text"]


async def test_the_website_has_the_desk_in_it() -> None:
    """The page says where it is, and what a visitor asks there comes to the agents' Slack."""
    async with browsing() as browser:
        site = (await browser.sees("website"))["website"]
        async with aiohttp.ClientSession() as http, http.get(site) as answer:
            desk = (await answer.text()).partition('<script src="')[2].partition("/widget.js")[0]
            async with http.get(f"{desk}/portal") as portal:  # the site has a link to it
                assert portal.status == 200
        async with a_visitor(desk, origin=site) as visitor:
            await visitor.comes()
            await visitor.connects()
            await visitor.asks("How do I move my site to you?")
        await browser.sees("How do I move my site to you?")
