"""The conversations.* methods that read rooms and threads, and conversations.join."""

from collections.abc import Sequence
from typing import TypeVar

from sandbox.slack import talk
from sandbox.slack.chat import truth
from sandbox.slack.payloads import message_json, room_json
from sandbox.slack.state import Json, Message, Refusal, RoomState, Workspace

Item = TypeVar("Item")


def list_rooms(workspace: Workspace, args: Json) -> Json:
    """conversations.list: public rooms, and the private ones that the app is in."""
    kinds = str(args.get("types") or "public_channel").split(",")
    rooms = [
        room
        for room in workspace.rooms.values()
        if ("private_channel" if room.private else "public_channel") in kinds
        and (not room.private or workspace.bot_user in room.members)
        and not (room.archived and truth(args.get("exclude_archived")))
    ]
    found, rest = page(rooms, args, default=100)
    return {"channels": [room_json(workspace, room) for room in found], **rest}


def list_own(workspace: Workspace, args: Json) -> Json:
    """users.conversations: the rooms that the app, or the given user, is in."""
    user = args.get("user") or workspace.bot_user
    answer = list_rooms(workspace, args | {"limit": 1000, "cursor": ""})
    mine = [c for c in answer["channels"] if user in workspace.rooms[c["id"]].members]
    found, rest = page(mine, args, default=100)
    return {"channels": list(found), **rest}


def info(workspace: Workspace, args: Json) -> Json:
    """conversations.info."""
    return {"channel": room_json(workspace, workspace.visible_room(args.get("channel")))}


def members(workspace: Workspace, args: Json) -> Json:
    """conversations.members."""
    room = workspace.visible_room(args.get("channel"))
    found, rest = page(room.members, args, default=100)
    return {"members": list(found), **rest}


def join(workspace: Workspace, args: Json) -> Json:
    """conversations.join: public rooms only."""
    room = workspace.visible_room(args.get("channel"))
    if room.archived:
        raise Refusal("is_archived")
    if room.private:
        raise Refusal("method_not_supported_for_channel_type")
    talk.join(workspace, room, workspace.bot_user)
    return {"channel": room_json(workspace, room)}


def history(workspace: Workspace, args: Json) -> Json:
    """conversations.history: what stands in the room itself, newest first."""
    room = _readable(workspace, args)
    newest_first = [m for m in reversed(room.surface) if _within(m, args)]
    found, rest = page(newest_first, args, default=100)
    return _messages(workspace, found, rest, args)


def replies(workspace: Workspace, args: Json) -> Json:
    """conversations.replies: the parent first, then its thread, oldest first.

    The parent comes whatever `oldest` says. With a reply's ts only that reply comes.
    """
    room = _readable(workspace, args)
    parent = room.find(args.get("ts"))
    if parent is None:
        raise Refusal("thread_not_found")
    thread = [] if parent.is_reply else room.replies(parent.ts)
    within = [message for message in thread if _within(message, args)]
    found, rest = page([parent, *within], args, default=1000)
    return _messages(workspace, found, rest, args)


def page(items: Sequence[Item], args: Json, default: int) -> tuple[Sequence[Item], Json]:
    """Return one page of the items, and what says where the next begins.

    Raises Refusal: invalid_cursor, invalid_limit.
    """
    cursor, limit = str(args.get("cursor") or "at:0"), str(args.get("limit") or default)
    if not limit.isdecimal() or not 0 < int(limit) <= 1000:
        raise Refusal("invalid_limit")
    if not (cursor.startswith("at:") and cursor[3:].isdecimal()):
        raise Refusal("invalid_cursor")
    start, end = int(cursor[3:]), int(cursor[3:]) + int(limit)
    following = f"at:{end}" if end < len(items) else ""
    return items[start:end], {"response_metadata": {"next_cursor": following}}


def _readable(workspace: Workspace, args: Json) -> RoomState:
    room = workspace.visible_room(args.get("channel"))
    if workspace.bot_user not in room.members:
        raise Refusal("not_in_channel")
    return room


def _within(message: Message, args: Json) -> bool:
    ts = _moment(message.ts)
    inclusive = truth(args.get("inclusive"))
    if oldest := args.get("oldest"):
        first = _moment(oldest, "invalid_ts_oldest")
        if ts < first or (ts == first and not inclusive):
            return False
    if latest := args.get("latest"):
        last = _moment(latest, "invalid_ts_latest")
        return ts < last or (ts == last and inclusive)
    return True


def _moment(ts: object, otherwise: str = "") -> tuple[int, int]:
    whole, _, micros = str(ts).partition(".")
    if not whole.isdecimal() or not (micros or "0").isdecimal():
        raise Refusal(otherwise)
    return int(whole), int(micros.ljust(6, "0")[:6] or 0)


def _messages(workspace: Workspace, found: Sequence[Message], rest: Json, args: Json) -> Json:
    wanted = truth(args.get("include_all_metadata"))
    more = bool(rest["response_metadata"]["next_cursor"])
    answer = {
        "messages": [message_json(workspace, message, metadata=wanted) for message in found],
        "has_more": more,
    }
    return answer | (rest if more else {})
