"""The files.* methods: announce, upload, share, look up, delete (docs: "Working with files")."""

import json
import mimetypes

from sandbox.slack import talk
from sandbox.slack.chat import parent_ts, writable_room
from sandbox.slack.payloads import file_json
from sandbox.slack.state import File, Json, Refusal, Workspace


def announce(workspace: Workspace, args: Json) -> Json:
    """files.getUploadURLExternal: empty files are refused, with Slack's `missing_argument`."""
    name, length = args.get("filename"), str(args.get("length"))
    if not name or not length.isdecimal() or int(length) == 0:
        raise Refusal("missing_argument")
    file = new_file(workspace, workspace.bot_user, str(name), int(length))
    return {"upload_url": f"{workspace.origin}/upload/v1/{file.id}", "file_id": file.id}


def new_file(workspace: Workspace, user: str, name: str, size: int, mime: str = "") -> File:
    """Return a file of the workspace that has no content yet; its type is guessed by its name."""
    file = File(
        id=workspace.new_id("F"),
        name=name,
        mime=mime or mimetypes.guess_type(name)[0] or "application/octet-stream",
        user=user,
        size=size,
        created=workspace.seconds(),
    )
    workspace.files[file.id] = file
    return file


def take_upload(workspace: Workspace, file_id: str, data: bytes) -> str:
    """Keep the uploaded bytes; return what is wrong with them, or nothing."""
    file = workspace.files.get(file_id)
    if file is None or file.data is not None:
        return "no such upload"
    if len(data) != file.size:
        return f"announced {file.size} bytes, got {len(data)}"
    file.data = data
    return ""


def complete(workspace: Workspace, args: Json) -> Json:
    """files.completeUploadExternal: share what was uploaded; the answer names no message."""
    listed = args.get("files")
    listed = json.loads(listed) if isinstance(listed, str) else listed
    if not listed:
        raise Refusal("invalid_arguments")
    room_id = args.get("channel_id")
    room = writable_room(workspace, room_id) if room_id else None
    files = [_uploaded(workspace, str(entry.get("id"))) for entry in listed]
    for file, entry in zip(files, listed, strict=True):
        file.title = str(entry.get("title") or file.name)
    if room is not None:
        draft = talk.Draft(
            text=str(args.get("initial_comment") or ""),
            user=workspace.bot_user,
            bot_id=workspace.bot_id,
            thread_ts=parent_ts(room, args.get("thread_ts")),
            subtype="file_share",
            files=files,
        )
        talk.post(workspace, room, draft)
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def info(workspace: Workspace, args: Json) -> Json:
    """files.info."""
    file = workspace.files.get(str(args.get("file")))
    if file is None or file.data is None:
        raise Refusal("file_not_found")
    if file.deleted:
        raise Refusal("file_deleted")
    return {"file": file_json(workspace, file)}


def delete(workspace: Workspace, args: Json) -> Json:
    """files.delete: only the app's own files; messages keep a tombstone of it."""
    file = workspace.files.get(str(args.get("file")))
    if file is None:
        raise Refusal("file_not_found")
    if file.deleted:
        raise Refusal("file_deleted")
    if file.user != workspace.bot_user:
        raise Refusal("cant_delete_file")
    file.deleted, file.data = True, b""
    workspace.changes.announce()
    return {}


def _uploaded(workspace: Workspace, file_id: str) -> File:
    file = workspace.files.get(file_id)
    if file is None or file.data is None or file.shares:
        raise Refusal("file_not_found")
    return file
