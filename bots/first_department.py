"""The department that the settings describe, until an admin changes it."""

from dataclasses import replace

from bots.settings import Settings
from core.policy import Department
from core.ports import Audit, Clock, Store, Transaction

KEY = "support"
_AUDITS = 10_000


async def follow_settings(store: Store, settings: Settings, clock: Clock) -> Department:
    """Write the first department as the settings have it, and return it.

    Its room, its deadline and its group on call always follow the settings; its working hours only
    as long as no admin has changed them.
    """
    wanted = Department(
        key=KEY,
        name="Support",
        room=settings.slack_channel,
        hours=settings.hours(),
        answer_within=settings.answer_within,
        on_call=settings.slack_on_call,
    )
    async with store.transaction() as tx:
        departments = await tx.departments()
        before = departments[0] if departments else None
        if before is not None:
            wanted = replace(
                before,
                room=wanted.room,
                hours=wanted.hours,
                answer_within=wanted.answer_within,
                on_call=wanted.on_call,
            )
            if await _changed_by_admin(tx, before.key):
                wanted = replace(wanted, hours=before.hours)
        if wanted != before:
            entry = Audit(
                at=clock.now(),
                who="settings",
                what=f"department {wanted.key}",
                before=repr(before) if before else "",
                after=repr(wanted),
            )
            await tx.save_department(wanted, entry)
    return wanted


async def _changed_by_admin(tx: Transaction, key: str) -> bool:
    entries = await tx.audits(_AUDITS)
    return any(each.what == f"hours of {key}" for each in entries)
