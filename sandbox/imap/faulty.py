"""What goes wrong with a command, as `sandbox.faults` says it is to."""

import asyncio

from sandbox.faults import Fault, FaultKind

from .grammar import No
from .line import Line


class Cut(Exception):
    """The connection breaks now."""


def before(fault: Fault | None) -> None:
    """Let a command fail before it has had any effect. Raises Cut and No."""
    match fault and fault.kind:
        case FaultKind.LIMIT:
            raise No("[LIMIT] Too many commands: try again later")
        case FaultKind.ERROR:
            raise No("[UNAVAILABLE] The server is in trouble: try again later")
        case FaultKind.REFUSE if fault:
            raise No(fault.error)
        case FaultKind.CUT_BEFORE:
            raise Cut


async def after(fault: Fault | None, line: Line) -> bool:
    """Send the answer to a command, late or only by half; say whether the connection is over."""
    match fault and fault.kind:
        case FaultKind.CUT_AFTER:
            await line.flush(share=0.5)
            return True
        case FaultKind.SLOW if fault:
            await asyncio.sleep(fault.seconds)
    await line.flush()
    return False
