"""From Slack's events and button presses to the desk's events. Pure.

Rules: docs.slack.dev, "message event" and its subtypes, "block_actions payload".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.slack.card import ADOPT, HOLD, MENU, RETRY, SPLIT
from adapters.slack.mrkdwn import Names, nobody
from adapters.slack.places import Place, message_id
from adapters.slack.richtext import from_slack
from core.conversation import Agent
from core.events import (
    AgentAdopted,
    AgentEdited,
    AgentFiledTicket,
    AgentHeld,
    AgentPrioritised,
    AgentResolved,
    AgentRetried,
    AgentSplit,
    AgentTook,
    AgentWrote,
    Event,
)
from core.file_name import file_name
from core.ids import AgentId, ConversationId, DeliveryId, MessageId, Thread
from core.message import Attachment, AttachmentKind
from core.outbox import AGENTS
from core.ports import About, FromThread, Incoming
from core.richtext import RichText
from core.ticket import Priority

Json = Mapping[str, Any]

_Pressed = AgentTook | AgentResolved | AgentFiledTicket | AgentRetried | AgentAdopted | AgentSplit

ACTIONS: Mapping[str, type[_Pressed]] = {
    "take": AgentTook,
    "resolve": AgentResolved,
    "file-ticket": AgentFiledTicket,
    RETRY: AgentRetried,
    ADOPT: AgentAdopted,
    SPLIT: AgentSplit,
}
"""What the buttons in a thread mean, by action id.

Their value is the conversation's id; after a space, that of a retry names a delivery, and those of
what a stranger mailed the message.
"""

_SPOKEN = frozenset({None, "file_share", "thread_broadcast", "me_message"})
_CHANGES = ("message_changed", "message_deleted")
_SLACKBOT = "USLACKBOT"
_TEAMS = ("team", "user_team", "source_team")
_PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
_HOSTED = frozenset({"hosted", "snippet"})
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Ourselves:
    """The workspace that the app is installed in, and the app's own user there."""

    team_id: str
    user_id: str


@dataclass(frozen=True)
class _Said:
    """A message of an agent's in a thread, and what has become of it."""

    place: Place
    thread_ts: str
    message: Json
    changed: str = ""
    """What tells this change of it from others; "" where it has just been written."""
    deleted: bool = False


def author_of(body: Json, ourselves: Ourselves) -> str | None:
    """Return the user whose words this event brings, or None if it brings nothing for the desk."""
    said = _said(body["event"], ourselves)
    return said.message["user"] if said else None


def parse_event(
    body: Json,
    at: datetime,
    *,
    ourselves: Ourselves,
    agent_name: str,
    names: Names = nobody,
) -> Incoming | None:
    """Return what an agent wrote, edited or deleted in a thread; None for everything else.

    Only people of our own workspace count: not apps (the desk's own posts come back as events), not
    strangers in a shared channel, not Slackbot. *agent_name* is what customers call the author.
    However often and by whatever way Slack tells of a message, its key stays the same.
    """
    said = _said(body["event"], ourselves)
    if said is None:
        return None
    message, place = said.message, said.place
    agent = Agent(AgentId(message["user"]), agent_name)
    origin = FromThread(Thread(str(Place(place.channel, said.thread_ts))))
    text = RichText("") if said.deleted else from_slack(message, names)
    if said.changed:
        return Incoming(
            key=f"slack:{place}:{said.changed}",
            origin=origin,
            event=AgentEdited(at=at, message_id=message_id(place), agent=agent, text=text),
        )
    return Incoming(
        key=f"slack:{message.get('client_msg_id') or place}",
        origin=origin,
        event=AgentWrote(
            at=at,
            message_id=message_id(place),
            sent_at=_moment(place.ts),
            agent=agent,
            text=text,
            attachments=tuple(
                _attachment(file)
                for file in message.get("files") or ()
                if file.get("mode") != "tombstone"
            ),
        ),
    )


