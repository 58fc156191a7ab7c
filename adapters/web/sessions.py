"""Who a browser is: a visitor with a token of ours, or one whom the website has signed for."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from adapters.passes import hash_of, new_token
from adapters.web.parse import Json, Unreadable, text_in
from core.passes_port import Pass, Purpose
from core.ports import Clock, Store, Transaction
from core.richtext import clean_name

REMEMBERED = timedelta(days=90)
"""How long a browser is known after its last visit."""
_LONGEST_SIGNED = timedelta(days=30)
"""How long at most a browser is known by one signature."""

_ANYTHING = re.compile(r"[^\x00-\x1f\x7f]{1,254}")
_HEX = re.compile(r"[0-9a-fA-F]{64}")


class NotBelieved(Exception):
    """What the website is said to have signed is not signed, is over, or was used elsewhere."""


@dataclass(frozen=True, kw_only=True)
class SignedIdentity:
    """Who a visitor is, as the website says."""

    id: str
    email: str
    name: str
    expires: int
    """Seconds since 1970 (UTC)."""
    nonce: str
    hmac: str = field(repr=False)

    @property
    def visitor(self) -> str:
        """The visitor that this is, in every browser."""
        return "s" + hashlib.sha256(self.id.encode()).hexdigest()[:40]


@dataclass(frozen=True, kw_only=True)
class Session:
    """A browser that has been let in."""

    visitor: str
    token_hash: str = field(repr=False)
    expires_at: datetime | None

    def is_over(self, at: datetime) -> bool:
        """Whether its token is good no longer."""
        return self.expires_at is not None and self.expires_at <= at


def read_identity(given: object) -> SignedIdentity | None:
    """Return what a page brought of the website's signature; None for none. Raises Unreadable."""
    if given is None:
        return None
    if not isinstance(given, dict) or type(given.get("expires")) is not int:
        raise Unreadable("no identity")
    identity = SignedIdentity(
        id=text_in(given, "id", 254),
        email=text_in(given, "email", 254, default=""),
        name=clean_name(text_in(given, "name", 254, default="")),
        expires=given["expires"],
        nonce=text_in(given, "nonce", 254),
        hmac=text_in(given, "hmac", 64),
    )
    # What is signed is joined with newlines: none may hide in a part of it.
    parts = (identity.id, identity.nonce, *([identity.email] if identity.email else []))
    if not all(_ANYTHING.fullmatch(each) for each in parts):
        raise Unreadable("no identity")
    return identity


def signature(secret: str, identity: SignedIdentity) -> str:
    """Return what the website signs an identity with."""
    signed = "\n".join([identity.id, identity.email, str(identity.expires), identity.nonce])
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()


class Sessions:
    """Lets browsers in, and knows them again."""

    def __init__(self, store: Store, clock: Clock, secret: str) -> None:
        """*secret*: what the website signs with; "" where it signs nobody."""
        self._store = store
        self._clock = clock
        self._secret = secret

    async def begin(
        self, token: str | None, identity: SignedIdentity | None, origin: str
    ) -> tuple[str, Session]:
        """Return the token that is good from now on, and whom it lets in.

        It is the same *token* as long as it is good for that visitor on that website. Raises
        `NotBelieved`.
        """
        now = self._clock.now()
        async with self._store.transaction() as tx:
            known = await self._pass_of(tx, token, origin, now) if token else None
            if identity is not None:
                return await self._signed(tx, identity, token or "", known, origin, now)
            # Who was signed for and is no longer has logged out there: another visitor.
            if token and known is not None and known.subject.startswith("a"):
                until = now + REMEMBERED
                await tx.extend_pass(known.hash, until)
                return token, _session(known, until)
            return await _new(tx, f"a{uuid4().hex}", origin, now, now + REMEMBERED)

    async def of(self, token: str, origin: str) -> Session | None:
        """Return whom this token lets in on that website's pages."""
        async with self._store.transaction() as tx:
            known = await self._pass_of(tx, token, origin, self._clock.now())
        return None if known is None else _session(known, known.expires_at)

    async def end(self, session: Session) -> None:
        """Let this token be good for nothing any more."""
        async with self._store.transaction() as tx:
            await tx.use_pass(session.token_hash, Purpose.VISITOR, self._clock.now())

    async def _pass_of(
        self, tx: Transaction, token: str, origin: str, now: datetime
    ) -> Pass | None:
        found = await tx.pass_of(hash_of(token), Purpose.VISITOR, now)
        return found if found is not None and found.name == origin else None

    async def _signed(
        self,
        tx: Transaction,
        identity: SignedIdentity,
        token: str,
        known: Pass | None,
        origin: str,
        now: datetime,
    ) -> tuple[str, Session]:
        expires = self._believe(identity, now)
        until = min(expires, now + _LONGEST_SIGNED)
        nonce = Pass(
            hash=hash_of(f"{identity.id}\n{identity.nonce}"),
            purpose=Purpose.NONCE,
            subject=identity.visitor,
            made_at=now,
            expires_at=expires,
        )
        same = known is not None and known.subject == identity.visitor
        # A page that was kept by the browser brings its nonce again; another browser may not.
        if not await tx.keep_pass(nonce) and not same:
            raise NotBelieved("the nonce was used in another browser")
        await tx.vouch(identity.visitor, identity.name, identity.email)
        if known is not None and same and known.expires_at and known.expires_at >= until:
            return token, _session(known, known.expires_at)
        return await _new(tx, identity.visitor, origin, now, until)

    def _believe(self, identity: SignedIdentity, now: datetime) -> datetime:
        """Return until when a signature is good. Raises `NotBelieved`."""
        right = signature(self._secret, identity)
        well_formed = _HEX.fullmatch(identity.hmac) is not None
        if not (self._secret and well_formed and hmac.compare_digest(right, identity.hmac.lower())):
            raise NotBelieved("it is not signed with our secret")
        if not now.timestamp() < identity.expires < 2**33:
            raise NotBelieved("it has expired")
        return datetime.fromtimestamp(identity.expires, UTC)


async def _new(
    tx: Transaction, visitor: str, origin: str, now: datetime, until: datetime
) -> tuple[str, Session]:
    token = new_token()
    made = Pass(
        hash=hash_of(token),
        purpose=Purpose.VISITOR,
        subject=visitor,
        name=origin,
        made_at=now,
        expires_at=until,
    )
    await tx.keep_pass(made)
    return token, _session(made, until)


def _session(known: Pass, until: datetime | None) -> Session:
    return Session(visitor=known.subject, token_hash=known.hash, expires_at=until)


def token_in(frame: Json) -> str | None:
    """Return the token that a page has kept, if it has one. Raises `Unreadable`."""
    return text_in(frame, "token", 200, default="") or None
