"""The workspace as plain JSON, for a page that shows it."""

from sandbox.slack.forms import read_view
from sandbox.slack.payloads import file_json
from sandbox.slack.state import Ephemeral, Json, Message, RoomState, View, Workspace


def snapshot(workspace: Workspace) -> Json:
    """Return everything that people can see."""
    people = workspace.people.values()
    return {
        "team": workspace.team,
        "bot": {"id": workspace.bot_user, "name": workspace.bot_name},
        "groups": [{"id": group.id, "handle": group.handle} for group in workspace.groups],
        "rooms": [_room(workspace, room) for room in workspace.rooms.values()],
        "agents": [
            {
                "id": person.id,
                "name": person.name,
                "display_name": person.display_name,
                "admin": person.admin,
                "view": _view(workspace, stack[-1])
                if (stack := workspace.views.get(person.id))
                else None,
                "home": _view(workspace, home)
                if (home := workspace.homes.get(person.id))
                else None,
                "ephemerals": [_ephemeral(e) for e in workspace.ephemerals if e.user == person.id],
            }
            for person in people
        ],
    }


def _room(workspace: Workspace, room: RoomState) -> Json:
    return {
        "id": room.id,
        "name": room.name,
        "private": room.private,
        "archived": room.archived,
        "members": list(room.members),
        "messages": [
            {
                **_message(workspace, root),
                "thread": [_message(workspace, reply) for reply in room.replies(root.ts)],
            }
            for root in room.roots
        ],
    }


def _message(workspace: Workspace, message: Message) -> Json:
    return {
        "ts": message.ts,
        "user": message.user,
        "author": message.username or workspace.name_of(message.user or ""),
        "by_app": message.bot_id is not None,
        "icon": message.icon,
        "text": message.text,
        "shown": message.shown,
        "blocks": message.blocks,
        "mentions": message.mentions,
        "links": [{"url": url, "label": label} for url, label in message.links],
        "files": [file_json(workspace, file) for file in message.files],
        "reactions": {name: list(users) for name, users in message.reactions.items()},
        "edited": message.edited is not None,
        "deleted": message.deleted,
        "broadcast": message.subtype == "thread_broadcast",
    }


def _view(workspace: Workspace, view: View) -> Json:
    shown = read_view(workspace, view)
    return {"id": view.id, "body": view.body, "errors": view.errors, "shown": shown}


def _ephemeral(ephemeral: Ephemeral) -> Json:
    return {
        "ts": ephemeral.ts,
        "room": ephemeral.room_id,
        "thread_ts": ephemeral.thread_ts,
        "text": ephemeral.text,
        "shown": ephemeral.shown,
        "blocks": ephemeral.blocks,
    }
