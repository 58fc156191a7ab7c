"""One run: a plan, carried out against the real desk, and what became of all that was said."""

import asyncio
import re
import time
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.clock import SystemClock
from adapters.store import SqlStore
from core.admin import Admin
from sandbox.faults import Faults
from sandbox.letter import Mail
from sandbox.slack import Message
from tests.faults.checker import Report, check, entry, missing, one_text_one_id
from tests.faults.people import PATIENCE, People, desk_address, on_page, own_words
from tests.faults.plan import Plan
from tests.faults.trouble import Troubles, faults_of
from tests.faults.witnesses import Doubts, Traffic, tell_arrivals, unquoted, words_in
from tests.support.real_world import World, world
from tests.support.visitor import SITE, text_of

UNDER_WAY = 300
"""So many messages may be on their way before people pause: a desk that is killed has a backlog."""

_SLACK_TELLS_AGAIN = (0.3, 0.5, 1.0, *[2.0] * 20)
"""Slack gives up after six minutes; here it must outlast a few starts of the desk."""
_STILL_ON_THE_WIRE = 0.05

FOUND_WITHIN = 300.0
"""Seconds in which what Slack did not tell is read back; what has not come then is lost."""

_OPENING = asyncio.Lock()
"""What migrates a database keeps it in the process's globals: runs side by side take turns."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run went."""

    report: Report
    kills: int
    messages: int
    """How many were said."""
    struck: Counter[str]
    """How many troubles there were of each kind."""
    slowest_recovery: float
    """Seconds from a kill until the desk delivered something again, at most."""
    seconds: float
    in_vain: tuple[str, ...]
    """What people waited for until their patience ended; what did not arrive is in the report."""


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """Yield what was raised, out of however many groups."""
    for each in group.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each


def _talk_of(word: str) -> str:
    """Return the number of the talk in which a word was said, such as "3" of "a3x7"."""
    return word[1:].partition("x")[0]


def _without_subject(card: Message) -> str:
    """Return what a card says, but for the line that repeats how the problem begins."""
    return "\n".join(line for line in card.shown.split("\n") if not line.startswith("Subject:"))


async def run(plan: Plan, folder: Path) -> Outcome:
    """Carry out a plan in a world of its own."""
    async with world(folder, start=False, forked=True) as there:
        return await _Run(there, plan).go()


