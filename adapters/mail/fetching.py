"""Which mails are fetched together, and what becomes of one that cannot be fetched.

It remembers what went wrong from one connection to the next, for a bad mail may break each of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from adapters.mail.imap import LARGEST, Folder
from adapters.mail.trouble import MailboxTrouble, Refused
from core.mail_port import Extent
from core.message import MEGABYTE

_ASKED_AT_ONCE: Final = 500  # mails, for their sizes
_MOST_MAILS: Final = 50
_MOST_BYTES: Final = 5 * MEGABYTE
_LAST_TRY_AT: Final = 4
_REFUSAL_COUNTS: Final = 2  # double: a broken connection is rather no fault of the mail's


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A mail as the server handed it out."""

    uid: int
    size: int
    extent: Extent = Extent.WHOLE
    raw: bytes = field(default=b"", repr=False)
    error: str = ""


@dataclass(frozen=True)
class Batch:
    """What was fetched together, to be kept together."""

    up_to: int
    """The UID up to which nothing is left to be fetched."""
    mails: list[Fetched]


class Fetcher:
    """Fetches mails of one folder, as long as its UIDs mean the same."""

    def __init__(self, uid_validity: int) -> None:
        self.uid_validity = uid_validity
        self._one_by_one_to = 0
        """Up to this UID something went wrong with several at once."""
        self._failures: Counter[int] = Counter()
        self._to_blame: set[int] = set()
        """What is given up if it fails once more, for the others can be fetched."""
        self._why: dict[int, str] = {}

    def batches(self, folder: Folder, uids: Sequence[int]) -> Iterator[Batch]:
        """Yield these mails, in order, a few megabytes at a time.

        Raises `MailboxTrouble`. What a server fails to hand out again and again is yielded without
        its bytes, so that those behind it are not lost.
        """
        for start in range(0, len(uids), _ASKED_AT_ONCE):
            chunk = uids[start : start + _ASKED_AT_ONCE]
            for uid in (each for each in chunk if each <= self._one_by_one_to):
                yield Batch(uid, self._one(folder, uid))
            if together := [each for each in chunk if each > self._one_by_one_to]:
                before, self._one_by_one_to = self._one_by_one_to, together[-1]
                for uids_of_batch in plan(together, sizes := folder.sizes(together)):
                    yield Batch(uids_of_batch[-1], self._several(folder, uids_of_batch, sizes))
                self._one_by_one_to = before

    def _several(
        self, folder: Folder, uids: Sequence[int], sizes: Mapping[int, int]
    ) -> list[Fetched]:
        found = {each.uid: each for each in _fetch(folder, uids, sizes)}
        mails = []
        for uid in uids:
            mails += [found[uid]] if uid in found else self._one(folder, uid)
        return mails

    def _one(self, folder: Folder, uid: int) -> list[Fetched]:
        """Return a mail on its own: none if it is gone, one without its bytes if it is given up."""
        if uid in self._to_blame:
            self._forget(uid)  # for an operator may want it fetched once more
            return [Fetched(uid=uid, size=0, extent=Extent.NOTHING, error=self._why.pop(uid))]
        if self._failures[uid] >= _LAST_TRY_AT and self._hands_out_another(folder, uid):
            self._to_blame.add(uid)
        with self._counted(uid):
            fetched = _fetch(folder, [uid], folder.sizes([uid]))
            if not fetched and folder.has(uid):
                raise Refused("")
        self._forget(uid)
        return fetched

    def _hands_out_another(self, folder: Folder, uid: int) -> bool:
        """Whether only this mail cannot be fetched: a server may refuse them all for a while."""
        others = [each for each in folder.uids_after(0) if each != uid]
        if not others:
            return False
        other = min(others, key=lambda each: (self._failures[each], -each))
        with self._counted(other):
            return other in folder.headers([other])

    def _forget(self, uid: int) -> None:
        self._to_blame.discard(uid)
        del self._failures[uid]

    @contextmanager
    def _counted(self, uid: int) -> Iterator[None]:
        try:
            yield
        except MailboxTrouble as trouble:
            self._failures[uid] += _REFUSAL_COUNTS if isinstance(trouble, Refused) else 1
            self._why[uid] = str(trouble)
            raise


def plan(uids: Sequence[int], sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Yield these UIDs in batches of bounded bytes; one that is too big stands alone."""
    batch: list[int] = []
    weight = 0
    for uid in uids:
        size = sizes.get(uid, 0)
        if batch and (len(batch) == _MOST_MAILS or weight + size > _MOST_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append(uid)
        weight += size
    if batch:
        yield batch


def _fetch(folder: Folder, uids: Sequence[int], sizes: Mapping[int, int]) -> list[Fetched]:
    """Return those of these mails that the server hands out; of one that is too big the headers."""
    large = [uid for uid in uids if sizes.get(uid, 0) > LARGEST]
    small = [uid for uid in uids if uid in sizes and uid not in large]
    bodies = folder.bodies(small) if small else {}
    large += [uid for uid, raw in bodies.items() if len(raw) > LARGEST]  # larger than it was said
    heads = folder.headers(large) if large else {}
    whole = [
        Fetched(uid=uid, size=sizes[uid], raw=raw)
        for uid, raw in bodies.items()
        if uid in small and uid not in large
    ]
    return whole + [
        Fetched(
            uid=uid,
            size=sizes[uid],
            extent=Extent.HEADERS,
            raw=raw,
            error=f"larger than {LARGEST // MEGABYTE} MB",
        )
        for uid, raw in heads.items()
        if uid in large
    ]
