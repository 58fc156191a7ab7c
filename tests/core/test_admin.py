"""What admins change while the desk runs: it holds at once, and the audit log says who did it."""

from datetime import timedelta

import pytest

from adapters.store import SqlStore
from core.admin import Admin, ChangedMeanwhile
from core.hours import WorkingHours
from core.ports import Audit
from tests.support.builders import ManualClock, department

LONGER = WorkingHours(week="Mo-Fr 07:00-21:00", zone="Europe/Belgrade")
SHORTER = WorkingHours(week="Mo-Fr 09:00-17:00", zone="Europe/Belgrade")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def admin(store: SqlStore, clock: ManualClock) -> Admin:
    """Return an admin of a desk with one department."""
    admin = Admin(store, clock)
    await admin.add_department(department(), who="Mila")
    return admin


async def audits(store: SqlStore) -> list[Audit]:
    async with store.transaction() as tx:
        return await tx.audits(100)


async def test_new_hours_hold_from_now_on(admin: Admin) -> None:
    """They are returned, and read by whoever asks next; all else stays as it was."""
    changed = await admin.set_hours("support", LONGER, who="Mila")

    assert changed == department(hours=LONGER)
    assert await admin.departments() == (changed,)


async def test_the_audit_log_has_who_when_and_what(
    admin: Admin, store: SqlStore, clock: ManualClock
) -> None:
    """With the hours before and after, so that a change can be taken back."""
    clock.go_on(60)
    await admin.set_hours("support", LONGER, who="command line: root")

    newest, first = await audits(store)
    assert (newest.who, newest.at, newest.what) == (
        "command line: root",
        clock.now(),
        "hours of support",
    )
    assert "08:00-20:00" in newest.before
    assert "07:00-21:00" in newest.after
    assert (first.who, first.what, first.after) == ("Mila", "department support added", "Support")


async def test_what_changes_nothing_is_no_change(admin: Admin, store: SqlStore) -> None:
    """Saving the form as it was opened leaves no entry."""
    await admin.set_hours("support", department().hours, who="Ivan")

    assert [each.who for each in await audits(store)] == ["Mila"]


async def test_two_who_change_the_same_hours_do_not_undo_each_other(
    admin: Admin, store: SqlStore
) -> None:
    """The second is told that the hours are no longer those that were looked at."""
    seen = department().hours
    await admin.set_hours("support", LONGER, who="Mila", expected=seen)

    with pytest.raises(ChangedMeanwhile, match="support"):
        await admin.set_hours("support", SHORTER, who="Ivan", expected=seen)

    (kept,) = await admin.departments()
    assert kept.hours == LONGER
    assert [each.who for each in await audits(store)] == ["Mila", "Mila"]


async def test_hours_of_a_department_that_is_not_there(admin: Admin, store: SqlStore) -> None:
    """A KeyError, and nothing is written."""
    with pytest.raises(KeyError, match="billing"):
        await admin.set_hours("billing", LONGER, who="Mila")

    assert len(await audits(store)) == 1


async def test_departments_stand_in_the_order_in_which_they_came(admin: Admin) -> None:
    """The first one stays the first, whatever it is called, also when it changes."""
    billing = department("billing", answer_within=timedelta(hours=1))
    await admin.add_department(billing, who="Mila")
    await admin.add_department(department("abuse"), who="Mila")
    await admin.set_hours("support", LONGER, who="Mila")

    first, second, third = await admin.departments()
    assert [first.key, second, third.key] == ["support", billing, "abuse"]


async def test_a_department_s_key_is_taken_once(admin: Admin, store: SqlStore) -> None:
    """The second of that name is refused, and the first one stays as it was."""
    with pytest.raises(ValueError, match="a department called support already"):
        await admin.add_department(department(name="Another"), who="Ivan")

    assert await admin.departments() == (department(),)
    assert len(await audits(store)) == 1
