"""What all tests share: databases on both engines, and a word about what had to be left out."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from adapters.store import SqlStore
from tests.support import dovecot, postgres

# The same examples each time, however long the machine takes for one, and no memory of other runs.
settings.register_profile(
    "podrska",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("podrska")

_MISSING: dict[str, Callable[[], str | None]] = {
    "postgres": lambda: None if postgres.programs() else "PostgreSQL",
    "dovecot": lambda: None if dovecot.is_installed() else "Dovecot",
    "chromium": lambda: None if shutil.which("chromium") else "Chromium",
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test that needs what is not installed; fail it where nothing may be left out."""
    for marker, missing in _MISSING.items():
        if item.get_closest_marker(marker) and (name := missing()):
            reason = f"{name} is not installed: make test-deps"
            if os.environ.get("REQUIRE_SERVERS") == "1":
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests were left out, and why."""
    left_out: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        left_out.setdefault(reason.removeprefix("Skipped: "), []).append(report.nodeid)
    for reason, tests in left_out.items():
        terminalreporter.section(f"left out ({len(tests)}): {reason}", sep="-", yellow=True)
        for test in sorted(tests):
            terminalreporter.write_line(test)


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """Start a PostgreSQL server; each worker of a parallel run has its own."""
    folder = postgres.programs()
    assert folder is not None, "a test that uses this is marked `postgres`"
    server = postgres.Cluster(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the DATABASE_URL of a new, empty database; its test runs on both engines."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/desk.db"
    server: postgres.Cluster = request.getfixturevalue("cluster")
    return server.empty_database()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlStore]:
    """Open a store without anything in it, on both engines."""
    opened = await SqlStore.open(database_url)
    yield opened
    await opened.close()
