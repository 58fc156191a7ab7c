"""The Bot API's methods that speak, by name. They check as the platform checks.

Method names, parameters and results: core.telegram.org/bots/api. The words of refusals: the
open-source Bot API server (tdlib/telegram-bot-api, Client.cpp).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from .content import caption_fields, markup_fields, reply_fields, text_fields
from .media import KINDS, StoredFile, check_upload, media_fields
from .state import Chat, State
from .wire import Json, Params, bad_request

DELETABLE_FOR = timedelta(hours=48)
"""How long a message can be deleted ("deleteMessage")."""

_EMOJI = """
    👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊
    🤡 🥱 🥴 😍 🐳 ❤️‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋
    🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃
    💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂️ 🤷 🤷‍♀️ 😡
"""
REACTIONS = frozenset(_EMOJI.split())
"""The emoji that may be reactions ("ReactionTypeEmoji")."""

Method = Callable[[State, Params], Any]


def send_message(state: State, params: Params) -> Json:
    """Send a text."""
    fields = text_fields(params)
    chat = state.reachable(params.text("chat_id"))
    return _send(state, params, chat, fields)


def send_media(kind: str, state: State, params: Params) -> Json:
    """Send a file of one of the KINDS: uploaded now, or known by its file_id."""
    caption = caption_fields(params)
    chat = state.reachable(params.text("chat_id"))
    fields = media_fields(_file(kind, state, params), params.number("duration", 1))
    return _send(state, params, chat, {**fields, **caption})


def _send(state: State, params: Params, chat: Chat, fields: Json) -> Json:
    markup, reply = markup_fields(params), reply_fields(params, chat)
    return state.post(chat, {**reply, **fields, **markup}, from_bot=True)


def _file(kind: str, state: State, params: Params) -> StoredFile:
    upload, reference = params.upload(kind), params.text(kind)
    if upload is not None:
        check_upload(kind, upload.content)
        return state.files.keep(kind, upload.content, upload.name, upload.mime)
    if not reference:
        raise bad_request(f"there is no {kind} in the request")
    if reference.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    file = state.files.get(reference)
    if file.kind != kind:
        raise bad_request(f"can't use file of type {file.kind.title()} as {kind.title()}")
    return file


def send_chat_action(state: State, params: Params) -> bool:
    """Show that the bot is typing; the sandbox only checks that it could."""
    state.reachable(params.text("chat_id"))
    if not params.text("action"):
        raise bad_request("wrong parameter action in request")
    return True


def edit_message_text(state: State, params: Params) -> Json:
    """Replace a text and its buttons."""
    fields = text_fields(params)
    chat, message = _own_message(state, params)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _edit(state, params, chat, message, fields)


def edit_message_caption(state: State, params: Params) -> Json:
    """Replace a caption and its buttons."""
    fields = caption_fields(params)
    chat, message = _own_message(state, params)
    if not any(kind in message for kind in KINDS):
        raise bad_request("there is no caption in the message to edit")
    return _edit(state, params, chat, message, fields)


def edit_message_reply_markup(state: State, params: Params) -> Json:
    """Replace the buttons only."""
    chat, message = _own_message(state, params)
    kept = ("text", "entities", "caption", "caption_entities", "link_preview_options")
    fields = {key: message[key] for key in kept if key in message}
    return _edit(state, params, chat, message, fields)


def _own_message(state: State, params: Params) -> tuple[Chat, Json]:
    chat = state.chat(params.text("chat_id"))
    if not params.text("message_id"):
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(params.number("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"] is not state.bot:
        raise bad_request("message can't be edited")
    return chat, message


_SHOWN = ("text", "entities", "caption", "caption_entities", "reply_markup")


def _edit(state: State, params: Params, chat: Chat, message: Json, fields: Json) -> Json:
    """Put *fields* and the call's buttons in the place of those that the message has."""
    shown = {**fields, **markup_fields(params)}
    before = {key: message.get(key) for key in _SHOWN}
    after = {key: shown.get(key) for key in _SHOWN}
    if before == after:
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly "
            "the same as a current content and reply markup of the message"
        )
    # A message whose buttons alone were replaced is not called edited.
    words = before | {"reply_markup": None} != after | {"reply_markup": None}
    kept = {key: value for key, value in message.items() if key not in _SHOWN}
    edited = {**kept, **shown, **({"edit_date": state.timestamp()} if words else {})}
    chat.messages[message["message_id"]] = edited
    state.changed(chat, message["message_id"])
    return edited


def delete_message(state: State, params: Params) -> bool:
    """Delete a message of either side."""
    chat = state.chat(params.text("chat_id"))
    message = chat.messages.get(params.number("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    age = state.clock.now() - datetime.fromtimestamp(message["date"], UTC)
    if age > DELETABLE_FOR:
        raise bad_request("message can't be deleted")
    del chat.messages[message["message_id"]]
    state.changed(chat, message["message_id"])
    return True


def set_message_reaction(state: State, params: Params) -> bool:
    """React with one emoji, or with none."""
    chat = state.reachable(params.text("chat_id"))
    message_id = params.number("message_id")
    if message_id not in chat.messages:
        raise bad_request("message to react not found")
    reactions = params.objects("reaction") or []
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(reaction.get("emoji") not in REACTIONS for reaction in reactions):
        raise bad_request("REACTION_INVALID")
    chat.reactions[message_id, True] = reactions
    state.tell(chat)
    return True


SPEAKING: dict[str, Method] = {
    "sendMessage": send_message,
    **{f"send{kind.title()}": partial(send_media, kind) for kind in KINDS},
    "sendChatAction": send_chat_action,
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "setMessageReaction": set_message_reaction,
}
