"""How the desk's process comes to be: as operators start it, or forked, which is fast."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a desk is started with."""

    offset: Path
    """The file that moves its clock."""
    environment: Mapping[str, str]
    log: Path


class Process(Protocol):
    """A desk's process."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None:
        """How it ended: its exit code, or minus the signal; None while it runs."""
        ...

    def send_signal(self, number: int, /) -> None: ...

    async def wait(self) -> int:
        """Return how it ended, when it has."""
        ...


class Spawns:
    """Starts the desk as an operator does."""

    look_every = 0.05
    """Seconds after which it is looked again whether a desk is ready."""

    async def start(self, order: Order) -> Process:
        """Start a desk."""
        with order.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.support.run_desk", str(order.offset)),
                cwd=ROOT,
                env=dict(order.environment),
                stdout=log,
                stderr=log,
            )


class Forks:
    """Has desks forked from a process that has imported everything: see `zygote`."""

    look_every = 0.01

    def __init__(self, commands: asyncio.StreamWriter, answers: asyncio.StreamReader) -> None:
        self._commands = commands
        self._answers = answers
        self._newest: _Forked | None = None

    def end(self) -> None:
        """Kill the desk that is left, if one is."""
        if self._newest is not None:
            self._newest.send_signal(signal.SIGKILL)

    async def start(self, order: Order) -> Process:
        """Start a desk; the one before must have ended."""
        words = {
            "offset": str(order.offset),
            "environment": dict(order.environment),
            "log": str(order.log),
        }
        self._commands.write(json.dumps(words).encode() + b"\n")
        self._newest = _Forked(int(await self._answers.readline()), self._answers)
        return self._newest


class _Forked:
    def __init__(self, pid: int, answers: asyncio.StreamReader) -> None:
        self.pid = pid
        self._end = asyncio.create_task(answers.readline())

    @property
    def returncode(self) -> int | None:
        heard = self._end.done() and not self._end.cancelled()
        return int(self._end.result()) if heard else None

    def send_signal(self, number: int, /) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):  # ended, and we have not heard of it yet
                os.kill(self.pid, number)

    async def wait(self) -> int:
        return int(await asyncio.shield(self._end))


@asynccontextmanager
async def forks() -> AsyncIterator[Forks]:
    """Have desks forked inside the block; at its end, the one that is left is killed."""
    zygote = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.zygote"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert zygote.stdin is not None
    assert zygote.stdout is not None
    starts = Forks(zygote.stdin, zygote.stdout)
    try:
        yield starts
    finally:
        starts.end()
        zygote.stdin.close()
        await zygote.wait()
