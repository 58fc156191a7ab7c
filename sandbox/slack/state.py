"""What a workspace holds: people, rooms, messages, files, views. Plain data, changed by `talk`."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.clock import Clock
from sandbox.slack.changes import Changes
from sandbox.slack.limits import Limits
from sandbox.slack.tickets import ResponseUrls, Triggers

Json = dict[str, Any]

SLACKBOT = "USLACKBOT"


class Refusal(Exception):
    """The platform's `{"ok": false, "error": …}`, with whatever else the answer carries."""

    def __init__(self, error: str, **details: Any) -> None:
        super().__init__(f"{error} {details or ''}".rstrip())
        self.error = error
        self.details = details


@dataclass(kw_only=True)
class Person:
    """A human member of the workspace."""

    id: str
    name: str
    display_name: str = ""
    admin: bool = False
    tz: str = "Europe/Belgrade"
    locale: str = "en-US"
    deleted: bool = False


@dataclass(kw_only=True)
class Group:
    """A user group, such as those on call."""

    id: str
    handle: str
    members: list[str]


@dataclass(kw_only=True)
class File:
    """A file, from the moment its upload was announced."""

    id: str
    name: str
    mime: str
    user: str
    size: int
    created: int
    """Unix seconds."""
    data: bytes | None = None
    title: str = ""
    deleted: bool = False
    shares: list["Message"] = field(default_factory=list)


@dataclass(kw_only=True, eq=False)
class Message:
    """One message in a room. `revision` counts its edits, `deleted` stays true for who holds it."""

    ts: str
    room: "RoomState"
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
    reactions: dict[str, list[str]] = field(default_factory=dict)
    """The users' ids by the reaction's name."""
    metadata: Json | None = None
    edited: Json | None = None
    deleted: bool = False
    revision: int = 0
    shown: str = ""
    """What a person reads: plain text, buttons in [brackets]."""
    mentions: list[str] = field(default_factory=list)
    """Whom it calls, as Slack writes it: `<!channel>`, `<@U…>`, `<!subteam^S…>`."""
    links: list[tuple[str, str]] = field(default_factory=list)
    """The links with a label of their own: (URL, label)."""

    @property
    def is_reply(self) -> bool:
        """Whether it stands in somebody else's thread."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(kw_only=True, eq=False)
class RoomState:
    """A channel: its members and everything in it, oldest first."""

    id: str
    name: str
    private: bool
    members: list[str]
    archived: bool = False
    last_ts: tuple[int, int] = (0, 0)
    _by_ts: dict[str, Message] = field(default_factory=dict)
    _threads: dict[str, list[Message]] = field(default_factory=dict)

    @property
    def roots(self) -> list[Message]:
        """The messages that are nobody's reply, oldest first."""
        return [post for post in self._by_ts.values() if not post.is_reply]

    @property
    def surface(self) -> list[Message]:
        """What stands in the room itself: the roots, and replies also sent to the room."""
        kind = "thread_broadcast"
        return [m for m in self._by_ts.values() if not m.is_reply or m.subtype == kind]

    def add(self, message: Message) -> None:
        """Take a new message in."""
        self._by_ts[message.ts] = message
        if message.is_reply:
            self._threads.setdefault(str(message.thread_ts), []).append(message)

    def remove(self, message: Message) -> None:
        """Forget a message."""
        del self._by_ts[message.ts]
        if message.is_reply:
            self._threads[str(message.thread_ts)].remove(message)

    def find(self, ts: object) -> Message | None:
        """Return the message *ts*, if it is (still) here."""
        return self._by_ts.get(str(ts))

    def replies(self, root_ts: str) -> list[Message]:
        """Return what was answered in the thread of *root_ts*, oldest first."""
        return list(self._threads.get(root_ts, []))


@dataclass(kw_only=True, eq=False)
class View:
    """A modal or a home tab, as somebody has it before them."""

    id: str
    user: str
    body: Json
    """The view as the app gave it."""
    hash: str
    root_id: str
    previous_id: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    """The app's complaints about the last submission, by block id."""


@dataclass(kw_only=True)
class Ephemeral:
    """A message that one person alone sees."""

    user: str
    room_id: str
    text: str
    shown: str
    blocks: list[Json]
    ts: str
    thread_ts: str | None = None


class Workspace:
    """One Slack workspace with one app in it."""

    def __init__(self, clock: Clock, limits: Limits, triggers: Triggers) -> None:
        self.clock = clock
        self.limits = limits
        self.triggers = triggers
        self.response_urls = ResponseUrls()
        self.changes = Changes()
        self.emit: Callable[[Json], None] = lambda event: None
        """Tells the app of an event; set by the server."""
        self.origin = ""
        """Where the server is reached, without a path; set by the server."""
        self.team_id, self.team = "T0SANDBOX", "Sandbox"
        self.app_id, self.bot_id, self.bot_user = "A0SANDBOX", "B0SANDBOX", "U0PODRSKA"
        self.bot_name = "podrska"
        self.people: dict[str, Person] = {}
        self.rooms: dict[str, RoomState] = {}
        self.groups: list[Group] = []
        self.files: dict[str, File] = {}
        self.views: dict[str, list[View]] = {}
        """Each person's stack of modals, the open one last."""
        self.homes: dict[str, View] = {}
        self.ephemerals: list[Ephemeral] = []
        self._numbers = itertools.count(1)

    def new_id(self, kind: str) -> str:
        """Return a fresh id that begins with Slack's letter for *kind* (U, C, F, V, S)."""
        return f"{kind}{next(self._numbers):08d}"

    def seconds(self) -> int:
        """Return the time as Unix seconds."""
        return int(self.clock.now().timestamp())

    def new_ts(self, room: RoomState | None = None) -> str:
        """Return a timestamp, later than any that *room* has given, even if the clock went back."""
        since = self.clock.now() - datetime.fromtimestamp(0, UTC)
        whole, micros = since.days * 86_400 + since.seconds, since.microseconds
        if room is not None:
            last_whole, last_micros = room.last_ts
            if (whole, micros) <= room.last_ts:
                whole, micros = last_whole + (last_micros + 1) // 10**6, (last_micros + 1) % 10**6
            room.last_ts = (whole, micros)
        return f"{whole}.{micros:06d}"

    def name_of(self, user: str) -> str:
        """Return how people see *user*'s name; the id itself where nobody is known by it."""
        if user == self.bot_user:
            return self.bot_name
        person = self.people.get(user)
        return (person.display_name or person.name) if person else user

    def visible_room(self, room_id: object) -> RoomState:
        """Return the room as the app sees it.

        Raises Refusal("channel_not_found") for unknown ones and private ones it is no member of.
        """
        room = self.rooms.get(str(room_id))
        if room is None or (room.private and self.bot_user not in room.members):
            raise Refusal("channel_not_found")
        return room

    def view(self, view_id: str) -> View | None:
        """Return the view with this id, if it is before somebody."""
        everything = itertools.chain(self.homes.values(), *self.views.values())
        return next((view for view in everything if view.id == view_id), None)
