"""The chat.* and reactions.* methods."""

import copy
from typing import Any

from sandbox.slack import talk
from sandbox.slack.blocks import MESSAGE_CHARACTERS, block_problems, characters
from sandbox.slack.payloads import message_json
from sandbox.slack.reading import read_blocks, read_mrkdwn
from sandbox.slack.state import Ephemeral, Json, Message, Refusal, RoomState, Workspace

POST_LIMIT = 40_000
UPDATE_LIMIT = 4_000
MARKDOWN_LIMIT = 12_000
NO_TEXT = "This content can't be displayed."


def post_message(workspace: Workspace, args: Json) -> Json:
    """chat.postMessage."""
    room = writable_room(workspace, args.get("channel"))
    text, blocks = content(workspace, args)
    workspace.limits.post(room.id)
    thread_ts = parent_ts(room, args.get("thread_ts"))
    custom = args.get("username") or None
    icon = {key: args[f"icon_{key}"] for key in ("emoji", "url") if args.get(f"icon_{key}")}
    broadcast = thread_ts is not None and truth(args.get("reply_broadcast"))
    draft = talk.Draft(
        text=text[:POST_LIMIT],
        user=None if custom else workspace.bot_user,
        bot_id=workspace.bot_id,
        username=custom,
        icon=icon,
        blocks=blocks,
        thread_ts=thread_ts,
        subtype="bot_message" if custom else "thread_broadcast" if broadcast else None,
        metadata=_metadata(args.get("metadata")),
    )
    message = talk.post(workspace, room, draft)
    answer = _posted(workspace, message)
    if len(text) > POST_LIMIT:
        answer |= {
            "warning": "message_truncated",
            "response_metadata": {"warnings": ["message_truncated"]},
        }
    return answer


def update(workspace: Workspace, args: Json) -> Json:
    """chat.update: only the app's own messages; text without blocks drops the old blocks."""
    message = _own(workspace, args, "cant_update_message")
    if len(str(args.get("text") or "")) > UPDATE_LIMIT:
        raise Refusal("msg_too_long")
    text, blocks = content(workspace, args)
    if blocks and _rich(message.blocks) and not _rich(blocks):
        raise Refusal("block_mismatch")
    talk.edit(
        workspace,
        message,
        by=workspace.bot_user,
        text=text,
        blocks=blocks,
        metadata=_metadata(args.get("metadata")),
    )
    return {**_posted(workspace, message), "text": message.text}


def delete(workspace: Workspace, args: Json) -> Json:
    """chat.delete: only the app's own messages."""
    message = _own(workspace, args, "cant_delete_message")
    talk.delete(workspace, message)
    return {"channel": message.room.id, "ts": message.ts}


def permalink(workspace: Workspace, args: Json) -> Json:
    """chat.getPermalink: an address that leads to a message."""
    room = workspace.rooms.get(str(args.get("channel")))
    if room is None:
        raise Refusal("channel_not_found")
    message = room.find(args.get("message_ts"))
    if message is None:
        raise Refusal("message_not_found")
    address = f"{workspace.origin}/archives/{room.id}/p{message.ts.replace('.', '')}"
    return {"channel": room.id, "permalink": address}


def post_ephemeral(workspace: Workspace, args: Json) -> Json:
    """chat.postEphemeral: shown to one member of the room, kept nowhere."""
    room = writable_room(workspace, args.get("channel"))
    text, blocks = content(workspace, args)
    user = str(args.get("user"))
    if user not in room.members:
        raise Refusal("user_not_in_channel")
    thread_ts = args.get("thread_ts")
    ephemeral = whisper(workspace, room, user, text, blocks, thread_ts)
    return {"message_ts": ephemeral.ts}


def whisper(
    workspace: Workspace,
    room: RoomState,
    user: str,
    text: str,
    blocks: list[Json],
    thread_ts: str | None,
) -> Ephemeral:
    """Show *user* a message that nobody else sees."""
    name_of = workspace.name_of
    ephemeral = Ephemeral(
        user=user,
        room_id=room.id,
        text=text,
        shown=read_blocks(blocks, name_of) or read_mrkdwn(text, name_of),
        blocks=blocks,
        ts=workspace.new_ts(room),
        thread_ts=thread_ts,
    )
    workspace.ephemerals.append(ephemeral)
    workspace.changes.announce()
    return ephemeral


