"""What an action of the page looks like, and how it fails."""

import base64
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from aiohttp import web

from sandbox.slack import NoAnswerError
from sandbox.slack.state import Refusal
from sandbox.telegram import ApiError

Json = dict[str, Any]
Action = Callable[[Json], Awaitable[Json | None]]
"""Does what the page's JSON says; returns what the page is to know of it at once, if anything."""

_REFUSALS: Final = (
    ApiError, AssertionError, AttributeError, LookupError, PermissionError, Refusal, TypeError,
    ValueError,
)  # fmt: skip
"""How the sandbox says that something cannot be done, and how wrong JSON shows itself."""


class Upload(NamedTuple):
    """A file from the page."""

    name: str
    content: bytes
    mime: str


def uploads(body: Json) -> list[Upload]:
    """Return the files that came with an action. Raises KeyError, ValueError."""
    return [
        Upload(file["name"], base64.b64decode(file["base64"], validate=True), file["mime"])
        for file in body.get("files", [])
    ]


async def perform(action: Action, request: web.Request) -> web.Response:
    """Answer a post: 200 with what came of it, 409 or 502 with the reason why nothing did."""
    try:
        done = await action(await request.json())
    except NoAnswerError as silent:
        return _failed(502, silent, "The app did not answer in time.")
    except _REFUSALS as refusal:
        return _failed(409, refusal, "That is not possible.")
    return web.json_response(done or {})


def _failed(status: int, reason: Exception, otherwise: str) -> web.Response:
    first_line = str(reason.args[0] if reason.args else "").partition("\n")[0]
    return web.json_response({"error": first_line or otherwise}, status=status)
