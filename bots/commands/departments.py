"""`podrska departments`: which there are, a new one, and for how long each waits."""

from datetime import timedelta

from cyclopts import App

from adapters.mail.address import ascii_address
from bots.commands.shared import (
    add_row,
    load_settings,
    open_admin,
    run,
    say,
    show,
    stop,
    table_of,
    who,
)
from bots.setting_kinds import read_duration
from core.policy import Department

departments = App(name="departments", help="See, add and change departments.")


@departments.command(name="list")
def list_departments() -> None:
    """List the departments, the first one first."""

    async def look() -> None:
        async with open_admin(load_settings()) as admin:
            waits = ("resolves after", "reminds after", "closes after")
            table = table_of("key", "name", "room", "e-mail", "answers within", *waits, "week")
            for each in await admin.departments():
                within = f"{each.answer_within.total_seconds() / 60:g} min"
                spans = map(_hours, (each.idle, each.remind_after, each.close_after))
                add_row(
                    table,
                    each.key,
                    each.name,
                    each.room,
                    each.email,
                    within,
                    *spans,
                    each.hours.week,
                )
            show(table)

    run(look)


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
    within = _span("--answer-within", answer_within)

    async def add() -> None:
        async with open_admin(load_settings()) as admin:
            first = (await admin.departments())[0]
            new = Department(
                key=key,
                name=name,
                room=room,
                hours=first.hours,
                answer_within=within,
                on_call=on_call,
            )
            await admin.add_department(new, who=who())
            say(f"{key} is there. Customers choose from now on.")

    try:
        run(add)
    except ValueError as error:
        stop(str(error))


@departments.command(name="set")
def set_department(
    key: str,
    *,
    resolve_after: str | None = None,
    remind_after: str | None = None,
    close_after: str | None = None,
    email: str | None = None,
) -> None:
    """Change for how long a department waits, or its address; what is not named stays as it is.

    Parameters
    ----------
    key
        Which department, as `podrska departments list` shows it.
    resolve_after
        How long a customer may be silent in a chat before it is resolved, such as 24h.
    remind_after
        How long a ticket may wait for an agent before they are reminded, and again then.
    close_after
        How long a customer may be silent before an answered ticket is closed, such as 7d; they are
        told two days before, or at half time.
    email
        The address to which its customers write, "" for none. Its mail must come to the
        mailbox that the desk reads.

    """
    asked = {"idle": resolve_after, "remind_after": remind_after, "close_after": close_after}
    names = {"idle": "resolve_after"}
    spans = {
        name: _span(f"--{names.get(name, name).replace('_', '-')}", typed)
        for name, typed in asked.items()
        if typed is not None
    }
    if email and ascii_address(email) is None:
        stop(f"--email: {email!r} is no address; expected billing@example.com")
    if not spans and email is None:
        stop("Name what is to be changed: see `podrska departments set --help`.")

    async def change() -> None:
        async with open_admin(load_settings()) as admin:
            known = [each.key for each in await admin.departments()]
            if key not in known:
                stop(f"There is no department called {key}; there are: {', '.join(known)}")
            if spans:
                await admin.set_patience(key, who=who(), **spans)
            if email is not None:
                await admin.set_email(key, email, who=who())
            say(f"{key} is changed. It holds from the next event on.")

    try:
        run(change)
    except ValueError as error:
        stop(str(error))


def _span(option: str, typed: str) -> timedelta:
    """Return the duration that was typed; without one, end with exit code 1."""
    try:
        span: timedelta = read_duration(typed)
    except ValueError as error:
        stop(f"{option}: expected {error}")
    return span


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):g} h"
