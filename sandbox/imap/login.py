"""The two ways in which a client says who it is."""

import base64

from .grammar import Bad, No, Scanner
from .line import Line


def told(args: Scanner) -> tuple[str, str]:
    """Return the user and the password of LOGIN. Raises Bad."""
    args.space()
    user = args.astring()
    args.space()
    password = args.astring()
    args.end()
    return user, password


async def asked_for(line: Line, args: Scanner) -> tuple[str, str]:
    """Return what a client answers to AUTHENTICATE PLAIN (RFC 4616). Raises Bad, No, EOFError."""
    args.space()
    mechanism = args.atom()
    args.end()
    if mechanism != "PLAIN":
        raise No("[CANNOT] Only PLAIN is offered")
    line.say(b"+ ")
    await line.flush()
    try:
        _, user, password = base64.b64decode(await line.text()).decode().split("\0")
    except ValueError:
        raise Bad("That is not PLAIN") from None
    return user, password
