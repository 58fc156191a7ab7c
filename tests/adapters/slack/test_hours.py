"""`/podrska hours`: admins see and change the working hours in a Slack form."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from gettext import NullTranslations
from typing import Any, cast

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.phrasebook import load_phrasebook
from adapters.slack.hours import register_hours
from adapters.slack.hours_view import LABELS, TYPE, filled_in, form, last_word, opening, read
from core.admin import Admin
from core.hours import HoursError, HoursException, WorkingHours, parse_exceptions
from core.hours_wording import complaint, standing
from core.policy import Department
from core.ports import Audit, Store
from core.wording import Phrasebook
from sandbox.clock import Clock as RealClock
from sandbox.faults import Fault, FaultKind
from sandbox.slack import Agent, Room, SlackServer, View
from sandbox.slack.events import Envelope
from sandbox.slack.forms import fill_in, view_problems
from sandbox.slack.interactions import head
from sandbox.slack.payloads import view_json
from tests.support.waiting import until

Json = dict[str, Any]

MONDAY_NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
ENGLISH = Phrasebook({})
OFFICE = WorkingHours(week="Mo-Fr 08:00-20:00", zone="Europe/Belgrade", holidays="RS")
NIGHTS = WorkingHours(week="Mo-Su 20:00-04:00", zone="Europe/Belgrade")
SUPPORT = Department(key="support", name="Support", room="C1", hours=OFFICE)
BILLING = Department(key="billing", name="Billing", room="C2", hours=NIGHTS)


# The form by itself


def typed(**changes: str) -> dict[str, str]:
    return filled_in(OFFICE, date(2026, 11, 22)) | changes


def after(before: WorkingHours = OFFICE, **changes: str) -> WorkingHours:
    hours = read(typed(**changes), before, date(2026, 11, 22))
    assert isinstance(hours, WorkingHours)
    return hours


def wrong(**changes: str) -> dict[str, str]:
    errors = read(typed(**changes), OFFICE, date(2026, 11, 22))
    assert isinstance(errors, tuple)
    return {error.field: complaint(error, ENGLISH, "en") for error in errors}


def test_an_untouched_form_changes_nothing() -> None:
    """What the form shows is read back as the same hours, whatever they are."""
    exceptions = parse_exceptions("2026-12-31 08:00-12:00,13:00-14:00 short day\n2027-01-05 off")
    week = "Mo-Th 20:00-04:00; Sa 08:00-12:00,13:00-24:00"
    for hours in (
        OFFICE,
        WorkingHours(week="24/7", zone="UTC"),
        WorkingHours(week=week, zone="Asia/Kolkata", holidays="DE-BY", exceptions=exceptions),
    ):
        since = date(2026, 11, 22)
        assert read(filled_in(hours, since), hours, since) == hours


def test_what_people_type_is_understood() -> None:
    """Spaces and small letters do no harm; an empty day is closed, no country is no holidays."""
    assert after(monday="8 - 12; 13-20", sunday="").week == "Mo 08:00-12:00,13:00-20:00; " + (
        "Tu-Fr 08:00-20:00"
    )
    assert after(friday="", holidays=" rs ").week == "Mo-Th 08:00-20:00"
    assert after(holidays=" rs ").holidays == "RS"
    assert after(holidays=" ").holidays is None
    assert after(zone=" Europe/Vienna ").zone == "Europe/Vienna"


def test_exceptions_that_are_over_are_neither_shown_nor_lost() -> None:
    """The form shows exceptions from yesterday on; earlier ones outlast every change."""
    old, new = HoursException(date(2026, 1, 5), "off"), HoursException(date(2026, 12, 31), "off")
    before = replace(OFFICE, exceptions=(old, new))
    since = opening(replace(SUPPORT, hours=before), MONDAY_NOON).since

    assert since == date(2026, 11, 22)
    assert filled_in(before, since)["exceptions"] == "2026-12-31 off"
    assert after(before, exceptions="").exceptions == (old,)


def test_every_field_that_is_wrong_is_complained_about() -> None:
    """One wrong field does not hide another, and a wrong line is named by its number."""
    assert wrong(
        monday="8-25",
        tuesday="8-12, 11-14",
        friday="8-8",
        zone="Europe/Atlantis",
        holidays="XX",
        exceptions="2026-12-31 off\nsome day off",
    ) == {
        "monday": "This is not a time of day I understand: 8-25. Write it like 08:00-20:00.",
        "tuesday": "These times overlap: 08:00-12:00,11:00-14:00.",
        "friday": "8-8 ends when it begins. For the whole day write 00:00-24:00.",
        "zone": "There is no time zone called Europe/Atlantis. An example: Europe/Belgrade.",
        "holidays": "Holidays of XX are not known. Write a country code such as RS.",
        "exceptions": "Line 2 is not understood: some day off.",
    }
    assert wrong(zone="")["zone"].startswith("There is no time zone called .")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("2026-12-31 off\n31. 12. 2026. 8-12", "Line 2: 2026-12-31 is listed twice."),
        ("2026-12-31 8-25", "Line 1: This is not a time of day I understand: 8-25."),
        ("2026-12-31 8-12,9-13", "Line 1: These times overlap: 08:00-12:00,09:00-13:00."),
        ("x" * 3000, f"Line 1 is not understood: {'x' * 59}…."),
    ],
)
def test_complaints_about_exceptions_name_the_line(lines: str, said: str) -> None:
    """Whatever is wrong in a line, its number is said; what somebody typed is quoted in short."""
    assert wrong(exceptions=lines)["exceptions"].startswith(said)


def test_a_wrong_rule_of_a_whole_week_has_words_too() -> None:
    """The command line's notation is complained about in the reader's language as well."""
    error = HoursError("week", "bad_rule", value="Mx 8-16")

    assert complaint(error, ENGLISH, "en").startswith("This is not understood: Mx 8-16.")


@pytest.mark.parametrize(
    ("hours", "at", "said"),
    [
        (OFFICE, MONDAY_NOON, "Open now. Closes today at 20:00 (in 8 hours)."),
        (OFFICE, MONDAY_NOON + timedelta(hours=9), "Opens tomorrow at 08:00 (in 11 hours)."),
        (replace(OFFICE, zone="Asia/Tokyo"), MONDAY_NOON, "Opens tomorrow at 08:00 (in 12 hours)."),
        (WorkingHours(week="24/7", zone="UTC"), MONDAY_NOON, "Always open."),
        (WorkingHours(week="off", zone="UTC"), MONDAY_NOON, "the department never opens."),
    ],
)
def test_the_line_says_how_the_hours_stand(hours: WorkingHours, at: datetime, said: str) -> None:
    """Open until, closed until, always or never: in the department's own time zone."""
    assert ENGLISH.say("en", standing(hours, at)).endswith(said)


