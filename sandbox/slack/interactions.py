"""What interactions send to the app, and what it posts to their response URLs."""

from typing import Any

from sandbox.slack import talk
from sandbox.slack.chat import content, truth, whisper
from sandbox.slack.forms import choice
from sandbox.slack.payloads import message_json, view_json
from sandbox.slack.state import Ephemeral, Json, Message, Person, RoomState, View, Workspace
from sandbox.slack.tickets import Response


def head(workspace: Workspace, person: Person, kind: str) -> Json:
    """Return what every interaction's payload begins with, a fresh trigger id included."""
    name = person.name.lower().replace(" ", ".")
    return {
        "type": kind,
        "team": {"id": workspace.team_id, "domain": workspace.team.lower()},
        "user": {
            "id": person.id,
            "username": name,
            "name": name,
            "team_id": workspace.team_id,
        },
        "api_app_id": workspace.app_id,
        "token": "sandbox",
        "trigger_id": workspace.triggers.give(person.id),
        "enterprise": None,
        "is_enterprise_install": False,
    }


def pressed(
    workspace: Workspace, person: Person, target: Message | View | Ephemeral, element: Json
) -> Json:
    """Return the block_actions payload for an element of a message, a view or an ephemeral."""
    payload = head(workspace, person, "block_actions") | {"actions": [element]}
    if isinstance(target, View):
        place = {"type": "view", "view_id": target.id}
        return payload | {"container": place, "view": view_json(workspace, target)}
    hidden = isinstance(target, Ephemeral)
    room = workspace.rooms[target.room_id] if isinstance(target, Ephemeral) else target.room
    container: Json = {
        "type": "message",
        "message_ts": target.ts,
        "channel_id": room.id,
        "is_ephemeral": hidden,
        **({"thread_ts": target.thread_ts} if target.thread_ts else {}),
    }
    message = {} if isinstance(target, Ephemeral) else message_json(workspace, target)
    url = response_url(workspace, person, room, None if hidden else target.ts, target.thread_ts)
    return payload | {
        "container": container,
        "channel": _channel(room),
        **({"message": message} if message else {}),
        "state": {"values": {}},
        "response_url": url,
    }


def find_element(blocks: list[Json], wanted: str, chosen: Any, action_ts: str) -> Json:
    """Return the action for the element with this action id, `block_id/action_id` or button text.

    Raises LookupError, naming what there is.
    """
    known = []
    for block in blocks:
        elements = [*block.get("elements", []), block.get("accessory", {})]
        for element in (e for e in elements if "action_id" in e):
            label = element.get("text", element.get("placeholder", {})).get("text", "")
            known.append((element["action_id"], label))
            if wanted in (*known[-1], f"{block['block_id']}/{element['action_id']}"):
                names = ("type", "action_id", "text", "value", "style")
                action = {name: element[name] for name in names if name in element}
                picked = {} if element["type"] == "button" else choice(element, chosen)
                placed = {"block_id": block["block_id"], "action_ts": action_ts}
                return {**action, **picked, **placed}
    raise LookupError(f"there is nothing like {wanted!r} to press; there is {known}")


def shortcut(workspace: Workspace, person: Person, message: Message, callback_id: str) -> Json:
    """Return the message_action payload of a message shortcut."""
    room = message.room
    return head(workspace, person, "message_action") | {
        "callback_id": callback_id,
        "action_ts": workspace.new_ts(),
        "message_ts": message.ts,
        "message": message_json(workspace, message),
        "channel": _channel(room),
        "response_url": response_url(workspace, person, room, None, message.thread_ts),
    }


def command(
    workspace: Workspace, person: Person, room: RoomState, name: str, text: str
) -> dict[str, str]:
    """Return the form fields of a slash command."""
    return {
        "token": "sandbox",
        "team_id": workspace.team_id,
        "team_domain": workspace.team.lower(),
        "channel_id": room.id,
        "channel_name": room.name,
        "user_id": person.id,
        "user_name": person.name.lower().replace(" ", "."),
        "command": name,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url(workspace, person, room, None, None),
        "trigger_id": workspace.triggers.give(person.id),
    }


def response_url(
    workspace: Workspace,
    person: Person,
    room: RoomState,
    message_ts: str | None,
    thread_ts: str | None,
) -> str:
    """Return a URL to which the app may post its answer, five times within half an hour."""
    key = workspace.response_urls.give(
        user=person.id, room_id=room.id, message_ts=message_ts, thread_ts=thread_ts
    )
    return f"{workspace.origin}/response/{key}"


def respond(workspace: Workspace, response: Response, body: Json) -> None:
    """Do what was posted to a response URL, or came with a slash command's acknowledgement."""
    room = workspace.rooms[response.room_id]
    original = room.find(response.message_ts)
    if original is not None and truth(body.get("delete_original")):
        talk.delete(workspace, original)
        return
    text, blocks = content(workspace, body)
    if original is not None and truth(body.get("replace_original")):
        talk.edit(workspace, original, by=workspace.bot_user, text=text, blocks=blocks)
    elif body.get("response_type") == "in_channel":
        draft = talk.Draft(
            text=text,
            user=workspace.bot_user,
            bot_id=workspace.bot_id,
            blocks=blocks,
            thread_ts=response.thread_ts,
        )
        talk.post(workspace, room, draft)
    else:
        whisper(workspace, room, response.user, text, blocks, response.thread_ts)


def _channel(room: RoomState) -> Json:
    return {"id": room.id, "name": room.name}
