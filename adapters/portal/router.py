"""The portal's addresses, and what all of them have in common."""

from collections.abc import Awaitable, Callable

import structlog
from fastapi import APIRouter, Request, Response

from adapters.http_requests import TooLarge
from adapters.portal.acts import Acts
from adapters.portal.entrance import Entrance
from adapters.portal.own import Own
from adapters.portal.pages import ICON, STYLE, STYLE_NAME, Pages, go_to
from adapters.portal.parts import (
    Limits,
    LoggedOut,
    NotOurForm,
    NotThere,
    Parts,
    Visit,
)
from adapters.portal.sessions import Sessions
from adapters.portal.tickets import Tickets

Handler = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

_log = structlog.get_logger()
_EVERYTHING = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]


def portal_router(parts: Parts, limits: Limits | None = None) -> APIRouter:
    """Return the portal as a part of the desk's web application."""
    limits = limits or Limits()
    pages, sessions, own = Pages(parts), Sessions(parts), Own(parts)
    entrance = Entrance(parts, pages, sessions, limits)
    tickets = Tickets(parts, pages, own)
    acts = Acts(parts, pages, own, tickets, entrance, limits)

    async def missing(visit: Visit) -> Response:
        raise NotThere

    addresses: tuple[tuple[str, str, Handler], ...] = (
        ("GET", "/portal", entrance.front),
        ("POST", "/portal", entrance.ask_link),
        ("GET", "/portal/in/{login}", entrance.link),
        ("POST", "/portal/in/{login}", entrance.use_link),
        ("GET", "/portal/ticket/{proof}", entrance.link),
        ("POST", "/portal/ticket/{proof}", entrance.use_link),
        ("POST", "/portal/out", entrance.log_out),
        ("POST", "/portal/language", acts.speak),
        ("GET", "/portal/tickets", tickets.list),
        ("GET", "/portal/new", acts.new),
        ("POST", "/portal/new", acts.open),
        ("GET", "/portal/tickets/{ticket}", tickets.ticket),
        ("POST", "/portal/tickets/{ticket}", acts.reply),
        ("POST", "/portal/tickets/{ticket}/close", acts.close),
        ("POST", "/portal/tickets/{ticket}/reopen", acts.reopen),
        ("GET", "/portal/tickets/{ticket}/transcript.{form}", tickets.transcript),
        ("GET", "/portal/tickets/{ticket}/files/{message}/{number}", tickets.file),
    )
    router = APIRouter(include_in_schema=False)
    for path, content, mime in (
        (f"/portal/{STYLE_NAME}.css", STYLE, "text/css; charset=utf-8"),
        ("/portal/icon.svg", ICON, "image/svg+xml"),
    ):
        router.add_api_route(path, _served(pages, content, mime), methods=["GET"])
    for method, path, handler in addresses:
        endpoint = _guarded(pages, sessions, handler)
        router.add_api_route(path, endpoint, methods=[method], response_model=None)
    nowhere = _guarded(pages, sessions, missing)
    router.add_api_route("/portal/{rest:path}", nowhere, methods=_EVERYTHING, response_model=None)
    return router


def _guarded(pages: Pages, sessions: Sessions, handler: Handler) -> Endpoint:
    """Return what answers requests: whatever goes wrong, with a page, and with all headers."""

    async def endpoint(request: Request) -> Response:
        visit = sessions.stranger(request)
        try:
            visit = await sessions.visit(request)
            response = await _answered(pages, visit, handler)
            sessions.tell(visit, response)
        except Exception:
            _log.exception("portal.failed", path=request.scope["route"].path)
            response = pages.show(visit, "not_now.html", 503, kept_words=visit.typed)
            response.headers["Retry-After"] = "60"
        return pages.sealed(response)

    return endpoint


async def _answered(pages: Pages, visit: Visit, handler: Handler) -> Response:
    try:
        return await handler(visit)
    except LoggedOut:
        return go_to("/portal")
    except NotThere:
        return pages.show(visit, "missing.html", 404)
    except NotOurForm:
        return pages.show(visit, "not_our_form.html", 403)
    except TooLarge:
        response = pages.show(visit, "too_large.html", 413)
        response.headers["Connection"] = "close"  # what was not read is not to be read later
        return response


def _served(pages: Pages, content: bytes, mime: str) -> Callable[[], Awaitable[Response]]:
    async def endpoint() -> Response:
        headers = {"Cache-Control": "public, max-age=86400"}
        return pages.sealed(Response(content, media_type=mime, headers=headers))

    return endpoint
