"""What customers do with their tickets: open one, reply, close it, open it again."""

from collections.abc import Callable
from hashlib import sha256

from fastapi import Response

from adapters.portal.entrance import Entrance, read_language
from adapters.portal.forms import (
    LARGEST_FILE,
    LONGEST_LINE,
    LONGEST_TEXT,
    MOST_FILES,
    Form,
    check_token,
    read_form,
)
from adapters.portal.own import Own, Owned, is_said
from adapters.portal.pages import Pages, go_to
from adapters.portal.parts import Limits, Parts, Visit
from adapters.portal.tickets import Tickets
from adapters.portal.uploads import CHANNEL
from core.buttons import Choice
from core.contact import Identity
from core.events import (
    Command,
    CustomerAsked,
    CustomerChose,
    CustomerCommanded,
    CustomerReopened,
    CustomerReplied,
    Event,
)
from core.ids import ConversationId, MessageId
from core.message import MEGABYTE, Attachment
from core.phrases import Phrase
from core.ports import About, FromCustomer, Incoming, Origin
from core.richtext import clean_name, plain


class Acts:
    """The forms of those who are logged in. Each is told to the desk under its own id.

    However often a form is sent, by a double click or a reload, one thing comes of it.
    """

    def __init__(
        self,
        parts: Parts,
        pages: Pages,
        own: Own,
        tickets: Tickets,
        entrance: Entrance,
        limits: Limits,
    ) -> None:
        self._parts = parts
        self._pages = pages
        self._own = own
        self._tickets = tickets
        self._entrance = entrance
        self._limits = limits

    async def new(self, visit: Visit) -> Response:
        """Show the form for a new ticket."""
        await self._own.tickets(visit)
        return await self._new(visit, Form(), {})

    async def open(self, visit: Visit) -> Response:
        """Open a ticket."""
        form = await self._form(visit)
        if not visit.email:
            return await self._entrance.lost(visit)
        departments = [each.key for each in await self._own.departments()]
        errors = self._wrong(visit, form)
        if not (subject := form.line("subject")):
            errors["subject"] = self._say(visit, Phrase.PORTAL_NEEDS_SUBJECT)
        elif len(subject) > LONGEST_LINE:
            longest = str(LONGEST_LINE)
            errors["subject"] = self._say(visit, Phrase.PORTAL_TOO_LONG, longest=longest)
        if not form.text("text"):
            errors["text"] = self._say(visit, Phrase.PORTAL_NEEDS_TEXT)
        department = form.line("department")
        if len(departments) > 1 and department not in departments:
            errors["department"] = self._say(visit, Phrase.ASK_DEPARTMENT_AGAIN)
        if errors:
            return await self._new(visit, form, errors, 422)
        id_ = _message_id(visit, form)
        at = self._parts.clock.now()
        asked = CustomerAsked(
            at=at,
            message_id=id_,
            sent_at=at,
            name=clean_name(form.line("name")) or await self._known_as(visit),
            email=visit.email,
            subject=subject,
            text=plain(form.text("text")),
            attachments=self._attachments(visit, form),
            department=department if department in departments else None,
            as_ticket=True,
            proven=True,
        )
        identity = Identity(CHANNEL, visit.email)
        origin = FromCustomer(identity=identity, language=visit.language)
        if (conversation := await self._tell(visit, form, origin, asked, id_)) is None:
            errors["form"] = self._say(visit, Phrase.PORTAL_NOT_TAKEN)
            return await self._new(visit, form, errors, 429)
        return go_to(f"/portal/tickets/{conversation}")

    async def reply(self, visit: Visit) -> Response:
        """Say something in a ticket."""
        form = await self._form(visit)
        if not visit.email:
            return await self._entrance.lost(visit)
        ticket = await self._own.ticket(visit)
        errors = self._wrong(visit, form)
        if not form.text("text") and not form.kept and not errors:
            errors["text"] = self._say(visit, Phrase.PORTAL_NEEDS_TEXT)
        if not ticket.takes_words:
            errors["text"] = self._say(visit, Phrase.PORTAL_CLOSED_FOR_GOOD)
        if errors:
            error = " ".join(errors.values())
            return await self._tickets.show(visit, ticket, 422, form=form, error=error)
        id_ = _message_id(visit, form)
        at = self._parts.clock.now()
        said = CustomerReplied(
            at=at,
            message_id=id_,
            sent_at=at,
            text=plain(form.text("text")),
            attachments=self._attachments(visit, form),
        )
        about = About(ticket.conversation.id)
        if await self._tell(visit, form, about, said, id_) is None:
            error = self._say(visit, Phrase.PORTAL_NOT_TAKEN)
            return await self._tickets.show(visit, ticket, 429, form=form, error=error)
        return go_to(f"{ticket.path}#end")

    async def close(self, visit: Visit) -> Response:
        """Close a ticket."""
        return await self._press(
            visit,
            lambda ticket: (
                None
                if ticket.is_closed
                else CustomerCommanded(at=self._parts.clock.now(), command=Command.END)
            ),
        )

    async def reopen(self, visit: Visit) -> Response:
        """Open a ticket again."""
        return await self._press(
            visit,
            lambda ticket: (
                CustomerReopened(at=self._parts.clock.now())
                if ticket.is_closed and ticket.takes_words
                else None
            ),
        )

    async def speak(self, visit: Visit) -> Response:
        """Change the language of the pages; for who is logged in, that of mails as well."""
        form = await read_form(visit, self._parts.url)
        check_token(visit, form)
        if language := read_language(form):
            visit.new_language = visit.language = language
            if visit.email and await self._limits.words.takes(visit.email):
                await self._speak(visit, language)
        return go_to("/portal/tickets" if visit.email else "/portal")

    async def _speak(self, visit: Visit, language: str) -> None:
        """Tell the desk, once for each customer that it knows by this address."""
        async with self._parts.store.transaction() as tx:
            own = await tx.own_tickets(visit.email, 50)
        newest = {each.contact.id: each for each in reversed(own)}
        at = self._parts.clock.now()
        await self._parts.receive(
            [
                Incoming(
                    key=f"portal:language:{each.id}:{at.isoformat()}",
                    origin=About(each.id),
                    event=CustomerChose(at=at, token=Choice("lang", language).token),
                )
                for each in newest.values()
                if each.contact.language != language and each.merged_into is None
            ]
        )

    async def _press(self, visit: Visit, event_of: Callable[[Owned], Event | None]) -> Response:
        form = await read_form(visit, self._parts.url)
        ticket = await self._own.ticket(visit)
        check_token(visit, form)
        event = event_of(ticket)
        if event is not None and await self._limits.words.takes(visit.email):
            about = About(ticket.conversation.id)
            await self._parts.receive([Incoming(key=_key(visit, form), origin=about, event=event)])
        return go_to(ticket.path)

    async def _form(self, visit: Visit) -> Form:
        form = await read_form(visit, self._parts.url, self._parts.uploads)
        if visit.email:
            check_token(visit, form)
        return form

    async def _new(
        self, visit: Visit, form: Form, errors: dict[str, str], status: int = 200
    ) -> Response:
        departments = await self._own.departments()
        return self._pages.show(
            visit,
            "new.html",
            status,
            departments=departments,
            hours=self._own.hours(visit, departments[0]) if departments else "",
            known_as=await self._known_as(visit),
            typed={
                "name": form.line("name"),
                "department": form.line("department"),
                "subject": form.line("subject"),
                "text": form.text("text"),
            },
            kept=form.kept,
            errors=errors,
            most_files=MOST_FILES,
            longest_line=LONGEST_LINE,
        )

    async def _known_as(self, visit: Visit) -> str:
        async with self._parts.store.transaction() as tx:
            own = await tx.own_tickets(visit.email, 5)
        names = (each.contact.name or each.contact.offered_name for each in own)
        return next(filter(None, names), "")

    async def _tell(
        self, visit: Visit, form: Form, origin: Origin, event: Event, message_id: MessageId
    ) -> ConversationId | None:
        """Tell the desk; return where it stands now, and None if it was not taken."""
        async with self._parts.store.transaction() as tx:
            said = await is_said(tx, message_id)
        if said is None and await self._limits.words.takes(visit.email):
            await self._parts.receive([Incoming(key=_key(visit, form), origin=origin, event=event)])
            async with self._parts.store.transaction() as tx:
                said = await is_said(tx, message_id)
        return said

    def _attachments(self, visit: Visit, form: Form) -> tuple[Attachment, ...]:
        uploads = self._parts.uploads
        return tuple(uploads.attach(visit.email, each.secret, each.name) for each in form.kept)

    def _wrong(self, visit: Visit, form: Form) -> dict[str, str]:
        """Return what is wrong with what any message may have, by field."""
        errors = {}
        if len(form.text("text")) > LONGEST_TEXT:
            longest = str(LONGEST_TEXT)
            errors["text"] = self._say(visit, Phrase.PORTAL_TOO_LONG, longest=longest)
        limit = str(LARGEST_FILE // MEGABYTE)
        large = [
            self._say(visit, Phrase.PORTAL_FILE_TOO_LARGE, name=each, limit=limit)
            for each in form.too_large
        ]
        if form.too_many:
            most = str(MOST_FILES)
            large.append(self._say(visit, Phrase.PORTAL_TOO_MANY_FILES, most=most))
        if large:
            errors["files"] = " ".join(large)
        return errors

    def _say(self, visit: Visit, phrase: Phrase, **values: str) -> str:
        return self._parts.phrasebook.phrase(visit.language, phrase, **values)


def _key(visit: Visit, form: Form) -> str:
    return f"portal:{_digest(visit, form)}"


def _message_id(visit: Visit, form: Form) -> MessageId:
    return MessageId(f"portal:{_digest(visit, form)}")


def _digest(visit: Visit, form: Form) -> str:
    """Return a name for what was sent: nobody else can take it, and the same form has the same."""
    return sha256(f"{visit.email}\0{form.id}".encode()).hexdigest()[:40]
