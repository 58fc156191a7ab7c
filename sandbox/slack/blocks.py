"""What Slack refuses in Block Kit (docs: "Block Kit reference", one page a block and element).

Each check yields problems as Slack words them, with the place as a JSON pointer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.slack.richtext import rich_text_problems

Problems = Iterator[str]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_CHARACTERS = 13_200
"""What all texts of one message's blocks may add up to before `msg_blocks_too_long`."""


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """What an element may carry beyond its type and action_id."""

    allowed: frozenset[str]
    required: frozenset[str] = frozenset()


def _kind(allowed: str, required: str = "") -> _Kind:
    names = frozenset(required.split())
    return _Kind(allowed=frozenset(allowed.split()) | names, required=names)


_COMMON = "confirm focus_on_load placeholder"
_TYPED = "initial_value dispatch_action_config focus_on_load placeholder"
_ELEMENTS = {
    "button": _kind("value url style confirm accessibility_label", "text"),
    "static_select": _kind(f"{_COMMON} options option_groups initial_option"),
    "multi_static_select": _kind(
        f"{_COMMON} options option_groups initial_options max_selected_items"
    ),
    "overflow": _kind("confirm", "options"),
    "checkboxes": _kind("confirm focus_on_load initial_options", "options"),
    "radio_buttons": _kind("confirm focus_on_load initial_option", "options"),
    "timepicker": _kind(f"{_COMMON} initial_time timezone"),
    "datepicker": _kind(f"{_COMMON} initial_date"),
    "plain_text_input": _kind(f"{_TYPED} multiline min_length max_length"),
    "email_text_input": _kind(_TYPED),
    "url_text_input": _kind(_TYPED),
    "number_input": _kind(f"{_TYPED} min_value max_value", "is_decimal_allowed"),
    "users_select": _kind(f"{_COMMON} initial_user"),
    "multi_users_select": _kind(f"{_COMMON} initial_users max_selected_items"),
    "channels_select": _kind(f"{_COMMON} initial_channel response_url_enabled"),
    "conversations_select": _kind(
        f"{_COMMON} initial_conversation default_to_current_conversation filter "
        "response_url_enabled"
    ),
}
_INPUTS_ONLY = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
_OPTION_LIMITS = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}


def block_problems(blocks: object, surface: str) -> list[str]:
    """Return what is wrong with the blocks of a `message`, a `modal` or a `home` tab."""
    limit = MESSAGE_BLOCKS if surface == "message" else VIEW_BLOCKS
    if not isinstance(blocks, list):
        return ["must be an array [json-pointer:/blocks]"]
    problems = []
    if len(blocks) > limit:
        problems.append(f"no more than {limit} items allowed [json-pointer:/blocks]")
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        at = f"/blocks/{index}"
        problems += _block(block, at, surface)
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if block_id in seen:
            problems.append(f"`block_id` {block_id} already exists [json-pointer:{at}/block_id]")
        seen.add(block_id or at)
    return problems


def characters(value: object) -> int:
    """Return how many characters of text stand in the blocks."""
    if isinstance(value, dict):
        own = value.get("text")
        inner = sum(characters(part) for part in value.values())
        return inner + (len(own) if isinstance(own, str) else 0)
    return sum(characters(part) for part in value) if isinstance(value, list) else 0


def _block(block: Any, at: str, surface: str) -> Problems:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in _BLOCKS:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    allowed, check = _BLOCKS[kind]
    yield from _unknown_keys(block, {"type", "block_id", *allowed.split()}, at)
    if len(str(block.get("block_id", ""))) > 255:
        yield f"must be less than 256 characters [json-pointer:{at}/block_id]"
    if kind == "markdown" and surface != "message":
        yield f"unsupported type: markdown [json-pointer:{at}/type]"
    yield from check(block, at)


def _section(block: Any, at: str) -> Problems:
    if "text" not in block and not block.get("fields"):
        yield f"must have a text or fields [json-pointer:{at}]"
    if "text" in block:
        yield from text_problems(block["text"], f"{at}/text", 3000)
    yield from _list(
        block.get("fields", []), f"{at}/fields", 10, lambda f, p: text_problems(f, p, 2000)
    )
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory", images=True)


def _header(block: Any, at: str) -> Problems:
    yield from text_problems(block.get("text"), f"{at}/text", 150, plain=True)


def _context(block: Any, at: str) -> Problems:
    def element(part: Any, place: str) -> Problems:
        if isinstance(part, dict) and part.get("type") == "image":
            return _image(part, place)
        return text_problems(part, place, 3000)

    yield from _required_list(block.get("elements"), f"{at}/elements", 10, element)


def _actions(block: Any, at: str) -> Problems:
    yield from _required_list(block.get("elements"), f"{at}/elements", 25, _element)
    elements = block.get("elements")
    ids = [e.get("action_id") for e in elements or [] if isinstance(e, dict)]
    for double in sorted({str(i) for i in ids if i is not None and ids.count(i) > 1}):
        yield f"`action_id` {double} already exists [json-pointer:{at}/elements]"


def _input(block: Any, at: str) -> Problems:
    yield from text_problems(block.get("label"), f"{at}/label", 2000, plain=True)
    if "hint" in block:
        yield from text_problems(block["hint"], f"{at}/hint", 2000, plain=True)
    yield from _element(block.get("element"), f"{at}/element", inputs=True)


