"""What admins change while the desk runs; every change leaves an entry in the audit log."""

import json
from dataclasses import replace
from datetime import timedelta

from core.hours import WorkingHours, as_json
from core.policy import Department
from core.ports import Audit, Clock, Store


class ChangedMeanwhile(Exception):
    """Somebody else changed the same setting since it was looked at."""


class Admin:
    """The settings that live in the database."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def departments(self) -> tuple[Department, ...]:
        """Return the departments, the first one first."""
        async with self._store.transaction() as tx:
            return await tx.departments()

    async def add_department(self, department: Department, *, who: str) -> None:
        """Add a department. Raises ValueError if there is one with its key."""
        async with self._store.transaction() as tx:
            if any(each.key == department.key for each in await tx.departments()):
                raise ValueError(f"there is a department called {department.key} already")
            await tx.save_department(
                department,
                Audit(
                    at=self._clock.now(),
                    who=who,
                    what=f"department {department.key} added",
                    before="",
                    after=department.name,
                ),
            )

    async def set_patience(
        self,
        key: str,
        *,
        who: str,
        idle: timedelta | None = None,
        remind_after: timedelta | None = None,
        close_after: timedelta | None = None,
    ) -> Department:
        """Change for how long a department waits, where something is given; return it.

        It holds from the next event on. Raises KeyError for an unknown department.
        """
        asked = {"idle": idle, "remind_after": remind_after, "close_after": close_after}
        given = {name: span for name, span in asked.items() if span is not None}
        async with self._store.transaction() as tx:
            department = {each.key: each for each in await tx.departments()}[key]
            changed = replace(
                department,
                idle=idle or department.idle,
                remind_after=remind_after or department.remind_after,
                close_after=close_after or department.close_after,
            )
            if changed != department:
                before = {name: str(getattr(department, name)) for name in given}
                after = {name: str(span) for name, span in given.items()}
                entry = Audit(
                    at=self._clock.now(),
                    who=who,
                    what=f"patience of {key}",
                    before=json.dumps(before),
                    after=json.dumps(after),
                )
                await tx.save_department(changed, entry)
            return changed

    async def set_email(self, key: str, email: str, *, who: str) -> Department:
        """Give a department the address to which its customers write, or "" for none; return it.

        Raises KeyError for an unknown department, and ValueError where it is another one's.
        """
        async with self._store.transaction() as tx:
            known = {each.key: each for each in await tx.departments()}
            for each in known.values():
                if email and each.key != key and each.email.lower() == email.lower():
                    raise ValueError(f"mail to {email} goes to the department {each.key} already")
            department = known[key]
            changed = replace(department, email=email)
            if changed != department:
                entry = Audit(
                    at=self._clock.now(),
                    who=who,
                    what=f"e-mail of {key}",
                    before=department.email,
                    after=email,
                )
                await tx.save_department(changed, entry)
            return changed

    async def set_hours(
        self, key: str, hours: WorkingHours, *, who: str, expected: WorkingHours | None = None
    ) -> Department:
        """Give a department new working hours and return it; they hold from the next event on.

        Raises KeyError for an unknown department, and `ChangedMeanwhile` when its hours are no
        longer the *expected* ones.
        """
        async with self._store.transaction() as tx:
            known = {each.key: each for each in await tx.departments()}
            department = known[key]
            if expected is not None and department.hours != expected:
                raise ChangedMeanwhile(key)
            changed = department.with_hours(hours)
            if changed != department:
                await tx.save_department(
                    changed,
                    Audit(
                        at=self._clock.now(),
                        who=who,
                        what=f"hours of {key}",
                        before=json.dumps(as_json(department.hours), ensure_ascii=False),
                        after=json.dumps(as_json(hours), ensure_ascii=False),
                    ),
                )
            return changed
