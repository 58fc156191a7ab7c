"""`podrska deliveries`: what could not be delivered, and what is done about it."""

from datetime import timedelta

from cyclopts import App

from adapters.clock import SystemClock
from adapters.store import SqlStore
from bots.commands.shared import (
    add_row,
    load_settings,
    open_store,
    run,
    say,
    show,
    stop,
    table_of,
    who,
)
from core.ids import DeliveryId
from core.mending import Mending

deliveries = App(name="deliveries", help="See what could not be delivered, and try it again.")


@deliveries.command(name="list")
def list_deliveries(*, channel: str | None = None, most: int = 50) -> None:
    """List what has failed, and what has waited for more than ten minutes, oldest first.

    Parameters
    ----------
    channel
        Only what goes to telegram, agents, mail or webhook.
    most
        How many at most.

    """

    async def look() -> None:
        clock = SystemClock()
        async with open_store(load_settings()) as store:
            found = await Mending(store, clock).undelivered(channel, most)
        if not found:
            say("Nothing has failed, and nothing is overdue.")
            return
        table = table_of("id", "state", "channel", "place", "age", "attempts", "reason")
        for each in found:
            age = _age(clock.now() - each.created_at)
            cells = (each.id, each.state, each.channel, each.place, age, str(each.attempts))
            add_row(table, *cells, each.reason)
        show(table)

    run(look)


@deliveries.command(name="retry")
def retry_deliveries(*ids: str, all: bool = False, channel: str | None = None) -> None:
    """Try failed deliveries again, in their order; a running desk begins within seconds.

    Parameters
    ----------
    ids
        Their ids, as `podrska deliveries list` shows them.
    all
        All that have failed.
    channel
        With --all: only what goes to telegram, agents, mail or webhook.

    """
    if bool(ids) == all:
        stop("Name the deliveries that are to be tried again, or say --all.")
    if ids and channel:
        stop("--channel goes with --all.")

    async def retry() -> list[DeliveryId]:
        async with open_store(load_settings()) as store:
            mending = _mending(store)
            if all:
                return await mending.retry_all(channel, who=who())
            return await mending.retry([DeliveryId(each) for each in ids], who=who())

    _tell(run(retry), ids, "tried again", "has failed")


@deliveries.command(name="drop")
def drop_deliveries(*ids: str) -> None:
    """Give deliveries up for good: those that failed, or that wait.

    Parameters
    ----------
    ids
        Their ids, as `podrska deliveries list` shows them.

    """
    if not ids:
        stop("Name the deliveries that are to be dropped.")

    async def drop() -> list[DeliveryId]:
        async with open_store(load_settings()) as store:
            return await _mending(store).drop([DeliveryId(each) for each in ids], who=who())

    _tell(run(drop), ids, "dropped", "has failed or waits")


def _mending(store: SqlStore) -> Mending:
    return Mending(store, SystemClock())


def _tell(done: list[DeliveryId], asked: tuple[str, ...], became: str, must: str) -> None:
    """Say how many were changed, and which of those that were *asked* for could not be."""
    say(f"{len(done)} {'delivery is' if len(done) == 1 else 'deliveries are'} {became}.")
    left = [each for each in asked if each not in done]
    if left:
        stop(f"Left as they are, for none of them {must}: {', '.join(left)}")


def _age(age: timedelta) -> str:
    """Return an age in the largest unit that fits: 3 d, 5 h, 12 min."""
    if age >= timedelta(days=2):
        return f"{age.days} d"
    minutes = age // timedelta(minutes=1)
    return f"{minutes // 60} h" if minutes >= 120 else f"{minutes} min"