class Wordy(NullTranslations):
    """A language whose every phrase is much longer than in English, in Cyrillic."""

    def gettext(self, message: str) -> str:
        return f"{message} и још много речи на српском језику, више него што иде у наслов"


def test_the_form_keeps_slacks_limits_in_any_language() -> None:
    """Long translations and long names are cut, and a hundred departments still fit the menu."""
    phrasebook = Phrasebook({"sr": Wordy()})
    for count in (1, 2, 100, 101):
        departments = tuple(replace(SUPPORT, key=f"d{n}", name="Н" * 90) for n in range(count))
        opened_with = opening(departments[-1], MONDAY_NOON)

        view = form(departments, opened_with, typed(), "л" * 4000, phrasebook, "sr")

        assert view_problems(view) == []
        assert ("accessory" in view["blocks"][0]) is (count in (2, 100))
    assert view_problems(last_word("л" * 4000, phrasebook, "sr")) == []


# The same in Slack


@dataclass
class FixedClock:
    """A clock that stands still."""

    at: datetime = MONDAY_NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


@dataclass
class Settings:
    """As much of a store as settings need, in memory."""

    known: dict[str, Department]
    audits: list[Audit] = field(default_factory=list)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Settings"]:
        yield self

    async def departments(self) -> tuple[Department, ...]:
        return tuple(self.known.values())

    async def save_department(self, department: Department, audit: Audit) -> None:
        self.known[department.key] = department
        self.audits.append(audit)


