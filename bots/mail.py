"""What mail is made of: the keys that tie replies to tickets, and what hears the mailbox."""

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters.mail.address import parse_mail_from
from adapters.mail.own import Own
from adapters.mail.tokens import Tokens
from adapters.store import SqlStore
from bots.settings import Settings
from core.desk import Desk
from core.policy import Department
from core.ports import Clock

if TYPE_CHECKING:
    from adapters.mail.listener import MailListener

_KEY = 32
"""Bytes."""


async def open_tokens(settings: Settings, store: SqlStore, clock: Clock) -> Tokens | None:
    """Return what ties replies to their tickets, with a key made at the first start.

    None where no mail is read: nobody could make anything of a token.
    """
    if settings.imap_url is None or not settings.mail_from:
        return None
    async with store.transaction() as tx:
        keys = await tx.mail_keys()
        if not keys:
            keys = [secrets.token_bytes(_KEY)]
            await tx.add_mail_key(keys[0], clock.now())
    address = parse_mail_from(settings.mail_from).addr_spec
    return Tokens(keys, address, plus=settings.mail_plus_addresses)


def mail_listener(
    settings: Settings, store: SqlStore, desk: Desk, clock: Clock, tokens: Tokens
) -> "MailListener":
    """Return what takes mails to the desk."""
    # Not where no mail is read: what reads and judges it takes 4 MB.
    from adapters.mail.listener import MailListener, Trust

    sender = parse_mail_from(settings.mail_from)

    def own(departments: Sequence[Department]) -> Own:
        addresses = {sender.addr_spec, *(each.email for each in departments if each.email)}
        return Own(addresses, sender.domain)

    trust = Trust(tokens=tokens, own=own, authserv_id=settings.mail_authserv_id)
    return MailListener(store, desk.receive, clock, trust)
