"""`podrska tickets`: what was filed, and everything said in it."""

from cyclopts import App

from bots.commands.shared import add_row, load_settings, open_store, run, say, show, stop, table_of
from core.ids import TicketId
from core.message import Part
from core.ticket import TicketStatus

tickets = App(name="tickets", help="See tickets.")


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

    async def look() -> None:
        wanted = [each for each in TicketStatus if closed or each is not TicketStatus.CLOSED]
        async with open_store(load_settings()) as store, store.transaction() as tx:
            found = await tx.tickets(wanted, most)
        table = table_of("ticket", "status", "filed (UTC)", "customer", "e-mail", "subject")
        for each in found:
            if each.ticket is not None:
                add_row(
                    table,
                    each.ticket.id,
                    each.ticket.status.value,
                    f"{each.ticket.filed_at:%Y-%m-%d %H:%M}",
                    each.contact.name,
                    each.contact.email,
                    each.subject,
                )
        show(table)

    run(look)


@tickets.command(name="show")
def show_ticket(ticket: str) -> None:
    """Show everything said in a ticket's conversation."""

    async def look() -> None:
        async with open_store(load_settings()) as store, store.transaction() as tx:
            found = await tx.ticket(TicketId(ticket.upper().strip("[]")))
            if found is None or found.ticket is None:
                stop(f"There is no ticket {ticket}. `podrska tickets list` shows those there are.")
            said = await tx.messages_in(found.id)
        say(f"{found.ticket.id}  {found.ticket.status}  {found.subject}")
        say(f"{found.contact.name} <{found.contact.email}>")
        for each in said:
            note = " (note)" if each.part is Part.NOTE else ""
            head = f"\n{each.at:%Y-%m-%d %H:%M} {each.author}{note}:"
            say(head)
            say(each.text.text)
            for file in each.attachments:
                say(f"[{file.kind}: {file.name}]")

    run(look)
