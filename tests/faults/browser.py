"""A website visitor's browser, as the widget is: its pages share a queue of what was not taken."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp

from tests.faults.mishaps import Moment
from tests.faults.page import Page
from tests.support.visitor import SITE, Frame, text_of
from tests.support.waiting import until

_OTHERS_AFTER = 2.0
"""Seconds after which a page sends what another one could not."""
_LOOK_EVERY = 0.05


@dataclass(kw_only=True)
class Item:
    """Something that the visitor did, until the desk says that it has it."""

    frame: Frame
    page: Page
    at: float
    not_before: float = 0.0


class Browser:
    """All pages of one visitor, and what became of what they wrote."""

    def __init__(
        self,
        url: str,
        *,
        pages: int,
        polls: bool,
        looks: bool,
        shown: Callable[[Frame], None],
    ) -> None:
        """Set up pages that are not loaded yet.

        *polls*: without a WebSocket; *looks*: whether what is shown counts as seen. *shown* is
        called with each new entry of a page.
        """
        self.url = url
        self.token = ""
        self.http = aiohttp.ClientSession(
            headers={"Origin": SITE}, timeout=aiohttp.ClientTimeout(total=40, sock_connect=5)
        )
        self.wrong: list[str] = []
        """What the desk did that the protocol rules out."""
        self.pages = [Page(self, polls=polls, looks=looks, shown=shown) for _ in range(pages)]
        self._queue: dict[str, Item] = {}
        self._sent: list[Frame] = []
        self._taken: dict[str, int] = {}
        self._writing = self.pages[0]
        self._turn = asyncio.Lock()

    async def closes(self) -> None:
        """Close all pages."""
        for each in self.pages:
            await each.closes()
        await self.http.close()

    # What the visitor does.

    def asks(self, text: str, **form: Any) -> None:
        """Fill in the form of a first visit."""
        self._put({"type": "ask", "text": text, "files": [], **form})

    def says(self, text: str) -> None:
        """Write, in one page or the other: in another only when everything has been taken."""
        if not self._queue:
            self._writing = self.pages[len(self._sent) % len(self.pages)]
        self._put({"type": "say", "text": text, "files": []})

    async def chooses(self, label: str, unless: str, timeout: float) -> None:
        """Press this button when it is shown, unless these words are."""
        async with asyncio.timeout(timeout):
            while True:
                for each in self._writing.log.values():
                    for button in each.get("buttons", []):
                        if button["label"] == label:
                            self._put({"type": "choose", "token": button["token"]})
                            return
                    if unless in text_of(each):
                        return
                await asyncio.sleep(_LOOK_EVERY)

    async def all_taken(self, timeout: float) -> None:
        """Return when the desk has confirmed everything."""
        async with asyncio.timeout(timeout):
            while self._queue:  # noqa: ASYNC110, the desk changes it
                await asyncio.sleep(_LOOK_EVERY)

    def _put(self, frame: dict[str, Any]) -> None:
        frame["id"] = str(uuid4())
        self._sent.append(frame)
        self._queue[frame["id"]] = Item(frame=frame, page=self._writing, at=time.monotonic())

    # What goes wrong.

    def loses_a_line(self, moment: Moment) -> None:
        """Let the page that is written in lose its line, when it has something to lose."""
        self._writing.cut_at = moment

    def repeats(self, most: int) -> None:
        """Let every page send again the latest that the desk has, and what is on its own line."""
        for page in self.pages:
            known = [f for f in self._sent if f["id"] in self._taken or page.is_sending(f["id"])]
            page.again += known[-most:]

    def sleeps(self, page: int, seconds: float) -> None:
        """Let a page neither read nor write for a while."""
        self.pages[page % len(self.pages)].asleep_until = time.monotonic() + seconds

    # What pages share.

    async def begin(self) -> None:
        """Make sure of a token."""
        async with self._turn:
            body = {"token": self.token or None, "identity": None, "language": "en"}
            async with self.http.post(f"{self.url}/chat/session", json=body) as answer:
                answer.raise_for_status()
                token = (await answer.json())["token"]
            if self.token and token != self.token:
                self.wrong.append("the desk does not know its visitor again")
            self.token = token

    def due(self, page: Page, *, is_fresh: bool) -> list[Frame]:
        """Return what a page is to send now, in order: nothing goes ahead of what has to wait."""
        now = time.monotonic()
        found = []
        for each in self._queue.values():
            if each.not_before > now:
                break
            if is_fresh or each.page is page or now - each.at > _OTHERS_AFTER:
                found.append(each.frame)
            if each.frame["type"] == "ask":  # the question opens the talk
                break
        return found

    def was_taken(self, id_: str, seq: int) -> None:
        """Note that the desk has confirmed this."""
        self._queue.pop(id_, None)
        is_entry = any(each["id"] == id_ and "text" in each for each in self._sent)
        if is_entry and self._taken.setdefault(id_, seq) != seq:
            self.wrong.append(f"taken as {self._taken[id_]}, and as {seq}")

    def was_refused(self, frame: Frame) -> None:
        """Note that the desk does not have this: now, or never."""
        if frame["wait"] is None:
            self.wrong.append(f"refused: {frame['why']}")
            self._queue.pop(frame["id"], None)
        elif (item := self._queue.get(frame["id"])) is not None:
            item.not_before = time.monotonic() + frame["wait"]

    # What is found in the end.

    async def compare(self) -> None:
        """Note what differs from page to page, for one that is loaded now, and from `taken`.

        A page whose line is down, or that sleeps, is given the time to show what it has missed.
        """
        whole = await self._whole_log()

        async def is_the_same() -> bool:
            nonlocal whole
            whole = await self._whole_log()
            return all(page.log == whole for page in self.pages)

        with suppress(TimeoutError):
            await until(is_the_same)
        for number, page in enumerate(self.pages, start=1):
            if page.log != whole:
                self.wrong.append(f"page {number} shows another log than one loaded now")
        if list(whole) != list(range(1, len(whole) + 1)):
            self.wrong.append(f"the log has gaps: {list(whole)}")
        for id_, seq in self._taken.items():
            if whole.get(seq, {}).get("id") != id_:
                self.wrong.append(f"the log's entry {seq} is not what was taken as that")

    async def _whole_log(self) -> dict[int, Frame]:
        whole: dict[int, Frame] = {}
        bearer = {"Authorization": f"Bearer {self.token}"}
        while True:
            body = {"after": len(whole), "frames": [], "wait": False, "language": "en"}
            async with self.http.post(f"{self.url}/chat/poll", json=body, headers=bearer) as answer:
                frames = [f for f in (await answer.json())["frames"] if f["type"] == "frame"]
            if not frames:
                return whole
            whole |= {each["seq"]: each for each in frames}
