"""The website's chat: each visitor's log, how far it was read, and the files in it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.store.memory.part import Part
from adapters.store.memory.tables import Said
from core.ids import MessageId
from core.web_port import Frame, Unseen, Visit, WebFile


class Visiting(Part):
    """The part of a transaction that keeps the website's chat."""

    async def visit(self, visitor: str) -> Visit:
        """Return what is known of a visitor; of one who is not known, an empty log."""
        return self._tables.visits.get(visitor) or Visit(visitor=visitor)

    async def vouch(self, visitor: str, name: str, email: str) -> None:
        """Write down who a visitor is, as the website has signed it."""
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
        tables = self._tables
        if (there := await self.frame(visitor, key)) is not None:
            return there
        visit = await self.visit(visitor)
        frame = Frame(visitor=visitor, seq=visit.last + 1, key=key, at=at, body=body)
        if visitor not in tables.web_log:
            tables.put(tables.web_log, visitor, {})
        tables.put(tables.web_log[visitor], frame.seq, Said(frame=frame, answer=answer))
        tables.put(tables.web_keys, (visitor, key), frame.seq)
        await self._change_visit(visitor, last=frame.seq)
        if answer is not None:
            await self._change_visit(visitor, answered=frame.seq, away_at=visit.away_at or away_at)
        return frame

    async def frame(self, visitor: str, key: str) -> Frame | None:
        """Return the entry with this key, if a visitor's log has it."""
        seq = self._tables.web_keys.get((visitor, key))
        return None if seq is None else self._tables.web_log[visitor][seq].frame

    async def frames(self, visitor: str, after: int, limit: int) -> list[Frame]:
        """Return the entries that follow the one with the number *after*, in order."""
        log = self._tables.web_log.get(visitor, {})
        wanted = range(max(after, 0) + 1, max(after, 0) + 1 + limit)
        return [log[seq].frame for seq in wanted if seq in log]

    async def mark_seen(self, visitor: str, seq: int) -> None:
        """Write down up to where a log has been seen; never less than before."""
        visit = await self.visit(visitor)
        if visit.seen < (upto := min(seq, visit.last)):
            away_at = None if upto >= visit.answered else visit.away_at
            await self._change_visit(visitor, seen=upto, away_at=away_at)

    async def await_until(self, visitor: str, at: datetime) -> None:
        """Let a visitor who has not seen agents' words count as gone from *at* on, not before."""
        if (await self.visit(visitor)).away_at is not None:
            await self._change_visit(visitor, away_at=at)

    async def unseen(self, at: datetime, limit: int) -> list[Unseen]:
        """Return what visitors have not seen who count as gone by then, the longest gone first."""
        gone = [(each.away_at, each) for each in self._tables.visits.values() if each.away_at]
        due = sorted(((when, each.visitor) for when, each in gone if when <= at))[:limit]
        return [found for _, visitor in due if (found := self._unseen_by(visitor)) is not None]

    def _unseen_by(self, visitor: str) -> Unseen | None:
        visit = self._tables.visits[visitor]
        log = self._tables.web_log[visitor]
        known = max(visit.seen, visit.told)
        answers = [
            (seq, said.answer)
            for seq, said in log.items()
            if seq > known and said.answer is not None
        ]
        if not answers:
            return None
        messages = dict.fromkeys(answer for _, answer in answers)
        return Unseen(visitor=visitor, last=answers[-1][0], messages=tuple(messages))

    async def mark_told(self, visitor: str, seq: int) -> None:
        """Write down up to where the desk knows what became of agents' words."""
        visit = await self.visit(visitor)
        away_at = None if visit.answered <= seq else visit.away_at
        await self._change_visit(visitor, told=max(visit.told, seq), away_at=away_at)

    async def keep_file(self, file: WebFile) -> None:
        """Keep what is known of a file; one with that id stays as it is."""
        if file.id not in self._tables.web_files:
            self._tables.put(self._tables.web_files, file.id, file)

    async def file_of(self, visitor: str, id_: str) -> WebFile | None:
        """Return a file, if it is this visitor's."""
        found = self._tables.web_files.get(id_)
        return found if found is not None and found.visitor == visitor else None

    async def use_files(self, visitor: str, ids: Sequence[str], by: str) -> list[WebFile] | None:
        """Use a visitor's files for the entry *by*, and return them in order; once more the same.

        None, and none is used, if one is not theirs or was used for another.
        """
        files = []
        for each in dict.fromkeys(ids):
            file = await self.file_of(visitor, each)
            if file is None or file.used_by not in (None, by):
                return None
            files.append(file)
        for file in files:
            self._tables.put(self._tables.web_files, file.id, replace(file, used_by=by))
        return files

    async def brought_since(self, visitor: str, since: datetime) -> int:
        """Return how many bytes of files a visitor has brought since then."""
        files = self._tables.web_files.values()
        return sum(
            each.attachment.size or 0
            for each in files
            if each.visitor == visitor and each.at > since and not each.was_sent
        )

    async def forget_unused(self, before: datetime, limit: int) -> list[WebFile]:
        """Forget files brought before then that no message has used; return them."""
        files = self._tables.web_files
        old = [each for each in files.values() if each.used_by is None and each.at < before]
        first = sorted(old, key=lambda each: each.at)[:limit]
        for each in first:
            self._tables.drop(files, each.id)
        return first

    async def _change_visit(self, visitor: str, **values: Any) -> None:
        changed = replace(await self.visit(visitor), **values)
        self._tables.put(self._tables.visits, visitor, changed)
