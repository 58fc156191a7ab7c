"""The JSON shapes in which Slack tells of users, rooms, messages and files."""

from sandbox.slack.state import File, Json, Message, Person, RoomState, View, Workspace


def user_json(workspace: Workspace, person: Person, locale: bool = False) -> Json:
    """Return a user as users.info does."""
    return {
        "id": person.id,
        "team_id": workspace.team_id,
        "name": person.name.lower().replace(" ", "."),
        "real_name": person.name,
        "deleted": person.deleted,
        "tz": person.tz,
        "is_admin": person.admin,
        "is_owner": False,
        "is_bot": False,
        "is_app_user": False,
        "is_restricted": False,
        "profile": {
            "real_name": person.name,
            "display_name": person.display_name,
            "email": f"{person.id.lower()}@example.com",
        },
        **({"locale": person.locale} if locale else {}),
    }


def bot_user_json(workspace: Workspace) -> Json:
    """Return the app's own user."""
    return {
        "id": workspace.bot_user,
        "team_id": workspace.team_id,
        "name": workspace.bot_name,
        "real_name": workspace.bot_name,
        "deleted": False,
        "is_bot": True,
        "is_app_user": False,
        "is_admin": False,
        "profile": {
            "real_name": workspace.bot_name,
            "display_name": "",
            "bot_id": workspace.bot_id,
            "api_app_id": workspace.app_id,
        },
    }


def bot_profile(workspace: Workspace) -> Json:
    """Return what the app's own messages carry of it."""
    return {
        "id": workspace.bot_id,
        "app_id": workspace.app_id,
        "user_id": workspace.bot_user,
        "name": workspace.bot_name,
        "team_id": workspace.team_id,
        "deleted": False,
    }


def room_json(workspace: Workspace, room: RoomState) -> Json:
    """Return a room as conversations.info does."""
    return {
        "id": room.id,
        "name": room.name,
        "name_normalized": room.name,
        "is_channel": not room.private,
        "is_group": room.private,
        "is_im": False,
        "is_mpim": False,
        "is_private": room.private,
        "is_archived": room.archived,
        "is_member": workspace.bot_user in room.members,
        "num_members": len(room.members),
        "context_team_id": workspace.team_id,
    }


def file_json(workspace: Workspace, file: File) -> Json:
    """Return a file as messages and files.info carry it."""
    if file.deleted:
        return {"id": file.id, "mode": "tombstone"}
    path = f"{workspace.origin}/files-pri/{workspace.team_id}-{file.id}"
    shares: Json = {}
    for message in file.shares:
        kind = shares.setdefault("private" if message.room.private else "public", {})
        share = {"ts": message.ts, "channel_name": message.room.name}
        if message.is_reply:
            share["thread_ts"] = str(message.thread_ts)
        kind.setdefault(message.room.id, []).append(share)
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": file.mime,
        "filetype": file.name.rpartition(".")[2].lower() if "." in file.name else "binary",
        "size": file.size,
        "mode": "hosted",
        "is_external": False,
        "file_access": "visible",
        "user": file.user,
        "created": file.created,
        "timestamp": file.created,
        "url_private": f"{path}/{file.name}",
        "url_private_download": f"{path}/download/{file.name}",
        "permalink": f"{workspace.origin}/files/{file.id}",
        "shares": shares,
    }


def message_json(workspace: Workspace, message: Message, metadata: bool = False) -> Json:
    """Return a message as history gives it; its metadata only when asked for."""
    body: Json = {"type": "message", "ts": message.ts, "text": message.text}
    if message.subtype:
        body["subtype"] = message.subtype
    if message.user:
        body |= {"user": message.user, "team": workspace.team_id}
    if message.bot_id:
        body |= {"bot_id": message.bot_id, "app_id": workspace.app_id}
        if message.user:
            body["bot_profile"] = bot_profile(workspace)
    optional = {
        "username": message.username,
        "icons": message.icon,
        "blocks": message.blocks,
        "client_msg_id": message.client_msg_id,
        "edited": message.edited,
        "metadata": message.metadata if metadata else None,
        "files": [file_json(workspace, file) for file in message.files],
        "reactions": [
            {"name": name, "users": list(users), "count": len(users)}
            for name, users in message.reactions.items()
        ],
    }
    body |= {key: value for key, value in optional.items() if value}
    return body | _threading(message)


def _threading(message: Message) -> Json:
    if message.is_reply:
        parent = message.room.find(message.thread_ts)
        parent_user = {"parent_user_id": parent.user} if parent and parent.user else {}
        return {"thread_ts": message.thread_ts, **parent_user}
    replies = message.room.replies(message.ts)
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user or str(reply.bot_id) for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": users[:5],
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
    }


def message_event(workspace: Workspace, message: Message) -> Json:
    """Return the event that tells of a new message."""
    event = message_json(workspace, message, metadata=True)
    if message.subtype == "thread_broadcast":
        root = message.room.find(message.thread_ts)
        event["root"] = message_json(workspace, root) if root else None
    return event | _place(message.room, message.ts)


def hidden_event(room: RoomState, subtype: str, ts: str, **inside: object) -> Json:
    """Return a `message_changed` or `message_deleted` event; *ts* is the event's own."""
    head = {"type": "message", "subtype": subtype, "hidden": True, "ts": ts}
    return {**head, **inside, **_place(room, ts)}


def _place(room: RoomState, event_ts: str) -> Json:
    kind = "group" if room.private else "channel"
    return {"channel": room.id, "channel_type": kind, "event_ts": event_ts}


def view_json(workspace: Workspace, view: View, values: Json | None = None) -> Json:
    """Return a view as the views methods answer it and interactions carry it."""
    defaults = {"private_metadata": "", "callback_id": "", "external_id": ""}
    return {
        **defaults,
        "close": None,
        "submit": None,
        "clear_on_close": False,
        "notify_on_close": False,
        **view.body,
        "id": view.id,
        "team_id": workspace.team_id,
        "app_id": workspace.app_id,
        "bot_id": workspace.bot_id,
        "app_installed_team_id": workspace.team_id,
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "state": {"values": values or {}},
    }
