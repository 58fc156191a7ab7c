"""The sandbox's Slack: the workspace, its HTTP and WebSocket doors, and the strings to pull."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from aiohttp import web

from sandbox.bell import PATIENCE
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.slack.agent import Agent
from sandbox.slack.doors import Call, Doors
from sandbox.slack.events import ACK_SECONDS, Deliveries
from sandbox.slack.http_events import Posts
from sandbox.slack.limits import Limits
from sandbox.slack.room import Room
from sandbox.slack.snapshot import snapshot
from sandbox.slack.socket_mode import Sockets
from sandbox.slack.state import File, Group, Json, Person, RoomState, Workspace
from sandbox.slack.tickets import Triggers

BOT_TOKEN: Final = "xoxb-sandbox"
APP_TOKEN: Final = "xapp-sandbox"
SIGNING_SECRET: Final = "sandbox-signing-secret"

RETRY_AFTER: Final = (0.5, 2.0, 5.0)
"""The pauses before an event is told again, in seconds; Slack itself waits 0, 60 and 300."""

SUBSCRIPTIONS: Final = frozenset(
    {
        "message",
        "reaction_added",
        "reaction_removed",
        "member_joined_channel",
        "member_left_channel",
        "app_home_opened",
    }
)


class SlackServer:
    """One workspace with one app, on loopback."""

    def __init__(
        self,
        clock: Clock,
        *,
        bot_token: str = BOT_TOKEN,
        app_token: str = APP_TOKEN,
        signing_secret: str = SIGNING_SECRET,
        port: int = 0,
        post_rate: float | None = 1.0,
        post_burst: int = 10,
        per_minute: Mapping[str, int] | None = None,
        retry_after: Sequence[float] = RETRY_AFTER,
        ack_seconds: float = ACK_SECONDS,
        trigger_seconds: float = 3.0,
        subscriptions: frozenset[str] = SUBSCRIPTIONS,
    ) -> None:
        """Prepare the server.

        *post_rate* is how many chat.postMessage a second one room takes (None: any number), after a
        burst of *post_burst*; *per_minute* limits other methods by name. *subscriptions* are the
        types of event that the app hears of.
        """
        self.bot_token = bot_token
        self.app_token = app_token
        self.signing_secret = signing_secret
        limits = Limits(post_rate=post_rate, post_burst=post_burst, per_minute=per_minute or {})
        self.workspace = Workspace(clock, limits, Triggers(trigger_seconds))
        self.agents: dict[str, Agent] = {}
        """Everybody in the workspace, by id."""
        self.rooms: dict[str, Room] = {}
        """All the rooms, by id."""
        self.faults = Faults()
        self.calls: deque[Call] = deque(maxlen=1000)
        """The latest calls, oldest first."""
        self.sockets = Sockets(ack_seconds=ack_seconds, changed=self.workspace.changes.announce)
        self.events = Deliveries(
            self.sockets, retry_after=retry_after, frame=_event_frame(self.workspace)
        )
        self.workspace.emit = self._emit
        self._subscriptions = subscriptions
        self._ack_seconds = ack_seconds
        self._port = port
        doors = Doors(
            self.workspace,
            self.sockets,
            self.faults,
            self.calls,
            bot_token=bot_token,
            app_token=app_token,
        )
        self._runner = web.AppRunner(doors.application(), shutdown_timeout=0.2)

    async def start(self) -> None:
        """Listen on 127.0.0.1."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.workspace.origin = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """Stop telling of events, close the connections and stop listening."""
        await self.events.close()
        await self.sockets.close()
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The Web API's base URL, as in `http://127.0.0.1:PORT/api/`."""
        return f"{self.workspace.origin}/api/"

    @property
    def bot_user(self) -> str:
        """The id of the app's own user."""
        return self.workspace.bot_user

    def use_http(self, events_url: str) -> None:
        """Tell the app of everything by signed posts to this URL instead of Socket Mode."""
        self.events.carrier = Posts(events_url, self.signing_secret, self._ack_seconds)

    async def verify_url(self) -> bool:
        """Send `url_verification` as Slack does when the URL is entered (after `use_http`)."""
        if not isinstance(self.events.carrier, Posts):
            raise RuntimeError("the app is told over Socket Mode")
        return await self.events.carrier.verify()

    def room(
        self,
        name: str,
        members: Sequence[Agent] = (),
        *,
        private: bool = False,
        bot: bool = True,
    ) -> Room:
        """Open a room; *bot* says whether the app is a member from the start."""
        ids = [agent.id for agent in members] + ([self.bot_user] if bot else [])
        room_id = self.workspace.new_id("C")
        state = RoomState(id=room_id, name=name, private=private, members=ids)
        self.workspace.rooms[state.id] = state
        room = self.rooms[state.id] = Room(self.workspace, state)
        self.workspace.changes.announce()
        return room

    def agent(
        self,
        name: str,
        *,
        display_name: str = "",
        admin: bool = False,
        tz: str = "Europe/Belgrade",
        locale: str = "sr-RS",
    ) -> Agent:
        """Add a person to the workspace."""
        person = Person(
            id=self.workspace.new_id("U"),
            name=name,
            display_name=display_name,
            admin=admin,
            tz=tz,
            locale=locale,
        )
        self.workspace.people[person.id] = person
        agent = Agent(self.workspace, person, lambda envelope: self.events.carrier.send(envelope))
        self.agents[person.id] = agent
        self.workspace.changes.announce()
        return agent

    def group(self, handle: str, members: Sequence[Agent]) -> Group:
        """Add a user group, such as the one on call."""
        ids = [agent.id for agent in members]
        group = Group(id=self.workspace.new_id("S"), handle=handle, members=ids)
        self.workspace.groups.append(group)
        return group

    def file(self, file_id: str) -> File:
        """Return a file with its bytes; raises KeyError."""
        return self.workspace.files[file_id]

    def on_change(self, watcher: Callable[[], None]) -> None:
        """Call *watcher* after every change of what people see."""
        self.workspace.changes.watch(watcher)

    def snapshot(self) -> Json:
        """Return all that people see, as plain JSON."""
        return snapshot(self.workspace)

    async def connected(self, connections: int = 1, timeout: float = PATIENCE) -> None:
        """Wait until the app holds that many sockets; raises TimeoutError."""
        count = self.sockets
        await self.workspace.changes.until(lambda: count.connected == connections, timeout)

    async def until(self, true: Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Wait until *true()* holds after some change; raises TimeoutError."""
        await self.workspace.changes.until(true, timeout)

    def _emit(self, event: Json) -> None:
        if event["type"] in self._subscriptions:
            self.events.emit(event)


def _event_frame(workspace: Workspace) -> Json:
    authorization = {
        "enterprise_id": None,
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": "sandbox",
        "team_id": workspace.team_id,
        "api_app_id": workspace.app_id,
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }
