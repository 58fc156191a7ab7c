"""Whether mail can be sent, and is read."""

import asyncio

from adapters.mail.address import parse_mail_from, parse_smtp_url
from adapters.mail.imap import opened
from adapters.mail.imap_url import ImapServer, parse_imap_url
from adapters.mail.smtp import connected
from adapters.mail.trouble import MailboxTrouble
from bots.doctor.finding import Finding, wrong
from bots.settings import Settings
from core.errors import Retry

_PATIENCE = 15.0  # seconds that each answer of the mailbox's server may take
_MAILBOX_MENDS = {
    "login_refused": "Check user and password in IMAP_URL; some providers want an app password.",
    "folder_refused": "Check the folder's name at the end of IMAP_URL; it must be there.",
    "certificate": "Write the name in IMAP_URL for which the server has a certificate.",
    "no_encryption": "Write imaps:// instead of imap://, or imap:// instead of imaps://.",
}


async def mail(settings: Settings) -> list[Finding]:
    """Log in where mail is handed in."""
    if settings.smtp_url is None:
        return [
            wrong(
                "Mail is not set up: tickets are not acknowledged by e-mail",
                "Set SMTP_URL and MAIL_FROM.",
            )
        ]
    try:
        server = parse_smtp_url(settings.smtp_url.get_secret_value())
        sender = parse_mail_from(settings.mail_from)
        async with connected(server, sender.domain):
            pass
    except ValueError as error:
        return [wrong(str(error), "Correct it in .env.")]
    except Retry as error:
        return [wrong(f"Mail: {error}", "Check host, port, user and password in SMTP_URL.")]
    return [Finding(f"Mail: sent through {server.host} from {sender.addr_spec}.")]


async def mailbox(settings: Settings) -> list[Finding]:
    """Open the folder that mail is read from."""
    if settings.imap_url is None:
        return [Finding("Mail is not read: IMAP_URL is not set.")]
    try:
        server = parse_imap_url(settings.imap_url.get_secret_value())
        count, tells = await asyncio.to_thread(_look_into, server)
    except ValueError as error:
        return [wrong(str(error), "Correct it in .env.")]
    except MailboxTrouble as error:
        mend = _MAILBOX_MENDS.get(error.code, "Check host and port in IMAP_URL, and the network.")
        return [wrong(f"Mailbox: {error}", mend)]
    found = [Finding(f"Mailbox: {server.folder} on {server.host} is read; it has {count} mails.")]
    if not tells:
        what = "Mailbox: the server does not tell of new mail (no IDLE)"
        found.append(Finding(what, "It is asked every 30 seconds; nothing needs to be done."))
    if not settings.mail_from:
        what = "Mailbox: MAIL_FROM is not set, so no mail is taken to the desk"
        found.append(wrong(what, "Set MAIL_FROM to the address that customers write to."))
    elif not settings.mail_authserv_id:
        what = "Mailbox: who forges a customer's address cannot be told from the customer"
        mend = (
            "Set MAIL_AUTHSERV_ID to the name that your own mail server writes first into "
            "Authentication-Results; look into any mail that came."
        )
        found.append(Finding(what, mend))
    return found


def _look_into(server: ImapServer) -> tuple[int, bool]:
    """Return how many mails a folder has, and whether its server tells of new ones. Blocks."""
    with opened(server, timeout=_PATIENCE) as folder:
        return len(folder.uids_after(0)), folder.can_idle
