"""`/podrska hours`: admins see and change the working hours in a form."""

from datetime import datetime
from typing import Any, Final, Protocol

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.hours_view import (
    CALLBACK,
    CHOOSE,
    LABELS,
    TYPE,
    Opened,
    Typed,
    complaints,
    filled_in,
    form,
    last_word,
    opened,
    opening,
    read,
    typed_in,
    version,
)
from core.admin import Admin, ChangedMeanwhile
from core.hours import HoursError, WorkingHours
from core.hours_wording import complaint, standing
from core.phrases import Phrase
from core.policy import Department
from core.ports import Clock
from core.wording import Phrasebook

Json = dict[str, Any]

COMMAND: Final = "/podrska"

_TOO_LATE: Final = ("expired_trigger_id", "exchanged_trigger_id")
_OVERTAKEN: Final = ("hash_conflict", "not_found")
"""Slack's answers for a view that has been changed or closed in the meantime (views.update)."""


class People(Protocol):
    """What must be known of those who use the command."""

    async def is_admin(self, user_id: str) -> bool:
        """Whether this person may change settings."""
        ...

    async def name(self, user_id: str) -> str:
        """Return what this person is called."""
        ...


def register_hours(
    app: AsyncApp,
    *,
    admin: Admin,
    people: People,
    phrasebook: Phrasebook,
    language: str,
    clock: Clock,
) -> None:
    """Let *app* answer `/podrska`, and serve the form that it opens, in *language*."""
    occasions = _HoursForm(admin, people, phrasebook, language, clock)
    app.command(COMMAND)(occasions.command)
    app.action(CHOOSE)(occasions.choose)
    app.action(TYPE)(occasions.preview)
    app.view(CALLBACK)(occasions.save)


class _HoursForm:
    """The form's four occasions: asked for, moved to another department, typed in, and saved."""

    def __init__(
        self, admin: Admin, people: People, phrasebook: Phrasebook, language: str, clock: Clock
    ) -> None:
        self._admin = admin
        self._people = people
        self._phrasebook = phrasebook
        self._language = language
        self._clock = clock

    async def command(
        self, ack: AsyncAck, body: Json, respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        """Open the form, or say to the person alone why not."""
        await ack()
        shown = await self._shown_to(body["user_id"], body.get("text", "").split())
        if isinstance(shown, str):
            await respond(shown, response_type="ephemeral")
            return
        try:
            await client.views_open(trigger_id=body["trigger_id"], view=shown)
        except SlackApiError as error:
            if error.response["error"] not in _TOO_LATE:
                raise
            await respond(self._phrase(Phrase.HOURS_TRY_AGAIN), response_type="ephemeral")

    async def _shown_to(self, user_id: str, words: list[str]) -> Json | str:
        if words[:1] != ["hours"] or len(words) > 2:
            return self._phrase(Phrase.COMMAND_USAGE)
        if not await self._people.is_admin(user_id):
            return self._phrase(Phrase.HOURS_NOT_ADMIN)
        departments = await self._admin.departments()
        known = {each.key: each for each in departments}
        key = words[1] if len(words) == 2 else departments[0].key
        if key not in known:
            names = ", ".join(known)
            return self._phrase(Phrase.HOURS_UNKNOWN_DEPARTMENT, value=key, departments=names)
        return self._fresh(departments, known[key])

    async def choose(self, ack: AsyncAck, body: Json, action: Json, client: AsyncWebClient) -> None:
        """Show the hours of the department that was chosen in the form's menu."""
        await ack()
        departments = await self._admin.departments()
        chosen = _find(departments, action["selected_option"]["value"])
        view = self._fresh(departments, chosen)
        await client.views_update(view_id=body["view"]["id"], view=view)

    async def preview(self, ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        """Say what the hours that have been typed so far would mean."""
        await ack()
        opened_with, typed = opened(body["view"]), typed_in(body["view"])
        departments = await self._admin.departments()
        before = _find(departments, opened_with.department).hours
        line = self._verdict(read(typed, before, opened_with.since), self._clock.now())
        view = self._form(departments, opened_with, typed, line)
        try:
            await client.views_update(
                view_id=body["view"]["id"], hash=body["view"]["hash"], view=view
            )
        except SlackApiError as error:
            if error.response["error"] not in _OVERTAKEN:
                raise

    async def save(self, ack: AsyncAck, body: Json, view: Json) -> None:
        """Save the hours, or say what is wrong beside the fields."""
        await ack(**await self._outcome(body["user"]["id"], view))

    async def _outcome(self, user_id: str, view: Json) -> Json:
        """Return what the acknowledgement of a submission says (docs: "Modals")."""
        if not await self._people.is_admin(user_id):
            return _instead(self._last_word(self._phrase(Phrase.HOURS_NOT_ADMIN)))
        opened_with = opened(view)
        department = _find(await self._admin.departments(), opened_with.department)
        if version(department) != opened_with.version:
            return _instead(await self._outdated(department.key))
        hours = read(typed_in(view), department.hours, opened_with.since)
        if not isinstance(hours, WorkingHours):
            texts = {error.field: self._complaint(error) for error in hours}
            return {"response_action": "errors", "errors": complaints(texts, opened_with)}
        who = f"slack:{user_id} {await self._people.name(user_id)}"
        try:
            await self._admin.set_hours(department.key, hours, who=who, expected=department.hours)
        except ChangedMeanwhile:
            return _instead(await self._outdated(department.key))
        preview = self._verdict(hours, self._clock.now())
        done = self._phrase(Phrase.HOURS_SAVED, department=department.name, preview=preview)
        return _instead(self._last_word(done))

    async def _outdated(self, key: str) -> Json:
        departments = await self._admin.departments()
        notice = self._phrase(Phrase.HOURS_CHANGED_MEANWHILE)
        return self._fresh(departments, _find(departments, key), notice)

    def _fresh(
        self, departments: tuple[Department, ...], department: Department, notice: str = ""
    ) -> Json:
        now = self._clock.now()
        opened_with = opening(department, now)
        typed = filled_in(department.hours, opened_with.since)
        line = f"{notice} {self._verdict(department.hours, now)}".strip()
        return self._form(departments, opened_with, typed, line)

    def _form(
        self, departments: tuple[Department, ...], opened_with: Opened, typed: Typed, line: str
    ) -> Json:
        return form(departments, opened_with, typed, line, self._phrasebook, self._language)

    def _last_word(self, text: str) -> Json:
        return last_word(text, self._phrasebook, self._language)

    def _verdict(self, hours: WorkingHours | tuple[HoursError, ...], now: datetime) -> str:
        """Return how the hours stand, or what is wrong with them, in words."""
        if isinstance(hours, WorkingHours):
            return self._phrasebook.say(self._language, standing(hours, now))
        wrong = (f"{self._phrase(LABELS[e.field])}: {self._complaint(e)}" for e in hours)
        return "\n".join(wrong)

    def _complaint(self, error: HoursError) -> str:
        return complaint(error, self._phrasebook, self._language)

    def _phrase(self, phrase: Phrase, **values: str) -> str:
        return self._phrasebook.phrase(self._language, phrase, **values)


def _instead(view: Json) -> Json:
    return {"response_action": "update", "view": view}


def _find(departments: tuple[Department, ...], key: str) -> Department:
    return next(each for each in departments if each.key == key)
