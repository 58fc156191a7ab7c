"""The first department is what the settings say, until an admin changes its hours."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.store import SqlStore
from bots.first_department import follow_settings
from bots.settings import Settings
from core.admin import Admin
from core.hours import WorkingHours
from core.policy import Department
from core.ports import Audit
from tests.support.builders import ManualClock, department

CLOCK = ManualClock()
ADMINS = WorkingHours(week="Mo-Su 10:00-12:00", zone="UTC")


def settings(**changes: Any) -> Settings:
    given = {"slack_bot_token": "xoxb-1", "slack_channel": "#help", **changes}
    return Settings(_env_file=None, **given)  # type: ignore[call-arg]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(f"sqlite:///{tmp_path}/desk.db")
    yield opened
    await opened.close()


async def departments(store: SqlStore) -> tuple[Department, ...]:
    return await Admin(store, CLOCK).departments()


async def audits(store: SqlStore) -> list[Audit]:
    async with store.transaction() as tx:
        return await tx.audits(100)


async def test_the_first_start_makes_the_department(store: SqlStore) -> None:
    """With the room, hours and deadline of the settings; the audit log says where from."""
    made = await follow_settings(store, settings(answer_within="15m", slack_on_call="S1"), CLOCK)

    assert made == Department(
        key="support",
        name="Support",
        room="#help",
        hours=WorkingHours(week="Mo-Fr 08:00-20:00", zone="Europe/Belgrade", holidays="RS"),
        answer_within=timedelta(minutes=15),
        on_call="S1",
    )
    assert await departments(store) == (made,)
    (entry,) = await audits(store)
    assert (entry.who, entry.what, entry.before) == ("settings", "department support", "")


async def test_a_start_that_changes_nothing_leaves_no_trace(store: SqlStore) -> None:
    """However often the desk is started."""
    for _ in range(3):
        await follow_settings(store, settings(), CLOCK)

    assert len(await audits(store)) == 1


async def test_changed_settings_are_followed(store: SqlStore) -> None:
    """Room, hours, deadline and the group on call, with an entry of what they were before."""
    await follow_settings(store, settings(), CLOCK)
    changed = settings(
        slack_channel="#new", working_hours="24/7", answer_within="1h", slack_on_call="here"
    )
    followed = await follow_settings(store, changed, CLOCK)

    assert (followed.room, followed.hours.week, followed.on_call) == ("#new", "24/7", "here")
    assert followed.answer_within == timedelta(hours=1)
    newest = (await audits(store))[0]
    assert "#help" in newest.before
    assert "#new" in newest.after


async def test_hours_that_an_admin_has_set_stay(store: SqlStore) -> None:
    """A restart does not undo them, also when the settings say something new."""
    await follow_settings(store, settings(), CLOCK)
    await Admin(store, CLOCK).set_hours("support", ADMINS, who="Mila")

    followed = await follow_settings(store, settings(working_hours="24/7", timezone="UTC"), CLOCK)

    assert followed.hours == ADMINS
    assert await departments(store) == (followed,)


async def test_what_no_admin_can_set_goes_on_following_the_settings(store: SqlStore) -> None:
    """Room, deadline and the group on call have no other place to be changed at."""
    await follow_settings(store, settings(), CLOCK)
    await Admin(store, CLOCK).set_hours("support", ADMINS, who="Mila")

    changed = settings(slack_channel="#new", answer_within="1h", slack_on_call="S1")
    followed = await follow_settings(store, changed, CLOCK)

    assert (followed.room, followed.on_call) == ("#new", "S1")
    assert followed.answer_within == timedelta(hours=1)


async def test_other_departments_are_left_alone(store: SqlStore) -> None:
    """Only the first one is the settings'; another one's hours do not count as its own."""
    await follow_settings(store, settings(), CLOCK)
    admin = Admin(store, CLOCK)
    await admin.add_department(department("billing"), who="Mila")
    await admin.set_hours("billing", ADMINS, who="Mila")

    followed = await follow_settings(store, settings(working_hours="24/7"), CLOCK)

    assert followed.hours.week == "24/7"
    assert await departments(store) == (followed, department("billing", hours=ADMINS))
