"""What cannot be done, said as RFC 9457 wants it: application/problem+json."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict

PROBLEM_JSON: Final = "application/problem+json"

_IN_BODY: Final = "body"


class Flaw(BaseModel):
    """One thing that is wrong in a request, and where: in its body, or in a parameter."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    detail: str
    pointer: str | None = None
    """A JSON pointer (RFC 6901) into the body."""
    parameter: str | None = None
    """The parameter's or header's name."""


class ProblemDetails(BaseModel):
    """Why a request was refused."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Flaw] = []


class Problem(Exception):
    """A request that is refused, and why."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        flaws: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.flaws = flaws
        self.headers = headers or {}

    def response(self) -> Response:
        """Return it as an answer."""
        details = ProblemDetails(
            title=self.status.phrase,
            status=self.status,
            detail=self.detail,
            errors=list(self.flaws),
        )
        return Response(
            details.model_dump_json(exclude_none=True),
            status_code=self.status,
            headers=dict(self.headers),
            media_type=PROBLEM_JSON,
        )


def unprocessable(error: RequestValidationError) -> Problem:
    """Return what is wrong with a request, without repeating what was sent."""
    if any(each["type"] == "json_invalid" for each in error.errors()):
        return Problem(HTTPStatus.BAD_REQUEST, "The body is not JSON that can be read.")
    return wrong(_flaw(each["loc"], str(each["msg"])) for each in error.errors())


def wrong(flaws: Iterable[Flaw]) -> Problem:
    """Return that a request is understood, and cannot be done as it stands."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The request is not as it should be; see errors.",
        flaws=list(flaws),
    )


def _flaw(where: Sequence[Any], what: str) -> Flaw:
    part, *path = where
    if part == _IN_BODY:
        return Flaw(detail=what, pointer="".join(f"/{_escaped(str(each))}" for each in path))
    return Flaw(detail=what, parameter=str(path[0]) if path else None)


def _escaped(name: str) -> str:
    clean = name.encode(errors="replace").decode()
    return clean.replace("~", "~0").replace("/", "~1")
