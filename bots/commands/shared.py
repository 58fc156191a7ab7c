"""What the commands share: settings, the opened store, and how a person is told."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from getpass import getuser
from typing import Any, NoReturn, TypeVar

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from adapters.clock import SystemClock
from adapters.store import SqlStore
from bots import logs
from bots.first_department import follow_settings
from bots.settings import Settings, read_settings, secrets_of
from core.admin import Admin

T = TypeVar("T")


def load_settings() -> Settings:
    """Return the settings, with the logs set up to keep them secret. Raises `SettingsError`."""
    settings = read_settings()
    logs.set_up(form=settings.log_format, level=settings.log_level, secrets=secrets_of(settings))
    return settings


def run(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run what *make* makes until its end, and return its result."""
    return asyncio.run(make())


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[SqlStore]:
    """Open the desk's database inside the block. Raises `CannotOpen`."""
    store = await SqlStore.open(settings.database_url.get_secret_value())
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_admin(settings: Settings) -> AsyncIterator[Admin]:
    """Open what admins change, inside the block. Raises `CannotOpen`."""
    async with open_store(settings) as store:
        await follow_settings(store, settings, SystemClock())
        yield Admin(store, SystemClock())


def table_of(*columns: str) -> Table:
    """Return a table that never leaves out a part of an ID or an address."""
    return Table(*(Column(each, overflow="fold") for each in columns))


def add_row(table: Table, *cells: str) -> None:
    """Add a row to *table*; what people wrote in it is no markup."""
    table.add_row(*map(Text, cells))


def show(table: Table) -> None:
    """Print a table, as wide as there is room."""
    Console().print(table)


def say(text: str, style: str = "") -> None:
    """Print what is no markup; its lines are as long as they are, to be copied whole."""
    Console().print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def complain(text: str, style: str = "") -> None:
    """Print on standard error, as `say` does."""
    Console(stderr=True).print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def who() -> str:
    """Return who types this, for the audit log."""
    return f"command line: {getuser()}"


def stop(message: str) -> NoReturn:
    """Say why the command cannot do what it was asked, and end with exit code 1."""
    complain(message)
    sys.exit(1)
