"""What the portal is made of, and what goes through it with every request."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from fastapi import Request

from adapters.allowance import Allowance
from adapters.files import Files
from adapters.http_requests import network_in
from adapters.passes import hash_of
from adapters.portal.uploads import Uploads
from core.policy import Policy
from core.ports import Clock, Incoming, Store
from core.richtext import RichText
from core.transcript import Transcript
from core.wording import Phrasebook


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the portal is made of."""

    store: Store
    clock: Clock
    receive: Callable[[Sequence[Incoming]], Awaitable[None]]
    """Takes events to the desk; returns when they are stored and decided."""
    phrasebook: Phrasebook
    files: Files
    uploads: Uploads
    url: str
    """Where the desk is reached from outside, without a slash at its end."""
    name: str
    """What the desk calls itself."""
    language: str
    """The language of those who say nothing of theirs."""
    sender: str
    """The address that the desk writes from."""
    policy: Policy
    """The desk's patience; the departments in it are those of the store."""
    to_html: Callable[[RichText], str]
    """Escapes what people wrote."""
    transcript_page: Callable[[Transcript], str]
    link_asked: Callable[[], None]
    """Called when a login link was asked for."""

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the portal over https alone."""
        return self.url.startswith("https://")


@dataclass(frozen=True)
class Limits:
    """How much one may do; counted in memory."""

    links: Allowance = field(default_factory=lambda: Allowance("10/hour"))
    """Login links that one network may ask for."""
    words: Allowance = field(default_factory=lambda: Allowance("20/10 minutes"))
    """What one address may send: tickets, replies, closing and opening."""


@dataclass(kw_only=True)
class Visit:
    """One request, and who makes it."""

    request: Request
    token: str
    """The secret in the browser's cookie; that of a session, if there is one."""
    is_new: bool
    """Whether the browser has to be told of the token."""
    email: str = ""
    """Whose mailbox it is that logged in; "" for a stranger."""
    language: str = "en"
    new_language: str = ""
    """What the browser is to remember."""
    typed: str = ""
    """The words that came with it in a form: whatever happens, they are not lost."""

    @property
    def form_token(self) -> str:
        """What a form of ours carries back: nobody else's page knows it."""
        return hash_of(f"form:{self.token}")

    @property
    def network(self) -> str:
        """Where the request comes from."""
        return network_in(self.request)


class NotThere(Exception):
    """There is no such thing, or it is somebody else's: nobody is told which."""


class LoggedOut(Exception):
    """Only who is logged in gets any further."""


class NotOurForm(Exception):
    """What was sent does not come from a form of ours."""
