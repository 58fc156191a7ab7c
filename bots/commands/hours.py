"""`podrska hours`: a department's working hours."""

from typing import Annotated

from cyclopts import App, Parameter

from adapters.clock import SystemClock
from adapters.phrasebook import load_phrasebook
from bots import hours_command
from bots.commands.shared import load_settings, open_admin, run, say, stop, who
from core.hours import HoursError
from core.hours_wording import complaint
from core.policy import Department

hours = App(name="hours", help="See and change a department's working hours.")


@hours.command(name="show")
def show_hours(department: str = "") -> None:
    """Show the working hours, the holidays and the next opening."""

    async def look() -> None:
        settings = load_settings()
        async with open_admin(settings) as admin:
            for each in _chosen(await admin.departments(), department):
                shown = hours_command.show(
                    each, SystemClock().now(), load_phrasebook(), settings.default_language
                )
                say(shown)

    run(look)


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
        settings = load_settings()
        async with open_admin(settings) as admin:
            (each,) = _chosen(await admin.departments(), department, only_one=True)
            changed = hours_command.changed(
                each.hours,
                week=week,
                zone=zone,
                holidays=holidays,
                add_exceptions=exception,
                remove_days=remove,
            )
            saved = await admin.set_hours(each.key, changed, who=who(), expected=each.hours)
            shown = hours_command.show(
                saved, SystemClock().now(), load_phrasebook(), settings.default_language
            )
            say(shown)

    try:
        run(change)
    except HoursError as error:
        stop(complaint(error, load_phrasebook(), load_settings().default_language))


def _chosen(
    found: tuple[Department, ...], key: str, *, only_one: bool = False
) -> tuple[Department, ...]:
    """Return the department called *key*; without a key, all of them."""
    names = ", ".join(each.key for each in found)
    if not key:
        if only_one and len(found) > 1:
            stop(f"Which department? Use --department with one of: {names}")
        return found
    chosen = tuple(each for each in found if each.key == key)
    if not chosen:
        stop(f"There is no department {key}; there are: {names}")
    return chosen
