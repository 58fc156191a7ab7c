"""The Bot API's methods about the bot itself, its files and its buttons, by name."""

import json
import re
from functools import partial

from .media import MAX_DOWNLOAD
from .methods import Method
from .state import CallbackAnswer, State
from .wire import Json, Params, bad_request

MAX_COMMANDS = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")

_PROFILE = {"name": 64, "description": 512, "short_description": 120}
"""What the bot says of itself, and how many characters that may have ("setMyName", …)."""


def get_me(state: State, params: Params) -> Json:
    """Say who the bot is."""
    return {
        **state.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def answer_callback_query(state: State, params: Params) -> bool:
    """Answer the press of a button, with a word or without."""
    chat = state.query_chat(params.text("callback_query_id"))
    text = params.text("text")
    if len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    state.answers.append(
        CallbackAnswer(
            query_id=params.text("callback_query_id"),
            chat_id=chat.id,
            text=text,
            alert=params.flag("show_alert"),
        )
    )
    state.tell(chat)
    return True


def get_file(state: State, params: Params) -> Json:
    """Tell from where a file can be downloaded."""
    file = state.files.get(params.text("file_id"))
    if len(file.content) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {**file.described(), "file_path": file.path}


def set_my_commands(state: State, params: Params) -> bool:
    """Set the commands that people are shown, for a scope and a language."""
    commands = params.objects("commands")
    if commands is None:
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command.get("command", "").removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "")) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    state.commands[_scope(params)] = commands
    return True


def get_my_commands(state: State, params: Params) -> list[Json]:
    """Return the commands of exactly this scope and language."""
    return state.commands.get(_scope(params), [])


def delete_my_commands(state: State, params: Params) -> bool:
    """Forget the commands of exactly this scope and language."""
    state.commands.pop(_scope(params), None)
    return True


def _scope(params: Params) -> tuple[str, str]:
    scope = params.object("scope") or {"type": "default"}
    return json.dumps(scope, sort_keys=True), params.text("language_code")


def shown_commands(state: State) -> dict[str, list[Json]]:
    """Return, by language, what a private chat's menu shows ("Determining list of commands")."""
    shown: dict[str, list[Json]] = {}
    for wanted in ("default", "all_private_chats"):
        for (scope, language), commands in state.commands.items():
            if json.loads(scope)["type"] == wanted:
                shown[language] = commands
    return shown


def set_profile(kind: str, state: State, params: Params) -> bool:
    """Set what the bot says of itself, in one language."""
    text = params.text(kind)
    if len(text) > _PROFILE[kind]:
        raise bad_request(f"{kind} is too long")
    state.profile[kind, params.text("language_code")] = text
    return True


def get_profile(kind: str, state: State, params: Params) -> Json:
    """Return what the bot says of itself in a language, or else in general."""
    general = state.profile.get((kind, ""), state.bot["first_name"] if kind == "name" else "")
    return {kind: state.profile.get((kind, params.text("language_code"))) or general}


def _camel(kind: str) -> str:
    return kind.title().replace("_", "")


ABOUT: dict[str, Method] = {
    "getMe": get_me,
    "answerCallbackQuery": answer_callback_query,
    "getFile": get_file,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    **{f"setMy{_camel(kind)}": partial(set_profile, kind) for kind in _PROFILE},
    **{f"getMy{_camel(kind)}": partial(get_profile, kind) for kind in _PROFILE},
}
