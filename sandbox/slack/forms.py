"""Modals: what Slack refuses in a view, and what a filled-in one sends (docs: "View objects")."""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.slack.blocks import block_problems, text_problems
from sandbox.slack.reading import read_blocks
from sandbox.slack.state import Json, View, Workspace

STACK = 3
"""How many modals may lie on top of one another."""

_STATE_KEYS = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "timepicker": "selected_time",
    "datepicker": "selected_date",
    "static_select": "selected_option",
    "overflow": "selected_option",
    "radio_buttons": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
}


def view_problems(body: Any) -> list[str]:
    """Return what is wrong with a view that an app wants to show."""
    if not isinstance(body, dict) or body.get("type") not in ("modal", "home"):
        return ["must be a view of type modal or home [json-pointer:/view/type]"]
    problems = [f"{p[:-1].replace('/blocks', '/view/blocks')}]" for p in _blocks(body)]
    if len(body.get("private_metadata", "")) > 3000:
        problems.append("must be less than 3001 characters [json-pointer:/view/private_metadata]")
    if len(body.get("callback_id", "")) > 255:
        problems.append("must be less than 256 characters [json-pointer:/view/callback_id]")
    if body["type"] == "modal":
        problems += _modal(body)
    return problems


def _blocks(body: Json) -> list[str]:
    return block_problems(body.get("blocks"), body["type"])


def _modal(body: Json) -> Iterator[str]:
    yield from text_problems(body.get("title"), "/view/title", 24, plain=True)
    for name in ("submit", "close"):
        if body.get(name) is not None:
            yield from text_problems(body[name], f"/view/{name}", 24, plain=True)
    asks = any(block.get("type") == "input" for block in body.get("blocks") or [])
    if asks and not body.get("submit"):
        yield "must define `submit` to use an `input` block in modals [json-pointer:/view]"


def fill_in(body: Json, values: Mapping[str, Any]) -> tuple[Json, dict[str, str]]:
    """Return (state.values, complaints of Slack's own by block id) for a form filled in.

    Inputs are named by block id, action id, `block_id/action_id` or label; the rest keep their
    initial values. Raises KeyError for a name that the form does not have.
    """
    left, state, missing = dict(values), Json(), dict[str, str]()
    for block in inputs(body):
        element = block["element"]
        names = _names(block)
        given = next((left.pop(name) for name in names if name in left), None)
        chosen = _initial(element) if given is None else _chosen(element, given)
        if not chosen and not block.get("optional"):
            missing[block["block_id"]] = "Please complete this required field."
        key = _STATE_KEYS[element["type"]]
        answer = {"type": element["type"], key: chosen}
        state.setdefault(block["block_id"], {})[element["action_id"]] = answer
    if left:
        asked = [_names(block) for block in inputs(body)]
        raise KeyError(f"the form has no {sorted(left)}; it has {asked}")
    return state, missing


def choice(element: Json, given: Any) -> Json:
    """Return what an action or the state carries of an element's value."""
    return {_STATE_KEYS[element["type"]]: _chosen(element, given)}


def inputs(body: Json) -> list[Json]:
    """Return the blocks of a view that ask for something."""
    return [block for block in body["blocks"] if block["type"] == "input"]


def _names(block: Json) -> tuple[str, str, str, str]:
    block_id, action_id = block["block_id"], block["element"]["action_id"]
    return block_id, action_id, f"{block_id}/{action_id}", block["label"]["text"]


def _options(element: Json) -> list[Json]:
    groups = [group["options"] for group in element.get("option_groups", [])]
    return [option for options in [element.get("options", []), *groups] for option in options]


def _initial(element: Json) -> Any:
    key = _STATE_KEYS[element["type"]].replace("selected", "initial")
    key = "initial_value" if key == "value" else key
    return element.get(key, [] if key.endswith("s") else None)


def _chosen(element: Json, given: Any) -> Any:
    key = _STATE_KEYS[element["type"]]
    if key == "selected_option":
        return _option(element, given)
    if key == "selected_options":
        return [_option(element, one) for one in given]
    return given or None


def _option(element: Json, given: str) -> Json:
    for option in _options(element):
        if given in (option["value"], option["text"]["text"]):
            return {key: option[key] for key in ("text", "value")}
    known = [option["value"] for option in _options(element)]
    raise KeyError(f"{element['action_id']} has no option {given!r}; it has {known}")


def read_view(workspace: Workspace, view: View) -> str:
    """Return a view as its person reads it: title, blocks, complaints, buttons."""
    body, lines = view.body, []
    if body.get("title"):
        lines.append(f"== {body['title']['text']} ==")
    for block in body["blocks"]:
        lines.append(read_blocks([block], workspace.name_of))
        if complaint := view.errors.get(block["block_id"]):
            lines.append(f"! {complaint}")
    buttons = [body[name]["text"] for name in ("submit", "close") if body.get(name)]
    return "\n".join([*filter(None, lines), *(f"[{button}]" for button in buttons)])
