"""What comes back in a form: read within limits, and only from a form of ours."""

import hmac
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from adapters.http_requests import GaveUp, pieces
from adapters.portal.parts import NotOurForm, Visit
from adapters.portal.uploads import Uploads
from core.file_name import file_name
from core.message import MEGABYTE

LONGEST_TEXT: Final = 20_000
"""Code points of a description or a reply."""
LONGEST_LINE: Final = 120
MOST_FILES: Final = 5
LARGEST_FILE: Final = 10 * MEGABYTE

_WORDS: Final = 512 * 1024
"""Bytes of all that is no file."""
_MOST_FIELDS: Final = 40
_FORM_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Kept:
    """A file that has been sent, and waits with what was typed."""

    secret: str
    name: str


@dataclass
class Form:
    """What was filled in."""

    values: dict[str, str] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    """Files that came with it, or with the same form before."""
    too_large: list[str] = field(default_factory=list)
    """The names of files that were not taken for their size."""
    too_many: bool = False

    def line(self, name: str) -> str:
        """Return what was typed into a field of one line."""
        return " ".join(self.values.get(name, "").split())

    def text(self, name: str) -> str:
        """Return what was typed into a larger field, with line breaks as ours are."""
        return self.values.get(name, "").replace("\r\n", "\n").replace("\r", "\n").strip()

    @property
    def id(self) -> str:
        """What makes it this form and no other, however often it is sent. Raises NotOurForm."""
        if not _FORM_ID.fullmatch(self.values.get("form_id", "")):
            raise NotOurForm
        return self.values["form_id"]


async def read_form(visit: Visit, url: str, uploads: Uploads | None = None) -> Form:
    """Return what was sent. *url* is our own; *uploads* keeps files, for who is logged in.

    Raises `NotOurForm` and `TooLarge`.
    """
    request = visit.request
    if not _from_here(request, url):
        raise NotOurForm
    in_parts = request.headers.get("content-type", "").startswith("multipart/form-data")
    files = in_parts and uploads is not None and visit.email != ""
    limit = _WORDS + (MOST_FILES * (LARGEST_FILE + MEGABYTE) if files else 0)
    body = pieces(request, limit)
    form = Form()
    try:
        if in_parts:
            await _multipart(request, body, form, visit, uploads if files else None)
        else:
            raw = b"".join([piece async for piece in body])
            form.values = dict(parse_qsl(raw.decode(errors="replace"), max_num_fields=_MOST_FIELDS))
    except (ValueError, KeyError, MultiPartException, MultipartParseError, GaveUp) as error:
        raise NotOurForm from error
    visit.typed = "\n\n".join(filter(None, (form.line("subject"), form.text("text"))))
    return form


def check_token(visit: Visit, form: Form) -> None:
    """Raise `NotOurForm` for what was not filled in on a page that this browser was given."""
    shown = form.values.get("form_token", "").encode(errors="surrogatepass")
    if visit.is_new or not hmac.compare_digest(shown, visit.form_token.encode()):
        raise NotOurForm


def _from_here(request: Request, url: str) -> bool:
    """Tell by what only browsers say, and no page can make them say, where a form comes from.

    Our own pages send no referrer, so that the origin of their forms is "null" (fetch.spec.whatwg
    .org, "append a request Origin header"); the other header says it all the same. Browsers that
    know neither are left to the form's token.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("origin") in (None, "null", url)


async def _multipart(
    request: Request,
    body: AsyncGenerator[bytes, None],
    form: Form,
    visit: Visit,
    uploads: Uploads | None,
) -> None:
    parser = MultiPartParser(
        request.headers, body, max_files=4 * MOST_FILES, max_fields=_MOST_FIELDS
    )
    data = await parser.parse()
    try:
        items = data.multi_items()
        form.values = {name: value for name, value in items if isinstance(value, str)}
        # Whoever is logged out, or forges a form, has nothing kept.
        if uploads is None:
            return
        check_token(visit, form)
        again = [value for name, value in items if name == "kept" and isinstance(value, str)]
        for secret in dict.fromkeys(again):
            if uploads.is_there(visit.email, secret):
                form.kept.append(Kept(secret, _called(form.values.get(f"name-{secret}", ""))))
        sent = [each for _, each in items if isinstance(each, UploadFile) and each.filename]
        form.too_many = len(form.kept) + len(sent) > MOST_FILES
        for each in sent[: max(0, MOST_FILES - len(form.kept))]:
            name = _called(each.filename or "")
            secret_or_none = await uploads.put(visit.email, each, LARGEST_FILE)
            if secret_or_none is None:
                form.too_large.append(name)
            else:
                form.kept.append(Kept(secret_or_none, name))
    finally:
        await data.close()


def _called(name: str) -> str:
    return file_name(name) or "file"
