"""Runs plans against the real desk: `make faults SEEDS=100`, or one of them with `SEED=7`."""

import asyncio
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from adapters.clock import SystemClock
from adapters.store import SqlStore
from core.admin import Admin
from sandbox.mail import MailServer
from sandbox.mailbox import Mail
from sandbox.slack import Agent, Message, NoAnswerError, Room, SlackServer
from sandbox.telegram import Customer, TelegramServer
from tests.faults.checker import Report, check, missing, one_text_one_id
from tests.faults.plan import (
    Disconnect,
    Fail,
    Hold,
    Kill,
    Mishap,
    Plan,
    Platform,
    Repeat,
    Talk,
    Who,
    make_plan,
)
from tests.faults.witnesses import Doubts, Told, words_in
from tests.support.real_world import World, world

PEOPLE = 24
PATIENCE = 60.0
"""Seconds until what has not been seen counts as lost."""

_SLACK_TELLS_AGAIN = (0.3, 0.5, 1.0, *[2.0] * 20)
"""Slack gives up after six minutes; here it must outlast a few starts of the desk."""


async def run(plan: Plan, folder: Path) -> Report:
    """Carry out a plan in a world of its own, and return what became of all that was said."""
    async with world(folder, start=False) as there:
        return await _Run(there, plan).go()


