"""Every setting checked against the real thing, with a word on how to mend what is wrong."""

from collections.abc import Awaitable, Callable

from bots.doctor import machine, mail, slack, telegram, web
from bots.doctor.finding import Finding, wrong
from bots.settings import Settings

__all__ = ["Finding", "examine"]


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; one thing's failure does not hide the others."""
    looks: tuple[Callable[[Settings], Awaitable[list[Finding]]], ...] = (
        machine.keys,
        machine.database,
        machine.folder,
        machine.port,
        telegram.telegram,
        slack.slack,
        web.webhook,
        web.portal,
        mail.mail,
        mail.mailbox,
        web.website,
    )
    found: list[Finding] = []
    for look in looks:
        try:
            found += await look(settings)
        except Exception as error:  # a doctor who faints helps nobody
            found.append(wrong(f"{look.__name__}: {type(error).__name__}", str(error)))
    return found
