"""What the page does in the agents' Slack."""

from sandbox.page.actions import Action, Json, uploads
from sandbox.slack import Agent, Ephemeral, Message, Room, SlackServer, View


class Office:
    """The agents' side of the sandbox's Slack. Every action names its `agent`."""

    def __init__(self, slack: SlackServer) -> None:
        self._slack = slack

    def actions(self) -> dict[str, Action]:
        """Return what can be done, by name."""
        return {
            "say": self.say,
            "reply": self.reply,
            "change": self.change,
            "delete": self.delete,
            "reaction": self.reaction,
            "click": self.click,
            "submit": self.submit,
            "close": self.close,
        }

    async def say(self, body: Json) -> None:
        """Write `text` and `files` into `room`; a text that begins with `/` is a command."""
        agent, room, text = self._agent(body), self._room(body), body["text"]
        if text.startswith("/"):
            name, _, rest = text.partition(" ")
            await agent.command(name, rest.strip(), room)
        else:
            await agent.write(room, text, files=uploads(body))

    async def reply(self, body: Json) -> None:
        """Write `text` and `files` into the thread of `message`."""
        message = self._message(body)
        await self._agent(body).reply(message, body["text"], files=uploads(body))

    async def change(self, body: Json) -> None:
        """Replace what the agent's own `message` says by `text`."""
        await self._agent(body).edit(self._message(body), body["text"])

    async def delete(self, body: Json) -> None:
        """Delete `message`."""
        await self._agent(body).delete(self._message(body))

    async def reaction(self, body: Json) -> None:
        """Put the reaction `name` on `message`, or take it back if the agent has put it there."""
        agent, message, name = self._agent(body), self._message(body), body["name"]
        if agent.id in message.reactions.get(name, []):
            await agent.unreact(message, name)
        else:
            await agent.react(message, name)

    async def click(self, body: Json) -> None:
        """Use `element` (block id, slash, action id) of `view` or `message`; menus `choose`."""
        await self._agent(body).press(self._target(body), body["element"], body.get("choose"))

    async def submit(self, body: Json) -> Json:
        """Send `view`, filled in with `values`; tells the complaints by block id."""
        errors = await self._agent(body).submit(self._view(body), body["values"])
        return {"errors": errors}

    async def close(self, body: Json) -> None:
        """Close `view`."""
        await self._agent(body).close(self._view(body))

    def _agent(self, body: Json) -> Agent:
        return self._slack.agents[body["agent"]]

    def _room(self, body: Json) -> Room:
        return self._slack.rooms[body["room"]]

    def _message(self, body: Json) -> Message:
        message = self._room(body).state.find(body["message"])
        if message is None:
            raise LookupError("That message is gone.")
        return message

    def _view(self, body: Json) -> View:
        view = self._agent(body).view
        if view is None or view.id != body["view"]:
            raise LookupError("That form is closed.")
        return view

    def _target(self, body: Json) -> Message | View | Ephemeral:
        if "view" in body:
            return self._view(body)
        whispers = (each for each in self._agent(body).ephemerals if each.ts == body["message"])
        return next(whispers, None) or self._message(body)
