"""The widget, as a browser fetches it: one file, with its own words in every language."""

import gzip
import hashlib

from starlette.requests import Request
from starlette.responses import Response

from adapters.web.widget_file import widget_js
from core.wording import Phrasebook


class Script:
    """`GET /widget.js`."""

    def __init__(self, phrasebook: Phrasebook) -> None:
        content = widget_js(phrasebook).encode()
        self._plain = content
        self._packed = gzip.compress(content, mtime=0)
        self._tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'

    def answer(self, request: Request) -> Response:
        """Return it, or that it is still what the browser has."""
        headers = {
            "Cache-Control": "public, max-age=300",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "ETag": self._tag,
            "Vary": "Accept-Encoding",
        }
        if self._tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        media = "text/javascript; charset=utf-8"
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(
                self._packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=media
            )
        return Response(self._plain, headers=headers, media_type=media)
