"""The Web API's methods by name, and how a call's token and arguments are read."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from sandbox.slack import chat, conversations, people, uploads, views
from sandbox.slack.state import Json, Refusal, Workspace

Method = Callable[[Workspace, Json], Json]

CONNECT = "apps.connections.open"
"""The one method that takes the app's token; the server answers it itself."""

METHODS: dict[str, Method] = {
    "api.test": people.api_test,
    "auth.test": people.auth_test,
    "bots.info": people.bot_info,
    "chat.delete": chat.delete,
    "chat.getPermalink": chat.permalink,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.postMessage": chat.post_message,
    "chat.update": chat.update,
    "conversations.history": conversations.history,
    "conversations.info": conversations.info,
    "conversations.join": conversations.join,
    "conversations.list": conversations.list_rooms,
    "conversations.members": conversations.members,
    "conversations.replies": conversations.replies,
    "files.completeUploadExternal": uploads.complete,
    "files.delete": uploads.delete,
    "files.getUploadURLExternal": uploads.announce,
    "files.info": uploads.info,
    "reactions.add": chat.add_reaction,
    "reactions.remove": chat.remove_reaction,
    "usergroups.list": people.list_groups,
    "usergroups.users.list": people.group_users,
    "users.conversations": conversations.list_own,
    "users.info": people.user_info,
    "users.list": people.list_users,
    "views.open": views.open_view,
    "views.publish": views.publish_view,
    "views.push": views.push_view,
    "views.update": views.update_view,
}

WITHOUT_TOKEN = frozenset({"api.test"})

_JSON_ARGUMENTS = frozenset({"blocks", "metadata", "view", "attachments"})


def read_arguments(content_type: str, body: bytes, query: str) -> Json:
    """Return a call's arguments from its query and its body, JSON or form-urlencoded.

    Raises Refusal: invalid_json, invalid_form_data, json_not_object, invalid_blocks_format, ….
    """
    arguments: Json = dict(parse_qsl(query, keep_blank_values=True))
    if content_type == "application/json" and body:
        try:
            given = json.loads(body)
        except ValueError:
            raise Refusal("invalid_json") from None
        if not isinstance(given, dict):
            raise Refusal("json_not_object")
        arguments |= given
    elif body:
        try:
            arguments |= dict(parse_qsl(body.decode(), keep_blank_values=True))
        except UnicodeDecodeError:
            raise Refusal("invalid_form_data") from None
    return {name: _unpacked(name, value) for name, value in arguments.items()}


def _unpacked(name: str, value: Any) -> Any:
    """Read the structures that forms carry as JSON text."""
    if name not in _JSON_ARGUMENTS or not isinstance(value, str) or not value:
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise Refusal(
            "invalid_blocks_format" if name == "blocks" else "invalid_arguments"
        ) from None


def check_token(header: str, arguments: Json, expected: str) -> None:
    """Compare the token, from the Authorization header or the body.

    Raises Refusal: not_authed without any, invalid_auth with a wrong one.
    """
    given = arguments.pop("token", None)
    given = header.removeprefix("Bearer ") if header else given
    if not given:
        raise Refusal("not_authed")
    if given != expected:
        raise Refusal("invalid_auth")
