"""Mails as they came, and how far each mailbox was read."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.store.memory.part import Part
from core.contact import Identity
from core.email_address import mailbox_of
from core.mail_port import AutomaticMails, Cursor, Extent, KeptMail, MailRecord, MailState
from core.outbox import MAIL

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

_MAY_BE_RETRIED = (MailState.UNREADABLE, MailState.SKIPPED)


class Mailing(Part):
    """The part of a transaction that keeps mails."""

    async def automatic_mails(self, address: str, at: datetime) -> AutomaticMails:
        """Return how many automatic mails there were up to *at*."""
        mails = self._tables.automatic.values()
        mailbox = mailbox_of(address)
        to_it = [each.created_at for each in mails if each.place == mailbox]
        return AutomaticMails(
            to_it_today=sum(each > at - _DAY for each in to_it),
            to_it=len(to_it),
            this_hour=sum(each.created_at > at - _HOUR for each in mails),
        )

    async def begun_by_mail(self, addresses: Collection[str], since: datetime) -> dict[str, int]:
        """Return how many conversations each address has begun after *since*, where it is any."""
        tables = self._tables
        begun = {
            address: sum(
                tables.conversations[each].opened_at > since
                for each in tables.begun.get(Identity(MAIL, address), ())
            )
            for address in addresses
        }
        return {address: number for address, number in begun.items() if number}

    async def mail_keys(self) -> list[bytes]:
        """Return the keys with which what ties a reply to its ticket is signed, newest first."""
        return list(reversed(self._tables.mail_keys))

    async def add_mail_key(self, key: bytes, at: datetime) -> None:
        """Add a key; from now on it signs."""
        self._tables.put(self._tables.mail_keys, key, at)

    async def keep_mails(self, kept: Sequence[KeptMail]) -> list[KeptMail]:
        """Keep these, and return those that were not known by their fingerprints, in order.

        One that is here takes the place of a record that said it could not be fetched.
        """
        tables = self._tables
        here = {_place(each) for each in kept if each.record.extent is not Extent.NOTHING}
        for absent in [each for each in self._absent() if _place(each) in here]:
            tables.drop(tables.fingerprints, absent.record.fingerprint)
            tables.drop(tables.mails, absent.record.key)
        new = []
        for each in kept:
            if each.record.fingerprint not in tables.fingerprints:
                tables.put(tables.fingerprints, each.record.fingerprint, None)
                tables.put(tables.mails, each.record.key, each)
                new.append(each)
        return new

    async def cursor(self, mailbox: str) -> Cursor | None:
        """Return how far a mailbox was read; None if it never was."""
        return self._tables.cursors.get(mailbox)

    async def set_cursor(self, mailbox: str, cursor: Cursor) -> None:
        """Write down how far a mailbox was read."""
        self._tables.put(self._tables.cursors, mailbox, cursor)

    async def mails_to_take(self, limit: int) -> list[MailRecord]:
        """Return the new ones, oldest first."""
        return await self.list_mails((MailState.NEW,), limit)

    async def mail(self, key: str) -> KeptMail | None:
        """Return a mail with its bytes."""
        return self._tables.mails.get(key)

    async def mark_mail(self, key: str, state: MailState, error: str = "") -> None:
        """Write down what has become of a mail."""
        if key in self._tables.mails:
            self._set_state(key, state, error)

    async def list_mails(self, states: Collection[MailState], limit: int) -> list[MailRecord]:
        """Return mails in these states, oldest first."""
        records = (each.record for each in self._tables.mails.values())
        return [each for each in records if each.state in states][:limit]

    async def retry_mails(self, keys: Collection[str] | None = None) -> list[str]:
        """Make unreadable and skipped mails new again, to be taken; return their keys.

        Those with these keys, or all of them. Left out is what has no bytes to be read.
        """
        records = [each.record for each in self._tables.mails.values()]
        changed = [
            each
            for each in records
            if each.state in _MAY_BE_RETRIED
            and each.extent is not Extent.NOTHING
            and (keys is None or each.key in keys)
        ]
        for each in changed:
            self._set_state(each.key, MailState.NEW, each.error)
        return [each.key for each in changed]

    async def fetch_again(self, keys: Collection[str] | None = None) -> list[str]:
        """Take their mailboxes' cursors back to mails that could not be fetched; return their keys.

        Those with these keys, or all of them, as long as their UIDs mean the same. They stay as
        they are until they are fetched.
        """
        found = []
        for record in [each.record for each in self._absent()]:
            cursor = self._tables.cursors.get(record.mailbox)
            if cursor is None or cursor.uid_validity != record.uid_validity:
                continue
            if keys is None or record.key in keys:
                back = replace(cursor, last_uid=min(cursor.last_uid, record.uid - 1))
                self._tables.put(self._tables.cursors, record.mailbox, back)
                found.append(record.key)
        return found

    def _absent(self) -> list[KeptMail]:
        return [
            each
            for each in self._tables.mails.values()
            if each.record.extent is Extent.NOTHING and each.record.state is not MailState.TAKEN
        ]

    def _set_state(self, key: str, state: MailState, error: str) -> None:
        mail = self._tables.mails[key]
        marked = replace(mail, record=replace(mail.record, state=state, error=error))
        self._tables.put(self._tables.mails, key, marked)


def _place(mail: KeptMail) -> tuple[str, int, int]:
    return mail.record.mailbox, mail.record.uid_validity, mail.record.uid
