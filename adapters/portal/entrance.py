"""Getting in and out: links by mail, and the pages around them."""

import secrets
from datetime import timedelta
from typing import Final

from fastapi import Response

from adapters.passes import hash_of
from adapters.portal.forms import Form, check_token, read_form
from adapters.portal.pages import Pages, go_to
from adapters.portal.parts import Limits, Parts, Visit
from adapters.portal.sessions import Sessions
from core.email_address import Accepted, Doubtful, Refused, read_email
from core.events import CustomerProved
from core.ids import ConversationId
from core.passes_port import Pass, Purpose
from core.phrases import Phrase
from core.portal_port import LoginLink
from core.ports import About, Incoming
from core.wording import EMAIL_REFUSALS, LANGUAGES

A_MAILBOX: Final = ((timedelta(minutes=15), 3), (timedelta(days=1), 10))
"""How many links may be asked for to one mailbox, within how long."""
AN_HOUR_IN_ALL: Final = 300
"""How many links are mailed to anybody in an hour: somebody may try a list of addresses."""
_KEPT: Final = timedelta(days=2)
"""How long expired passes and mailed links are kept, for the limits."""


class Entrance:
    """The pages that a stranger sees, and those by which people log in and out."""

    def __init__(self, parts: Parts, pages: Pages, sessions: Sessions, limits: Limits) -> None:
        self._parts = parts
        self._pages = pages
        self._sessions = sessions
        self._limits = limits

    async def front(self, visit: Visit) -> Response:
        """Ask for an address; who is logged in goes on to their tickets."""
        if visit.email:
            return go_to("/portal/tickets")
        return self.log_in(visit)

    def log_in(
        self,
        visit: Visit,
        status: int = 200,
        *,
        typed: str = "",
        error: str = "",
        suggestion: str = "",
        kept_words: str = "",
    ) -> Response:
        """Return the page that asks for an address; *kept_words* is what must not be lost."""
        return self._pages.show(
            visit,
            "log_in.html",
            status,
            typed=typed,
            error=error,
            suggestion=suggestion,
            kept_words=kept_words,
        )

    async def ask_link(self, visit: Visit) -> Response:
        """Have a link mailed, whoever it is: nobody learns here who is known."""
        form = await read_form(visit, self._parts.url)
        check_token(visit, form)
        typed = form.line("email")
        match read_email(typed):
            case Refused(reason):
                error = self._say(visit, EMAIL_REFUSALS[reason])
                return self.log_in(visit, 422, typed=typed, error=error)
            case Doubtful(address, suggestion) if form.line("certain") != address:
                return self.log_in(visit, 422, typed=address, suggestion=suggestion)
            case Accepted(address) | Doubtful(address):
                pass
        if not await self._limits.links.takes(visit.network):
            wait = await self._limits.links.seconds_to_wait(visit.network)
            return self._too_many(visit, address, timedelta(seconds=wait))
        wait_for = await self._ask(visit, address)
        if wait_for is not None:
            return self._too_many(visit, address, wait_for)
        self._parts.link_asked()
        return self._pages.show(visit, "link_sent.html", address=address)

    async def link(self, visit: Visit) -> Response:
        """Show what a link is for, and a button: programs that look into mails press none."""
        pass_ = await self._pass_of(visit)
        if pass_ is None:
            return self._old(visit)
        ticket = ""
        if pass_.purpose is Purpose.PROOF:
            ticket = await self._ticket_id(ConversationId(pass_.name))
            if not ticket:
                return self._old(visit)
        return self._pages.show(visit, "link.html", address=pass_.subject, ticket=ticket)

    async def use_link(self, visit: Visit) -> Response:
        """Log in with a link that was mailed; one for a ticket shows that ticket."""
        check_token(visit, await read_form(visit, self._parts.url))
        pass_ = await self._pass_of(visit)
        if pass_ is None:
            return self._old(visit)
        at = self._parts.clock.now()
        if pass_.purpose is Purpose.PROOF:
            # First this, which may be told twice: a link that is used up could not tell it again.
            proved = CustomerProved(at=at, email=pass_.subject)
            about = About(ConversationId(pass_.name))
            key = f"portal:proved:{pass_.hash}"
            await self._parts.receive([Incoming(key=key, origin=about, event=proved)])
        async with self._parts.store.transaction() as tx:
            if await tx.use_pass(pass_.hash, pass_.purpose, at) is None:
                return self._old(visit)
            await self._sessions.open(tx, visit, pass_.subject, at)
        where = f"/{pass_.name}" if pass_.purpose is Purpose.PROOF else ""
        return go_to(f"/portal/tickets{where}")

    async def log_out(self, visit: Visit) -> Response:
        """Log out on this device, or on all of them."""
        form = await read_form(visit, self._parts.url)
        check_token(visit, form)
        await self._sessions.close(visit, everywhere=form.line("everywhere") == "yes")
        return go_to("/portal")

    async def lost(self, visit: Visit) -> Response:
        """Answer a form that came after the session was over: what was typed is shown."""
        return self.log_in(visit, 403, kept_words=visit.typed)

    async def _ask(self, visit: Visit, address: str) -> timedelta | None:
        """Write down that a link is to be mailed; return how long to wait where it is not."""
        at = self._parts.clock.now()
        async with self._parts.store.transaction() as tx:
            for span, most in A_MAILBOX:
                if (await tx.links_asked(address, at - span)).to_it >= most:
                    return span
            hour = timedelta(hours=1)
            if (await tx.links_asked(address, at - hour)).in_all >= AN_HOUR_IN_ALL:
                return hour
            await tx.forget_links(at - _KEPT)
            await tx.forget_passes(at - _KEPT)
            ours = {each.email.lower() for each in await tx.departments() if each.email}
            if address.lower() not in ours | {self._parts.sender.lower()}:
                link = LoginLink(
                    id=secrets.token_hex(16),
                    email=address,
                    language=visit.language,
                    asked_at=at,
                    due_at=at,
                )
                await tx.ask_link(link)
        return None

    async def _pass_of(self, visit: Visit) -> Pass | None:
        """Return what the link in the request's path is good for, if it still is."""
        path = visit.request.path_params
        purpose = Purpose.LOGIN if "login" in path else Purpose.PROOF
        token = path.get("login") or path.get("proof", "")
        async with self._parts.store.transaction() as tx:
            return await tx.pass_of(hash_of(token), purpose, self._parts.clock.now())

    async def _ticket_id(self, id_: ConversationId) -> str:
        async with self._parts.store.transaction() as tx:
            found = (await tx.conversations([id_])).get(id_)
        return found.ticket.id if found is not None and found.ticket is not None else ""

    def _old(self, visit: Visit) -> Response:
        return self._pages.show(visit, "old_link.html", 410, typed="", error="", suggestion="")

    def _too_many(self, visit: Visit, typed: str, wait: timedelta) -> Response:
        words = self._parts.phrasebook
        span = words.span(visit.language, max(wait, timedelta(minutes=1)))
        error = self._say(visit, Phrase.PORTAL_TOO_MANY_LINKS, span=span)
        return self.log_in(visit, 429, typed=typed, error=error)

    def _say(self, visit: Visit, phrase: Phrase, **values: str) -> str:
        return self._parts.phrasebook.phrase(visit.language, phrase, **values)


def read_language(form: Form) -> str:
    """Return the language that was chosen; "" for none of ours."""
    chosen = form.line("language")
    return chosen if chosen in LANGUAGES else ""
