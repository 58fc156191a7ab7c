"""What the platform remembers: people, chats, messages, files, and what the bot says of itself."""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ..bell import Bell
from ..clock import Clock
from .media import Files
from .updates import CALLBACK_LIFETIME, UpdateQueue
from .wire import Json, bad_request, forbidden


@dataclass
class Chat:
    """The private chat of one person with the bot, in the Bot API's own objects."""

    user: Json
    messages: dict[int, Json] = field(default_factory=dict)
    changes: dict[int, int] = field(default_factory=dict)
    """For each message, the number of its latest change: they grow over all chats."""
    reactions: dict[tuple[int, bool], list[Json]] = field(default_factory=dict)
    """By message, and by whether the bot reacted or the person."""
    started: bool = False
    """A bot cannot speak first: the chat exists for it once the person has written."""
    blocked: bool = False

    @property
    def id(self) -> int:
        """The chat's id, in a private chat that of the person."""
        return int(self.user["id"])

    def described(self) -> Json:
        """Return the chat as it stands in a message."""
        known = ("id", "first_name", "last_name", "username")
        return {key: self.user[key] for key in known if key in self.user} | {"type": "private"}


@dataclass(frozen=True, kw_only=True)
class CallbackAnswer:
    """What the bot answered to the press of a button."""

    query_id: str
    chat_id: int
    text: str
    alert: bool


class State:
    """Everything the platform holds in memory, and the one place where it changes."""

    def __init__(self, clock: Clock, bot_id: int) -> None:
        self.clock = clock
        self.bot: Json = {
            "id": bot_id,
            "is_bot": True,
            "first_name": "Podrška",
            "username": "podrska_sandbox_bot",
        }
        self.queue = UpdateQueue(clock)
        self.chats: dict[int, Chat] = {}
        self.files = Files()
        self.queries: dict[str, tuple[int, datetime]] = {}
        """For each press of a button, its chat and its time."""
        self.answers: list[CallbackAnswer] = []
        self.commands: dict[tuple[str, str], list[Json]] = {}
        """By scope, as JSON with sorted keys, and language ("" for all others)."""
        self.profile: dict[tuple[str, str], str] = {}
        """The bot's name and descriptions, by kind and language."""
        self.bell = Bell()
        self.watchers: list[Callable[[Chat], None]] = []
        # One account numbers its messages through all its private chats.
        self._message_ids = itertools.count(1)
        self._changes = itertools.count(1)

    def timestamp(self) -> int:
        """Return the sandbox's time as the Bot API writes it: in Unix seconds."""
        return int(self.clock.now().timestamp())

    def chat(self, chat_id: str) -> Chat:
        """Return the chat that a call names. Raises ApiError if the bot knows no such chat."""
        if not chat_id:
            raise bad_request("chat_id is empty")
        number = chat_id.removeprefix("-")
        chat = self.chats.get(int(chat_id)) if number.isdecimal() else None
        if chat is None or not chat.started:
            raise bad_request("chat not found")
        return chat

    def reachable(self, chat_id: str) -> Chat:
        """Return a chat to speak in. Raises ApiError also if the bot is blocked there."""
        chat = self.chat(chat_id)
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        return chat

    def post(self, chat: Chat, content: Json, *, from_bot: bool) -> Json:
        """Put a message into a chat."""
        message: Json = {
            "message_id": next(self._message_ids),
            "from": self.bot if from_bot else chat.user,
            "chat": chat.described(),
            "date": self.timestamp(),
            **content,
        }
        chat.messages[message["message_id"]] = message
        self.changed(chat, message["message_id"])
        return message

    def changed(self, chat: Chat, message_id: int) -> None:
        """Tell everybody who looks that a message is new, edited or gone."""
        chat.changes[message_id] = next(self._changes)
        self.tell(chat)

    def tell(self, chat: Chat) -> None:
        """Tell everybody who looks that a chat is not what it was."""
        self.bell.ring()
        for watcher in self.watchers:
            watcher(chat)

    def open_query(self, chat: Chat) -> str:
        """Return the id of a new callback query."""
        query_id = str(secrets.randbits(62))
        self.queries[query_id] = (chat.id, self.clock.now())
        return query_id

    def query_chat(self, query_id: str) -> Chat:
        """Return the chat of a callback query. Raises ApiError if it is unknown or too old."""
        chat_id, asked_at = self.queries.get(query_id, (0, None))
        if asked_at is None or self.clock.now() - asked_at > CALLBACK_LIFETIME:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        return self.chats[chat_id]
