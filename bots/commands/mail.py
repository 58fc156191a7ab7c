"""`podrska mail`: what came by mail and could not be read, looked at and tried again."""

import sys

from cyclopts import App

from bots.commands.shared import add_row, load_settings, open_store, run, say, show, stop, table_of
from core.mail_port import KeptMail, MailState

mail = App(name="mail", help="See what came by mail and could not be read, and try it again.")

_MOST_SHOWN = 20_000
"""Characters: as much as anybody reads in a terminal."""


@mail.command(name="list")
def list_mails(*, all: bool = False, most: int = 50) -> None:
    """List the mails that nobody could read or that were skipped, oldest first.

    Parameters
    ----------
    all
        All mails, also those that became messages.
    most
        How many at most.

    """

    async def look() -> None:
        states = list(MailState) if all else [MailState.UNREADABLE, MailState.SKIPPED]
        async with open_store(load_settings()) as store, store.transaction() as tx:
            found = await tx.list_mails(states, most)
        if not found:
            say("No mail has come yet." if all else "Every mail that came could be read.")
            return
        table = table_of("key", "came (UTC)", "state", "kB", "here", "UID", "error")
        for each in found:
            came, size = f"{each.received_at:%Y-%m-%d %H:%M}", f"{each.size / 1024:.0f}"
            cells = (each.key, came, each.state, size, each.extent, str(each.uid))
            add_row(table, *cells, harmless(each.error))
        show(table)

    run(look)


@mail.command(name="show")
def show_mail(key: str, *, raw: bool = False) -> None:
    """Show a mail as it came, as far as a terminal can bear it.

    Parameters
    ----------
    key
        Its key, as `podrska mail list` shows it.
    raw
        Byte for byte, to be written into a file: podrska mail show KEY --raw > mail.eml

    """

    async def look() -> KeptMail | None:
        async with open_store(load_settings()) as store, store.transaction() as tx:
            return await tx.mail(key)

    found = run(look)
    if found is None:
        stop("There is no such mail: see `podrska mail list --all`.")
    if raw:
        sys.stdout.buffer.write(found.raw)
        sys.stdout.buffer.flush()
        return
    record = found.record
    came = f"{record.received_at:%Y-%m-%d %H:%M} UTC"
    say(f"{record.key}: {record.state}, came {came}, UID {record.uid} in {record.mailbox}", "bold")
    if record.error:
        say(harmless(record.error), "red")
    say(harmless(found.raw[:_MOST_SHOWN].decode("utf-8", "backslashreplace")))
    if len(found.raw) > _MOST_SHOWN:
        say(f"… and {len(found.raw) - _MOST_SHOWN} bytes more: see --raw", "bold")


@mail.command(name="retry")
def retry_mails(*keys: str, all: bool = False) -> None:
    """Have mails read once more, after the fault has been mended.

    A running desk takes them up within half a minute, another one when it starts. What the server
    could not hand out is fetched once more, within two minutes.

    Parameters
    ----------
    keys
        Their keys, as `podrska mail list` shows them.
    all
        All that could not be read or were skipped.

    """
    if bool(keys) == all:
        stop("Name the mails that are to be read once more, or say --all.")

    async def retry() -> list[str]:
        async with open_store(load_settings()) as store, store.transaction() as tx:
            wanted = None if all else keys
            return await tx.retry_mails(wanted) + await tx.fetch_again(wanted)

    retried = run(retry)
    if left := [each for each in keys if each not in retried]:
        stop(f"Left as they are, for all of them could be read: {', '.join(left)}")
    say(f"{len(retried)} will be read once more." if retried else "There is nothing to be read.")


def harmless(text: str) -> str:
    """Return text that does nothing to a terminal: what is no letter or line end is spelled out."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join("".join(map(_spelled, line)) for line in lines)


def _spelled(letter: str) -> str:
    if letter.isprintable() or letter == "\t":
        return letter
    return letter.encode("unicode_escape").decode("ascii")
