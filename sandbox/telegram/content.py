"""What a bot may put into a message, read from a call and checked."""

from typing import Any
from urllib.parse import urlsplit

from .entities import clean
from .state import Chat
from .wire import Json, Params, bad_request

MAX_TEXT = 4096
MAX_CAPTION = 1024
"""In code points, after the entities were parsed: TDLib counts characters, not UTF-16 units."""
MAX_CALLBACK_DATA = 64
"""In bytes ("InlineKeyboardButton")."""
MAX_BUTTONS = 100


def text_fields(params: Params) -> Json:
    """Return the fields of a message's text. Raises ApiError if it is empty or too long."""
    if not params.text("text"):
        raise bad_request("message text is empty")
    text, entities = _formatted(params, "text", "entities")
    if not text:
        raise bad_request("text must be non-empty")
    if len(text) > MAX_TEXT:
        raise bad_request("message is too long")
    preview = params.object("link_preview_options")
    return {
        "text": text,
        **({"entities": entities} if entities else {}),
        **({"link_preview_options": preview} if preview else {}),
    }


def caption_fields(params: Params) -> Json:
    """Return the fields of a caption, none if there is none. Raises ApiError if too long."""
    caption, entities = _formatted(params, "caption", "caption_entities")
    if len(caption) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return {
        **({"caption": caption} if caption else {}),
        **({"caption_entities": entities} if entities else {}),
    }


def _formatted(params: Params, text: str, entities: str) -> tuple[str, list[Json]]:
    if params.text("parse_mode"):
        raise bad_request("unsupported parse_mode: the sandbox takes entities only")
    return clean(params.text(text), params.objects(entities) or [])


def markup_fields(params: Params) -> Json:
    """Return the inline keyboard, if any; other keyboards are taken and not shown."""
    markup = params.object("reply_markup") or {}
    keyboard = markup.get("inline_keyboard") or []
    if not isinstance(keyboard, list) or not all(isinstance(row, list) for row in keyboard):
        raise bad_request('field "inline_keyboard" must be an Array of Arrays')
    rows = [[_button(button) for button in row] for row in keyboard if row]
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def _button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise bad_request("InlineKeyboardButton must be an Object")
    if not button.get("text"):
        raise bad_request("inline keyboard button text must be non-empty")
    data, url = button.get("callback_data"), button.get("url")
    if data is not None:
        if not 1 <= len(str(data).encode()) <= MAX_CALLBACK_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
    elif url is not None:
        if urlsplit(url).scheme not in {"http", "https", "tg"} or not urlsplit(url).netloc:
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    else:
        raise bad_request("text buttons are unallowed in the inline keyboard")
    return button


def reply_fields(params: Params, chat: Chat) -> Json:
    """Return the message replied to, as "ReplyParameters" says. Raises ApiError if it is gone."""
    reply = params.object("reply_parameters")
    if reply is None:
        return {}
    target = chat.messages.get(Params(reply, {}).number("message_id"))
    if target is None:
        if reply.get("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    quote = reply.get("quote")
    if quote and quote not in (target.get("text") or target.get("caption") or ""):
        raise bad_request("QUOTE_TEXT_INVALID")
    return replied(target)


def replied(target: Json) -> Json:
    """Return the field by which a message names the one it replies to: never two deep."""
    return {
        "reply_to_message": {
            key: value for key, value in target.items() if key != "reply_to_message"
        }
    }
