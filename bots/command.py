"""The command line: `podrska run`, `podrska doctor`, and what admins and operators look at."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from getpass import getuser
from typing import Annotated, Any, NoReturn, TypeVar

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from adapters.clock import SystemClock
from adapters.phrasebook import load_phrasebook
from adapters.slack.listener import SlackLoginError
from adapters.store import CannotOpen, SqlStore
from adapters.web.server import CannotListen
from bots import bench as measurements
from bots import desk, hours_command, logs
from bots import doctor as doctor_
from bots.first_department import follow_settings
from bots.settings import Settings, SettingsError, read_duration, read_settings, secrets_of
from core.admin import Admin, ChangedMeanwhile
from core.hours import HoursError
from core.hours_wording import complaint
from core.ids import TicketId
from core.message import Part
from core.policy import Department
from core.ticket import TicketStatus

app = App(name="podrska", help="A support desk that lives where people already are.")
hours = App(name="hours", help="See and change a department's working hours.")
departments = App(name="departments", help="See and add departments.")
tickets = App(name="tickets", help="See tickets.")
for part in (hours, departments, tickets):
    app.command(part)

T = TypeVar("T")

out = Console()
problems = Console(stderr=True)


def main(words: Sequence[str] | None = None) -> None:
    """Run the command that these words are, or those that were typed."""
    try:
        app(words)
    except SettingsError as error:
        problems.print("Podrška cannot start: these settings are wrong.", style="bold red")
        for line in error.problems:
            problems.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
        problems.print("Every setting is explained in .env.example; `podrska doctor` checks them.")
        sys.exit(2)
    except CannotOpen as error:
        _stop(f"The database cannot be used: {error}")
    except CannotListen as error:
        _stop(f"The web server cannot listen on {error}. Is the desk running already?")
    except SlackLoginError as error:
        _stop(f"Slack does not accept {error}. `podrska doctor` says how to mend it.")
    except ChangedMeanwhile:
        _stop(
            "Somebody else changed the same thing just now. Look again, and repeat it if need be."
        )


@app.command
def run() -> None:
    """Run the desk until it is told to stop (SIGTERM, or Ctrl-C)."""
    sys.exit(_run(lambda: desk.run(_settings())))


@app.command
def demo(*, port: int = 8100, browser: bool = False) -> None:
    """Try the desk on this machine, with no account: one page with phone, Slack and mailbox.

    Parameters
    ----------
    port
        The port of the page.
    browser
        Open the page in a browser.

    """
    try:
        from bots import demo as sandbox  # its mail server comes with an extra of its own
    except ModuleNotFoundError as missing:
        _stop(f"{missing.name} is not installed: pip install 'podrska[demo]'")
    try:
        sys.exit(_run(lambda: sandbox.run(port=port, browser=browser)))
    except OSError as error:
        _stop(f"The demo cannot start: {error.strerror or error}. Try another --port.")


@app.command
def doctor() -> None:
    """Check every setting against the real thing, and say how to mend what is wrong."""
    settings = _settings()
    found = _run(lambda: doctor_.examine(settings))
    for line in found:
        mark, style = ("✓", "green") if line.well else ("✗", "red")
        _say(f"{mark} {line.what}", style)
        if line.mend:
            _say(f"    {line.mend}")
    sys.exit(0 if all(line.well for line in found) else 1)


@app.command
def bench() -> None:
    """Measure how fast this machine takes events in; ratios first."""
    _run(measurements.run)


@hours.command(name="show")
def show_hours(department: str = "") -> None:
    """Show the working hours, the holidays and the next opening."""

    async def show() -> None:
        settings = _settings()
        async with _admin(settings) as admin:
            for each in _chosen(await admin.departments(), department):
                shown = hours_command.show(
                    each, SystemClock().now(), load_phrasebook(), settings.default_language
                )
                _say(shown)

    _run(show)


@hours.command(name="set")
def set_hours(
    *,
    department: str = "",
    week: str | None = None,
    zone: str | None = None,
    holidays: str | None = None,
    exception: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    remove: Annotated[tuple[str, ...], Parameter(negative=())] = (),
) -> None:
    """Change the working hours; a running desk follows at once.

    Parameters
    ----------
    department
        The department's key; not needed where there is only one.
    week
        Such as "Mo-Fr 08:00-20:00; Sa 09:00-13:00".
    zone
        Such as Europe/Belgrade.
    holidays
        A country code such as RS, or "none".
    exception
        Such as "2026-12-31 08:00-12:00 short day" or "2027-01-02 off". May be repeated.
    remove
        A day whose exception is dropped, such as 2026-12-31. May be repeated.

    """

    async def change() -> None:
        settings = _settings()
        async with _admin(settings) as admin:
            (each,) = _chosen(await admin.departments(), department, only_one=True)
            changed = hours_command.changed(
                each.hours,
                week=week,
                zone=zone,
                holidays=holidays,
                add_exceptions=exception,
                remove_days=remove,
            )
            saved = await admin.set_hours(each.key, changed, who=_who(), expected=each.hours)
            shown = hours_command.show(
                saved, SystemClock().now(), load_phrasebook(), settings.default_language
            )
            _say(shown)

    try:
        _run(change)
    except HoursError as error:
        _stop(complaint(error, load_phrasebook(), _settings().default_language))


@departments.command(name="list")
def list_departments() -> None:
    """List the departments, the first one first."""

    async def show() -> None:
        async with _admin(_settings()) as admin:
            table = _table("key", "name", "room", "answers within", "week")
            for each in await admin.departments():
                within = f"{each.answer_within.total_seconds() / 60:g} min"
                _add(table, each.key, each.name, each.room, within, each.hours.week)
            out.print(table)

    _run(show)


@departments.command(name="add")
def add_department(
    key: str, name: str, room: str, *, answer_within: str = "10m", on_call: str = ""
) -> None:
    """Add a department; it begins with the first one's working hours.

    Parameters
    ----------
    key
        Short and lasting, such as billing.
    name
        What customers read on the button.
    room
        Its Slack channel, such as "#billing"; the app must be invited there.
    answer_within
        How long a customer may wait before a ticket is filed, such as 10m.
    on_call
        The Slack user group that reminders mention (its ID, S…), or "here".

    """
    try:
        within = read_duration(answer_within)
    except ValueError as error:
        _stop(f"--answer-within: expected {error}")

    async def add() -> None:
        async with _admin(_settings()) as admin:
            first = (await admin.departments())[0]
            new = Department(
                key=key,
                name=name,
                room=room,
                hours=first.hours,
                answer_within=within,
                on_call=on_call,
            )
            await admin.add_department(new, who=_who())
            out.print(f"{key} is there. Customers choose from now on.", highlight=False)

    try:
        _run(add)
    except ValueError as error:
        _stop(str(error))


@tickets.command(name="list")
def list_tickets(*, closed: bool = False, most: int = 50) -> None:
    """List tickets, the newest first.

    Parameters
    ----------
    closed
        Closed ones too.
    most
        How many at most.

    """

    async def show() -> None:
        wanted = [each for each in TicketStatus if closed or each is not TicketStatus.CLOSED]
        async with _store(_settings()) as store, store.transaction() as tx:
            found = await tx.tickets(wanted, most)
        table = _table("ticket", "status", "filed (UTC)", "customer", "e-mail", "subject")
        for each in found:
            if each.ticket is not None:
                _add(
                    table,
                    each.ticket.id,
                    each.ticket.status.value,
                    f"{each.ticket.filed_at:%Y-%m-%d %H:%M}",
                    each.contact.name,
                    each.contact.email,
                    each.subject,
                )
        out.print(table)

    _run(show)


@tickets.command(name="show")
def show_ticket(ticket: str) -> None:
    """Show everything said in a ticket's conversation."""

    async def show() -> None:
        async with _store(_settings()) as store, store.transaction() as tx:
            found = await tx.ticket(TicketId(ticket.upper().strip("[]")))
            if found is None or found.ticket is None:
                _stop(f"There is no ticket {ticket}. `podrska tickets list` shows those there are.")
            said = await tx.messages_in(found.id)
        _say(f"{found.ticket.id}  {found.ticket.status}  {found.subject}")
        _say(f"{found.contact.name} <{found.contact.email}>")
        for each in said:
            note = " (note)" if each.part is Part.NOTE else ""
            head = f"\n{each.at:%Y-%m-%d %H:%M} {each.author}{note}:"
            _say(head)
            _say(each.text.text)
            for file in each.attachments:
                _say(f"[{file.kind}: {file.name}]")

    _run(show)


