"""A measured program as a process of its own, before fake platforms of its own."""

import asyncio
import itertools
import os
import pickle
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import aiohttp

from bots.bench.talk import PATIENCE, Outcome, Script
from bots.free_port import free_port

ROOT = Path(__file__).parents[2]
START_WITHIN = 60.0
_LIFTED = 1e6
"""How much faster than any platform allows the desk is let to be where its limits are lifted."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A process that is being measured, and its fake platforms."""

    pid: int
    url: str
    """Where the platforms are."""
    web: aiohttp.ClientSession
    door: str = ""
    """Where the desk's own web server is."""
    started_in: float = 0.0
    """How many seconds it took to be ready."""
    _runs: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def set(self, **how: float | None) -> None:
        """Tell the platforms how slow to be: `latency`, `posts_per_second`, and their `threads`."""
        async with self.web.post(f"{self.url}/set", json=how) as answer:
            answer.raise_for_status()

    async def hear(
        self,
        messages: int,
        conversations: int,
        *,
        agents: bool = False,
        per_second: float | None = None,
        window: int | None = None,
        patience: float = PATIENCE,
    ) -> Outcome:
        """Have so much said, and return what became of it; the words are explained in `Script`."""
        script = Script(
            run=next(self._runs),
            agents=agents,
            messages=messages,
            conversations=conversations,
            per_second=per_second,
            window=window,
            patience=patience,
        )
        async with self.web.post(f"{self.url}/run", json=vars(script)) as answer:
            answer.raise_for_status()
            outcome: Outcome = pickle.loads(await answer.read())  # noqa: S301, from our own process
            return outcome

    async def converse(
        self, messages: int, conversations: int, *, first: int, per_second: float
    ) -> tuple[Outcome, Outcome]:
        """Have visitors say so much and agents answer it at once; return what became of each way.

        *first*: the first of these conversations.
        """
        script = Script(
            run=next(self._runs),
            messages=messages,
            conversations=conversations,
            first=first,
            per_second=per_second,
        )
        asked = {"door": self.door, **vars(script)}
        async with self.web.post(f"{self.url}/converse", json=asked) as answer:
            answer.raise_for_status()
            outcomes: tuple[Outcome, Outcome] = pickle.loads(await answer.read())  # noqa: S301
            return outcomes

    def cpu(self) -> float:
        """Return the CPU seconds that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Return the megabytes that the process has in memory."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise LookupError("VmRSS")


@asynccontextmanager
async def relay(what: str) -> AsyncIterator[Program]:
    """Run a naive relay inside the block; *what* is explained in `bots.bench.naive`."""
    async with (
        _platforms() as (url, web),
        _process("-m", "bots.bench.naive", what, url) as process,
    ):
        program = Program(pid=process.pid, url=url, web=web)
        await _until_it_relays(program, agents=what == "to-telegram")
        yield program


@asynccontextmanager
async def desk(
    folder: Path, *, hurry: float | None = _LIFTED, threads: int = 0, site: str = ""
) -> AsyncIterator[Program]:
    """Run the desk inside the block, with the database in *folder*.

    *hurry*: how many times the platforms' limits it keeps to; None is `podrska run` itself.
    *threads*: how many the room shows when the desk looks for what it missed. *site*: the website
    that embeds the chat, if one does.
    """
    port = free_port()
    command: Sequence[str] = ("-m", "bots.bench.desk", str(hurry))
    if hurry is None:
        command = ("-c", "from bots.command import main; main(['run'])")
    log = folder / "desk.log"
    async with _platforms() as (url, web):
        async with web.post(f"{url}/set", json={"threads": threads}) as answer:
            answer.raise_for_status()
        began = time.monotonic()
        async with _process(
            *command, folder=folder, settings=_settings(folder, url, port, site), log=log
        ) as running:
            door = f"http://127.0.0.1:{port}"
            await _until_ready(running, web, f"{door}/readyz", log)
            took = time.monotonic() - began
            yield Program(pid=running.pid, url=url, web=web, door=door, started_in=took)


@asynccontextmanager
async def idlers(door: str, count: int) -> AsyncIterator[float]:
    """Have so many visitors at a desk's *door* inside the block, all the time.

    Yield the seconds that they took to be welcomed. Raises `RuntimeError` if one was sent away.
    """
    async with _process("-m", "bots.bench.idlers", door, str(count)) as running:
        took = await _first_line(running)
        yield float(took)
        if running.returncode is not None:
            raise RuntimeError("a visitor was sent away")


def _settings(folder: Path, url: str, port: int, site: str) -> dict[str, str]:
    return {
        "TELEGRAM_BOT_TOKEN": "1:bench",
        "TELEGRAM_API_URL": url,
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_APP_TOKEN": "xapp-bench",
        "SLACK_API_URL": f"{url}/slack/",
        "DATABASE_URL": f"sqlite:///{database_in(folder)}",
        "DATA_DIR": str(folder / "data"),
        "DEFAULT_LANGUAGE": "en",
        "WORKING_HOURS": "24/7",
        "HOLIDAYS": "none",
        "ANSWER_WITHIN": "24h",
        "HTTP_PORT": str(port),
        "WEB_ORIGINS": site,
    }


def database_in(folder: Path) -> Path:
    """Return the file of the desk that is run in *folder*."""
    return folder / "podrska.db"


@asynccontextmanager
async def _platforms() -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    """Run fake platforms inside the block, and yield their address and a way to speak to them."""
    async with _process("-m", "bots.bench.fakes") as running:
        port = int(await _first_line(running))
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as web:
            yield f"http://127.0.0.1:{port}", web


@asynccontextmanager
async def _process(
    *command: str,
    folder: Path = ROOT,
    settings: Mapping[str, str] = MappingProxyType({}),
    log: Path = Path(os.devnull),
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run Python with *command* inside the block; what it logs goes to a file."""
    inherited = {key: os.environ[key] for key in ("PATH", "HOME", "TZ") if key in os.environ}
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            cwd=folder,
            env={**inherited, "PYTHONPATH": str(ROOT), **settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


async def _first_line(process: asyncio.subprocess.Process) -> str:
    """Return what a process of ours says when it is ready."""
    line = await process.stdout.readline() if process.stdout else b""
    if not line:
        raise RuntimeError("it did not start")
    return line.decode()


async def _until_ready(
    process: asyncio.subprocess.Process, web: aiohttp.ClientSession, url: str, log: Path
) -> None:
    async with asyncio.timeout(START_WITHIN):
        while True:
            if process.returncode is not None:
                raise RuntimeError(f"the desk did not start; {log} says why")
            try:
                async with web.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.01)


async def _until_it_relays(program: Program, *, agents: bool) -> None:
    """Return when a first message has come through."""
    async with asyncio.timeout(START_WITHIN):
        while (await program.hear(1, 1, agents=agents, patience=0.5)).lost:
            pass