def add_reaction(workspace: Workspace, args: Json) -> Json:
    """reactions.add."""
    talk.react(workspace, *_reaction(workspace, args))
    return {}


def remove_reaction(workspace: Workspace, args: Json) -> Json:
    """reactions.remove."""
    talk.unreact(workspace, *_reaction(workspace, args))
    return {}


def _reaction(workspace: Workspace, args: Json) -> tuple[Message, str, str]:
    if not args.get("name"):
        raise Refusal("invalid_name")
    room = writable_room(workspace, args.get("channel"))
    return _existing(room, args.get("timestamp")), workspace.bot_user, args["name"].strip(":")


def writable_room(workspace: Workspace, room_id: object) -> RoomState:
    """Return a room that the app may write to, given by id or (as in "#support") by name.

    Raises Refusal: channel_not_found, not_in_channel, is_archived.
    """
    named = (room.id for room in workspace.rooms.values() if f"#{room.name}" == room_id)
    room = workspace.visible_room(next(named, room_id))
    if room.archived:
        raise Refusal("is_archived")
    if workspace.bot_user not in room.members:
        raise Refusal("not_in_channel")
    return room


def content(workspace: Workspace, args: Json) -> tuple[str, list[Json]]:
    """Return (text, blocks) of a message to be.

    Raises Refusal: no_text, invalid_blocks, invalid_blocks_format, msg_blocks_too_long, …
    """
    text, blocks = str(args.get("text") or ""), args.get("blocks") or []
    if markdown := args.get("markdown_text"):
        if text or blocks:
            raise Refusal("markdown_text_conflict")
        if len(markdown) > MARKDOWN_LIMIT:
            raise Refusal("msg_too_long")
        text = markdown
    if not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    if not text.strip() and not blocks:
        raise Refusal("no_text")
    if problems := block_problems(blocks, "message"):
        messages = [f"[ERROR] {problem}" for problem in problems]
        raise Refusal("invalid_blocks", errors=problems, response_metadata={"messages": messages})
    if characters(blocks) > MESSAGE_CHARACTERS:
        raise Refusal("msg_blocks_too_long")
    return text or NO_TEXT, named_blocks(workspace, blocks)


def named_blocks(workspace: Workspace, blocks: list[Json]) -> list[Json]:
    """Return the blocks with the block ids that Slack gives to those without one."""
    named = copy.deepcopy(blocks)
    for block in named:
        block.setdefault("block_id", workspace.new_id("b"))
    return named


def parent_ts(room: RoomState, thread_ts: object) -> str | None:
    """Return the thread to post to.

    A parent that is gone without a tombstone puts the post into the room itself, as Slack has been
    seen to do. Raises Refusal: invalid_thread_ts, and cannot_reply_to_message for a reply's ts.
    """
    if not thread_ts:
        return None
    whole, _, micros = str(thread_ts).partition(".")
    if not (whole.isdecimal() and micros.isdecimal()):
        raise Refusal("invalid_thread_ts")
    parent = room.find(thread_ts)
    if parent is not None and parent.is_reply:
        raise Refusal("cannot_reply_to_message")
    return parent.ts if parent else None


def truth(value: object) -> bool:
    """Return whether an argument, JSON or form, means yes."""
    return value in (True, 1, "1", "true", "True")


def _rich(blocks: list[Json]) -> bool:
    return any(block["type"] == "rich_text" for block in blocks)


def _metadata(metadata: Any) -> Json | None:
    if not metadata:
        return None
    shape = isinstance(metadata, dict) and isinstance(metadata.get("event_type"), str)
    if not shape or not isinstance(metadata.get("event_payload"), dict):
        raise Refusal("invalid_metadata_format")
    return {key: metadata[key] for key in ("event_type", "event_payload")}


def _existing(room: RoomState, ts: object) -> Message:
    message = room.find(ts)
    if message is None or message.deleted:
        raise Refusal("message_not_found")
    return message


def _own(workspace: Workspace, args: Json, otherwise: str) -> Message:
    message = _existing(writable_room(workspace, args.get("channel")), args.get("ts"))
    if message.bot_id != workspace.bot_id:
        raise Refusal(otherwise)
    return message


def _posted(workspace: Workspace, message: Message) -> Json:
    body = message_json(workspace, message, metadata=True)
    return {"channel": message.room.id, "ts": message.ts, "message": body}
