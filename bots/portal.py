"""The portal, joined to the desk: where its parts come from, and whether there is one."""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from fastapi import APIRouter

from adapters.browser_files import Brought
from adapters.files import Files
from adapters.mail.address import parse_mail_from, parse_smtp_url
from adapters.mail.postman import Postman
from adapters.mail.richtext import to_html
from adapters.networks import is_this_machine
from adapters.portal.links import Links
from adapters.portal.parts import Parts
from adapters.portal.router import portal_router
from adapters.portal.uploads import CHANNEL, Uploads
from adapters.store import SqlStore
from bots.settings import Settings
from bots.transcripts import as_html
from core.policy import Policy
from core.ports import Clock, Incoming
from core.richtext import RichText
from core.wording import Phrasebook

Receive = Callable[[Sequence[Incoming]], Awaitable[None]]


class CustomerPortal:
    """The portal of a desk that can mail its links."""

    def __init__(
        self,
        settings: Settings,
        smtp: str,
        store: SqlStore,
        clock: Clock,
        phrasebook: Phrasebook,
        files: Files,
    ) -> None:
        """Prepare. *smtp*: the address of the server that mails the links."""
        self._settings = settings
        self._store = store
        self._clock = clock
        self._phrasebook = phrasebook
        self._files = files
        self._uploads = Uploads(settings.data_dir / "waiting", files)
        self._url = settings.public_url.rstrip("/")
        files.fetch_with({CHANNEL: Brought()})
        self._sender = parse_mail_from(settings.mail_from)
        self.links = Links(store, clock, self._url)
        self.postman = Postman(
            store,
            clock,
            parse_smtp_url(smtp),
            self._sender,
            phrasebook,
            self.links.login,
        )

    def router(self, receive: Receive, policy: Policy) -> APIRouter:
        """Return the portal's pages, which tell the desk what customers do through *receive*."""
        return portal_router(
            Parts(
                store=self._store,
                clock=self._clock,
                receive=receive,
                phrasebook=self._phrasebook,
                files=self._files,
                uploads=self._uploads,
                url=self._url,
                name=self._sender.display_name or self._sender.domain,
                sender=self._sender.addr_spec,
                language=self._settings.default_language,
                policy=policy,
                to_html=_as_html,
                transcript_page=as_html,
                link_asked=self.postman.call,
            )
        )


def open_portal(
    settings: Settings, store: SqlStore, clock: Clock, phrasebook: Phrasebook, files: Files
) -> CustomerPortal | None:
    """Return the portal; None where one cannot be."""
    if why_no_portal(settings) or settings.smtp_url is None:
        return None
    smtp = settings.smtp_url.get_secret_value()
    return CustomerPortal(settings, smtp, store, clock, phrasebook, files)


def why_no_portal(settings: Settings) -> str:
    """Return what has to be set for a portal; "" where there is one."""
    if not settings.public_url:
        return "Set PUBLIC_URL to where browsers reach the desk, such as https://desk.example.com."
    if settings.smtp_url is None:
        return "Set SMTP_URL and MAIL_FROM: customers log in with a link that is mailed to them."
    parts = urlsplit(settings.public_url)
    if parts.path.strip("/") or parts.query or parts.fragment:
        return "Write PUBLIC_URL without a path: the portal is at /portal of its own host."
    if parts.scheme != "https" and not is_this_machine(parts.hostname or ""):
        return "Write https:// in PUBLIC_URL: over http, anybody on the way could log in as others."
    return ""


def _as_html(text: RichText) -> str:
    return to_html(text, pre="<pre>")  # a style attribute is against the pages' policy