@dataclass
class Everybody:
    """Who is an admin, as the workspace has it."""

    server: SlackServer
    meanwhile: Callable[[], None] = lambda: None
    """What happens while a name is looked up."""

    async def is_admin(self, user_id: str) -> bool:
        return self.server.workspace.people[user_id].admin

    async def name(self, user_id: str) -> str:
        self.meanwhile()
        return self.server.workspace.people[user_id].name


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    server = SlackServer(RealClock())
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def ana(server: SlackServer) -> Agent:
    return server.agent("Ana", admin=True)


@pytest.fixture
def marko(server: SlackServer) -> Agent:
    return server.agent("Marko")


@pytest.fixture
def room(server: SlackServer, ana: Agent, marko: Agent) -> Room:
    return server.room("support", [ana, marko])


@pytest.fixture
def settings() -> Settings:
    return Settings({"support": SUPPORT})


@asynccontextmanager
async def serving(
    server: SlackServer,
    settings: Settings,
    *,
    people: Everybody | None = None,
    phrasebook: Phrasebook = ENGLISH,
    language: str = "en",
) -> AsyncIterator[None]:
    clock = FixedClock()
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            "xoxb-sandbox", base_url=server.url, session=session, retry_handlers=[]
        )
        app = AsyncApp(client=client, process_before_response=True)  # as the listener's is
        register_hours(
            app,
            admin=Admin(cast(Store, settings), clock),
            people=people or Everybody(server),
            phrasebook=phrasebook,
            language=language,
            clock=clock,
        )
        handler = AsyncSocketModeHandler(app, "xapp-sandbox")
        await handler.client.connect()  # type: ignore[no-untyped-call]
        await server.connected()
        try:
            yield
        finally:
            await handler.client.close()  # type: ignore[no-untyped-call]


@pytest.fixture
async def desk(server: SlackServer, settings: Settings) -> AsyncIterator[None]:
    async with serving(server, settings):
        yield


async def opened_by(agent: Agent, room: Room, text: str = "hours") -> View:
    await agent.command("/podrska", text, room)
    return await agent.sees_view("== Working hours ==")


def filled(view: View) -> dict[str, str]:
    """Return what stands in the inputs when nobody has typed yet, by field."""
    return {
        block["block_id"].partition(":")[0]: block["element"].get("initial_value", "")
        for block in view.body["blocks"]
        if block["type"] == "input"
    }


def input_ids(view: View) -> set[str]:
    """Return what Slack knows the inputs by: it keeps what was typed while these stay the same."""
    return {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}


async def complained(agent: Agent, view: View, values: Mapping[str, str]) -> dict[str, str]:
    """Submit, and return the complaints by field."""
    errors = await agent.submit(view, values)
    return {block_id.partition(":")[0]: text for block_id, text in errors.items()}


async def press_enter(server: SlackServer, agent: Agent, view: View, **typed: str) -> None:
    """Press Enter in Monday's input, with *typed* in the form: Slack sends all that is in it."""
    state, _ = fill_in(view.body, {f"{LABELS[name].value}": text for name, text in typed.items()})
    block_id = next(block_id for block_id in state if block_id.startswith("monday"))
    action = {"type": "plain_text_input", "block_id": block_id, "action_id": TYPE}
    payload = head(server.workspace, agent.person, "block_actions") | {
        "container": {"type": "view", "view_id": view.id},
        "view": view_json(server.workspace, view, state),
        "actions": [action | {"value": typed.get("monday")}],
    }
    await server.events.carrier.send(Envelope(kind="interactive", payload=payload))


@pytest.mark.usefixtures("desk")
async def test_an_admin_changes_mondays_hours(ana: Agent, room: Room, settings: Settings) -> None:
    """The form shows what holds; what is saved holds, is audited, and is said to be saved."""
    view = await opened_by(ana, room)
    shown = ana.view_text()
    assert "Department: Support" in shown
    assert "Open now. Closes today at 20:00 (in 8 hours)." in shown
    assert filled(view)["monday"] == "08:00-20:00"
    assert filled(view)["saturday"] == ""
    assert filled(view)["holidays"] == "RS"

    assert await ana.submit(view, {"Mondays": "08:00-12:00, 13:00-15:00"}) == {}

    week = "Mo 08:00-12:00,13:00-15:00; Tu-Fr 08:00-20:00"
    assert settings.known["support"].hours == replace(OFFICE, week=week)
    assert [audit.who for audit in settings.audits] == [f"slack:{ana.id} Ana"]
    await ana.sees_view(
        "The working hours of Support are saved. Closed now. Opens today at 13:00 (in 60 minutes)."
    )
    assert "[Save]" not in ana.view_text()


