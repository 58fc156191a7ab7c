"""Mails as they came, and how far each mailbox was read."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    delete,
    func,
    select,
    text,
    true,
    tuple_,
    update,
)

from adapters.store.loading import Part
from adapters.store.saving import inserting, upsert
from adapters.store.tables import AUTOMATIC, conversations, deliveries, mail_keys, mailboxes, mails
from core.email_address import mailbox_of
from core.mail_port import AutomaticMails, Cursor, Extent, KeptMail, MailRecord, MailState
from core.outbox import MAIL

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_NOT_TAKEN = mails.c.state != text("'taken'")  # as the index has it
_ABSENT = and_(_NOT_TAKEN, mails.c.extent == Extent.NOTHING)
_PLACE = tuple_(mails.c.mailbox, mails.c.uid_validity, mails.c.uid)
_RECORD = [each for each in mails.c if each.name not in ("seq", "raw")]


class Mailing(Part):
    """The part of a transaction that keeps mails."""

    async def automatic_mails(self, address: str, at: datetime) -> AutomaticMails:
        """Return how many automatic mails there were up to *at*."""
        to_it = deliveries.c.place == mailbox_of(address)
        recent = deliveries.c.created_at > at - _HOUR
        # Apart, so that each looks only at what an index says is its own.
        this_hour = select(func.count()).where(AUTOMATIC, recent).scalar_subquery()
        counted = await self._connection.execute(
            select(
                func.count().filter(deliveries.c.created_at > at - _DAY), func.count(), this_hour
            ).where(AUTOMATIC, to_it)
        )
        today, ever, this_hour = counted.one()
        return AutomaticMails(to_it_today=today, to_it=ever, this_hour=this_hour)

    async def begun_by_mail(self, addresses: Collection[str], since: datetime) -> dict[str, int]:
        """Return how many conversations each address has begun after *since*, where it is any."""
        rows = await self._connection.execute(
            select(conversations.c.address, func.count().label("number"))
            .where(
                conversations.c.channel == MAIL,
                conversations.c.address.in_(list(addresses)),
                conversations.c.opened_at > since,
            )
            .group_by(conversations.c.address)
        )
        return {row.address: row.number for row in rows}

    async def mail_keys(self) -> list[bytes]:
        """Return the keys with which what ties a reply to its ticket is signed, newest first."""
        rows = await self._connection.scalars(
            select(mail_keys.c.key).order_by(mail_keys.c.seq.desc())
        )
        return list(rows)

    async def add_mail_key(self, key: bytes, at: datetime) -> None:
        """Add a key; from now on it signs."""
        await self._connection.execute(mail_keys.insert(), {"key": key, "made_at": at})

    async def keep_mails(self, kept: Sequence[KeptMail]) -> list[KeptMail]:
        """Keep these, and return those that were not known by their fingerprints, in order.

        One that is here takes the place of a record that said it could not be fetched.
        """
        if not kept:
            return []
        here = [_place(each.record) for each in kept if each.record.extent != Extent.NOTHING]
        if here:
            await self._connection.execute(delete(mails).where(_ABSENT, _PLACE.in_(here)))
        statement = inserting(self._connection, mails).on_conflict_do_nothing()
        rows = [{**asdict(each.record), "raw": each.raw} for each in kept]
        returned = await self._connection.scalars(statement.returning(mails.c.key), rows)
        new = set(returned)
        first = {each.record.key: each for each in reversed(kept)}
        return [each for each in kept if each.record.key in new and first[each.record.key] is each]

    async def cursor(self, mailbox: str) -> Cursor | None:
        """Return how far a mailbox was read; None if it never was."""
        rows = await self._connection.execute(select(mailboxes).where(mailboxes.c.name == mailbox))
        row = rows.one_or_none()
        return None if row is None else Cursor(uid_validity=row.uid_validity, last_uid=row.last_uid)

    async def set_cursor(self, mailbox: str, cursor: Cursor) -> None:
        """Write down how far a mailbox was read."""
        await upsert(self._connection, mailboxes, "name", [{"name": mailbox, **asdict(cursor)}])

    async def mails_to_take(self, limit: int) -> list[MailRecord]:
        """Return the new ones, oldest first."""
        return await self.list_mails((MailState.NEW,), limit)

    async def mail(self, key: str) -> KeptMail | None:
        """Return a mail with its bytes."""
        rows = await self._connection.execute(select(mails).where(mails.c.key == key))
        row = rows.one_or_none()
        return None if row is None else KeptMail(_record(row), row.raw)

    async def mark_mail(self, key: str, state: MailState, error: str = "") -> None:
        """Write down what has become of a mail."""
        await self._connection.execute(
            update(mails).where(mails.c.key == key).values(state=state, error=error)
        )

    async def list_mails(self, states: Collection[MailState], limit: int) -> list[MailRecord]:
        """Return mails in these states, oldest first."""
        rows = await self._connection.execute(
            select(*_RECORD)
            .where(mails.c.state.in_(list(states)), _indexed(states))
            .order_by(mails.c.seq)
            .limit(limit)
        )
        return [_record(row) for row in rows]

    async def retry_mails(self, keys: Collection[str] | None = None) -> list[str]:
        """Make unreadable and skipped mails new again, to be taken; return their keys.

        Those with these keys, or all of them. Left out is what has no bytes to be read.
        """
        wanted = [] if keys is None else [mails.c.key.in_(list(keys))]
        changed = await self._connection.scalars(
            update(mails)
            .where(
                _NOT_TAKEN,
                mails.c.state.in_([MailState.UNREADABLE, MailState.SKIPPED]),
                mails.c.extent != Extent.NOTHING,
                *wanted,
            )
            .values(state=MailState.NEW)
            .returning(mails.c.key)
        )
        return list(changed)

    async def fetch_again(self, keys: Collection[str] | None = None) -> list[str]:
        """Take their mailboxes' cursors back to mails that could not be fetched; return their keys.

        Those with these keys, or all of them, as long as their UIDs mean the same. They stay as
        they are until they are fetched.
        """
        wanted = [] if keys is None else [mails.c.key.in_(list(keys))]
        same = and_(
            mailboxes.c.name == mails.c.mailbox, mailboxes.c.uid_validity == mails.c.uid_validity
        )
        rows = await self._connection.execute(
            select(*_RECORD).join_from(mails, mailboxes, same).where(_ABSENT, *wanted)
        )
        absent = [_record(row) for row in rows]
        for each in absent:
            await self._connection.execute(
                update(mailboxes)
                .where(mailboxes.c.name == each.mailbox, mailboxes.c.last_uid >= each.uid)
                .values(last_uid=each.uid - 1)
            )
        return [each.key for each in absent]


def _indexed(states: Collection[MailState]) -> ColumnElement[bool]:
    return true() if MailState.TAKEN in states else _NOT_TAKEN


def _place(record: MailRecord) -> tuple[str, int, int]:
    return record.mailbox, record.uid_validity, record.uid


def _record(row: Row[Any]) -> MailRecord:
    values = {each.name: getattr(row, each.name) for each in _RECORD}
    return MailRecord(**values | {"extent": Extent(row.extent), "state": MailState(row.state)})
