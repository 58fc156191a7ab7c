"""The website's chat: each visitor's log, how far it was read, and the files in it."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import ReturningInsert

from adapters.store import codec
from adapters.store.loading import Part
from adapters.store.saving import inserting
from adapters.store.tables import web_files, web_frames, web_visits
from core.ids import MessageId
from core.web_port import Frame, Unseen, Visit, WebFile

_UNUSED = web_files.c.used_by.is_(None)

# Each of these is executed for whatever a visitor says or reads: they are built once.
_THEIR_VISIT = web_visits.c.visitor == bindparam("whose")
_VISIT = select(web_visits).where(_THEIR_VISIT)
_CHANGE_VISIT = update(web_visits).where(_THEIR_VISIT)
_SEEN: BindParameter[int] = bindparam("upto", type_=BigInteger)
_UPTO = case((web_visits.c.last < _SEEN, web_visits.c.last), else_=_SEEN)
_SEE = update(web_visits).where(_THEIR_VISIT, web_visits.c.seen < _UPTO).values(seen=_UPTO)
_ALL_SEEN = (
    update(web_visits)
    .where(_THEIR_VISIT, web_visits.c.answered <= web_visits.c.seen)
    .values(away_at=None)
)
_AWAIT = (
    update(web_visits)
    .where(_THEIR_VISIT, web_visits.c.away_at.is_not(None))
    .values(away_at=bindparam("until"))
)
_THEIR_FRAMES = select(web_frames).where(web_frames.c.visitor == bindparam("whose"))
_FRAME = _THEIR_FRAMES.where(web_frames.c.key == bindparam("its_key"))
_FRAMES = (
    _THEIR_FRAMES.where(web_frames.c.seq > bindparam("after"))
    .order_by(web_frames.c.seq)
    .limit(bindparam("most"))
)
_APPEND = web_frames.insert()


class Visiting(Part):
    """The part of a transaction that keeps the website's chat."""

    async def visit(self, visitor: str) -> Visit:
        """Return what is known of a visitor; of one who is not known, an empty log."""
        found = await self._connection.execute(_VISIT, {"whose": visitor})
        row = found.one_or_none()
        return Visit(visitor=visitor) if row is None else Visit(**row._asdict())

    async def vouch(self, visitor: str, name: str, email: str) -> None:
        """Write down who a visitor is, as the website has signed it."""
        await self._lock_visit(visitor)
        await self._change_visit(visitor, name=name, email=email)

    async def add_frame(
        self,
        visitor: str,
        key: str,
        body: str,
        at: datetime,
        *,
        answer: MessageId | None = None,
        away_at: datetime | None = None,
    ) -> Frame:
        """Append to a visitor's log; with a key that is in it, return what is there."""
        visit = await self._lock_visit(visitor)
        if (there := await self.frame(visitor, key)) is not None:
            return there
        seq = visit.last + 1
        frame = Frame(visitor=visitor, seq=seq, key=key, at=at, body=body)
        row = {"visitor": visitor, "seq": seq, "key": key, "at": at, "answer": answer, "body": body}
        await self._connection.execute(_APPEND, row)
        if answer is None:
            await self._change_visit(visitor, last=seq)
        else:
            await self._change_visit(
                visitor, last=seq, answered=seq, away_at=visit.away_at or away_at
            )
        return frame

    async def frame(self, visitor: str, key: str) -> Frame | None:
        """Return the entry with this key, if a visitor's log has it."""
        found = await self._connection.execute(_FRAME, {"whose": visitor, "its_key": key})
        row = found.one_or_none()
        return None if row is None else _frame(row)

    async def frames(self, visitor: str, after: int, limit: int) -> list[Frame]:
        """Return the entries that follow the one with the number *after*, in order."""
        rows = await self._connection.execute(
            _FRAMES, {"whose": visitor, "after": after, "most": limit}
        )
        return [_frame(row) for row in rows]

    async def mark_seen(self, visitor: str, seq: int) -> None:
        """Write down up to where a log has been seen; never less than before."""
        await self._connection.execute(_SEE, {"whose": visitor, "upto": seq})
        # Apart, for an answer may have come meanwhile.
        await self._connection.execute(_ALL_SEEN, {"whose": visitor})

    async def await_until(self, visitor: str, at: datetime) -> None:
        """Let a visitor who has not seen agents' words count as gone from *at* on, not before."""
        await self._connection.execute(_AWAIT, {"whose": visitor, "until": at})

    async def unseen(self, at: datetime, limit: int) -> list[Unseen]:
        """Return what visitors have not seen who count as gone by then, the longest gone first."""
        gone = (
            select(web_visits.c.visitor, web_visits.c.seen, web_visits.c.told, web_visits.c.away_at)
            .where(web_visits.c.away_at <= at)
            .order_by(web_visits.c.away_at)
            .limit(limit)
            .subquery()
        )
        rows = await self._connection.execute(
            select(web_frames.c.visitor, web_frames.c.seq, web_frames.c.answer)
            .join_from(gone, web_frames, gone.c.visitor == web_frames.c.visitor)
            .where(
                web_frames.c.answer.is_not(None),
                web_frames.c.seq > gone.c.seen,
                web_frames.c.seq > gone.c.told,
            )
            .order_by(gone.c.away_at, web_frames.c.visitor, web_frames.c.seq)
        )
        found: dict[str, tuple[int, dict[MessageId, None]]] = {}
        for visitor, seq, answer in rows:
            _, messages = found.get(visitor, (0, {}))
            found[visitor] = (seq, messages | {MessageId(answer): None})
        return [
            Unseen(visitor=visitor, last=last, messages=tuple(messages))
            for visitor, (last, messages) in found.items()
        ]

    async def mark_told(self, visitor: str, seq: int) -> None:
        """Write down up to where the desk knows what became of agents' words."""
        is_all = web_visits.c.answered <= seq
        await self._connection.execute(
            update(web_visits)
            .where(web_visits.c.visitor == visitor, web_visits.c.told < seq)
            .values(told=seq)
        )
        await self._connection.execute(
            update(web_visits).where(web_visits.c.visitor == visitor, is_all).values(away_at=None)
        )

    async def keep_file(self, file: WebFile) -> None:
        """Keep what is known of a file; one with that id stays as it is."""
        row = {
            "id": file.id,
            "visitor": file.visitor,
            "attachment": codec.dump_attachment(file.attachment),
            "brought": 0 if file.was_sent else file.attachment.size or 0,
            "at": file.at,
            "used_by": file.used_by,
        }
        statement = inserting(self._connection, web_files).on_conflict_do_nothing()
        await self._connection.execute(statement, row)

    async def file_of(self, visitor: str, id_: str) -> WebFile | None:
        """Return a file, if it is this visitor's."""
        rows = await self._connection.execute(select(web_files).where(_theirs(visitor, [id_])))
        row = rows.one_or_none()
        return None if row is None else _file(row)

    async def use_files(self, visitor: str, ids: Sequence[str], by: str) -> list[WebFile] | None:
        """Use a visitor's files for the entry *by*, and return them in order; once more the same.

        None, and none is used, if one is not theirs or was used for another.
        """
        wanted = dict.fromkeys(ids)
        may = and_(_theirs(visitor, list(wanted)), or_(_UNUSED, web_files.c.used_by == by))
        rows = await self._connection.execute(select(web_files).where(may).with_for_update())
        found = {row.id: _file(row) for row in rows}
        if len(found) < len(wanted):
            return None
        await self._connection.execute(update(web_files).where(may).values(used_by=by))
        return [found[each] for each in wanted]

    async def brought_since(self, visitor: str, since: datetime) -> int:
        """Return how many bytes of files a visitor has brought since then."""
        brought = await self._connection.scalar(
            select(func.coalesce(func.sum(web_files.c.brought), 0)).where(
                web_files.c.visitor == visitor, web_files.c.at > since
            )
        )
        return int(brought or 0)

    async def forget_unused(self, before: datetime, limit: int) -> list[WebFile]:
        """Forget files brought before then that no message has used; return them."""
        old = (
            select(web_files.c.id)
            .where(_UNUSED, web_files.c.at < before)
            .order_by(web_files.c.at)
            .limit(limit)
        )
        rows = await self._connection.execute(
            delete(web_files).where(web_files.c.id.in_(old)).returning(web_files)
        )
        return [_file(row) for row in rows]

    async def _lock_visit(self, visitor: str) -> Visit:
        """Return a visit that nobody else changes until the end of the transaction."""
        empty = {"last": 0, "answered": 0, "seen": 0, "told": 0, "name": "", "email": ""}
        found = await self._connection.execute(
            _locking(inserting(self._connection, web_visits)), {"visitor": visitor, **empty}
        )
        return Visit(**found.one()._asdict())

    async def _change_visit(self, visitor: str, **values: Any) -> None:
        await self._connection.execute(_CHANGE_VISIT, {"whose": visitor, **values})


@cache
def _locking(insert: sqlite.Insert) -> ReturningInsert[Any]:
    """Return an insert that changes nothing in a row that is there, but returns and locks it."""
    unchanged = {"last": web_visits.c.last}
    return insert.on_conflict_do_update(
        index_elements=[web_visits.c.visitor], set_=unchanged
    ).returning(web_visits)


def _theirs(visitor: str, ids: Sequence[str]) -> ColumnElement[bool]:
    return and_(web_files.c.visitor == visitor, web_files.c.id.in_(ids))


def _frame(row: Row[Any]) -> Frame:
    return Frame(visitor=row.visitor, seq=row.seq, key=row.key, at=row.at, body=row.body)


def _file(row: Row[Any]) -> WebFile:
    return WebFile(
        id=row.id,
        visitor=row.visitor,
        attachment=codec.load_attachment(row.attachment),
        at=row.at,
        used_by=row.used_by,
    )
