"""`podrska events`: what came in and could not be handled, and another try."""

from cyclopts import App

from bots.commands.shared import add_row, load_settings, open_store, run, say, show, stop, table_of

events = App(name="events", help="See what came in and could not be handled, and try it again.")


@events.command(name="list")
def list_events(*, most: int = 50) -> None:
    """List the events that the desk could not handle, oldest first. Nothing of them is lost.

    Parameters
    ----------
    most
        How many at most.

    """

    async def look() -> None:
        async with open_store(load_settings()) as store, store.transaction() as tx:
            found = await tx.unhandled(most)
        if not found:
            say("Everything that came in has been handled.")
            return
        table = table_of("key", "came (UTC)", "error")
        for each in found:
            add_row(table, each.key, f"{each.received_at:%Y-%m-%d %H:%M}", each.error)
        show(table)

    run(look)


@events.command(name="retry")
def retry_events(*keys: str, all: bool = False) -> None:
    """Have events handled once more, after an update that mends the fault.

    A running desk takes them up within seconds, another one when it starts.

    Parameters
    ----------
    keys
        Their keys, as `podrska events list` shows them.
    all
        All that can be read.

    """
    if bool(keys) == all:
        stop("Name the events that are to be handled once more, or say --all.")

    async def retry() -> int:
        async with open_store(load_settings()) as store, store.transaction() as tx:
            return await tx.handle_again(None if all else keys)

    count = run(retry)
    if count < len(set(keys)):
        stop("Not all of these wait to be handled once more: see `podrska events list`.")
    say(f"{count} will be handled once more." if count else "There is nothing to be handled.")