def _image(block: Any, at: str) -> Problems:
    if not block.get("image_url") and not block.get("slack_file"):
        yield f"missing required field: image_url [json-pointer:{at}]"
    if not block.get("alt_text"):
        yield f"missing required field: alt_text [json-pointer:{at}]"


def _markdown(block: Any, at: str) -> Problems:
    text = block.get("text")
    if not isinstance(text, str) or not 0 < len(text) <= 12_000:
        yield f"must be between 1 and 12000 characters [json-pointer:{at}/text]"


def _nothing(block: Any, at: str) -> Problems:
    yield from ()


_BLOCKS: dict[str, tuple[str, Callable[[Any, str], Problems]]] = {
    "section": ("text fields accessory expand", _section),
    "header": ("text", _header),
    "context": ("elements", _context),
    "actions": ("elements", _actions),
    "divider": ("", _nothing),
    "input": ("label element hint optional dispatch_action", _input),
    "image": ("image_url alt_text title slack_file", _image),
    "markdown": ("text", _markdown),
    "rich_text": ("elements", rich_text_problems),
}


def text_problems(text: Any, at: str, limit: int, plain: bool = False) -> Problems:
    """Yield what is wrong with a text object of at most *limit* characters."""
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield f"must be a text object of type {' or '.join(kinds)} [json-pointer:{at}]"
        return
    own = "emoji" if text["type"] == "plain_text" else "verbatim"
    yield from _unknown_keys(text, {"type", "text", own}, at)
    if not isinstance(text.get("text"), str) or not text["text"]:
        yield f"must be more than 0 characters [json-pointer:{at}/text]"
    elif len(text["text"]) > limit:
        yield f"must be less than {limit + 1} characters [json-pointer:{at}/text]"


def _element(element: Any, at: str, *, images: bool = False, inputs: bool = False) -> Problems:
    kind = element.get("type") if isinstance(element, dict) else None
    if images and kind == "image":
        yield from _image(element, at)
        return
    misplaced = kind == "button" if inputs else kind in _INPUTS_ONLY
    if kind not in _ELEMENTS or misplaced:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    rules = _ELEMENTS[kind]
    yield from _unknown_keys(element, {"type", "action_id", *rules.allowed}, at)
    for name in sorted(rules.required - element.keys()):
        yield f"missing required field: {name} [json-pointer:{at}]"
    if not 0 < len(str(element.get("action_id", ""))) <= 255:
        yield f"must be between 1 and 255 characters [json-pointer:{at}/action_id]"
    if "placeholder" in element:
        yield from text_problems(element["placeholder"], f"{at}/placeholder", 150, plain=True)
    if kind == "button":
        yield from _button(element, at)
    elif "options" in rules.allowed:
        yield from _options(element, at)


def _button(button: Any, at: str) -> Problems:
    yield from text_problems(button.get("text"), f"{at}/text", 75, plain=True)
    for name, limit in (("value", 2000), ("url", 3000), ("accessibility_label", 75)):
        if len(str(button.get(name, ""))) > limit:
            yield f"must be less than {limit + 1} characters [json-pointer:{at}/{name}]"
    if button.get("style", "primary") not in ("primary", "danger"):
        yield f"must be primary or danger [json-pointer:{at}/style]"


def _options(element: Any, at: str) -> Problems:
    if "option_groups" in element:
        for index, group in enumerate(element["option_groups"]):
            place = f"{at}/option_groups/{index}"
            yield from text_problems(group.get("label"), f"{place}/label", 75, plain=True)
            yield from _required_list(group.get("options"), f"{place}/options", 100, _option)
        return
    limit = _OPTION_LIMITS.get(element["type"], 100)
    yield from _required_list(element.get("options"), f"{at}/options", limit, _option)
    chosen = element.get("initial_options", [])
    if "initial_option" in element:
        chosen = [*chosen, element["initial_option"]]
    if any(option not in element.get("options", []) for option in chosen):
        yield f"initial option must be one of the options [json-pointer:{at}]"
    if "initial_options" in element and not chosen:
        yield f"no fewer than 1 items allowed [json-pointer:{at}/initial_options]"


def _option(option: Any, at: str) -> Problems:
    if not isinstance(option, dict):
        yield f"must be an option object [json-pointer:{at}]"
        return
    yield from _unknown_keys(option, {"text", "value", "description", "url"}, at)
    yield from text_problems(option.get("text"), f"{at}/text", 75)
    if not 0 < len(str(option.get("value", ""))) <= 150:
        yield f"must be between 1 and 150 characters [json-pointer:{at}/value]"
    if "description" in option:
        yield from text_problems(option["description"], f"{at}/description", 75)


def _unknown_keys(value: Any, allowed: set[str], at: str) -> Problems:
    for name in sorted(value.keys() - allowed):
        yield f"invalid additional property: {name} [json-pointer:{at}]"


def _required_list(
    items: Any, at: str, limit: int, check: Callable[[Any, str], Problems]
) -> Problems:
    if not items:
        yield f"no fewer than 1 items allowed [json-pointer:{at}]"
    else:
        yield from _list(items, at, limit, check)


def _list(items: Any, at: str, limit: int, check: Callable[[Any, str], Problems]) -> Problems:
    if not isinstance(items, list):
        yield f"must be an array [json-pointer:{at}]"
        return
    if len(items) > limit:
        yield f"no more than {limit} items allowed [json-pointer:{at}]"
    for index, item in enumerate(items):
        yield from check(item, f"{at}/{index}")
