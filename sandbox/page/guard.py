"""Who may talk to the page, and what the browser is told to refuse."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HERE: Final = re.compile(r"(127\.0\.0\.1|localhost)(:[0-9]{1,5})?")

PAGE_POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        # Text becomes script through innerHTML and its kin: with this the browser refuses them.
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
)


def page_policy(website: str) -> str:
    """Return the page's policy, with which it may show *website* as well."""
    return PAGE_POLICY.replace("frame-src 'self'", f"frame-src 'self' {website}".rstrip())


FOREIGN_POLICY: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
"""For what strangers wrote (mail, files): an origin of its own, no scripts, nothing remote."""

_HEADERS: Final = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only this machine's own page in.

    A foreign site can make its name point to 127.0.0.1 (DNS rebinding), which the Host header
    betrays, or post to the page from a form, which the Origin header betrays.
    """
    if not _HERE.fullmatch(request.host):
        raise web.HTTPForbidden(text="This page answers to 127.0.0.1 and localhost only.")
    if request.method == "POST" and request.headers.get("Origin") != f"http://{request.host}":
        raise web.HTTPForbidden(text="Only the page itself may do this.")
    return await handler(request)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the page's policy on a response that has none of its own."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
