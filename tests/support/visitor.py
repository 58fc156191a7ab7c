"""A visitor of a website, whose browser speaks the chat's protocol over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import aiohttp

from tests.support.waiting import PATIENCE

SITE = "https://www.example.com"
"""The website that embeds the chat."""

Frame = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the desk answered over HTTP."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class Visitor:
    """One browser. What it was shown is in `log`, by number, as the server told it."""

    def __init__(self, http: aiohttp.ClientSession, url: str, origin: str = SITE) -> None:
        self._http = http
        self._url = url
        self._origin = {"Origin": origin}
        self.token = ""
        self.known: Any = None
        self.log: dict[int, Frame] = {}
        self.answers: dict[str, Frame] = {}
        """What was said to each thing that it sent, by its id."""
        self.told: list[Frame] = []
        """Everything that came, in order."""
        self.closed: int | None = None
        """The code with which its line was closed."""
        self._changed = asyncio.Event()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def text(self) -> str:
        """Everything that it was shown, a line each."""
        return "\n".join(text_of(each) for _, each in sorted(self.log.items()))

    async def post(self, path: str, **given: Any) -> Answer:
        """Ask the desk."""
        headers = {**self._origin, **given.pop("headers", {})}
        return await self._request("POST", path, headers=headers, **given)

    async def logs_out(self) -> int:
        """End the session; return the answer's status."""
        headers = {**self._origin, **self.bearer}
        return (await self._request("DELETE", "/chat/session", headers=headers)).status

    async def get(self, path: str) -> Answer:
        """Ask the desk."""
        return await self._request("GET", path, headers={**self._origin, **self.bearer})

    async def _request(self, method: str, path: str, **given: Any) -> Answer:
        async with self._http.request(method, f"{self._url}{path}", **given) as answer:
            return Answer(answer.status, dict(answer.headers), await answer.read())

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def comes(self, identity: Mapping[str, Any] | None = None) -> Frame:
        """Open the page: get a token, or find that the one from before is good."""
        body = {"token": self.token or None, "identity": identity, "language": "en"}
        answer = await self.post("/chat/session", json=body)
        assert answer.status == 200, answer.content
        begun: Frame = answer.json()
        self.token, self.known = begun["token"], begun["known"]
        return begun

    async def connects(self, after: int | None = None) -> Frame:
        """Open the line, and go on after the last entry that it has; return the welcome."""
        self.closed = None
        self._socket = await self._http.ws_connect(
            f"{self._url}/chat/socket", headers=self._origin, heartbeat=None
        )
        last = max(self.log, default=0) if after is None else after
        hello = {"type": "hello", "token": self.token, "after": last, "language": "en"}
        await self._socket.send_json(hello)
        before = len(self.told)
        self._reading = asyncio.create_task(self._read(self._socket))
        return await self.hears(lambda frame: frame["type"] in ("welcome", "bye"), before)

    async def disconnects(self) -> None:
        """Close the line."""
        if self._socket is not None and self._reading is not None:
            await self._socket.close()
            await self._reading

    async def loses_the_line(self) -> None:
        """Lose the line without a word, as a laptop does that falls asleep."""
        assert self._socket is not None
        assert self._reading is not None
        transport = self._socket.get_extra_info("socket")
        assert transport is not None
        response = self._socket._response
        assert response.connection is not None
        assert response.connection.transport is not None
        response.connection.transport.abort()
        await self._reading

    async def sends(self, **frame: Any) -> str:
        """Send a frame; return its id, which is new unless one is given."""
        assert self._socket is not None
        given = {"id": str(uuid4()), **frame}
        await self._socket.send_json(given)
        return str(given["id"])

    async def sends_raw(self, text: str) -> None:
        """Send whatever it is."""
        assert self._socket is not None
        await self._socket.send_str(text)

    async def asks(self, text: str, **changes: Any) -> str:
        """Send the form of a first visit, and return its id when it was taken."""
        form = {"type": "ask", "name": "Ana", "email": "ana@example.com", "text": text, "files": []}
        return await self.is_taken(await self.sends(**{**form, **changes}))

    async def says(self, text: str, **changes: Any) -> str:
        """Send words, and return their id when they were taken."""
        said = {"type": "say", "text": text, "files": []}
        return await self.is_taken(await self.sends(**{**said, **changes}))

    async def uploads(self, content: bytes, name: str) -> str:
        """Bring a file; return its id."""
        headers = {**self.bearer, "X-File-Name": quote(name)}
        answer = await self.post("/chat/files", data=content, headers=headers)
        assert answer.status == 201, answer.content
        return str(answer.json()["id"])

    def was_taken(self, id_: str) -> bool:
        """Whether this has been confirmed."""
        return any(each["type"] == "taken" and each["id"] == id_ for each in self.told)

    async def is_taken(self, id_: str) -> str:
        """Return when this was confirmed."""
        answer = await self.is_answered(id_)
        assert answer["type"] == "taken", answer
        return id_

    async def is_answered(self, id_: str, since: int = 0) -> Frame:
        """Return what was said to this."""
        return await self.hears(
            lambda frame: id_ == frame.get("id") and frame["type"] != "frame", since
        )

    async def sees(self, words: str) -> Frame:
        """Return the entry with these words, when it is shown."""
        return await self.hears(lambda frame: frame["type"] == "frame" and words in text_of(frame))

    async def hears(self, wanted: Callable[[Frame], bool], since: int = 0) -> Frame:
        """Return the first frame that is wanted, when it has come."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    self._changed.clear()
                    if found := next((each for each in self.told[since:] if wanted(each)), None):
                        return found
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"it never came; what came was {self.told[since:]}") from None

    async def is_closed(self) -> int:
        """Return with which code its line was closed, when it was."""
        assert self._reading is not None
        await asyncio.wait_for(self._reading, PATIENCE)
        assert self.closed is not None
        return self.closed

    async def polls(self, *frames: Frame, after: int | None = None, wait: bool = False) -> Any:
        """Ask without a line; return what came."""
        last = max(self.log, default=0) if after is None else after
        body = {"after": last, "frames": frames, "wait": wait, "language": "en"}
        answer = await self.post("/chat/poll", json=body, headers=self.bearer)
        assert answer.status == 200, answer.content
        found = answer.json()["frames"]
        for each in found:
            self._take(each)
        return found

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        with suppress(aiohttp.ClientError):
            async for message in socket:
                self._take(message.json())
        self.closed = socket.close_code
        self._changed.set()

    def _take(self, frame: Frame) -> None:
        self.told.append(frame)
        if frame["type"] == "frame":
            assert self.log.setdefault(frame["seq"], frame) == frame, "an entry has changed"
        self._changed.set()


def text_of(frame: Frame) -> str:
    """Return an entry's words, its author and its files, as they would be read."""
    words = "".join(each["t"] for each in frame.get("text", []))
    names = "".join(f" [{each['name']}]" for each in frame.get("files", []))
    name = f"{frame['name']}: " if frame.get("name") else ""
    return f"{name}{words}{names}"


@asynccontextmanager
async def a_visitor(url: str, origin: str = SITE) -> AsyncIterator[Visitor]:
    """Have a visitor of a website whose desk is at *url*."""
    async with aiohttp.ClientSession() as http:
        visitor = Visitor(http, url, origin)
        try:
            yield visitor
        finally:
            await visitor.disconnects()
