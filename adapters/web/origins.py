"""Which websites may embed the chat: exactly those that are listed.

A browser says in `Origin` whose page asks, and lets that page read an answer only where we name it:
fetch.spec.whatwg.org, "HTTP extensions". Programs that are no browsers can say what they like; what
they get is what a visitor gets.
"""

from collections.abc import Collection, Mapping

from starlette.requests import HTTPConnection

_METHODS = "GET, POST, DELETE"
_HEADERS = "authorization, content-type, x-file-name"
_REMEMBER = 600
"""Seconds for which a browser need not ask again what it may."""


class Origins:
    """The list of websites."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = frozenset(allowed)

    def of(self, connection: HTTPConnection) -> str | None:
        """Return the listed website whose page asks; None for any other, or none at all."""
        named = connection.headers.getlist("origin")
        if not named and connection.headers.get("sec-fetch-site") == "same-origin":
            # A page of the desk's own: browsers name no origin to whom they get a page from.
            named = [f"{connection.url.scheme}://{connection.url.netloc}"]
        return named[0] if len(named) == 1 and named[0] in self._allowed else None


def headers_for(origin: str) -> Mapping[str, str]:
    """Return what lets that website's page read the answer; cookies are not for it."""
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


def preflight_headers() -> Mapping[str, str]:
    """Return what a page may ask of us."""
    return {
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": _HEADERS,
        "Access-Control-Max-Age": str(_REMEMBER),
    }
