"""Pages: templates in the reader's language, and the headers that every answer has."""

import secrets
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from fastapi import Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from adapters.passes import hash_of
from adapters.portal.parts import Parts, Visit
from core.commands import STATUS_NAMES
from core.phrases import Phrase
from core.richtext import RichText
from core.ticket import TicketStatus
from core.wording import LANGUAGES

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
"""What every answer of the portal's has, unless it says otherwise itself; besides what every answer
of the desk's has."""

_SHARED: Final = files("adapters.portal").joinpath("templates")
STYLE: Final = _SHARED.joinpath("portal.css").read_bytes()
ICON: Final = _SHARED.joinpath("icon.svg").read_bytes()
STYLE_NAME: Final = hash_of(STYLE.decode())[:12]
"""Another style has another name, so that browsers may keep it."""


class Pages:
    """Makes the pages."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._environment = Environment(
            loader=PackageLoader("adapters.portal"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )
        # What people wrote is escaped there.
        self._environment.filters["rich"] = self._rich
        self._environment.filters["capital"] = lambda text: text[:1].upper() + text[1:]

    def show(self, visit: Visit, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Return a page in the visitor's language."""

        def say(phrase: str, **more: str) -> str:
            return self._parts.phrasebook.phrase(visit.language, Phrase[phrase], **more)

        def status_name(status: TicketStatus) -> str:
            return self._parts.phrasebook.phrase(visit.language, STATUS_NAMES[status])

        page = self._environment.get_template(template).render(
            say=say,
            status_name=status_name,
            desk=self._parts.name,
            style=STYLE_NAME,
            language=visit.language,
            languages=LANGUAGES,
            email=visit.email,
            form_token=visit.form_token,
            new_id=lambda: secrets.token_urlsafe(32),
            **values,
        )
        return HTMLResponse(page, status)

    def sealed(self, response: Response) -> Response:
        """Return an answer with the headers that all have."""
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _rich(self, text: RichText) -> Markup:
        return Markup(self._parts.to_html(text))  # noqa: S704 (it has escaped what people wrote)


def go_to(path: str) -> RedirectResponse:
    """Return the answer to a form: the browser fetches a page of ours, and a reload is harmless."""
    return RedirectResponse(path, 303)