def _settings() -> Settings:
    settings = read_settings()
    logs.set_up(form=settings.log_format, level=settings.log_level, secrets=secrets_of(settings))
    return settings


def _run(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    return asyncio.run(make())


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[SqlStore]:
    store = await SqlStore.open(settings.database_url.get_secret_value())
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[Admin]:
    async with _store(settings) as store:
        await follow_settings(store, settings, SystemClock())
        yield Admin(store, SystemClock())


def _chosen(
    found: tuple[Department, ...], key: str, *, only_one: bool = False
) -> tuple[Department, ...]:
    """Return the department called *key*; without a key, all of them."""
    names = ", ".join(each.key for each in found)
    if not key:
        if only_one and len(found) > 1:
            _stop(f"Which department? Use --department with one of: {names}")
        return found
    chosen = tuple(each for each in found if each.key == key)
    if not chosen:
        _stop(f"There is no department {key}; there are: {names}")
    return chosen


def _say(text: str, style: str = "") -> None:
    """Print what is no markup; its lines are as long as they are."""
    out.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def _table(*columns: str) -> Table:
    """Return a table that never leaves out a part of an ID or an address."""
    return Table(*(Column(each, overflow="fold") for each in columns))


def _add(table: Table, *cells: str) -> None:
    table.add_row(*map(Text, cells))  # what people wrote is no markup


def _who() -> str:
    return f"command line: {getuser()}"


def _stop(message: str) -> NoReturn:
    problems.print(message, markup=False, highlight=False, soft_wrap=True)
    sys.exit(1)
