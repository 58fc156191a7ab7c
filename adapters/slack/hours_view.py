"""The form in which admins change working hours: drawn, and read back. Pure.

Slack keeps what somebody typed for as long as an updated view has the same block and action ids
(docs: "views.update", "Preserving input entry"). So the block ids carry the version of the hours
that the form was opened with: a new preview keeps what was typed, and other hours begin afresh.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from core.hours import (
    HoursError,
    WorkingHours,
    as_json,
    format_exceptions,
    parse_exceptions,
    week_by_day,
    week_from_days,
)
from core.hours_notation import DAY_FIELDS
from core.phrases import Phrase
from core.policy import Department
from core.wording import Phrasebook

Json = dict[str, Any]
Typed = Mapping[str, str]
"""What stands in the form, by field: `DAY_FIELDS`, "zone", "holidays" and "exceptions"."""

CALLBACK: Final = "hours"
CHOOSE: Final = "hours_department"
TYPE: Final = "hours_typed"

LABELS: Final[Mapping[str, Phrase]] = {
    **{field: Phrase[f"HOURS_{field.upper()}"] for field in DAY_FIELDS},
    "zone": Phrase.HOURS_ZONE,
    "holidays": Phrase.HOURS_HOLIDAYS,
    "exceptions": Phrase.HOURS_EXCEPTIONS,
}
_HINTS: Final = {
    "monday": Phrase.HOURS_DAY_HINT,
    "exceptions": Phrase.HOURS_EXCEPTIONS_HINT,
}

_TITLE, _OPTION, _SECTION, _OPTIONS = 24, 75, 3000, 100
"""The most characters of titles and buttons, of options, of sections (docs: "View objects", "Block
Kit reference"), and the most options of a menu."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What a form was opened with; it travels in the view's private metadata."""

    department: str
    version: str
    """Which hours it showed at first: see `version`."""
    since: date
    """Exceptions before this day are over: not shown, and kept as they are."""

    def as_metadata(self) -> str:
        """Return it as text, far below the 3,000 characters that Slack allows."""
        return json.dumps([self.department, self.version, self.since.isoformat()])


def version(department: Department) -> str:
    """Return a fingerprint of a department's hours."""
    known = json.dumps([department.key, as_json(department.hours)])
    return hashlib.sha256(known.encode()).hexdigest()[:16]


def opening(department: Department, at: datetime) -> Opened:
    """Return what a form of this department's hours is opened with at *at*."""
    # Yesterday's hours may last until this morning.
    yesterday = at.astimezone(ZoneInfo(department.hours.zone)).date() - timedelta(days=1)
    return Opened(department=department.key, version=version(department), since=yesterday)


def opened(view: Json) -> Opened:
    """Return what the form that Slack sent was opened with."""
    department, seen, since = json.loads(view["private_metadata"])
    return Opened(department=department, version=seen, since=date.fromisoformat(since))


# From hours to what stands in the form, and back


def filled_in(hours: WorkingHours, since: date) -> dict[str, str]:
    """Return what stands in a form that nobody has touched."""
    coming = tuple(e for e in hours.exceptions if e.day >= since)
    return {
        **{DAY_FIELDS[weekday]: text for weekday, text in week_by_day(hours).items()},
        "zone": hours.zone,
        "holidays": hours.holidays or "",
        "exceptions": format_exceptions(coming),
    }


def typed_in(view: Json) -> dict[str, str]:
    """Return what stands in the form that Slack sent."""
    values = view["state"]["values"].items()
    return {
        block_id.partition(":")[0]: inputs[TYPE]["value"] or ""
        for block_id, inputs in values
        if TYPE in inputs
    }


def read(typed: Typed, before: WorkingHours, since: date) -> WorkingHours | tuple[HoursError, ...]:
    """Return the hours that somebody typed over *before*, or what is wrong, field by field."""
    known_good = filled_in(before, since)
    trial = dict(typed)
    errors: list[HoursError] = []
    while True:
        try:
            hours = _hours(trial, before, since)
        except HoursError as error:
            errors.append(error)
            trial[error.field] = known_good[error.field]  # and see what else is wrong
        else:
            return tuple(errors) or hours


def _hours(typed: Typed, before: WorkingHours, since: date) -> WorkingHours:
    over = tuple(e for e in before.exceptions if e.day < since)
    return WorkingHours(
        week=week_from_days({n: typed[field] for n, field in enumerate(DAY_FIELDS)}),
        zone=typed["zone"].strip(),
        holidays=typed["holidays"].strip().upper() or None,
        exceptions=over + parse_exceptions(typed["exceptions"]),
    )


# What Slack is sent


def form(
    departments: tuple[Department, ...],
    opened_with: Opened,
    typed: Typed,
    line: str,
    phrasebook: Phrasebook,
    language: str,
) -> Json:
    """Return the modal: *typed* in its inputs, and *line* above them."""

    def label(phrase: Phrase, limit: int = _SECTION) -> Json:
        return _plain(phrasebook.phrase(language, phrase), limit)

    def question(field: str) -> Json:
        block = {
            "type": "input",
            "block_id": _block_id(field, opened_with),
            "label": label(LABELS[field]),
            "element": _input(field, typed[field]),
            "optional": field != "zone",
            "dispatch_action": field != "exceptions",
        }
        return block | ({"hint": label(_HINTS[field])} if field in _HINTS else {})

    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": opened_with.as_metadata(),
        "title": label(Phrase.HOURS_TITLE, _TITLE),
        "submit": label(Phrase.HOURS_SAVE, _TITLE),
        "close": label(Phrase.HOURS_CANCEL, _TITLE),
        "blocks": [
            _which(departments, opened_with.department, label(Phrase.HOURS_DEPARTMENT)),
            _section(line),
            *(question(field) for field in LABELS),
        ],
    }