class _Run:
    def __init__(self, there: World, plan: Plan) -> None:
        self._there = there
        self._plan = plan
        self._said: defaultdict[str, list[str]] = defaultdict(list)
        self._customers: list[Customer] = []
        self._threads: dict[int, tuple[Room, Message]] = {}
        self._marko: Agent = there.slack.agent("Marko", display_name="Marko")
        self._rooms = [
            there.slack.room("support" if not number else f"room-{number}", members=[self._marko])
            for number in range(plan.rooms)
        ]
        self._doubts = Doubts(there.telegram)
        there.telegram.faults = self._doubts
        self._told = Told(there.slack.events.carrier)
        there.slack.events.carrier = self._told
        there.slack.events.retry_after = _SLACK_TELLS_AGAIN

    async def go(self) -> Report:
        await self._there.start()
        await self._add_departments()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._go_wrong())
            for number, talk in enumerate(self._plan.talks):
                customer = self._there.telegram.customer(f"Ana {number}", language_code="en")
                self._customers.append(customer)
                tasks.create_task(self._talk(number, talk))
        await self._until_calm()
        return self._report()

    async def _add_departments(self) -> None:
        """Give each room a department: a post a second is what one room takes."""
        store = await SqlStore.open(f"sqlite:///{self._there.database}")
        admin = Admin(store, SystemClock())
        (first,) = await admin.departments()
        for number, room in enumerate(self._rooms[1:], start=1):
            another = replace(first, key=f"d{number}", name=f"Desk {number}", room=f"#{room.name}")
            await admin.add_department(another, who="the test")
        await store.close()

    # What people do.

    async def _talk(self, number: int, talk: Talk) -> None:
        await asyncio.sleep(talk.starts)
        customer = self._customers[number]
        await self._introduce(number, talk)
        room = self._rooms[talk.room]
        card = await room.sees(f"c{number}x0", timeout=PATIENCE)
        self._threads[number] = room, card
        if talk.files_ticket:
            await self._press(card, "File ticket")
        for index, line in enumerate(talk.lines, start=1):
            await asyncio.sleep(line.after)
            if line.who is Who.CUSTOMER:
                self._say(f"{number} to agents", word := f"c{number}x{index}")
                customer.write(word)
            else:
                self._say(f"{number} to customer", word := f"a{number}x{index}")
                if talk.files_ticket:
                    self._say(f"{number} by mail", word)
                await self._marko.reply(card, word)

    async def _introduce(self, number: int, talk: Talk) -> None:
        """Let a customer tell the problem, and answer what the desk asks."""
        customer = self._customers[number]
        self._say(f"{number} to agents", word := f"c{number}x0")
        customer.write(f"My site is down {word}")
        await customer.sees("What is your name?", timeout=PATIENCE)
        customer.press(f"Ana {number}")
        await customer.sees("e-mail", timeout=PATIENCE)
        customer.write(f"ana{number}@example.com")
        if len(self._rooms) > 1:
            await customer.sees("Who should look at it?", timeout=PATIENCE)
            customer.press(f"Desk {talk.room}" if talk.room else "Support")

    async def _press(self, card: Message, button: str) -> None:
        """Press until it is taken, as people do who see a warning."""
        while True:
            try:
                await self._marko.press(card, button)
            except NoAnswerError:
                await asyncio.sleep(0.2)
            except LookupError:  # taken, though its answer was lost: the card shows it already
                return
            else:
                return

    def _say(self, way: str, word: str) -> None:
        self._said[way].append(word)

    # What goes wrong.

    async def _go_wrong(self) -> None:
        for trouble in self._plan.troubles:
            await asyncio.sleep(trouble.after)
            await self._let(trouble.mishap)

    async def _let(self, mishap: Mishap) -> None:
        slack = self._there.slack
        match mishap:
            case Kill():
                await self._there.kill()
                self._doubts.killed()
                await self._there.start()
            case Fail(platform, method, fault):
                servers: dict[Platform, TelegramServer | SlackServer | MailServer] = {
                    Platform.TELEGRAM: self._there.telegram,
                    Platform.SLACK: slack,
                    Platform.MAIL: self._there.mail,
                }
                servers[platform].faults.plan(method, fault)
            case Repeat(times, same_id) if self._threads:
                slack.events.repeat(times, same_id=same_id)
            case Hold(seconds, order):
                await self._hold(seconds, order)
            case Disconnect(politely=True):
                await slack.sockets.disconnect("refresh_requested")
            case Disconnect(politely=False):
                slack.sockets.cut()

    async def _hold(self, seconds: float, order: int) -> None:
        events = self._there.slack.events
        events.hold()
        await asyncio.sleep(seconds)
        indexes = list(range(events.held))
        random.Random(order).shuffle(indexes)
        events.release(indexes)

    # What is seen.

    async def _until_calm(self) -> None:
        for server in (self._there.telegram, self._there.slack, self._there.mail):
            server.faults.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while missing(self._said, self._seen()):  # noqa: ASYNC110, three servers change it
                    await asyncio.sleep(0.05)
        await asyncio.wait_for(self._there.slack.events.settled(), PATIENCE)
        await self._there.settled()

    def _report(self) -> Report:
        report = check(self._said, self._seen(), self._doubts.excused, self._told.late())
        boxes = [self._box(number) for number in range(len(self._customers))]
        twice = one_text_one_id([(m.message_id, m.subject + m.text) for b in boxes for m in b])
        return replace(report, doubled=report.doubled + twice)

    def _seen(self) -> dict[str, list[str]]:
        seen: dict[str, list[str]] = {}
        for number, customer in enumerate(self._customers):
            spoken = [m.text for m in customer.messages if m.from_bot]
            seen[f"{number} to customer"] = words_in(spoken, "a")
            posts = [post for room in self._rooms for post in self._posts(room, number)]
            seen[f"{number} to agents"] = words_in(posts, "c")
            mails = {mail.message_id: mail.text for mail in self._box(number)}
            seen[f"{number} by mail"] = words_in(list(mails.values()), "a")
        return seen

    def _posts(self, room: Room, number: int) -> list[str]:
        """Return what the desk wrote of one customer: every card, wherever, and their threads."""
        bot, mark = self._there.slack.bot_user, re.compile(rf"\bc{number}x0\b")
        cards = [each for each in room.messages if mark.search(each.shown)]
        replies = [post.shown for card in cards for post in room.thread(card) if post.user == bot]
        return [*(card.shown for card in cards), *replies]

    def _box(self, number: int) -> list[Mail]:
        return self._there.mail.mailbox(f"ana{number}@example.com").mails


async def _run_seed(seed: int, people: int) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        return await run(make_plan(seed, people=people), Path(folder))


def main(words: list[str]) -> int:
    """Run `SEEDS=n` seeds, from 1 on, or the one of `SEED=k`; `PEOPLE=n` talk in each of them."""
    given = {"SEEDS": 10, "PEOPLE": PEOPLE}
    given |= {name: int(value) for name, _, value in (word.partition("=") for word in words)}
    seeds = [given["SEED"]] if "SEED" in given else range(1, given["SEEDS"] + 1)
    broken = 0
    for seed in seeds:
        began = time.monotonic()
        report = asyncio.run(_run_seed(seed, given["PEOPLE"]))
        broken += report.broken
        verdict = "BROKEN" if report.broken else "kept"
        print(f"SEED={seed} {verdict} in {time.monotonic() - began:.1f} s: {report}", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
