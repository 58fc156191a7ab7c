"""A customer's tickets: the list, one of them, its files, its transcript."""

from dataclasses import replace
from pathlib import Path

from fastapi import Response
from fastapi.responses import FileResponse

from adapters.browser_files import SANDBOXED, UNKNOWN, saved_as
from adapters.portal.forms import MOST_FILES, Form
from adapters.portal.own import Own, Owned, name_of
from adapters.portal.pages import Pages
from adapters.portal.parts import NotThere, Parts, Visit
from core.errors import DeliveryError
from core.file_name import file_name
from core.message import CARRIED, Attachment, AttachmentKind
from core.transcript import as_text, transcript


class Tickets:
    """The pages on which tickets are read."""

    def __init__(self, parts: Parts, pages: Pages, own: Own) -> None:
        self._parts = parts
        self._pages = pages
        self._own = own

    async def list(self, visit: Visit) -> Response:
        """Show the visitor's tickets."""
        rows = await self._own.tickets(visit)
        departments = await self._own.departments()
        return self._pages.show(
            visit,
            "tickets.html",
            rows=rows,
            hours=self._own.hours(visit, departments[0]) if departments else "",
        )

    async def ticket(self, visit: Visit) -> Response:
        """Show a ticket."""
        return await self.show(visit, await self._own.ticket(visit))

    async def show(
        self,
        visit: Visit,
        ticket: Owned,
        status: int = 200,
        *,
        form: Form | None = None,
        error: str = "",
    ) -> Response:
        """Return a ticket's page; *form* is what was typed, *error* why it was not taken."""
        return self._pages.show(
            visit,
            "ticket.html",
            status,
            ticket=ticket,
            said=self._own.shown(visit, ticket),
            elsewhere=await self._own.goes_on_in(visit, ticket),
            hours=self._own.hours(visit, ticket.department),
            typed=form.text("text") if form else "",
            kept=form.kept if form else [],
            error=error,
            most_files=MOST_FILES,
        )

    async def file(self, visit: Visit) -> Response:
        """Hand out a file, as one that is kept and not looked at."""
        ticket = await self._own.ticket(visit)
        attachment = _attachment(ticket, visit)
        try:
            path = await self._parts.files.path(attachment)
        except (DeliveryError, KeyError, OSError):
            return self._pages.show(visit, "no_file.html", 503, path=ticket.path)
        return _handed_out(path, attachment)

    async def transcript(self, visit: Visit) -> Response:
        """Hand out all that was said in a ticket, as text or as a page."""
        form = visit.request.path_params["form"]
        if form not in ("txt", "html"):
            raise NotThere
        ticket = await self._own.ticket(visit)
        talk = replace(ticket.conversation, subject=ticket.title)
        talk = talk.with_contact(language=visit.language)
        zone = ticket.department.hours.zone
        document = transcript(talk, ticket.said, self._parts.phrasebook, zone=zone)
        if form == "txt":
            response = Response(as_text(document), media_type="text/plain; charset=utf-8")
        else:
            page = self._parts.transcript_page(document)
            response = Response(page, media_type="text/html; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{ticket.id}.{form}"'
        response.headers["Content-Security-Policy"] = SANDBOXED
        return response


def _attachment(ticket: Owned, visit: Visit) -> Attachment:
    """Return the file that the request's path names. Raises `NotThere`."""
    message, number = (visit.request.path_params[each] for each in ("message", "number"))
    for each in ticket.said:
        if name_of(each.id) == message and number.isdecimal() and len(number) < 4:
            for at, file in enumerate(each.attachments):
                if at == int(number) and file.kind in CARRIED and file.ref:
                    return file
    raise NotThere


def _handed_out(path: Path, attachment: Attachment) -> Response:
    unnamed = "photo.jpg" if attachment.kind is AttachmentKind.PHOTO else "file"
    return FileResponse(
        path,
        media_type=UNKNOWN,
        headers={
            "Content-Disposition": saved_as(file_name(attachment.name) or unnamed),
            "Content-Security-Policy": SANDBOXED,
        },
    )