class _Run:
    def __init__(self, there: World, plan: Plan) -> None:
        self._there = there
        self._plan = plan
        self._in_vain: tuple[str, ...] = ()
        self._use_doors(plan)
        phones, rooms = there.telegram.calls, there.slack.calls
        self._traffic = (
            Traffic("telegram", there.telegram.faults, lambda: phones[-1].params, of="a"),
            Traffic(
                "slack", there.slack.faults, lambda: rooms[-1].arguments if rooms else {}, of="c"
            ),
            Traffic("mail", there.mail.faults, dict, of="a"),
            Traffic("mailbox", there.imap.faults, dict, of="c"),
            Traffic("site", Faults(), dict, of="a"),
        )
        _, _, mailed, _, shown = self._traffic
        tell_arrivals(there.mail, mailed.brought)
        self._doubts = Doubts(there.telegram, there.database)
        there.slack.events.retry_after = _SLACK_TELLS_AGAIN
        self._people = People(
            there,
            plan,
            hurried=lambda: self._under_way() > UNDER_WAY,
            shown=shown.brought,
        )
        self._troubles = Troubles(
            there,
            plan,
            said=lambda: self._people.messages,
            all_said=lambda: self._people.are_done,
            killed=self._doubts.killed,
            browsers=lambda: list(self._people.on_the_site.values()),
        )

    async def go(self) -> Outcome:
        await self._there.start()
        await self._add_departments()
        began = time.monotonic()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._troubles.strike())
                tasks.create_task(self._people.talk())
        except* (AssertionError, TimeoutError) as vain:
            self._in_vain = tuple(str(each) for each in _leaves(vain))
        try:
            await self._until_calm()
            report = self._report()
        finally:
            await self._people.leave()
        return Outcome(
            report=report,
            kills=len(self._troubles.kills),
            messages=self._people.messages,
            struck=sum((each.struck for each in self._traffic), self._troubles.struck),
            slowest_recovery=max(self._recoveries(), default=0),
            seconds=time.monotonic() - began,
            in_vain=(*self._in_vain, *self._people.in_vain),
        )

    def _use_doors(self, plan: Plan) -> None:
        there = self._there
        there.settings["PUBLIC_URL"] = there.url
        there.settings["WEB_ORIGINS"] = SITE
        if plan.webhook:
            there.settings["TELEGRAM_WEBHOOK_SECRET"] = "a-secret"
        if plan.http:
            there.settings["SLACK_APP_TOKEN"] = ""
            there.settings["SLACK_SIGNING_SECRET"] = there.slack.signing_secret
            there.slack.use_http(f"{there.url}/slack/events")

    async def _add_departments(self) -> None:
        """Give each room a department: a post a second is what one room takes."""
        async with _OPENING:
            store = await SqlStore.open(f"sqlite:///{self._there.database}")
        admin = Admin(store, SystemClock())
        (first,) = await admin.departments()
        for number, room in enumerate(self._people.rooms[1:], start=1):
            another = replace(
                first,
                key=f"d{number}",
                name=f"Desk {number}",
                room=f"#{room.name}",
                email=desk_address(number),
            )
            await admin.add_department(another, who="the test")
        await store.close()

    def _under_way(self) -> int:
        handed = set[str]().union(*(each.handed for each in self._traffic))
        return self._people.messages - len(handed)

    def _recoveries(self) -> list[float]:
        """Return the seconds from each kill until something was handed over again."""
        times = sorted(time for each in self._traffic for time in each.times)
        # What had been written to a socket before the kill still comes in.
        after = [(kill, bisect(times, kill + _STILL_ON_THE_WIRE)) for kill in self._troubles.kills]
        return [times[index] - kill for kill, index in after if index < len(times)]

    # What is seen.

    async def _until_calm(self) -> None:
        for faults in faults_of(self._there).values():
            faults.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(FOUND_WITHIN):
                while missing(self._people.said, self._seen()):  # noqa: ASYNC110, four servers change it
                    await asyncio.sleep(0.5)
        await asyncio.wait_for(self._there.slack.events.settled(), PATIENCE)
        await self._there.settled(PATIENCE)
        for each in self._people.on_the_site.values():
            await each.compare()

    def _report(self) -> Report:
        excused = {
            entry(word, f"{_talk_of(word)} to customer"): copies
            for word, copies in self._doubts.excused.items()
        }
        said = self._people.said
        # A visitor is mailed what they missed, and who waits too long gets a ticket, and so mails.
        mailed = {
            f"{n} by mail": said.get(f"{n} to customer", ()) for n in range(len(self._plan.talks))
        }
        report = check(said, self._seen(), excused, may=mailed)
        boxes = [self._box(number) for number in range(len(self._plan.talks))]
        twice = one_text_one_id([(m.message_id, m.subject + m.text) for b in boxes for m in b])
        named = (" ".join(each.split())[:80] for each in twice)
        odd = tuple(
            f"{wrong} ({number})"
            for number, browser in self._people.on_the_site.items()
            for wrong in browser.wrong
        )
        return replace(report, doubled=(*report.doubled, *named), odd=(*report.odd, *odd))

    def _seen(self) -> dict[str, list[str]]:
        seen: dict[str, list[str]] = {}
        cards = self._cards()
        for number, customer in self._people.in_chat.items():
            spoken = [m.text for m in customer.messages if m.from_bot]
            seen[f"{number} to customer"] = words_in(spoken, "a")
        for number, browser in self._people.on_the_site.items():
            for index, page in enumerate(browser.pages):
                shown = [text_of(each) for _, each in sorted(page.log.items())]
                seen[on_page(number, index)] = words_in(shown, "a")
            seen[own_words(number)] = words_in(shown, "c")
        for number in range(len(self._plan.talks)):
            seen[f"{number} to agents"] = words_in(cards.get(number, []), "c")
            mails = {mail.message_id: unquoted(mail.text) for mail in self._box(number)}
            seen[f"{number} by mail"] = words_in(list(mails.values()), "a")
        return seen

    def _cards(self) -> dict[int, list[str]]:
        """Return what the desk wrote of each customer: every card, wherever, and their threads."""
        bot = self._there.slack.bot_user
        shown: dict[int, list[str]] = {}
        for room in self._people.rooms:
            for card in room.state.roots:
                if found := re.search(r"\bc(\d+)x0\b", card.shown):
                    replies = [post.shown for post in room.thread(card) if post.user == bot]
                    shown.setdefault(int(found[1]), []).extend([_without_subject(card), *replies])
        return shown

    def _box(self, number: int) -> list[Mail]:
        return self._there.mail.mailbox(self._people.address(number)).mails
