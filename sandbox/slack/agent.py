"""A person of the workspace who writes, presses, fills in and sees."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sandbox.bell import PATIENCE
from sandbox.slack import interactions, talk
from sandbox.slack.events import Envelope, NoAnswerError
from sandbox.slack.forms import fill_in, read_view
from sandbox.slack.markup import to_mrkdwn, to_rich_text
from sandbox.slack.payloads import view_json
from sandbox.slack.room import Room
from sandbox.slack.state import Ephemeral, File, Json, Message, Person, RoomState, View, Workspace
from sandbox.slack.tickets import Response
from sandbox.slack.uploads import new_file
from sandbox.slack.views import apply_response, drop

Upload = tuple[str, bytes, str]
"""A file to send: its name, its bytes, its MIME type."""


class Agent:
    """One human member. What they do reaches the app as it would from Slack's own programs."""

    def __init__(
        self, workspace: Workspace, person: Person, ask: Callable[[Envelope], Awaitable[Json]]
    ) -> None:
        self.person = person
        self._workspace = workspace
        self._ask = ask

    @property
    def id(self) -> str:
        """Slack's id of the person."""
        return self.person.id

    async def write(self, room: Room, text: str, *, files: Sequence[Upload] = ()) -> Message:
        """Write a message into the room itself; *text* in the markup that `markup` describes."""
        return self._say(room.state, text, files=files)

    async def reply(
        self,
        message: Message,
        text: str,
        *,
        rich_text: Json | None = None,
        files: Sequence[Upload] = (),
        broadcast: bool = False,
    ) -> Message:
        """Write into the thread of *message*.

        *rich_text* replaces the block that the editor would make of the text; *broadcast* is the
        box "also send to channel".
        """
        ts = message.thread_ts or message.ts
        subtype = "thread_broadcast" if broadcast else None
        return self._say(message.room, text, ts, rich_text=rich_text, files=files, subtype=subtype)

    async def upload(self, message: Message, name: str, data: bytes, mime: str) -> Message:
        """Send a file without a word into the thread of *message*."""
        return await self.reply(message, "", files=[(name, data, mime)])

    async def edit(self, message: Message, text: str) -> None:
        """Change one's own message."""
        self._own(message)
        blocks = [to_rich_text(text, self._workspace.new_id("b"))]
        talk.edit(self._workspace, message, by=self.id, text=to_mrkdwn(text), blocks=blocks)

    async def delete(self, message: Message) -> None:
        """Delete a message: one's own, or as an admin anybody's."""
        if not self.person.admin:
            self._own(message)
        talk.delete(self._workspace, message)

    async def react(self, message: Message, name: str) -> None:
        """Put a reaction (its name without colons) on a message."""
        talk.react(self._workspace, message, self.id, name)

    async def unreact(self, message: Message, name: str) -> None:
        """Take one's reaction back."""
        talk.unreact(self._workspace, message, self.id, name)

    async def join(self, room: Room) -> None:
        """Become a member of a room."""
        talk.join(self._workspace, room.state, self.id)

    async def leave(self, room: Room) -> None:
        """Leave a room."""
        talk.leave(self._workspace, room.state, self.id)

    async def press(
        self, target: Message | View | Ephemeral, element: str, choose: Any = None
    ) -> None:
        """Press what has this action id (or `block_id/action_id`) or button text.

        *choose* is what a menu is set to. Raises LookupError if it is not there, NoAnswerError if
        the app does not acknowledge.
        """
        blocks = target.body["blocks"] if isinstance(target, View) else target.blocks
        action = interactions.find_element(blocks, element, choose, self._workspace.new_ts())
        await self._interact(interactions.pressed(self._workspace, self.person, target, action))

    async def shortcut(self, message: Message, callback_id: str) -> None:
        """Use a message shortcut; raises NoAnswerError."""
        payload = interactions.shortcut(self._workspace, self.person, message, callback_id)
        await self._interact(payload)

    async def command(self, name: str, text: str, room: Room) -> None:
        """Use a slash command; its answer becomes an ephemeral, or a post if it says in_channel.

        Raises NoAnswerError; the person is told so, too.
        """
        fields = interactions.command(self._workspace, self.person, room.state, name, text)
        here = Response(self.id, room.id, None, None, until=0)
        try:
            answer = await self._ask(Envelope(kind="slash_commands", payload=fields))
        except NoAnswerError:
            failed = {"text": f'{name} failed with the error "operation_timeout"'}
            interactions.respond(self._workspace, here, failed)
            raise
        if answer.get("text") or answer.get("blocks"):
            interactions.respond(self._workspace, here, answer)

    async def submit(self, view: View, values: Mapping[str, Any]) -> dict[str, str]:
        """Fill in a modal and send it; return the complaints by block id, none if it was taken.

        Inputs are named by block id, action id, `block_id/action_id` or label; options are chosen
        by value or text. What Slack itself requires is checked first. Raises KeyError,
        NoAnswerError.
        """
        state, missing = fill_in(view.body, values)
        if missing:
            view.errors = missing
            self._workspace.changes.announce()
            return missing
        payload = interactions.head(self._workspace, self.person, "view_submission")
        sent = {"view": view_json(self._workspace, view, state), "response_urls": []}
        return apply_response(self._workspace, view, await self._interact(payload | sent))

    async def close(self, view: View) -> None:
        """Close a modal; the app hears of it if it asked for that with `notify_on_close`."""
        drop(self._workspace, view)
        if view.body.get("notify_on_close"):
            payload = interactions.head(self._workspace, self.person, "view_closed")
            sent = {"view": view_json(self._workspace, view), "is_cleared": False}
            await self._interact(payload | sent)

    async def open_home(self) -> None:
        """Look at the app's home tab."""
        event = {"type": "app_home_opened", "user": self.id, "channel": f"D{self.id[1:]}"}
        ts = self._workspace.new_ts()
        self._workspace.emit(event | {"tab": "home", "event_ts": ts})

    @property
    def view(self) -> View | None:
        """The modal before them, the topmost one."""
        stack = self._workspace.views.get(self.id)
        return stack[-1] if stack else None

    @property
    def home(self) -> View | None:
        """Their home tab of the app."""
        return self._workspace.homes.get(self.id)

    def view_text(self) -> str:
        """Return the modal before them as they read it; empty if there is none."""
        return read_view(self._workspace, self.view) if self.view else ""

    @property
    def ephemerals(self) -> list[Ephemeral]:
        """What only they see, oldest first."""
        return [e for e in self._workspace.ephemerals if e.user == self.id]

    async def sees_view(self, fragment: str = "", timeout: float = PATIENCE) -> View:
        """Return their modal as soon as it shows *fragment*; AssertionError after *timeout*."""

        def find() -> View | None:
            return self.view if fragment in self.view_text() else None

        try:
            return await self._workspace.changes.until(find, timeout)
        except TimeoutError:
            raise AssertionError(f"no view with {fragment!r}:\n{self.view_text()}") from None

    async def sees_ephemeral(self, fragment: str, timeout: float = PATIENCE) -> Ephemeral:
        """Return the latest ephemeral that shows *fragment*; AssertionError after *timeout*."""

        def find() -> Ephemeral | None:
            return next((e for e in reversed(self.ephemerals) if fragment in e.shown), None)

        try:
            return await self._workspace.changes.until(find, timeout)
        except TimeoutError:
            shown = [ephemeral.shown for ephemeral in self.ephemerals]
            raise AssertionError(f"no ephemeral with {fragment!r}: {shown}") from None

    def _say(
        self,
        room: RoomState,
        text: str,
        thread_ts: str | None = None,
        *,
        rich_text: Json | None = None,
        files: Sequence[Upload],
        subtype: str | None = None,
    ) -> Message:
        if self.id not in room.members or room.archived:
            raise PermissionError(f"{self.person.name} cannot write in #{room.name}")
        typed = [to_rich_text(text, self._workspace.new_id("b"))] if text else []
        draft = talk.Draft(
            text=to_mrkdwn(text),
            user=self.id,
            blocks=[rich_text] if rich_text else typed,
            thread_ts=thread_ts,
            subtype="file_share" if files else subtype,
            client_msg_id=str(uuid.uuid4()),
            files=[self._file(*upload) for upload in files],
        )
        return talk.post(self._workspace, room, draft)

    def _file(self, name: str, data: bytes, mime: str) -> File:
        file = new_file(self._workspace, self.id, name, len(data), mime)
        file.data = data
        return file

    def _own(self, message: Message) -> None:
        if message.user != self.id:
            raise PermissionError(f"{self.person.name} did not write {message.ts}")

    async def _interact(self, payload: Json) -> Json:
        return await self._ask(Envelope(kind="interactive", payload=payload))
