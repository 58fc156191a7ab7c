"""The API's description, for people and for programs (OpenAPI 3.1)."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from adapters.api.problems import PROBLEM_JSON, ProblemDetails

_REFUSALS: Final = {
    400: "The body is not JSON that can be read.",
    401: "No token, or one that is not valid.",
    404: "There is no such ticket.",
    409: "The Idempotency-Key belongs to another request.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "Something in the request is not as it should be; errors says what.",
    429: "Too many requests; Retry-After says when there is room.",
}
_REFERENCE: Final = "#/components/schemas/{model}"


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how a route refuses what it refuses, for its description."""
    schema = {"$ref": _REFERENCE.format(model=ProblemDetails.__name__)}
    return {
        each: {"description": _REFUSALS[each], "content": {PROBLEM_JSON: {"schema": schema}}}
        for each in sorted(statuses)
    }


def described(routes: Sequence[BaseRoute], departments: Sequence[str]) -> dict[str, Any]:
    """Return the OpenAPI document of these routes, with the departments that there are now."""
    document = get_openapi(
        title="Podrška",
        version="1",
        description="Tickets for the house's own programs.",
        routes=routes,
    )
    schemas = document["components"]["schemas"]
    problem = ProblemDetails.model_json_schema(ref_template=_REFERENCE)
    schemas |= problem.pop("$defs", {})
    schemas[ProblemDetails.__name__] = problem
    department = schemas["NewTicket"]["properties"]["department"]
    department["anyOf"] = [{"type": "string", "enum": list(departments)}, {"type": "null"}]
    document["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "Made with: podrska tokens create NAME",
        }
    }
    return document
