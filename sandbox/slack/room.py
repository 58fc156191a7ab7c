"""A room as those in it see it, and waiting for what will be seen."""

from sandbox.bell import PATIENCE
from sandbox.slack import talk
from sandbox.slack.state import Message, RoomState, Workspace


class Room:
    """One channel, from the people's side."""

    def __init__(self, workspace: Workspace, state: RoomState) -> None:
        self.state = state
        self._workspace = workspace
        self._consumed: set[tuple[str, bool, str, int]] = set()

    @property
    def id(self) -> str:
        """Slack's id of it."""
        return self.state.id

    @property
    def name(self) -> str:
        """Its name, without `#`."""
        return self.state.name

    @property
    def messages(self) -> list[Message]:
        """What stands in the room itself, oldest first."""
        return self.state.surface

    def thread(self, root: Message) -> list[Message]:
        """Return the replies to a root message, oldest first."""
        return self.state.replies(root.ts)

    async def sees(
        self, fragment: str, timeout: float = PATIENCE, thread: Message | None = None
    ) -> Message:
        """Return the oldest message that shows *fragment*: a root, or a reply in *thread*.

        A message, and each version that an edit makes of it, is returned once to those who ask for
        the same fragment in the same place: asking again waits for another one. Raises
        AssertionError after *timeout* seconds, with the room as text.
        """

        def find() -> Message | None:
            for message in self.messages if thread is None else self.thread(thread):
                key = (fragment, thread is not None, message.ts, message.revision)
                if fragment in message.shown and key not in self._consumed:
                    self._consumed.add(key)
                    return message
            return None

        try:
            return await self._workspace.changes.until(find, timeout)
        except TimeoutError:
            where = f"#{self.name}" if thread is None else f"the thread {thread.ts} of #{self.name}"
            missing = f"{where} did not show {fragment!r} in {timeout} s\n{self.transcript()}"
            raise AssertionError(missing) from None

    def transcript(self) -> str:
        """Return the room with its threads as text, one line a message at least."""
        lines = [f"#{self.name}"]
        for root in self.state.roots:
            lines.append(self._line(root))
            lines += [f"    {self._line(reply, '    ')}" for reply in self.thread(root)]
        return "\n".join(lines)

    def archive(self) -> None:
        """Archive the room: nobody can write to it any more."""
        self.state.archived = True
        self._workspace.changes.announce()

    def invite_bot(self) -> None:
        """Make the app a member, so that it can write and hear."""
        talk.join(self._workspace, self.state, self._workspace.bot_user)

    def remove_bot(self) -> None:
        """Take the app out of the room."""
        talk.leave(self._workspace, self.state, self._workspace.bot_user)

    def _line(self, message: Message, indent: str = "") -> str:
        author = message.username or self._workspace.name_of(message.user or "")
        shown = message.shown.replace("\n", f"\n{indent}  ")
        marks = [f":{name}: {len(users)}" for name, users in message.reactions.items()]
        edited = ["(edited)"] if message.edited else []
        return " ".join([f"{message.ts} {author}: {shown}", *edited, *marks])
