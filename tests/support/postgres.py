"""A PostgreSQL server of the tests' own: started for them, and stopped after them."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DEBIAN = Path("/usr/lib/postgresql")
_USER = "desk"
# Nothing here outlives the tests, so nothing needs to reach the disk.
_HASTE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
_WIPE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    DROP SCHEMA public CASCADE;
    CREATE SCHEMA public;
"""


def programs() -> Path | None:
    """Return the folder with the server's programs, the newest; None if it is not installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return versions[-1].parent if versions else None


class Cluster:
    """A server in a folder of its own, reached through a socket in that folder alone."""

    def __init__(self, bin_folder: Path) -> None:
        self._bin = bin_folder
        self._folder = Path(tempfile.mkdtemp(prefix="desk-pg-"))
        self._data = self._folder / "data"

    def start(self) -> None:
        """Make the cluster and start it; return when it answers."""
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_unprivileged())
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "-D", self._data, "-U", _USER, "-A", "trust", "-E", "UTF8", "-N")
        self._up()

    def stop(self) -> None:
        """Stop the server and remove all that it wrote."""
        self._down("immediate")
        shutil.rmtree(self._folder)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let the server be gone inside the block, with its data kept, as for an upgrade."""
        self._down("fast")  # everybody is thrown out; in haste, what was committed could be gone
        try:
            yield
        finally:
            self._up()

    def _up(self) -> None:
        settings = {"listen_addresses": "", "unix_socket_directories": self._folder, **_HASTE}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        log = self._folder / "log"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", log, "-o", options)

    def _down(self, how: str) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", how, "-D", self._data)

    def empty_database(self) -> str:
        """Return the DATABASE_URL of a database with nothing in it; it is wiped each time.

        Whoever is still connected is thrown out: only one test at a time has it.
        """
        self._run("psql", "-q", "-h", self._folder, "-U", _USER, "-d", "postgres", "-c", _WIPE)
        return f"postgresql://{_USER}@/postgres?host={self._folder}"

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
    users = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in users else "nobody"