@pytest.mark.usefixtures("desk")
async def test_others_are_refused(marko: Agent, room: Room) -> None:
    """Who is no admin is told so, alone, and sees no form."""
    await marko.command("/podrska", "hours", room)

    await marko.sees_ephemeral("Only admins can change the working hours.")
    assert marko.view is None
    assert room.messages == []


@pytest.mark.usefixtures("desk")
async def test_who_is_no_longer_an_admin_saves_nothing(
    ana: Agent, room: Room, settings: Settings
) -> None:
    """A form that was opened by an admin does not outlast their being one."""
    view = await opened_by(ana, room)
    ana.person.admin = False

    await ana.submit(view, {"Mondays": ""})

    await ana.sees_view("Only admins can change the working hours.")
    assert settings.known["support"].hours == OFFICE


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("text", ["", "help", "hours support now"])
async def test_anything_else_is_answered_with_the_usage(ana: Agent, room: Room, text: str) -> None:
    """A command that is not understood says what there is."""
    await ana.command("/podrska", text, room)

    await ana.sees_ephemeral("Use: /podrska hours")


@pytest.mark.usefixtures("desk")
async def test_a_department_that_is_not_there_is_named(ana: Agent, room: Room) -> None:
    """A mistyped department is not quietly taken for another one."""
    await ana.command("/podrska", "hours sales", room)

    await ana.sees_ephemeral("There is no department called sales. There are: support.")


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("label", "text", "field", "said"),
    [
        ("Mondays", "8-25", "monday", "not a time of day"),
        ("Time zone", "Europe/Atlantis", "zone", "no time zone called Europe/Atlantis"),
        ("Public holidays of (country code, or nothing)", "XX", "holidays", "Holidays of XX"),
        ("Exceptions, one a line", "2026-12-31 off\nnever", "exceptions", "Line 2"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(
    ana: Agent, room: Room, settings: Settings, label: str, text: str, field: str, said: str
) -> None:
    """A wrong value is complained about at its own field, the form stays, nothing is saved."""
    view = await opened_by(ana, room)

    errors = await complained(ana, view, {label: text, "Tuesdays": ""})

    assert list(errors) == [field]
    assert said in errors[field]
    assert f"! {errors[field]}" in ana.view_text()
    assert settings.known["support"].hours == OFFICE
    assert settings.audits == []


@pytest.mark.usefixtures("desk")
async def test_somebody_elses_change_is_not_overwritten(
    ana: Agent, room: Room, settings: Settings
) -> None:
    """Hours that changed since the form was opened are shown anew, and can then be changed."""
    view = await opened_by(ana, room)
    typed_into = input_ids(view)
    settings.known["support"] = SUPPORT.with_hours(replace(OFFICE, week="Mo-Fr 09:00-17:00"))

    await ana.submit(view, {"Mondays": "8-25"})

    view = await ana.sees_view("Somebody else has changed these hours meanwhile.")
    assert not typed_into & input_ids(view), "or Slack would keep what was typed there"
    assert filled(view)["monday"] == "09:00-17:00"
    assert settings.audits == []
    await ana.submit(view, {"Saturdays": "9-13"})
    await ana.sees_view("are saved.")
    assert settings.known["support"].hours.week == "Mo-Fr 09:00-17:00; Sa 09:00-13:00"


async def test_a_change_in_the_last_moment_is_not_overwritten(
    server: SlackServer, ana: Agent, room: Room, settings: Settings
) -> None:
    """Two admins who save at the same moment do not overwrite each other."""
    theirs = SUPPORT.with_hours(replace(OFFICE, week="24/7"))
    people = Everybody(server, lambda: settings.known.update(support=theirs))
    async with serving(server, settings, people=people):
        await ana.submit(await opened_by(ana, room), {"Mondays": ""})

        await ana.sees_view("Somebody else has changed these hours meanwhile.")
    assert settings.known["support"] == theirs
    assert settings.audits == []


async def test_departments_are_chosen_in_the_form(
    server: SlackServer, ana: Agent, room: Room
) -> None:
    """The menu shows another department's hours in the same form, and those are saved."""
    settings = Settings({"support": SUPPORT, "billing": BILLING})
    async with serving(server, settings):
        view = await opened_by(ana, room)
        await ana.press(view, "hours_department", choose="billing")
        view = await ana.sees_view("Department: Billing")
        assert "Closed now. Opens today at 20:00 (in 8 hours)." in ana.view_text()

        await ana.submit(view, {"Sundays": ""})
        await ana.sees_view("The working hours of Billing are saved.")

        await opened_by(ana, room, "hours support")
        await ana.sees_view("Department: Support")
    assert settings.known["support"].hours == OFFICE
    assert settings.known["billing"].hours.week == "Mo-Sa 20:00-04:00"


@pytest.mark.usefixtures("desk")
async def test_what_is_typed_is_previewed(server: SlackServer, ana: Agent, room: Room) -> None:
    """Enter shows what the typed hours would mean; what was typed stays, and so do the inputs."""
    view = await opened_by(ana, room)
    typed_into = input_ids(view)

    await press_enter(server, ana, view, monday="13-20", zone="Europe/London")
    await ana.sees_view("Closed now. Opens today at 13:00 (in 2 hours).")
    assert filled(view)["monday"] == "13-20"
    assert input_ids(view) == typed_into, "or Slack would drop what was typed there"

    await press_enter(server, ana, view, monday="13-25")
    await ana.sees_view("Mondays: This is not a time of day I understand: 13-25.")


@pytest.mark.usefixtures("desk")
async def test_a_preview_that_comes_too_late_is_let_go(
    server: SlackServer, ana: Agent, room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    """A form that has changed meanwhile or has been closed takes no harm from a late preview."""
    view = await opened_by(ana, room)
    shown = ana.view_text()

    await press_enter(server, ana, replace(view, hash="an older one"), monday="8-25")
    await updates(server, 1)
    assert ana.view_text() == shown

    await ana.close(view)
    await press_enter(server, ana, view, monday="8-25")
    await updates(server, 2)
    await press_enter(server, ana, await opened_by(ana, room), monday="9-10")
    await ana.sees_view("Closed now. Opens tomorrow at 08:00")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def updates(server: SlackServer, count: int) -> None:
    """Wait until the app has called views.update that often."""
    # A refused call changes nothing that people see, so nothing announces it.
    await until(lambda: [call.method for call in server.calls].count("views.update") >= count)


@pytest.mark.usefixtures("desk")
async def test_a_form_that_slack_no_longer_opens_is_owned_up_to(
    server: SlackServer, ana: Agent, room: Room
) -> None:
    """A trigger that has run out leaves the admin with a word instead of nothing."""
    server.faults.plan("views.open", Fault(kind=FaultKind.REFUSE, error="expired_trigger_id"))

    await ana.command("/podrska", "hours", room)

    await ana.sees_ephemeral("That took too long. Please try again.")


@pytest.mark.parametrize(
    ("language", "title", "save"),
    [("sr", "Радно време", "Сачувај"), ("sr-Latn", "Radno vreme", "Sačuvaj")],
)
async def test_the_form_speaks_the_agents_language(
    server: SlackServer,
    ana: Agent,
    room: Room,
    settings: Settings,
    language: str,
    title: str,
    save: str,
) -> None:
    """In Serbian, in either script, the form opens, and is read back as in English."""
    async with serving(server, settings, phrasebook=load_phrasebook(), language=language):
        await ana.command("/podrska", "hours", room)
        view = await ana.sees_view(f"== {title} ==")
        assert f"[{save}]" in ana.view_text()

        monday = next(each for each in input_ids(view) if each.startswith("monday:"))
        assert await ana.submit(view, {monday: "09:00-10:00"}) == {}
        await server.until(lambda: f"[{save}]" not in ana.view_text())
    assert settings.known["support"].hours.week == "Mo 09:00-10:00; Tu-Fr 08:00-20:00"
