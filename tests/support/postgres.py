"""A PostgreSQL server of the tests' own: started for them, and stopped after them."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

import asyncpg

_DEBIAN = Path("/usr/lib/postgresql")
_TEMPLATE = "desk_template"
# Nothing here outlives the tests, so nothing needs to reach the disk.
_HASTE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def programs() -> Path | None:
    """Return the folder with the server's programs, the newest; None if it is not installed."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return versions[-1].parent if versions else None


class Cluster:
    """A server in a folder of its own, reached through a socket in that folder."""

    def __init__(self, bin_folder: Path) -> None:
        self._bin = bin_folder
        self._folder = Path(tempfile.mkdtemp(prefix="desk-pg-"))
        self._numbers = count(1)
        self._has_template = False

    def start(self) -> None:
        """Make the cluster and start it; return when it answers."""
        data = self._folder / "data"
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_unprivileged())
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "-D", data, "-U", "desk", "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = {"listen_addresses": "", "unix_socket_directories": self._folder, **_HASTE}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._run("pg_ctl", "start", "-w", "-D", data, "-l", self._folder / "log", "-o", options)

    def stop(self) -> None:
        """Stop the server and remove all that it wrote."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self._folder / "data")
        shutil.rmtree(self._folder)

    async def create(self, prepare: Callable[[str], Awaitable[None]]) -> str:
        """Return the DATABASE_URL of a new database; *prepare* is run once, on its template."""
        if not self._has_template:
            await self._execute(f"CREATE DATABASE {_TEMPLATE}")
            await prepare(self._url(_TEMPLATE))
            self._has_template = True
        name = f"desk_{next(self._numbers)}"
        await self._execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return self._url(name)

    async def drop(self, url: str) -> None:
        """Remove a database that `create` made, whoever is connected."""
        name = url.partition("?")[0].rpartition("/")[2]
        await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _url(self, name: str) -> str:
        return f"postgresql://desk@/{name}?host={self._folder}"

    async def _execute(self, sql: str) -> None:
        connection = await asyncpg.connect(user="desk", database="postgres", host=str(self._folder))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [str(self._bin / program), *map(str, arguments)]
        if os.geteuid() == 0:  # the server's programs refuse to be run by root
            user = _unprivileged()
            command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *command]
        done = subprocess.run(
            command, cwd=self._folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}")


def _unprivileged() -> str:
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return "nobody"
    return "postgres"
