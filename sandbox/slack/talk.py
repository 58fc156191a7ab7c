"""What happens in rooms: each function changes the state and tells the app."""

import copy
from dataclasses import dataclass, field

from sandbox.slack.payloads import hidden_event, message_event, message_json
from sandbox.slack.reading import live_parts, read_blocks, read_mrkdwn
from sandbox.slack.state import SLACKBOT, File, Json, Message, Refusal, RoomState, Workspace


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is about to be posted; `user` and `bot_id` say by whom."""

    text: str
    user: str | None = None
    bot_id: str | None = None
    username: str | None = None
    icon: Json = field(default_factory=dict)
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    subtype: str | None = None
    client_msg_id: str | None = None
    files: list[File] = field(default_factory=list)
    metadata: Json | None = None


def post(workspace: Workspace, room: RoomState, draft: Draft) -> Message:
    """Put a message into the room and tell the app of it."""
    message = Message(
        ts=workspace.new_ts(room),
        room=room,
        text=draft.text,
        user=draft.user,
        bot_id=draft.bot_id,
        username=draft.username,
        icon=draft.icon,
        blocks=draft.blocks,
        thread_ts=draft.thread_ts,
        subtype=draft.subtype,
        client_msg_id=draft.client_msg_id,
        files=draft.files,
        metadata=draft.metadata,
    )
    for file in message.files:
        file.shares.append(message)
    _read(workspace, message)
    room.add(message)
    _tell(workspace, room, message_event(workspace, message))
    return message


def edit(
    workspace: Workspace,
    message: Message,
    *,
    by: str,
    text: str,
    blocks: list[Json],
    metadata: Json | None = None,
) -> None:
    """Replace what a message says; its metadata stays unless there is a new one."""
    before = message_json(workspace, message, metadata=True)
    message.text, message.blocks = text, blocks
    message.metadata = metadata or message.metadata
    message.edited = {"user": by, "ts": workspace.new_ts()}
    message.revision += 1
    _read(workspace, message)
    _tell_changed(workspace, message, before)


def delete(workspace: Workspace, message: Message) -> None:
    """Delete a message; one that was answered leaves a tombstone in its place."""
    room, before = message.room, message_json(workspace, message, metadata=True)
    message.deleted = True
    if not room.replies(message.ts):
        room.remove(message)
        event_ts = workspace.new_ts(room)
        gone = {"deleted_ts": message.ts, "previous_message": before}
        _tell(workspace, room, hidden_event(room, "message_deleted", event_ts, **gone))
        return
    message.subtype, message.text = "tombstone", "This message was deleted."
    message.user, message.bot_id, message.username = SLACKBOT, None, None
    message.blocks, message.files, message.metadata = [], [], None
    message.revision += 1
    _read(workspace, message)
    _tell_changed(workspace, message, before)


def react(workspace: Workspace, message: Message, user: str, name: str) -> None:
    """Add a reaction; raises Refusal("already_reacted")."""
    users = message.reactions.setdefault(name, [])
    if user in users:
        raise Refusal("already_reacted")
    users.append(user)
    _tell_reaction(workspace, message, "reaction_added", user, name)


def unreact(workspace: Workspace, message: Message, user: str, name: str) -> None:
    """Take a reaction back; raises Refusal("no_reaction")."""
    users = message.reactions.get(name, [])
    if user not in users:
        raise Refusal("no_reaction")
    users.remove(user)
    if not users:
        del message.reactions[name]
    _tell_reaction(workspace, message, "reaction_removed", user, name)


def join(workspace: Workspace, room: RoomState, user: str) -> None:
    """Make *user* a member of the room."""
    if user not in room.members:
        room.members.append(user)
        _tell_membership(workspace, room, "member_joined_channel", user)


def leave(workspace: Workspace, room: RoomState, user: str) -> None:
    """Take *user* out of the room."""
    if user in room.members:
        _tell_membership(workspace, room, "member_left_channel", user)
        room.members.remove(user)


def _read(workspace: Workspace, message: Message) -> None:
    said = read_blocks(message.blocks, workspace.name_of)
    said = said or read_mrkdwn(message.text, workspace.name_of)
    names = (f"📎 {file.name}" for file in message.files)
    message.shown = "\n".join(filter(None, [said, *names]))
    message.mentions, message.links = live_parts(message.text, message.blocks)


def _tell_changed(workspace: Workspace, message: Message, before: Json) -> None:
    event_ts = workspace.new_ts(message.room)
    now = message_json(workspace, message, metadata=True)
    versions = {"message": now, "previous_message": before}
    event = hidden_event(message.room, "message_changed", event_ts, **versions)
    _tell(workspace, message.room, event)


def _tell_reaction(workspace: Workspace, message: Message, kind: str, user: str, name: str) -> None:
    item = {"type": "message", "channel": message.room.id, "ts": message.ts}
    author = {"item_user": message.user} if message.user else {}
    event = {"type": kind, "user": user, "reaction": name, "item": item, **author}
    _tell(workspace, message.room, event | {"event_ts": workspace.new_ts()})


def _tell_membership(workspace: Workspace, room: RoomState, kind: str, user: str) -> None:
    place = {"channel": room.id, "channel_type": "G" if room.private else "C"}
    event = {"type": kind, "user": user, "team": workspace.team_id, **place}
    _tell(workspace, room, event | {"event_ts": workspace.new_ts()})


def _tell(workspace: Workspace, room: RoomState, event: Json) -> None:
    """Emit what the app may hear: it hears nothing of rooms that it is no member of."""
    workspace.changes.announce()
    if workspace.bot_user in room.members:
        workspace.emit(copy.deepcopy(event))
