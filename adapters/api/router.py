"""The API's routes. Docs: docs/api.md."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import APIRoute

from adapters.api.door import Door
from adapters.api.models import (
    MOST_MESSAGES,
    NewMessage,
    NewTicket,
    Ticket,
    message_of,
    ticket_of,
)
from adapters.api.models import Message as MessageModel
from adapters.api.openapi import described, refusals
from adapters.api.problems import Problem
from adapters.api.requests import Requests, asked
from adapters.passes import new_token
from core.desk import Desk
from core.ports import Clock, Store
from core.public import public_message, public_ticket

PREFIX: Final = "/api"
RATE: Final = "120/minute"

TicketPath = Annotated[
    str, Path(description="The ticket's ID.", max_length=100, examples=["MNT-4K7Q2"])
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A name of your own for this request. Sent again with the same name, it is "
        "done no second time, and answered as the first time.",
        min_length=1,
        max_length=255,
        pattern="^[!-~]+$",
    ),
]
_EVERY_METHOD: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD")
_READ: Final = (401, 404, 422, 429)
_WRITE: Final = (400, 401, 409, 413, 415, 422, 429)


def api_router(desk: Desk, store: Store, clock: Clock, *, rate: str = RATE) -> APIRouter:
    """Return the routes. *rate*: how often each program may ask."""
    requests = Requests(desk, store, clock)
    routes = APIRouter(prefix=PREFIX, route_class=Door(store, clock, rate).route())
    token: dict[str, Any] = {"security": [{"token": []}]}

    async def shown(id_: str, offset: int = 0, limit: int = MOST_MESSAGES) -> Ticket:
        about, said = await requests.find(id_)
        if about.ticket is None:
            raise LookupError(f"conversation {about.id} is no ticket")
        page = [message_of(public_message(each)) for each in said[offset : offset + limit]]
        return ticket_of(public_ticket(about, about.ticket), page, len(said), offset)

    @routes.post(
        "/tickets",
        status_code=HTTPStatus.CREATED,
        response_model=Ticket,
        response_description="The ticket, as it stands now.",
        responses=refusals(*_WRITE),
        openapi_extra=token,
    )
    async def open_ticket(
        request: Request,
        response: Response,
        wanted: NewTicket,
        idempotency_key: IdempotencyKey = None,
    ) -> Ticket:
        """Open a ticket in a customer's name: agents see it at once, the customer gets a mail."""
        program = request.state.program
        known_as = asked(program, idempotency_key or new_token(), wanted)
        ticket = await requests.open(wanted, known_as, program)
        response.headers["Location"] = f"{PREFIX}/tickets/{ticket}"
        return await shown(ticket)

    @routes.get(
        "/tickets/{ticket}",
        response_model=Ticket,
        response_description="The ticket.",
        responses=refusals(*_READ),
        openapi_extra=token,
    )
    async def read_ticket(
        ticket: TicketPath,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        limit: Annotated[int, Query(ge=1, le=MOST_MESSAGES)] = 50,
    ) -> Ticket:
        """Read a ticket, and a page of what the customer and the agents said, oldest first."""
        return await shown(ticket, offset, limit)

    @routes.post(
        "/tickets/{ticket}/messages",
        status_code=HTTPStatus.CREATED,
        response_model=MessageModel,
        response_description="The message, as it stands now.",
        responses=refusals(404, *_WRITE),
        openapi_extra=token,
    )
    async def write_message(
        request: Request,
        ticket: TicketPath,
        wanted: NewMessage,
        idempotency_key: IdempotencyKey = None,
    ) -> MessageModel:
        """Say something in the customer's name. It opens a closed ticket again."""
        known_as = asked(request.state.program, idempotency_key or new_token(), wanted, ticket)
        return message_of(public_message(await requests.say(ticket, wanted, known_as)))

    whole = APIRouter()
    whole.include_router(routes)

    @whole.api_route(PREFIX + "/{rest:path}", methods=list(_EVERY_METHOD), include_in_schema=False)
    async def nowhere(request: Request) -> Response:
        return _not_there(routes, request.url.path).response()

    @whole.get("/openapi.json", include_in_schema=False)
    async def openapi() -> JSONResponse:
        return JSONResponse(described(routes.routes, await requests.departments()))

    @whole.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        from adapters.api.page import HEADERS, page_of  # and its templates: few ever look at it

        document = described(routes.routes, await requests.departments())
        return HTMLResponse(page_of(document), headers=HEADERS)

    @whole.get("/docs.css", include_in_schema=False)
    async def docs_style() -> Response:
        from adapters.api.page import HEADERS, style

        return Response(style(), media_type="text/css", headers=HEADERS)

    return whole


def _not_there(routes: APIRouter, path: str) -> Problem:
    """Return why nothing is done for a request that none of these routes takes."""
    here = (each for each in routes.routes if isinstance(each, APIRoute))
    methods = {
        how for each in here if each.path_regex.fullmatch(path) for how in each.methods or ()
    }
    if not methods:
        return Problem(HTTPStatus.NOT_FOUND, "The API has no such address.")
    allowed = ", ".join(sorted(methods))
    return Problem(
        HTTPStatus.METHOD_NOT_ALLOWED, f"This address takes {allowed}.", headers={"Allow": allowed}
    )
