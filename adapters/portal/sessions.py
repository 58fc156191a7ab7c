"""Who is logged in: a secret in a cookie, and its hash in the store."""

import re
from datetime import datetime, timedelta
from typing import Final

from fastapi import Request, Response

from adapters.passes import hash_of, new_token
from adapters.portal.parts import Parts, Visit
from core.passes_port import Pass, Purpose
from core.ports import Transaction
from core.wording import LANGUAGES, language_of

IDLE: Final = timedelta(days=7)
"""How long a session lasts in which nothing happens."""
LASTS: Final = timedelta(days=30)
"""How long a session lasts at most."""

_HOUR: Final = timedelta(hours=1)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_LANGUAGE_COOKIE: Final = "podrska-language"


class Sessions:
    """Opens, finds and ends sessions."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        # The browser takes a cookie of such a name only from this very host, over https.
        self._cookie = "__Host-podrska" if parts.is_secure else "podrska"

    async def visit(self, request: Request) -> Visit:
        """Return who makes this request, as far as they show it."""
        shown = request.cookies.get(self._cookie, "")
        token = shown if _TOKEN.fullmatch(shown) else new_token()
        visit = Visit(request=request, token=token, is_new=token != shown)
        if not visit.is_new:
            visit.email = await self._email_of(token)
        visit.language = self._language(request)
        return visit

    def stranger(self, request: Request) -> Visit:
        """Return who makes this request where it cannot be looked up: nobody, in their language."""
        return Visit(
            request=request, token=new_token(), is_new=True, language=self._language(request)
        )

    async def open(self, tx: Transaction, visit: Visit, email: str, at: datetime) -> None:
        """Log in, with a secret that nobody has seen before; another session of theirs ends."""
        await tx.use_pass(hash_of(visit.token), Purpose.SESSION, at)
        visit.token, visit.is_new, visit.email = new_token(), True, email
        session = Pass(
            hash=hash_of(visit.token),
            purpose=Purpose.SESSION,
            subject=email,
            made_at=at,
            expires_at=at + IDLE,
        )
        await tx.keep_pass(session)

    async def close(self, visit: Visit, *, everywhere: bool) -> None:
        """Log out here, or everywhere: then links that were mailed are void, too."""
        async with self._parts.store.transaction() as tx:
            if everywhere and visit.email:
                for each in (Purpose.SESSION, Purpose.LOGIN, Purpose.PROOF):
                    await tx.revoke_passes(each, visit.email)
            else:
                await tx.use_pass(hash_of(visit.token), Purpose.SESSION, self._parts.clock.now())
        visit.token, visit.is_new, visit.email = new_token(), True, ""

    def tell(self, visit: Visit, response: Response) -> None:
        """Have the browser remember what is new."""
        if visit.is_new:
            response.set_cookie(
                self._cookie,
                visit.token,
                max_age=int(LASTS.total_seconds()),
                path="/",
                secure=self._parts.is_secure,
                httponly=True,
                samesite="lax",
            )
        if visit.new_language:
            response.set_cookie(
                _LANGUAGE_COOKIE,
                visit.new_language,
                max_age=int(timedelta(days=365).total_seconds()),
                path="/portal",
                secure=self._parts.is_secure,
                httponly=True,
                samesite="lax",
            )

    async def _email_of(self, token: str) -> str:
        at = self._parts.clock.now()
        async with self._parts.store.transaction() as tx:
            session = await tx.pass_of(hash_of(token), Purpose.SESSION, at)
            if session is None or at >= session.made_at + LASTS:
                return ""
            until = min(at + IDLE, session.made_at + LASTS)
            if session.expires_at is not None and until - session.expires_at > _HOUR:
                await tx.extend_pass(session.hash, until)
        return session.subject

    def _language(self, request: Request) -> str:
        chosen = request.cookies.get(_LANGUAGE_COOKIE, "")
        if chosen in LANGUAGES:
            return chosen
        for each in request.headers.get("accept-language", "").split(","):
            code = each.partition(";")[0].strip()
            if code.partition("-")[0].lower() in ("sr", "en", "hr", "bs", "cnr", "sh"):
                return language_of(code, self._parts.language)
        return self._parts.language
