"""The one ASGI application: health, metrics and the platforms' webhooks."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from adapters.http_requests import GaveUp, TooLarge, whole
from adapters.web.headers import UsualHeaders
from adapters.web.mishaps import Mishaps

Check = Callable[[], Awaitable[str | None]]
"""Returns what is wrong, for operators; None when all is well."""

TelegramDoor = Callable[[str | None, bytes], Awaitable[int]]
SlackDoor = Callable[[Request], Awaitable[Response]]

LARGEST_BODY = 1024 * 1024
"""Bytes; updates and events are a few kilobytes."""


def make_app(
    *,
    checks: Mapping[str, Check],
    registry: CollectorRegistry,
    refresh_metrics: Callable[[], Awaitable[None]],
    telegram: TelegramDoor | None = None,
    slack: SlackDoor | None = None,
    routers: Sequence[APIRouter] = (),
) -> FastAPI:
    """Return the application; a door that is None answers 404. *routers*: further parts of it."""
    # Another address with a slash is another address: the way there would be made of what the
    # request says that our host is.
    app = FastAPI(
        title="Podrška", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    app.add_middleware(Mishaps)
    app.add_middleware(UsualHeaders)  # around it: on its answers, too

    @app.get("/healthz")
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        found = {name: await _ask(check) for name, check in checks.items()}
        parts = {name: wrong or "ok" for name, wrong in found.items()}
        return JSONResponse(parts, 200 if not any(found.values()) else 503)

    @app.get("/metrics")
    async def metrics() -> Response:
        await refresh_metrics()
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    if telegram is not None:

        @app.post("/telegram/webhook")
        async def telegram_webhook(request: Request) -> Response:
            body = await _body(request)
            if body is None:
                return Response(status_code=413)
            secret = request.headers.get("x-telegram-bot-api-secret-token")
            return Response(status_code=await telegram(secret, body))

    if slack is not None:

        @app.post("/slack/events")
        async def slack_events(request: Request) -> Response:
            if await _body(request) is None:
                return Response(status_code=413)
            return await slack(request)

    for router in routers:
        app.include_router(router)
    return app


async def _ask(check: Check) -> str | None:
    try:
        return await check()
    except Exception as error:
        return f"does not answer: {type(error).__name__}"


async def _body(request: Request) -> bytes | None:
    """Return the request's body; None if it is larger than anything that we are sent."""
    try:
        return await whole(request, LARGEST_BODY)
    except (TooLarge, GaveUp):  # who left half-way reads no answer
        return None
