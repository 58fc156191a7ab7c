"""A visitor's WebSocket: what is new in their log goes out, what they do comes in."""

import asyncio
from contextlib import suppress
from typing import Any, Final

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from adapters.web.chat import Caller, Chat
from adapters.web.pail import Pail
from adapters.web.parse import Json, Unreadable, read_frame, read_hello, read_json
from adapters.web.render import wire
from adapters.web.sessions import Sessions
from adapters.web.standing import Standing, language_in
from adapters.web.visitors import Visitors
from core.phrases import Phrase
from core.wording import Phrasebook

HELLO_WITHIN: Final = 10.0
SEND_WITHIN: Final = 20.0
"""Seconds that a frame may take to leave: a browser that does not read comes again, and resumes."""
PAGE: Final = 100
"""Entries of a log that are read at once: what waits for a slow browser is in the database."""
A_SECOND, AT_ONCE = 5.0, 20.0
"""How many frames a browser may send."""

POLICY, LATER, GONE = 1008, 1013, 1000

_log = structlog.get_logger()


class Socket:
    """One browser's line. Idle, it is one waiting task and nothing else."""

    def __init__(
        self,
        socket: WebSocket,
        *,
        chat: Chat,
        sessions: Sessions,
        standing: Standing,
        visitors: Visitors,
        phrasebook: Phrasebook,
        default_language: str,
    ) -> None:
        self._socket = socket
        self._chat = chat
        self._sessions = sessions
        self._standing = standing
        self._visitors = visitors
        self._phrasebook = phrasebook
        self._pail = Pail(a_second=A_SECOND, at_once=AT_ONCE)
        self._visitor = ""
        self._after = 0
        self._told: Json | None = None
        self._why: str | None = None
        self._has_news = False
        self._sending: asyncio.Task[None] | None = None
        self.language = default_language
        self.token_hash = ""

    async def serve(self, origin: str) -> str | None:
        """Serve the browser, whose page is of *origin*, until either side ends; return whose."""
        await self._socket.accept()
        try:
            return await self._talk(origin)
        except WebSocketDisconnect:
            return None
        except Unreadable as error:
            await self._close(POLICY, str(error))
            return None
        except Exception as error:  # a database that is away: they come again, and resume
            _log.warning("web.line_failed", visitor=self._visitor, error=type(error).__name__)
            await self._close(LATER, "come again")
            return None
        finally:
            if self._sending is not None:  # not cancelled: it may be reading the database
                await asyncio.gather(self._sending, return_exceptions=True)

    async def _talk(self, origin: str) -> str | None:
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                hello = read_hello(read_json(await self._receive()))
        except TimeoutError:
            await self._close(POLICY, "it does not say hello")
            return None
        self.language = language_in(hello.language, self.language)
        session = await self._sessions.of(hello.token, origin)
        if session is None:
            await self._bye(self._phrasebook.phrase(self.language, Phrase.WEB_SESSION_OVER))
            return None
        caller = Caller(session=session, language=self.language)
        self.token_hash, self._visitor = session.token_hash, session.visitor
        with self._visitors.listening(session.visitor, self):
            await self._welcome(hello.after)
            self.news()
            with suppress(WebSocketDisconnect):
                await self._listen(caller)
        return session.visitor

    async def _welcome(self, after: int) -> None:
        last, known = await self._chat.welcome(self._visitor)
        self._after = after if after <= last else 0  # it knows another log: it gets this one
        await self._send({"type": "welcome", "seq": last, "known": known})
        # Where it has slept, the desk may have opened or closed.
        await self._send({"type": "state", **await self._standing.now(self.language)})

    async def _listen(self, caller: Caller) -> None:
        while True:
            raw = await self._receive()
            if not self._pail.takes():
                _log.info("web.too_fast", visitor=caller.visitor)
                await self._close(POLICY, "too many frames")
                return
            if self._chat.is_over(caller):
                await self._bye(self._phrasebook.phrase(self.language, Phrase.WEB_SESSION_OVER))
                return
            answer = await self._chat.take(caller, read_frame(read_json(raw)))
            if answer is not None:
                await self._send(answer)

    def news(self) -> None:
        """Send what is new, soon; costs nothing as long as there is nothing."""
        self._has_news = True
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_news())

    def tell(self, frame: Json) -> None:
        """Send this, soon."""
        self._told = frame
        self.news()

    def end(self, why: str) -> None:
        """Say goodbye, soon."""
        self._why = why
        self.news()

    async def _send_news(self) -> None:
        try:
            while self._has_news:
                self._has_news = False
                if self._told is not None:
                    told, self._told = self._told, None
                    await self._send(told)
                if self._why is not None:
                    await self._bye(self._why)
                    return
                await self._send_log()
        except WebSocketDisconnect:
            return
        except Exception as error:  # it comes again, and resumes
            _log.warning("web.not_sent", visitor=self._visitor, error=type(error).__name__)
            await self._close(LATER, "come again")

    async def _send_log(self) -> None:
        is_more = True
        while is_more:
            frames = await self._chat.after(self._visitor, self._after, PAGE)
            for each in frames:
                await self._send(wire(each))
                self._after = each.seq
            is_more = len(frames) == PAGE

    async def _send(self, frame: Json) -> None:
        try:
            async with asyncio.timeout(SEND_WITHIN):
                await self._socket.send_json(frame)
        except TimeoutError:
            await self._close(LATER, "too slow")
            raise WebSocketDisconnect(LATER) from None
        except RuntimeError:  # it has been closed meanwhile
            raise WebSocketDisconnect(GONE) from None

    async def _receive(self) -> str:
        message: dict[str, Any] = dict(await self._socket.receive())
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", GONE))
        text = message.get("text")
        if not isinstance(text, str):
            raise Unreadable("no text")
        return text

    async def _bye(self, why: str) -> None:
        with suppress(WebSocketDisconnect):
            await self._send({"type": "bye", "why": why})
        await self._close(POLICY, "not let in")

    async def _close(self, code: int, reason: str) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            with suppress(RuntimeError, WebSocketDisconnect):
                await self._socket.close(code, reason)
