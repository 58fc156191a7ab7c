"""The answer where a part of the desk had none: in words, and over a line that lives on."""

from typing import Final

import structlog
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_AGAIN_IN: Final = "60"
"""Seconds."""

_log = structlog.get_logger()


class Mishaps:
    """Answers 503 in place of whatever failed, so that it can be asked again.

    The server hangs up on what fails beneath it: whatever a browser sends next, or has not sent to
    its end, is answered with a reset connection, and with nothing that could be read.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            if has_begun:
                raise
            # By its pattern: an address of the portal's may be a secret.
            _log.exception("web.failed", path=getattr(scope.get("route"), "path", ""))
            answer = PlainTextResponse(
                "Please try again in a minute.", 503, headers={"Retry-After": _AGAIN_IN}
            )
            await answer(scope, receive, send)
