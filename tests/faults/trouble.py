"""What goes wrong in a run: carries out the troubles of a plan, one after the other."""

import asyncio
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta

from sandbox.faults import Faults
from tests.faults.browser import Browser
from tests.faults.mishaps import (
    Disconnect,
    Fail,
    FillDisk,
    Hold,
    Jump,
    Kill,
    KillAtStep,
    LockDatabase,
    LoseLine,
    Mishap,
    Platform,
    Renumber,
    RepeatEvent,
    RepeatFrames,
    RepeatMail,
    RepeatUpdate,
    Sleep,
)
from tests.faults.plan import Plan
from tests.support.real_world import SUPPORT, World

_LOOK_EVERY = 0.01
_STEPS_WITHIN = 1.0
"""Seconds after which a desk that does nothing is killed although its step has not come."""


def faults_of(there: World) -> dict[Platform, Faults]:
    """Return where it is said what goes wrong with each platform."""
    return {
        Platform.TELEGRAM: there.telegram.faults,
        Platform.SLACK: there.slack.faults,
        Platform.MAIL: there.mail.faults,
        Platform.MAILBOX: there.imap.faults,
    }


class Troubles:
    """The troubles of a run, and how many there were of each kind."""

    def __init__(
        self,
        there: World,
        plan: Plan,
        *,
        said: Callable[[], int],
        all_said: Callable[[], bool],
        killed: Callable[[], None],
        browsers: Callable[[], Sequence[Browser]],
    ) -> None:
        """*said* counts the messages so far, *all_said* tells that there will be no more.

        *killed* is called after each end; *browsers* are those of the website's visitors so far.
        """
        self.struck: Counter[str] = Counter()
        self.kills: list[float] = []
        """When the desk was killed, on the monotonic clock."""
        self._there = there
        self._plan = plan
        self._said = said
        self._all_said = all_said
        self._killed = killed
        self._browsers = browsers

    async def strike(self) -> None:
        """Let all of them happen."""
        due = 0
        for trouble in self._plan.troubles:
            due += trouble.messages
            while self._said() < due:  # many talks count
                if self._all_said():
                    return
                await asyncio.sleep(_LOOK_EVERY)
            await asyncio.sleep(trouble.seconds)
            await self._let(trouble.mishap)

    async def _let(self, mishap: Mishap) -> None:
        slack = self._there.slack
        name = type(mishap).__name__
        match mishap:
            case Kill():
                await self._there.kill()
                await self._start_again()
            case KillAtStep(steps):
                if not await self._there.kill_at_step(steps, _STEPS_WITHIN):
                    name = Kill.__name__
                await self._start_again()
            case Fail(platform, method, fault):
                faults_of(self._there)[platform].plan(method, fault)
                return  # counted by the platform's witness when a call meets it
            case RepeatEvent() | RepeatUpdate() | RepeatMail() if not self._repeats(mishap):
                return
            case LoseLine() | RepeatFrames() | Sleep() if not self._befalls_a_visitor(mishap):
                return
            case Hold(seconds, order):
                await self._hold(seconds, order)
            case Disconnect() if not slack.sockets.connected:
                return
            case Disconnect(politely=True):
                name = "Refresh"
                await slack.sockets.disconnect("refresh_requested")
            case Disconnect(politely=False):
                slack.sockets.cut()
            case Renumber():
                self._there.mail.mailbox(SUPPORT).renumber()
            case FillDisk(seconds):
                self._there.fill_disk()
                try:
                    await asyncio.sleep(seconds)
                finally:
                    self._there.free_disk()
            case LockDatabase(seconds):
                await self._lock(seconds)
            case Jump(by, seconds):
                self._there.jump(timedelta(seconds=by))
                try:
                    await asyncio.sleep(seconds)
                finally:
                    self._there.jump(timedelta())
        self.struck[name] += 1

    def _repeats(self, mishap: RepeatEvent | RepeatUpdate | RepeatMail) -> bool:
        """Have something told again; return whether anything was told before."""
        try:
            match mishap:
                case RepeatEvent(times, same_id):
                    self._there.slack.events.repeat(times, same_id=same_id)
                case RepeatUpdate():
                    self._there.telegram.repeat_last_update()
                case RepeatMail():
                    mailbox = self._there.mail.mailbox(SUPPORT)
                    latest = mailbox.kept[-1]
                    mailbox.put(latest.mail, latest.raw)
        except LookupError:  # so far nobody has written in this way
            return False
        return True

    def _befalls_a_visitor(self, mishap: LoseLine | RepeatFrames | Sleep) -> bool:
        """Let it happen to one of the website's visitors; return whether there is any."""
        browsers = self._browsers()
        if not browsers:
            return False
        browser = browsers[mishap.visitor % len(browsers)]
        match mishap:
            case LoseLine(moment=moment):
                browser.loses_a_line(moment)
            case RepeatFrames(most=most):
                browser.repeats(most)
            case Sleep(page=page, seconds=seconds):
                browser.sleeps(page, seconds)
        return True

    async def _start_again(self) -> None:
        self.kills.append(time.monotonic())
        self._killed()
        await self._there.start()

    async def _hold(self, seconds: float, order: int) -> None:
        events = self._there.slack.events
        events.hold()
        await asyncio.sleep(seconds)
        indexes = list(range(events.held))
        random.Random(order).shuffle(indexes)
        events.release(indexes)

    async def _lock(self, seconds: float) -> None:
        with closing(
            sqlite3.connect(self._there.database, timeout=0, isolation_level=None)
        ) as other:
            while True:
                try:
                    other.execute("BEGIN IMMEDIATE")
                    break
                except sqlite3.OperationalError:
                    await asyncio.sleep(_LOOK_EVERY)
            await asyncio.sleep(seconds)
            other.execute("ROLLBACK")
