"""Settings, the audit log, and figures."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.store import SqlStore
from core.hours import HoursException, WorkingHours
from core.ids import DeliveryId
from core.outbox_port import Failed
from core.policy import Department
from core.ports import Audit, Store
from tests.support.stored import (
    NOON,
    SUPPORT,
    a_conversation,
    a_delivery,
    add_department,
    keep,
    later,
)


def the_sales_department() -> Department:
    """Return a department in which nothing is left at its default."""
    return Department(
        key="sales",
        name="Продаја",
        room="C2",
        hours=WorkingHours(
            week="24/7",
            zone="America/New_York",
            exceptions=(HoursException(NOON.date(), "off", "inventory"),),
        ),
        answer_within=timedelta(milliseconds=1500),
        idle=timedelta(days=3),
        on_call="S7",
        remind_after=timedelta(hours=7),
        close_after=timedelta(days=30),
    )


async def test_departments_keep_their_order(store: Store) -> None:
    """The first one stays the first one, also when it is changed."""
    sales = the_sales_department()
    await add_department(store)
    await add_department(store, sales)
    changed = replace(SUPPORT, name="Help", hours=sales.hours)
    await add_department(store, changed)
    async with store.transaction() as tx:
        assert await tx.departments() == (changed, sales)


async def test_a_change_that_is_taken_back_was_none(store: Store) -> None:
    """It is seen as long as it stands, and not a moment longer."""
    await add_department(store)
    changed = replace(SUPPORT, name="Help")
    entry = Audit(at=NOON, who="U1", what="name", before="", after="Help")
    with pytest.raises(LookupError):
        async with store.transaction() as tx:
            await tx.save_department(changed, entry)
            assert await tx.departments() == (changed,)
            raise LookupError
    async with store.transaction() as tx:
        assert await tx.departments() == (SUPPORT,)


async def test_what_another_program_changes_is_seen_at_once(tmp_path: Path) -> None:
    """An operator's command writes to the file while the desk runs."""
    desk, command = [await SqlStore.open(f"sqlite:///{tmp_path}/desk.db") for _ in range(2)]
    await add_department(desk)
    for name in ("Help", "Support"):
        changed = replace(SUPPORT, name=name)
        async with desk.transaction() as tx:
            assert await tx.departments() != (changed,)
        await add_department(command, changed)
        async with desk.transaction() as tx:
            assert await tx.departments() == (changed,)
    await desk.close()
    await command.close()


async def test_every_change_is_in_the_audit_log(store: Store) -> None:
    """With who and when; newest first, as many as asked for."""
    entries = [
        Audit(at=later(minutes=n), who="U1", what="hours", before=str(n), after=str(n + 1))
        for n in range(3)
    ]
    for entry in entries:
        async with store.transaction() as tx:
            await tx.save_department(SUPPORT, entry)
    async with store.transaction() as tx:
        assert await tx.audits(10) == entries[::-1]
        assert await tx.audits(1) == entries[2:]


async def test_a_typical_answer_is_the_median_of_that_hour(store: Store) -> None:
    """Of one department, of recent conversations that were answered, opened at that hour (UTC)."""

    def answered(number: int, minutes: float, **changes: object) -> None:
        opened_at = changes.pop("opened_at", NOON + timedelta(minutes=number))
        talk = a_conversation(f"{number}", opened_at=opened_at, department="support")
        talks.append(
            talk.evolve(answered_at=talk.opened_at + timedelta(minutes=minutes), **changes)
        )

    talks = [a_conversation("waiting", department="support")]
    for number, minutes in enumerate((1, 2, 3, 50)):
        answered(number, minutes)
    answered(10, 999, department="sales")
    answered(11, 999, opened_at=later(hours=1))
    answered(12, 999, opened_at=later(days=-40))
    await keep(store, *talks)
    since = later(days=-28)
    async with store.transaction() as tx:
        assert await tx.typical_answer("support", since, 12) is None
    talks.clear()
    answered(20, 4, opened_at=later(days=-2))
    await keep(store, *talks)
    async with store.transaction() as tx:
        assert await tx.typical_answer("support", since, 12) == timedelta(minutes=3)


async def test_figures_for_the_metrics(store: Store) -> None:
    """Every stage and state is named, also where there is none; what is done is not counted."""
    await keep(store, a_conversation(), a_conversation("ivo"), a_delivery("1"), a_delivery("2"))
    async with store.transaction() as tx:
        await tx.fail([Failed(id=DeliveryId("1"), reason="gone")])
        counts = await tx.counts()
    assert counts == {
        "conversations.asking": 2,
        "conversations.waiting": 0,
        "conversations.active": 0,
        "conversations.ticketed": 0,
        "conversations.resolved": 0,
        "deliveries.pending": 1,
        "deliveries.sending": 0,
        "deliveries.in-doubt": 0,
        "deliveries.failed": 1,
    }
