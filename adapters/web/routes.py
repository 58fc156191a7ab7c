"""The chat over HTTP: who may come in, and what they get. The protocol: docs/web-chat.md."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog
from fastapi import APIRouter
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket

from adapters.allowance import Allowance
from adapters.files import NoRoom
from adapters.http_requests import GaveUp, TooLarge, bearer_token, network_in, whole
from adapters.web.chat import Caller, Chat
from adapters.web.doors import Doors, Full
from adapters.web.files import LARGEST
from adapters.web.origins import Origins, headers_for, preflight_headers
from adapters.web.parse import Unreadable, is_id, read_json, text_in
from adapters.web.polls import Polls
from adapters.web.script import Script
from adapters.web.sessions import NotBelieved, Session, Sessions, read_identity, token_in
from adapters.web.socket import Socket
from adapters.web.standing import Standing, language_in
from adapters.web.uploads import Empty, Enough, Uploads
from adapters.web.visitors import Visitors
from core.message import MEGABYTE
from core.phrases import Phrase
from core.wording import Phrasebook, language_of

SMALL: Final = 16 * 1024
"""Bytes of a request for a session."""
FRAMES: Final = 64 * 1024
"""Bytes of the frames that come with one poll."""

_NO_STORE = {"Cache-Control": "no-store"}
_log = structlog.get_logger()


class Refused(Exception):
    """The request is not done; the answer says why, in words."""

    def __init__(self, status: int, phrase: Phrase, **values: str) -> None:
        super().__init__(phrase.name)
        self.status = status
        self.phrase = phrase
        self.values = values


Handler = Callable[[Request, str], Awaitable[Response]]
"""Answers a request from a page of a website (its origin; "" for none) that may embed the chat."""


@dataclass(frozen=True, kw_only=True)
class ChatParts:
    """What the chat is made of."""

    chat: Chat
    sessions: Sessions
    visitors: Visitors
    standing: Standing
    polls: Polls
    uploads: Uploads
    doors: Doors
    origins: Origins
    script: Script
    phrasebook: Phrasebook
    language: str
    """What is spoken with a browser that does not say."""


def chat_router(parts: ChatParts) -> APIRouter:
    """Return the chat's part of the web application."""
    web = _Chat(parts)
    router = APIRouter(include_in_schema=False)
    for path, method, handler in (
        ("/chat/session", "POST", web.begin),
        ("/chat/session", "DELETE", web.end),
        ("/chat/poll", "POST", web.poll),
        ("/chat/files", "POST", web.upload),
        ("/chat/files/{id}", "GET", web.download),
    ):
        router.add_route(path, web.guarded(handler), methods=[method])
    for path in ("/chat/session", "/chat/poll", "/chat/files", "/chat/files/{id}"):
        router.add_route(path, web.guarded(web.preflight), methods=["OPTIONS"])
    state = web.guarded(web.state, is_secret=False)
    router.add_route("/chat/state", state, methods=["GET"])
    router.add_route("/widget.js", web.widget, methods=["GET"])
    router.add_websocket_route("/chat/socket", web.socket)
    return router


