"""Who may come in, how often, and with how much: before a word of the request is read."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from adapters.allowance import Allowance
from adapters.api.problems import Problem, unprocessable
from adapters.http_requests import GaveUp, TooLarge, bearer_token, network_in, whole
from adapters.passes import hash_of
from core.passes_port import Purpose
from core.ports import Clock, Store

LARGEST_BODY: Final = 256 * 1024
"""Bytes: the longest message, every letter of it escaped, and some more."""

_WRONG_TOKENS: Final = "20/minute"

log = structlog.get_logger()

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Door:
    """Lets the house's programs in, each by its token."""

    def __init__(self, store: Store, clock: Clock, rate: str) -> None:
        """*rate*: how often each program may ask, such as "120/minute"."""
        self._store = store
        self._clock = clock
        self._rate = Allowance(rate)
        self._wrong = Allowance(_WRONG_TOKENS)

    def route(self) -> type[APIRoute]:
        """Return the kind of route that stands behind this door."""
        door = self

        class BehindDoor(APIRoute):
            def get_route_handler(self) -> Handler:
                return door._guarding(super().get_route_handler())

        return BehindDoor

    def _guarding(self, handle: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            try:
                request.state.program = await self._program(request)
                if request.method == "POST":
                    await _read_json(request)
                return await handle(request)
            except Problem as problem:
                return problem.response()
            except RequestValidationError as error:
                return unprocessable(error).response()
            except HTTPException as error:  # FastAPI's own, for bytes that are no text
                what = "The body is not JSON that can be read."
                return Problem(HTTPStatus(error.status_code), what).response()
            except Exception:
                log.exception("api.failed", path=request.url.path)
                what = "The desk could not do it. Try again, with the same Idempotency-Key."
                return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, what).response()

        return guarded

    async def _program(self, request: Request) -> str:
        """Return the name of the program whose token this is. Raises `Problem`."""
        token = bearer_token(request)
        if token is not None:
            # Found by its hash: how long that takes says nothing of a token that is almost right.
            async with self._store.transaction() as tx:
                found = await tx.pass_of(hash_of(token), Purpose.API, self._clock.now())
            if found is not None:
                await _spend(self._rate, found.subject)
                return found.subject
        await _spend(self._wrong, network_in(request))
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "A token is needed: Authorization: Bearer …, made by `podrska tokens create`.",
            headers={"WWW-Authenticate": "Bearer"},
        )


async def _spend(allowance: Allowance, who: str) -> None:
    if await allowance.takes(who):
        return
    wait = await allowance.seconds_to_wait(who)
    raise Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"Too many requests. There is room again in {wait} s.",
        headers={"Retry-After": str(wait)},
    )


async def _read_json(request: Request) -> None:
    """Read the body as far as it may go. Raises `Problem`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json.")
    try:
        await whole(request, LARGEST_BODY)
    except TooLarge:
        what = f"The body is larger than {LARGEST_BODY // 1024} KiB."
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, what) from None
    except GaveUp:
        raise Problem(HTTPStatus.BAD_REQUEST, "The body broke off.") from None
