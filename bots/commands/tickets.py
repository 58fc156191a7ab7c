"""`podrska tickets`: what was filed and said, and what operators do about it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from cyclopts import App

from adapters.clock import SystemClock
from adapters.phrasebook import load_phrasebook
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
from bots.transcripts import as_html
from core.conversation import Conversation
from core.message import Part
from core.ticket import OPEN_STATUSES, Ticket, TicketStatus
from core.tickets import Tickets
from core.transcript import Transcript, as_text, transcript

tickets = App(name="tickets", help="See tickets, close and merge them.")


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

    async def look() -> list[Conversation]:
        wanted = tuple(TicketStatus) if closed else OPEN_STATUSES
        async with open_store(load_settings()) as store, store.transaction() as tx:
            return await tx.tickets(wanted, most)

    names = ("ticket", "status", "priority", "filed (UTC)", "waits since (UTC)")
    table = table_of(*names, "customer", "e-mail", "subject")
    for each in run(look):
        if (ticket := each.ticket) is not None:
            add_row(
                table,
                ticket.id,
                ticket.status.value,
                ticket.priority.value,
                _minute(ticket.filed_at),
                _minute(each.waiting_since),
                each.contact.name,
                each.contact.email,
                each.subject,
            )
    show(table)


@tickets.command(name="show")
def show_ticket(ticket: str) -> None:
    """Show everything said in a ticket's conversation, notes too."""

    async def look() -> None:
        async with _opened() as known:
            found, filed = await _found(known, ticket)
            said = await known.said_in(found)
        say(f"{filed.id}  {filed.status}  {filed.priority}  {found.subject}")
        say(f"{found.contact.name} <{found.contact.email}>")
        if filed.merged_into:
            say(f"merged into {filed.merged_into}")
        if found.earlier_tickets:
            say(f"after {', '.join(found.earlier_tickets)}")
        for each in said:
            note = " (note)" if each.part is Part.NOTE else ""
            say(f"\n{each.at:%Y-%m-%d %H:%M} {each.author}{note}:")
            say(each.text.text)
            for file in each.attachments:
                say(f"[{file.kind}: {file.name}]")

    run(look)


@tickets.command(name="close")
def close_ticket(ticket: str) -> None:
    """Close a ticket: a running desk does within seconds, and tells the customer and the agents."""

    async def close() -> None:
        async with _opened() as known:
            found, filed = await _found(known, ticket)
            if filed.status is TicketStatus.CLOSED:
                stop(f"{filed.id} is closed already.")
            await known.close(found, who=who())
        say(f"{filed.id} will be closed.")

    run(close)


@tickets.command(name="merge")
def merge_ticket(ticket: str, into: str) -> None:
    """Merge a ticket into another one of the same customer, in which it goes on.

    A running desk does within seconds, and tells the customer and the agents.

    Parameters
    ----------
    ticket
        The ticket that is closed.
    into
        The one in which it goes on.

    """

    async def merge() -> None:
        async with _opened() as known:
            found, filed = await _found(known, ticket)
            if (refused := await known.why_not(found, into)) is not None:
                stop(load_phrasebook().say("en", refused))
            await known.merge(found, into, who=who())
        say(f"{filed.id} will be merged.")

    run(merge)


@tickets.command(name="transcript")
def write_transcript(ticket: str, *, html: Path | None = None, notes: bool = False) -> None:
    """Print a ticket as a document in its customer's language, or write it as a web page.

    Parameters
    ----------
    ticket
        Its ID.
    html
        The file that is written; it needs no other, and can be passed on and printed.
    notes
        With what agents wrote among themselves: not for the customer.

    """

    async def look() -> Transcript:
        async with _opened() as known:
            found, _ = await _found(known, ticket)
            said, zone = await known.said_in(found), await known.zone_of(found)
        return transcript(found, said, load_phrasebook(), zone=zone, notes=notes)

    document = run(look)
    if html is None:
        say(as_text(document))
        return
    try:
        html.write_text(as_html(document), encoding="utf-8")
    except OSError as error:
        stop(f"{html} cannot be written: {error.strerror}")
    say(f"{html} is written.")


@asynccontextmanager
async def _opened() -> AsyncIterator[Tickets]:
    async with open_store(load_settings()) as store:
        yield Tickets(store, SystemClock())


async def _found(known: Tickets, typed: str) -> tuple[Conversation, Ticket]:
    """Return the ticket that was typed; without one, end with exit code 1."""
    found = await known.find(typed)
    if found is None or found.ticket is None:
        stop(f"There is no ticket {typed}. `podrska tickets list` shows those there are.")
    return found, found.ticket


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
