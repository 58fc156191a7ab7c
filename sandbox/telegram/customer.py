"""A person with a phone: what they do in the chat with the bot, and what they see there."""

import asyncio
from collections.abc import Iterable, Sequence

from ..bell import PATIENCE
from .content import replied
from .entities import clean
from .media import StoredFile, media_fields
from .state import CallbackAnswer, Chat, State
from .view import Button, ChatMessage, message_of, messages_of, snapshot
from .wire import Json

_SOUND = b"OggS" + bytes(28)
_STICKER = b"RIFF\x1a\x00\x00\x00WEBPVP8L" + bytes(14)


class Customer:
    """One person, and their private chat with the bot.

    What they do takes effect at once. What the bot does in return is waited for with `sees`.
    """

    def __init__(self, state: State, chat: Chat) -> None:
        self._state = state
        self._chat = chat
        self._seen = 0

    @property
    def chat_id(self) -> int:
        """The id by which the bot knows them."""
        return self._chat.id

    # What they do.

    def write(
        self,
        text: str,
        entities: Iterable[Json] = (),
        reply_to: ChatMessage | None = None,
    ) -> ChatMessage:
        """Send a text, perhaps as a reply; entities are in the Bot API's form."""
        text, formatted = clean(text, entities)
        reply = replied(self._chat.messages[reply_to.id]) if reply_to else {}
        return self._send({**reply, "text": text, **({"entities": formatted} if formatted else {})})

    def send_photo(self, content: bytes, caption: str = "") -> ChatMessage:
        """Send a picture."""
        return self._send_file(self._state.files.keep("photo", content), caption)

    def send_album(self, pictures: Sequence[bytes], caption: str = "") -> list[ChatMessage]:
        """Send pictures together: each is a message of its own, the first has the caption."""
        group = {"media_group_id": str(self._state.timestamp() * 1000 + len(self._chat.messages))}
        captions = [caption, *[""] * (len(pictures) - 1)]
        return [
            self._send_file(self._state.files.keep("photo", content), text, group)
            for content, text in zip(pictures, captions, strict=True)
        ]

    def send_document(
        self, name: str, content: bytes, mime: str = "", caption: str = ""
    ) -> ChatMessage:
        """Send a file; its type is guessed from its name if it is not said."""
        return self._send_file(self._state.files.keep("document", content, name, mime), caption)

    def send_voice(self, seconds: int = 3, content: bytes = _SOUND) -> ChatMessage:
        """Send a voice message."""
        return self._send(media_fields(self._state.files.keep("voice", content), seconds))

    def send_sticker(self, emoji: str = "👍") -> ChatMessage:
        """Send a sticker that stands for an emoji."""
        fields = media_fields(self._state.files.keep("sticker", _STICKER))
        return self._send({"sticker": {**fields["sticker"], "emoji": emoji}})

    def send_location(self, latitude: float = 44.8176, longitude: float = 20.4569) -> ChatMessage:
        """Send a place, in degrees."""
        return self._send({"location": {"latitude": latitude, "longitude": longitude}})

    def send_contact(self, phone_number: str = "+381601234567") -> ChatMessage:
        """Send their own telephone number."""
        user = self._chat.user
        contact = {"first_name": user["first_name"], "user_id": user["id"]}
        return self._send({"contact": {"phone_number": phone_number, **contact}})

    def send_poll(self, question: str, options: Sequence[str]) -> ChatMessage:
        """Send a poll."""
        poll = {
            "id": str(self._state.timestamp()),
            "question": question,
            "options": [
                {"text": text, "voter_count": 0, "persistent_id": str(number)}
                for number, text in enumerate(options)
            ],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": True,
            "members_only": False,
        }
        return self._send({"poll": poll})

    def forward(self, text: str, from_name: str) -> ChatMessage:
        """Forward what somebody wrote who does not want to be known by more than a name."""
        origin = {
            "type": "hidden_user",
            "date": self._state.timestamp(),
            "sender_user_name": from_name,
        }
        return self._send({"text": text, "forward_origin": origin})

    def edit(self, message: ChatMessage, text: str) -> ChatMessage:
        """Replace the text of an own message, or the caption of an own file."""
        field = "text" if "text" in self._chat.messages[message.id] else "caption"
        marks = "entities" if field == "text" else "caption_entities"
        text, formatted = clean(text, ())
        kept = {k: v for k, v in self._chat.messages[message.id].items() if k != marks}
        edited = {**kept, field: text, "edit_date": self._state.timestamp()}
        if formatted:
            edited[marks] = formatted
        self._chat.messages[message.id] = edited
        self._state.changed(self._chat, message.id)
        self._state.queue.add("edited_message", self.chat_id, edited)
        return self._message(message.id)

    def press(self, button: str, message: ChatMessage | None = None) -> str:
        """Press a button, named by its text or its data, of *message* or of the newest that has it.

        Returns the id of the press, for `answer`. Raises AssertionError if no such button is seen.
        """
        shown = [message] if message else list(reversed(self.messages))
        for candidate in shown:
            current = self._message(candidate.id)
            for wanted in (b for row in current.buttons for b in row):
                if button in (wanted.text, wanted.data):
                    return self._press(current, wanted)
        texts = [b.text for m in self.messages for row in m.buttons for b in row]
        raise AssertionError(
            f"no button {button!r}; buttons seen: {texts or 'none'}\n{self.transcript()}"
        )

    def _press(self, message: ChatMessage, button: Button) -> str:
        if button.data is None:
            raise AssertionError(f"the button {button.text!r} opens {button.url}")
        query_id = self._state.open_query(self._chat)
        query = {
            "id": query_id,
            "from": self._chat.user,
            "message": self._chat.messages[message.id],
            "chat_instance": str(self.chat_id * 31),
            "data": button.data,
        }
        self._state.queue.add("callback_query", self.chat_id, query)
        return query_id

    def react(self, message: ChatMessage, emoji: str) -> None:
        """React to a message; an empty string takes the reaction back."""
        old = self._chat.reactions.get((message.id, False), [])
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        self._chat.reactions[message.id, False] = new
        self._state.tell(self._chat)
        update = {
            "chat": self._chat.described(),
            "message_id": message.id,
            "user": self._chat.user,
            "date": self._state.timestamp(),
            "old_reaction": old,
            "new_reaction": new,
        }
        self._state.queue.add("message_reaction", self.chat_id, update)

    def block(self) -> None:
        """Block the bot."""
        self._set_blocked(True)

    def unblock(self) -> None:
        """Let the bot in again."""
        self._set_blocked(False)

    def _set_blocked(self, blocked: bool) -> None:
        self._chat.blocked = blocked
        self._state.tell(self._chat)
        member = {"user": self._state.bot, "status": "member"}
        banned = {"user": self._state.bot, "status": "kicked", "until_date": 0}
        update = {
            "chat": self._chat.described(),
            "from": self._chat.user,
            "date": self._state.timestamp(),
            "old_chat_member": member if blocked else banned,
            "new_chat_member": banned if blocked else member,
        }
        self._state.queue.add("my_chat_member", self.chat_id, update)

    def _send_file(self, file: StoredFile, caption: str, more: Json | None = None) -> ChatMessage:
        said = {"caption": caption} if caption else {}
        return self._send({**media_fields(file), **said, **(more or {})})

    def _send(self, content: Json) -> ChatMessage:
        if self._chat.blocked:
            raise AssertionError("whoever blocked the bot unblocks it before they write")
        self._chat.started = True
        message = self._state.post(self._chat, content, from_bot=False)
        self._state.queue.add("message", self.chat_id, message)
        return self._message(message["message_id"])

    # What they see.

    @property
    def messages(self) -> list[ChatMessage]:
        """The chat as it is now, oldest message first."""
        return messages_of(self._chat)

    def _message(self, message_id: int) -> ChatMessage:
        if message_id not in self._chat.messages:
            raise AssertionError(f"there is no message {message_id}\n{self.transcript()}")
        return message_of(self._chat, message_id)

    async def sees(self, fragment: str, timeout: float = PATIENCE) -> ChatMessage:
        """Wait until the bot says something with *fragment* in it, and return that message.

        See `sees_any`.
        """
        return await self.sees_any(fragment, timeout=timeout)

    async def sees_any(self, *fragments: str, timeout: float = PATIENCE) -> ChatMessage:
        """Wait until the bot says something with one of these in it, and return that message.

        Each call looks only at what was sent or edited after the message that the last call
        returned; so a row of calls states an order. Labels such as "[document bill.pdf]" count
        as said. Raises AssertionError with the whole chat after *timeout* seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                while (message := self._first_new(fragments)) is None:
                    await self._state.bell.heard()
        except TimeoutError:
            raise AssertionError(
                f"{' or '.join(map(repr, fragments))} was not seen within {timeout} s\n"
                f"{self.transcript()}"
            ) from None
        self._seen = message.change
        return message

    def _first_new(self, fragments: tuple[str, ...]) -> ChatMessage | None:
        changes = sorted(
            (change, message_id)
            for message_id, change in self._chat.changes.items()
            if change > self._seen and message_id in self._chat.messages
        )
        changed = (message_of(self._chat, message_id) for _, message_id in changes)
        fitting = (m for m in changed if m.from_bot and any(f in m.shown() for f in fragments))
        return next(fitting, None)

    async def answer(self, query_id: str, timeout: float = PATIENCE) -> CallbackAnswer:
        """Wait until the bot answers the press of a button. Raises AssertionError if it does not.

        *timeout* is in seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                while True:
                    for answer in self._state.answers:
                        if answer.query_id == query_id:
                            return answer
                    await self._state.bell.heard()
        except TimeoutError:
            raise AssertionError(f"the press was not answered within {timeout} s") from None

    def transcript(self) -> str:
        """Return the chat as text; "→" stands before what `sees` has not passed yet."""
        return "\n".join(
            f"{'→' if message.from_bot and message.change > self._seen else ' '} {message}"
            for message in self.messages
        )

    def snapshot(self) -> Json:
        """Return the chat as plain JSON, for a page."""
        return snapshot(self._chat)