def parse_action(
    body: Json, at: datetime, *, ourselves: Ourselves, agent_name: str
) -> Incoming | None:
    """Return what an agent asked for on a card or in a thread; None for any other press."""
    action, user = body["actions"][0], body["user"]
    if not is_ours(user, ourselves):
        return None
    agent = Agent(AgentId(user["id"]), agent_name)
    if action["action_id"] == MENU:
        choice, conversation = read_choice(action)
        event = _chosen(choice, at, agent)
    else:
        value, _, about = (action.get("value") or "").partition(" ")
        conversation = ConversationId(value)
        event = _pressed(action["action_id"], at, agent, about)
    if event is None or not conversation:
        return None
    return Incoming(
        key=f"slack:{action['action_ts']}:{user['id']}",
        origin=About(conversation),
        event=event,
    )


def is_ours(user: Json, ourselves: Ourselves) -> bool:
    """Whether somebody who pressed or sent a form belongs to our own workspace."""
    return user.get("team_id") in (None, ourselves.team_id)


def read_choice(action: Json) -> tuple[str, ConversationId]:
    """Return what was chosen in a ticket's menu, and of which conversation."""
    choice, _, conversation = action["selected_option"]["value"].partition(" ")
    return choice, ConversationId(conversation)


def _chosen(choice: str, at: datetime, agent: Agent) -> Event | None:
    """Return what a choice in a ticket's menu means; None for one that opens a form."""
    if choice == HOLD:
        return AgentHeld(at=at, agent=agent)
    if choice in set(Priority):
        return AgentPrioritised(at=at, agent=agent, priority=Priority(choice))
    return None


def _pressed(action_id: str, at: datetime, agent: Agent, about: str) -> Event | None:
    kind = ACTIONS.get(action_id)
    if kind is None:
        return None
    if issubclass(kind, AgentRetried):
        return AgentRetried(at=at, agent=agent, delivery_id=DeliveryId(about))
    if issubclass(kind, AgentAdopted | AgentSplit):
        return kind(at=at, agent=agent, message_id=MessageId(about))
    return kind(at=at, agent=agent)


def _said(event: Json, ourselves: Ourselves) -> _Said | None:
    changed, deleted = (event.get("subtype") == each for each in _CHANGES)
    if event.get("type") != "message" or (event.get("hidden") and not (changed or deleted)):
        return None
    message: Json = event["message"] if changed else event
    if deleted:
        message = event.get("previous_message") or {}
    ts, thread_ts = message.get("ts"), message.get("thread_ts")
    if not _is_agents(message, ourselves) or not ts or not thread_ts or thread_ts == ts:
        return None
    place = Place(event["channel"], ts)
    if deleted:
        return _Said(place, thread_ts, message, changed="deleted", deleted=True)
    if not changed:
        return _Said(place, thread_ts, message)
    before: Json = event.get("previous_message") or {}
    # Slack also tells of changes that nobody made: a link's preview, a reply count.
    if not message.get("edited") or from_slack(before) == from_slack(message):
        return None
    return _Said(place, thread_ts, message, changed=message["edited"]["ts"])


def _is_agents(message: Json, ourselves: Ourselves) -> bool:
    user = message.get("user")
    return (
        bool(user)
        and user not in (ourselves.user_id, _SLACKBOT)
        and not message.get("bot_id")
        and message.get("subtype") in _SPOKEN
        and all(message.get(name) in (None, ourselves.team_id) for name in _TEAMS)
    )


def _moment(ts: str) -> datetime:
    """Return the moment in a `ts`, to the microsecond: agents' bursts are put in order by it."""
    seconds, _, micros = ts.partition(".")
    return _EPOCH + timedelta(seconds=int(seconds), microseconds=int(micros or 0))


def _attachment(file: Json) -> Attachment:
    name = file_name(file.get("name") or file.get("title") or "")
    # A file of a shared channel comes without particulars, which `files.info` has.
    described_elsewhere = file.get("file_access") == "check_file_info"
    is_bytes = file.get("mode", "hosted") in _HOSTED and not file.get("is_external")
    if not (is_bytes or described_elsewhere):  # a link to a drive, a canvas, a huddle's notes
        return Attachment(kind=AttachmentKind.OTHER, channel=AGENTS, name=name, detail=name)
    mime = file.get("mimetype") or "application/octet-stream"
    return Attachment(
        kind=AttachmentKind.PHOTO if mime in _PHOTOS else AttachmentKind.DOCUMENT,
        channel=AGENTS,
        ref=file["id"],
        name=name,
        mime=mime,
        size=file.get("size"),
    )