class _Chat:
    def __init__(self, parts: ChatParts) -> None:
        self._parts = parts

    def guarded(
        self, handler: Handler, *, is_secret: bool = True
    ) -> Callable[[Request], Awaitable[Response]]:
        """Let in only pages that may embed the chat, and let those read what they are answered.

        *is_secret*: whether whoever names no page at all gets nothing, either.
        """

        async def guarded(request: Request) -> Response:
            origin = self._parts.origins.of(request)
            if origin is None and (is_secret or "origin" in request.headers):
                return Response(status_code=403, headers={"Vary": "Origin"})
            answer = await self._answered(request, handler, origin or "")
            allowed = headers_for(origin) if origin else {"Vary": "Origin"}
            for name, value in {**_NO_STORE, **allowed}.items():
                answer.headers.setdefault(name, value)
            return answer

        return guarded

    async def _answered(self, request: Request, handler: Handler, origin: str) -> Response:
        try:
            return await handler(request, origin)
        except Refused as refused:
            return self._refusal(request, refused)
        except (Unreadable, TooLarge) as error:
            status = 413 if isinstance(error, TooLarge) else 400
            return JSONResponse({"why": str(error) or "too large"}, status)
        except GaveUp:
            return Response(status_code=408)
        except Exception:  # a full disk, a database that is away: they hear that it was not done
            _log.exception("web.failed", path=request.url.path)
            return self._refusal(request, Refused(503, Phrase.WEB_NOT_NOW))

    def _refusal(self, request: Request, refused: Refused) -> Response:
        language = self._language_of(request, "")
        why = self._parts.phrasebook.phrase(language, refused.phrase, **refused.values)
        wait = {"Retry-After": "60"} if refused.status in (429, 503) else {}
        return JSONResponse({"why": why}, refused.status, headers=wait)

    async def preflight(self, request: Request, origin: str) -> Response:
        """Say what a page may ask."""
        return Response(status_code=204, headers=dict(preflight_headers()))

    async def begin(self, request: Request, origin: str) -> Response:
        """Let a browser in."""
        await self._knock(self._parts.doors.sessions, request)
        body = read_json(await whole(request, SMALL))
        language = self._language(text_in(body, "language", 20, default=""))
        try:
            token, session = await self._parts.sessions.begin(
                token_in(body), read_identity(body.get("identity")), origin
            )
        except (NotBelieved, Unreadable) as error:
            if body.get("identity") is None:
                raise
            _log.warning("web.not_believed", why=str(error))
            why = self._parts.phrasebook.phrase(language, Phrase.WEB_NOT_BELIEVED)
            return JSONResponse({"why": why}, 403)
        last, known = await self._parts.chat.welcome(session.visitor)
        return JSONResponse({"token": token, "known": known, "seq": last})

    async def end(self, request: Request, origin: str) -> Response:
        """Log a browser out: its token is good for nothing, and its lines are closed."""
        session = await self._session(request, origin)
        await self._parts.sessions.end(session)
        why = self._parts.phrasebook.phrase(self._parts.language, Phrase.WEB_SESSION_OVER)
        self._parts.visitors.end(session.visitor, session.token_hash, why)
        return Response(status_code=204)

    async def poll(self, request: Request, origin: str) -> Response:
        """Take what a browser sends, and wait for news."""
        await self._knock(self._parts.doors.polls, request)
        session = await self._session(request, origin)
        body = read_json(await whole(request, FRAMES))
        language = self._language_of(request, text_in(body, "language", 20, default=""))
        caller = Caller(session=session, language=language)
        try:
            with self._parts.doors.line(request):
                found = await self._parts.polls.answer(caller, body)
        except Full:
            raise Refused(429, Phrase.WEB_TOO_OFTEN) from None
        await self._parts.chat.left(session.visitor)
        state = {"type": "state", **await self._parts.standing.now(language)}
        return JSONResponse({"frames": [state, *found]})

    async def upload(self, request: Request, origin: str) -> Response:
        """Keep a file for a message that is to come."""
        await self._knock(self._parts.doors.uploads, request)
        session = await self._session(request, origin)
        try:
            kept = await self._parts.uploads.take(session.visitor, request)
        except TooLarge:
            limit = str(LARGEST // MEGABYTE)
            raise Refused(413, Phrase.WEB_FILE_TOO_BIG, limit=limit) from None
        except Enough:
            raise Refused(429, Phrase.WEB_FILES_ENOUGH) from None
        except Empty:
            raise Refused(415, Phrase.WEB_FILE_EMPTY) from None
        except NoRoom:
            _log.warning("web.no_room")
            raise Refused(503, Phrase.WEB_NOT_NOW) from None
        return JSONResponse(dict(kept), 201)

    async def download(self, request: Request, origin: str) -> Response:
        """Give a browser a file of its own visitor's; of any other it learns nothing."""
        session = await self._session(request, origin)
        id_ = request.path_params["id"]
        given = await self._parts.uploads.give(session.visitor, id_) if is_id(id_) else None
        if given is None:
            raise Refused(404, Phrase.WEB_NOT_THERE)
        return given

    async def state(self, request: Request, origin: str) -> Response:
        """Say whether anybody is there."""
        await self._knock(self._parts.doors.looks, request)
        language = self._language(request.query_params.get("lang", ""))
        return JSONResponse(await self._parts.standing.now(language))

    async def widget(self, request: Request) -> Response:
        """Return the widget itself."""
        return self._parts.script.answer(request)

    async def socket(self, socket: WebSocket) -> None:
        """Serve a browser's WebSocket."""
        parts = self._parts
        origin = parts.origins.of(socket)
        if origin is None:
            await socket.close()  # before it was accepted: it is answered with 403
            return
        if not await parts.doors.sockets.takes(network_in(socket)):
            await socket.send_denial_response(Response(status_code=429))
            return
        serving = Socket(
            socket,
            chat=parts.chat,
            sessions=parts.sessions,
            standing=parts.standing,
            visitors=parts.visitors,
            phrasebook=parts.phrasebook,
            default_language=parts.language,
        )
        try:
            with parts.doors.line(socket):
                visitor = await serving.serve(origin)
        except Full:
            await socket.send_denial_response(Response(status_code=503))
            return
        if visitor is not None:
            await parts.chat.left(visitor)

    async def _knock(self, allowance: Allowance, request: HTTPConnection) -> None:
        if not await allowance.takes(network_in(request)):
            raise Refused(429, Phrase.WEB_TOO_OFTEN)

    async def _session(self, request: Request, origin: str) -> Session:
        token = bearer_token(request)
        found = await self._parts.sessions.of(token, origin) if token else None
        if found is None:
            raise Refused(401, Phrase.WEB_SESSION_OVER)
        return found

    def _language_of(self, request: Request, asked: str) -> str:
        """Return the language that a browser asked for, or that it is set to."""
        first = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0]
        return self._language(asked or language_of(first.strip(), self._parts.language))

    def _language(self, asked: str) -> str:
        return language_in(asked, self._parts.language)
