"""`podrska departments`: which there are, and a new one."""

from cyclopts import App

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
from bots.settings import read_duration
from core.policy import Department

departments = App(name="departments", help="See and add departments.")


@departments.command(name="list")
def list_departments() -> None:
    """List the departments, the first one first."""

    async def look() -> None:
        async with open_admin(load_settings()) as admin:
            table = table_of("key", "name", "room", "answers within", "week")
            for each in await admin.departments():
                within = f"{each.answer_within.total_seconds() / 60:g} min"
                add_row(table, each.key, each.name, each.room, within, each.hours.week)
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
    try:
        within = read_duration(answer_within)
    except ValueError as error:
        stop(f"--answer-within: expected {error}")

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
