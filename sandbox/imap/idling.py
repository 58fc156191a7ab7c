"""IDLE (RFC 2177): a client is told what is new until it says that it is done."""

import asyncio

from sandbox.mailbox import Mailbox

from .grammar import Bad
from .line import Line
from .view import View


async def idle(line: Line, mailbox: Mailbox, view: View | None, quiet: float) -> None:
    """Tell the news of *view*, if a folder is selected, as they come; none for *quiet* seconds.

    Raises Bad if the client says anything but DONE, EOFError if it goes, Restored.
    """
    line.say(b"+ Idling")
    await line.flush()
    done = asyncio.create_task(line.text())
    try:
        if quiet:
            await asyncio.wait({done}, timeout=quiet)
        while not done.done():
            rung = mailbox.bell.listen()
            if view is not None:  # an empty one is false
                line.say(*view.news())
                await line.flush()
            await _either(done, rung)
    except BaseException:
        done.cancel()
        await asyncio.gather(done, return_exceptions=True)
        raise
    if (await done).upper() != b"DONE\r\n":
        raise Bad("DONE was expected")


async def _either(done: "asyncio.Task[bytes]", rung: asyncio.Event) -> None:
    ring = asyncio.create_task(rung.wait())
    try:
        await asyncio.wait({done, ring}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ring.cancel()
