"""Whether the website, the portal and the house's own programs are served."""

import aiohttp

from adapters.webhook.channel import in_words, webhook_session
from adapters.webhook.receiver import parse_receiver
from bots.doctor.finding import Finding, wrong
from bots.portal import why_no_portal
from bots.settings import Settings


async def webhook(settings: Settings) -> list[Finding]:
    """Call the house's own program."""
    if settings.webhook_url is None:
        return [Finding("No program of the house is told of tickets: WEBHOOK_URL is not set.")]
    receiver = parse_receiver(settings.webhook_url.get_secret_value())
    try:
        async with (
            webhook_session(receiver) as session,
            session.head(receiver.url, allow_redirects=False),
        ):
            return [Finding(f"Webhooks: {receiver.host} answers.")]
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return [
            wrong(
                f"Webhooks: {receiver.host} cannot be reached: {in_words(error)}",
                "Check host and port in WEBHOOK_URL, the network, and the host's certificate; "
                "what is not public must be on this machine (127.0.0.1).",
            )
        ]


async def portal(settings: Settings) -> list[Finding]:
    """Say whether there is a portal, and what one lacks."""
    if why := why_no_portal(settings):
        return [Finding(f"There is no customer portal (/portal answers 404). {why}")]
    return [Finding(f"Portal: customers log in at {settings.public_url.rstrip('/')}/portal.")]


async def website(settings: Settings) -> list[Finding]:
    """Say which websites have the chat, and what it lacks."""
    if not settings.web_origins:
        return []
    found = [Finding(f"Website: the chat is for pages of {', '.join(settings.web_origins)}.")]
    if settings.public_url and not settings.trusted_proxies:
        what = "Website: all visitors behind a proxy seem to come from one network"
        mend = "Set TRUSTED_PROXIES to the address of the proxy at PUBLIC_URL, such as 127.0.0.1."
        found.append(Finding(what, mend))
    if settings.web_identity_secret is None:
        what = "Website: visitors have no history but that of their own browser"
        mend = "Set WEB_IDENTITY_SECRET if the website can sign who is logged in."
        found.append(Finding(what, mend))
    return found
