"""What may have been missed: the threads in which something written is perhaps not heard yet.

A gap opens in every thread with each new connection, and in one thread where an event could not be
stored. What is heard live of such a thread has to wait until the thread has been read back, or a
later message would overtake an earlier one. In a thread without a gap, all has been heard up to
what was told of it a little while ago.
"""

import asyncio
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from adapters.slack.places import Place, moment

_THREADS_KNOWN = 10_000
"""Of how many threads it is known what was told of last; of older ones the database tells."""


class Gaps:
    """The gaps, numbered, so that who reads back can say which ones that has closed."""

    def __init__(self) -> None:
        self.count = 0
        """How many gaps there were so far."""
        self.stirred = asyncio.Event()
        """Set when there is a new gap, or somebody waits for one to close."""
        self._everywhere: int | None = None
        self._threads: dict[Place, int] = {}
        self._wanted: Counter[Place] = Counter()
        self._told: OrderedDict[Place, str] = OrderedDict()
        self._lately: dict[Place, str] = {}
        self._before: dict[Place, str] = {}
        self._long_before: dict[Place, str] = {}
        """What was told since `settled` was last asked, between the last two times, and before."""
        self._under_way: defaultdict[Place, list[str]] = defaultdict(list)
        self._closed = asyncio.Event()

    # What was heard

    def told(self, thread: Place, ts: str) -> None:
        """Take note that Slack has told of a message in a thread, whoever wrote it."""
        if not self.was_told(thread, ts):
            self._told[thread] = ts
        self._told.move_to_end(thread)
        if len(self._told) > _THREADS_KNOWN:
            self._told.popitem(last=False)
        self._lately[thread] = self._told[thread]

    def was_told(self, thread: Place, ts: str) -> bool:
        """Whether Slack has told of this message, or of a later one in the same thread."""
        return moment(self._told.get(thread, "")) >= moment(ts)

    @contextmanager
    def hearing(self, thread: Place, ts: str) -> Iterator[None]:
        """Have a message stored inside the block; if that fails, there is a gap."""
        under_way = self._under_way[thread]
        under_way.append(ts)
        try:
            yield
        except BaseException:
            self.opened_in(thread)
            raise
        finally:
            under_way.remove(ts)
            if not under_way:
                self._under_way.pop(thread, None)

    def settled(self) -> dict[Place, str]:
        """Return up to which `ts` threads are known to have been heard, as far as that is news.

        To be asked at intervals longer than Slack takes to tell in disorder. It is what had been
        told one whole interval before something else was: so the line was not broken meanwhile,
        and what was written before has been told as well. A thread with a gap, or with something
        that is not stored yet, comes later.
        """
        known: dict[Place, str] = {}
        if self._lately:
            known = {each: ts for each, ts in self._long_before.items() if self._is_whole(each, ts)}
            for each in known:
                del self._long_before[each]
        self._long_before |= self._before
        self._before, self._lately = self._lately, {}
        return known

    def _is_whole(self, thread: Place, ts: str) -> bool:
        """Whether all that was told of a thread up to this message is stored, without a gap."""
        return not self.is_open_in(thread) and all(
            moment(each) > moment(ts) for each in self._under_way.get(thread, ())
        )

    # Gaps open

    def opened_everywhere(self) -> None:
        """Open a gap in every thread there is."""
        self.count += 1
        self._everywhere = self.count
        self.stirred.set()

    def opened_in(self, thread: Place) -> None:
        """Open a gap in one thread."""
        self.count += 1
        self._threads[thread] = self.count
        self.stirred.set()

    # Gaps close

    def narrowed(self, changed: Iterable[Place], count: int) -> None:
        """Say that of *count* gaps all are closed but those in the *changed* threads."""
        if self._everywhere is not None and self._everywhere <= count:
            self._everywhere = None
            later = {place: number for place, number in self._threads.items() if number > count}
            self._threads = dict.fromkeys(changed, count) | later
            self._tell_closed()

    def closed_in(self, thread: Place, count: int) -> None:
        """Say that a thread was read back after *count* gaps had opened."""
        if self._threads.get(thread, count + 1) <= count:
            del self._threads[thread]
            self._tell_closed()

    # Who asks

    def is_open_in(self, thread: Place) -> bool:
        """Whether something may have been missed in this thread."""
        return self._everywhere is not None or thread in self._threads

    def next_to_read(self) -> Place | None:
        """Return the thread to be read back first: one that somebody waits for, if there is."""
        wanted = (place for place in self._wanted if place in self._threads)
        return next(wanted, next(iter(self._threads), None))

    async def until_closed_in(self, thread: Place) -> None:
        """Return when nothing can have been missed in this thread; ask for it to be read."""
        if self.is_open_in(thread):
            with self._wanting(thread):
                while self.is_open_in(thread):
                    await self._closed.wait()

    @contextmanager
    def _wanting(self, thread: Place) -> Iterator[None]:
        self._wanted[thread] += 1
        self.stirred.set()
        try:
            yield
        finally:
            self._wanted[thread] -= 1
            self._wanted += Counter()  # drops those at zero

    def _tell_closed(self) -> None:
        closed, self._closed = self._closed, asyncio.Event()
        closed.set()
