"""Instances of the desk, each a process of its own, in one world and on one database."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp

from tests.support.ports import held_port
from tests.support.real_world import ROOT, STOP_WITHIN, World
from tests.support.waiting import PATIENCE


class Instance:
    """One process of the desk, and what it says of itself."""

    def __init__(
        self, there: World, folder: Path, name: str, port: int, lasts: float | None
    ) -> None:
        """*lasts*: the lease, in seconds; None: as long as it usually does."""
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / f"{name}.log"
        self._there = there
        self._arguments = [str(folder / "clock"), *([] if lasts is None else [str(lasts)])]
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; it may have to stand by."""
        port = self.url.rpartition(":")[2]
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.support.run_desk",
                *self._arguments,
                cwd=ROOT,
                env=self._there.environment() | {"HTTP_PORT": port},
                stdout=log,
                stderr=log,
            )

    def pause(self) -> None:
        """Let it sleep in the middle of whatever it does."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on as if nothing had happened."""
        self._signal(signal.SIGCONT)

    async def kill(self) -> None:
        """End it as bad luck does."""
        self._signal(signal.SIGKILL)
        await self._ended()

    async def stop(self) -> int:
        """Stop it as an operator does; return its exit code."""
        if self._process is None or self._process.returncode is not None:
            return 0
        self.wake()
        self._signal(signal.SIGTERM)
        return await self._ended()

    async def ready(self) -> tuple[int, dict[str, str]]:
        """Return what `/readyz` answers."""
        async with aiohttp.ClientSession() as client, client.get(f"{self.url}/readyz") as answer:
            return answer.status, await answer.json()

    async def lives(self) -> bool:
        """Whether `/healthz` answers that it does."""
        async with aiohttp.ClientSession() as client, client.get(f"{self.url}/healthz") as answer:
            return answer.status == 200

    async def works(self, within: float = PATIENCE) -> None:
        """Return when it does the desk's work. Raises TimeoutError after *within* seconds."""
        await self._says(200, "ok", within)

    async def stands_by(
        self, why: str = "another instance works", within: float = PATIENCE
    ) -> None:
        """Return when it says that it stands by. Raises TimeoutError after *within* seconds."""
        await self._says(503, f"stands by: {why}", within)

    async def _says(self, status: int, lease: str, within: float) -> None:
        async with asyncio.timeout(within):
            while not await self._is_said(status, lease):
                assert self._process is not None
                assert self._process.returncode is None, self.log.read_text()
                await asyncio.sleep(0.05)

    async def _is_said(self, status: int, lease: str) -> bool:
        try:
            said, parts = await self.ready()
        except aiohttp.ClientError:
            return False
        return said == status and parts["lease"] == lease

    def _signal(self, which: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(which)

    async def _ended(self) -> int:
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), STOP_WITHIN)


@asynccontextmanager
async def two_instances(
    there: World, folder: Path, lasts: float | None = None
) -> AsyncIterator[tuple[Instance, Instance]]:
    """Run two instances inside the block: the first one works, the second one stands by."""
    async with AsyncExitStack() as stack:
        first, second = (
            Instance(there, folder, name, stack.enter_context(held_port()), lasts)
            for name in ("first", "second")
        )
        try:
            await first.start()
            await first.works()
            await second.start()
            await second.stands_by()
            yield first, second
        finally:
            await asyncio.gather(first.stop(), second.stop())