def last_word(text: str, phrasebook: Phrasebook, language: str) -> Json:
    """Return the modal that takes the form's place when there is nothing more to fill in."""
    return {
        "type": "modal",
        "title": _plain(phrasebook.phrase(language, Phrase.HOURS_TITLE), _TITLE),
        "close": _plain(phrasebook.phrase(language, Phrase.HOURS_DONE), _TITLE),
        "blocks": [_section(text)],
    }


def complaints(texts: Mapping[str, str], opened_with: Opened) -> dict[str, str]:
    """Return what is wrong with each field, by block id, as an answer to a submission has it."""
    return {_block_id(field, opened_with): text for field, text in texts.items()}


def _block_id(field: str, opened_with: Opened) -> str:
    return f"{field}:{opened_with.version}"


def _which(departments: tuple[Department, ...], key: str, label: Json) -> Json:
    """Return the department's name, and the menu of the others where there are some.

    Where there are more than a menu holds, the command's argument says which one is meant.
    """
    options = {each.key: _option(each) for each in departments}
    name = next(each.name for each in departments if each.key == key)
    block = _section(f"{label['text']}: {name}")
    if not 1 < len(departments) <= _OPTIONS:
        return block
    menu = {
        "type": "static_select",
        "action_id": CHOOSE,
        "options": list(options.values()),
        "initial_option": options[key],
    }
    return block | {"accessory": menu}


def _option(department: Department) -> Json:
    return {"text": _plain(department.name, _OPTION), "value": department.key}


def _input(field: str, text: str) -> Json:
    element: Json = {"type": "plain_text_input", "action_id": TYPE}
    if field == "exceptions":
        element["multiline"] = True
    else:
        element["dispatch_action_config"] = {"trigger_actions_on": ["on_enter_pressed"]}
    return element | ({"initial_value": text} if text else {})


def _section(text: str) -> Json:
    return {"type": "section", "text": _plain(text, _SECTION)}


def _plain(text: str, limit: int) -> Json:
    shown = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return {"type": "plain_text", "text": shown}
