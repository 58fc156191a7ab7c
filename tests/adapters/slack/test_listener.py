"""Hearing agents: over Socket Mode and HTTP, stored before it is acknowledged."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI
from slack_bolt.async_app import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.clock import SystemClock
from adapters.slack.channel import make_client
from adapters.slack.gaps import Gaps
from adapters.slack.listener import SlackListener
from adapters.slack.login import SlackLoginError
from adapters.slack.people import UNKNOWN_AGENT, People
from adapters.web.server import WebServer, take
from core.conversation import Agent as DeskAgent
from core.events import AgentEdited, AgentResolved, AgentTook, AgentWrote, Event
from core.ids import AgentId, ConversationId, Thread
from core.ports import About, FromThread, Incoming
from sandbox.clock import Clock
from sandbox.faults import Fault, FaultKind
from sandbox.slack import Agent, Message, NoAnswerError, Room, SlackServer
from sandbox.slack.http_events import signature_headers
from tests.support.waiting import PATIENCE, until

Json = dict[str, Any]
SECRET = "sandbox-signing-secret"


class Desk:
    """Takes down what it receives, and can be out of order for a while."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.stored: list[Incoming] = []
        self.failures = 0
        self.tries = 0
        self.gaps = Gaps()
        self._changed = changed

    async def receive(self, incoming: Sequence[Incoming]) -> None:
        """Store the events, or raise."""
        self.tries += 1
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")
        self.stored += incoming
        self._changed()

    @property
    def events(self) -> list[Event]:
        """What was stored, without where it came from."""
        return [each.event for each in self.stored]

    @property
    def keys(self) -> set[str]:
        """The different keys of what was stored."""
        return {each.key for each in self.stored}


@pytest.fixture
def ack_seconds() -> float:
    """Return how long Slack waits for an answer: more than ever, where one will come."""
    return PATIENCE


NEVER_ANSWERED = pytest.mark.parametrize("ack_seconds", [0.5])
"""Where none will come, it need not be waited for."""


@pytest.fixture
async def server(ack_seconds: float) -> AsyncIterator[SlackServer]:
    server = SlackServer(Clock(), retry_after=(0.02, 0.02, 0.02), ack_seconds=ack_seconds)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(server: SlackServer) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield make_client("xoxb-sandbox", server.url, session)


@pytest.fixture
async def desk(server: SlackServer) -> AsyncIterator[Desk]:
    """Yield a desk that reads threads back at once, and finds nothing in them."""
    desk = Desk(server.workspace.changes.announce)

    async def read_back() -> None:
        while await desk.gaps.stirred.wait():
            desk.gaps.stirred.clear()
            while thread := desk.gaps.next_to_read():
                desk.gaps.closed_in(thread, desk.gaps.count)

    reading = asyncio.create_task(read_back())
    yield desk
    reading.cancel()


@pytest.fixture
def marko(server: SlackServer) -> Agent:
    return server.agent("Marko Marić", display_name="marko")


@pytest.fixture
def room(server: SlackServer, marko: Agent) -> Room:
    return server.room("support", [marko])


@pytest.fixture
async def card(client: AsyncWebClient, room: Room) -> Message:
    """Return a card with its buttons, as the desk posts it."""
    await client.chat_postMessage(channel=room.id, text="Ana asks", blocks=BUTTONS)
    return room.messages[0]


BUTTONS: list[Json] = [
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": action,
                "text": {"type": "plain_text", "text": action},
                "value": "c1",
            }
            for action in ("take", "resolve", "file-ticket")
        ],
    }
]


def listener_to(
    client: AsyncWebClient, desk: Desk, *, first_hold: float = 0.05, **how: Any
) -> SlackListener:
    return SlackListener(
        client, People(client), desk.receive, SystemClock(), desk.gaps, first_hold=first_hold, **how
    )


@pytest.fixture
def first_hold() -> float:
    """Return for how long the first message is held."""
    return 0.05


@pytest.fixture
async def listener(
    server: SlackServer, client: AsyncWebClient, desk: Desk, card: Message, first_hold: float
) -> AsyncIterator[SlackListener]:
    """Yield a listener over Socket Mode, connected after the card was posted."""
    listener = listener_to(client, desk, app_token="xapp-sandbox", first_hold=first_hold)
    await listener.start()
    await server.connected()
    await server.events.settled()
    yield listener
    await listener.stop()


@pytest.fixture
async def http_server(
    server: SlackServer, client: AsyncWebClient, desk: Desk, card: Message
) -> AsyncIterator[str]:
    """Yield the address at which a listener is told over HTTP."""
    listener = listener_to(client, desk, signing_secret=SECRET)
    await listener.start()
    async with served(listener) as url:
        await server.events.settled()
        server.events.lost.clear()  # the card, told before anybody listened
        server.use_http(url)
        yield url


@asynccontextmanager
async def served(listener: SlackListener) -> AsyncIterator[str]:
    app = FastAPI()
    app.add_route("/slack/events", listener.http_handler(), methods=["POST"])
    web = WebServer(app, take("127.0.0.1", 0))
    web.start()
    yield f"http://127.0.0.1:{web.port}/slack/events"
    await web.stop()


# What agents do


async def test_a_reply_reaches_the_desk_with_its_authors_name(
    server: SlackServer, listener: SlackListener, desk: Desk, card: Message, marko: Agent
) -> None:
    """The thread, the author by id and name, and the text with its marks."""
    await marko.reply(card, "*Restart* it")
    await server.until(lambda: bool(desk.stored))
    (incoming,) = desk.stored
    assert incoming.origin == FromThread(Thread(f"{card.room.id}:{card.ts}"))
    assert isinstance(incoming.event, AgentWrote)
    assert incoming.event.agent == DeskAgent(AgentId(marko.id), "marko")
    assert incoming.event.text.text == "Restart it"
    await server.events.settled()
    assert server.events.lost == []


async def test_edits_and_notes_are_told_as_they_are(
    server: SlackServer, listener: SlackListener, desk: Desk, card: Message, marko: Agent
) -> None:
    """Whether something is a note is for the desk to say."""
    note = await marko.reply(card, "// he is angry")
    await marko.edit(note, "// he is very angry")
    await server.until(lambda: len(desk.stored) == 2)
    wrote, edited = sorted(desk.events, key=lambda each: isinstance(each, AgentEdited))
    assert isinstance(wrote, AgentWrote)
    assert isinstance(edited, AgentEdited)
    assert (wrote.text.text, edited.text.text) == ("// he is angry", "// he is very angry")
    assert wrote.message_id == edited.message_id


@pytest.mark.parametrize("first_hold", [0.5])
async def test_a_shuffled_burst_is_put_in_order(
    server: SlackServer, listener: SlackListener, desk: Desk, card: Message, marko: Agent
) -> None:
    """Slack tells it in any order; it is taken in as it was written."""
    await marko.reply(card, "zero")
    await server.until(lambda: len(desk.stored) == 1)
    server.events.hold()
    for word in ("one", "two", "three", "four"):
        await marko.reply(card, word)
    server.events.release([3, 1, 0, 2])
    await server.until(lambda: len(desk.stored) == 5)
    wrote = [each for each in desk.events if isinstance(each, AgentWrote)]
    assert [each.text.text for each in wrote] == ["zero", "one", "two", "three", "four"]


async def test_on_a_prompt_line_a_disturbance_is_noticed_at_once(
    server: SlackServer, listener: SlackListener, desk: Desk, card: Message, marko: Agent
) -> None:
    """Where messages hardly wait any more, one that comes late waits for others like it."""
    for number in range(60):
        await marko.reply(card, str(number))
    await server.until(lambda: len(desk.stored) == 60, timeout=PATIENCE)
    server.events.hold()
    for word in ("one", "two", "three", "four"):
        await marko.reply(card, word)
    await asyncio.sleep(0.4)  # so late they come
    server.events.release([3, 1, 0, 2])
    await server.until(lambda: len(desk.stored) == 64, timeout=PATIENCE)
    wrote = [each.text.text for each in desk.events if isinstance(each, AgentWrote)]
    assert wrote == [*map(str, range(60)), "one", "two", "three", "four"]


async def test_of_a_burst_nothing_is_left_to_be_told_again(
    listener: SlackListener, desk: Desk, room: Room, marko: Agent
) -> None:
    """Five hundred answers in twenty threads, told at once, in any order: all are stored."""
    threads = [f"{number}.000000" for number in range(1, 21)]
    burst = [(threads[number % 20], f"100.{number:06}") for number in range(500)]
    told = [
        {"type": "message", "channel": room.id, "user": marko.id, "thread_ts": thread, "ts": ts}
        for thread, ts in Random(1).sample(burst, len(burst))
    ]
    bodies = [{"type": "event_callback", "event": {**each, "text": each["ts"]}} for each in told]
    answers = await asyncio.gather(
        *(
            listener.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=each))
            for each in bodies
        )
    )
    assert {answer.status for answer in answers} == {200}
    heard: dict[str, list[str]] = {thread: [] for thread in threads}
    for each in desk.stored:
        if isinstance(each.origin, FromThread) and isinstance(each.event, AgentWrote):
            heard[each.origin.thread.partition(":")[2]].append(each.event.text.text)
    assert heard == {thread: [ts for where, ts in burst if where == thread] for thread in threads}
    assert desk.tries < 250


async def test_a_button_reaches_the_desk(
    server: SlackServer, listener: SlackListener, desk: Desk, card: Message, marko: Agent
) -> None:
    """It is acknowledged once it is stored; the card's update shows the rest."""
    await marko.press(card, "take")
    (incoming,) = desk.stored
    assert incoming.origin == About(ConversationId("c1"))
    assert isinstance(incoming.event, AgentTook)
    assert incoming.event.agent.name == "marko"


async def test_a_press_does_not_overtake_what_was_written_before(
    server: SlackServer, listener: SlackListener, desk: Desk, card: Message, marko: Agent
) -> None:
    """An agent answers and resolves at once; the answer waits a moment for earlier ones."""
    await marko.reply(card, "Done!")
    await marko.press(card, "resolve")
    assert [type(each) for each in desk.events] == [AgentWrote, AgentResolved]


async def test_what_the_desk_does_not_need_is_acknowledged_all_the_same(
    server: SlackServer,
    client: AsyncWebClient,
    listener: SlackListener,
    desk: Desk,
    card: Message,
    marko: Agent,
) -> None:
    """Its own posts, the room's talk, reactions, people who come: heard, and left alone."""
    await client.chat_postMessage(channel=card.room.id, text="own", thread_ts=card.ts)
    await client.chat_postMessage(
        channel=card.room.id, text="named", thread_ts=card.ts, username="Ana"
    )
    await client.chat_update(channel=card.room.id, ts=card.ts, text="changed")
    await marko.react(card, "eyes")
    await marko.open_home()
    server.room("other", [marko], bot=False)
    await server.events.settled()
    assert (desk.tries, server.events.lost) == (0, [])


# Stored first, acknowledged then


@NEVER_ANSWERED
async def test_what_is_not_stored_is_not_acknowledged_and_comes_again(
    server: SlackServer, listener: SlackListener, desk: Desk, card: Message, marko: Agent
) -> None:
    """A failing desk loses nothing."""
    desk.failures = 2
    server.events.retry_after = (0.02,) * 20
    await marko.reply(card, "important")
    await server.until(lambda: bool(desk.stored))
    await server.events.settled()
    assert (desk.failures, len(desk.keys), server.events.lost) == (0, 1, [])


@NEVER_ANSWERED
async def test_a_press_that_is_not_stored_fails_for_the_person(
    server: SlackServer, listener: SlackListener, desk: Desk, card: Message, marko: Agent
) -> None:
    """Slack shows a warning beside the button, and it can be pressed again."""
    desk.failures = 1
    with pytest.raises(NoAnswerError):
        await marko.press(card, "take")
    with suppress(NoAnswerError):  # on a busy machine the answer may come too late
        await marko.press(card, "take")
    await server.until(lambda: len(desk.stored) == 1)


async def test_the_same_message_has_the_same_key_however_often_it_is_told(
    server: SlackServer, listener: SlackListener, desk: Desk, card: Message, marko: Agent
) -> None:
    """With the same event id, or another."""
    await marko.reply(card, "once")
    server.events.repeat(1, same_id=True)
    server.events.repeat(1, same_id=False)
    await server.until(lambda: len(desk.stored) == 3)
    assert len(desk.keys) == 1


async def test_after_a_broken_line_it_goes_on(
    server: SlackServer, client: AsyncWebClient, desk: Desk, card: Message, marko: Agent
) -> None:
    """Told to connect anew, it does, and hears what was said meanwhile."""
    listener = listener_to(client, desk, app_token="xapp-sandbox")
    await listener.start()
    await server.connected()
    server.events.retry_after = (0.1,) * 300
    await server.sockets.disconnect("refresh_requested")
    await marko.reply(card, "meanwhile")
    await server.until(lambda: bool(desk.stored))
    await until(listener.is_connected)
    await listener.stop()
    assert not await listener.is_connected()


async def test_a_line_that_breaks_off_is_soon_replaced(
    server: SlackServer, client: AsyncWebClient, desk: Desk, card: Message, marko: Agent
) -> None:
    """Slack tells again at once and then after a minute: the line must stand before that."""
    listener = listener_to(client, desk, app_token="xapp-sandbox")
    await listener.start()
    await server.connected()
    server.sockets.cut()
    await server.connected(0)
    await server.connected(1, timeout=45)
    await marko.reply(card, "are you there?")
    await server.until(lambda: bool(desk.stored))
    await listener.stop()


# Names


async def test_an_agent_whom_slack_does_not_name_has_a_name_all_the_same(
    server: SlackServer, listener: SlackListener, desk: Desk, card: Message, marko: Agent
) -> None:
    """The answer matters more than who gave it; the next one asks again."""
    server.faults.plan("users.info", Fault(kind=FaultKind.ERROR))
    await marko.reply(card, "one")
    await server.until(lambda: len(desk.stored) == 1)
    await marko.reply(card, "two")
    await server.until(lambda: len(desk.stored) == 2)
    names = [each.agent.name for each in desk.events if isinstance(each, AgentWrote)]
    assert names == [UNKNOWN_AGENT, "marko"]


async def test_people_are_looked_up_once(server: SlackServer, client: AsyncWebClient) -> None:
    """However many ask at a time; the display name comes first, then the real one."""
    ana, milan = server.agent("Ana Anić"), server.agent("Milan", display_name="\u202emiki")
    people = People(client)
    names = await asyncio.gather(*(people.name(ana.id) for _ in range(5)), people.name(milan.id))
    assert names == ["Ana Anić"] * 5 + ["miki"]
    assert await people.name(ana.id) == "Ana Anić"
    assert [call.method for call in server.calls].count("users.info") == 2
    assert people.names("user", ana.id) == "Ana Anić"
    assert people.names("user", "U404") == "somebody"


async def test_admins_are_the_workspaces_or_named_in_the_settings(
    server: SlackServer, client: AsyncWebClient
) -> None:
    """Where Slack does not tell, only those who are named."""
    boss, ana, vera = (server.agent(name, admin=name == "Boss") for name in ("Boss", "Ana", "Vera"))
    people = People(client, admins=[ana.id])
    assert [await people.is_admin(each.id) for each in (boss, ana, vera)] == [True, True, False]
    assert not await people.is_admin("U404")


# Logging in


async def test_a_wrong_token_is_reported_by_its_setting(server: SlackServer, desk: Desk) -> None:
    """At the start, rather than as a silence later."""
    async with aiohttp.ClientSession() as session:
        stranger = make_client("xoxb-wrong", server.url, session)
        with pytest.raises(SlackLoginError, match=r"SLACK_BOT_TOKEN: .* invalid_auth"):
            await listener_to(stranger, desk, app_token="xapp-sandbox").start()
        right = make_client("xoxb-sandbox", server.url, session)
        with pytest.raises(SlackLoginError, match=r"SLACK_APP_TOKEN: .* invalid_auth"):
            await listener_to(right, desk, app_token="xapp-wrong").start()


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
async def test_while_slack_is_away_the_desk_starts_without_it(
    server: SlackServer,
    client: AsyncWebClient,
    desk: Desk,
    card: Message,
    marko: Agent,
    method: str,
) -> None:
    """Customers are heard meanwhile; the line is made as soon as Slack is back."""
    server.faults.plan(method, Fault(kind=FaultKind.ERROR))
    listener = listener_to(client, desk, app_token="xapp-sandbox")
    await listener.start()
    assert not await listener.is_connected()
    await server.connected()
    await marko.reply(card, "back again")
    await server.until(lambda: bool(desk.stored))
    await listener.stop()


async def test_a_login_that_hangs_holds_nobody_up(
    server: SlackServer, client: AsyncWebClient, desk: Desk
) -> None:
    """The desk starts without Slack, and whoever stops it does not wait either."""
    server.faults.plan("auth.test", Fault(kind=FaultKind.SLOW, seconds=600))
    listener = listener_to(client, desk, app_token="xapp-sandbox")
    async with asyncio.timeout(PATIENCE):
        await listener.start()
        assert not await listener.is_connected()
        await listener.stop()


async def test_a_token_revoked_later_discards_no_event(
    server: SlackServer, listener: SlackListener, desk: Desk, card: Message, marko: Agent
) -> None:
    """Bolt is not left to ask who we are while an event waits."""
    server.faults.plan("auth.test", Fault(kind=FaultKind.REFUSE, error="token_revoked"), times=9)
    await marko.reply(card, "still here")
    await server.until(lambda: bool(desk.stored))


# HTTP


async def test_over_http_it_is_the_same(
    server: SlackServer, http_server: str, desk: Desk, card: Message, marko: Agent
) -> None:
    """The URL is verified; replies and buttons arrive; a failure brings the event back."""
    assert await server.verify_url()
    desk.failures = 1
    await marko.reply(card, "over HTTP")
    await server.until(lambda: bool(desk.stored))
    await marko.press(card, "resolve")
    await server.events.settled()
    assert (desk.tries, len(desk.stored), server.events.lost) == (3, 2, [])


FORGED: dict[str, dict[str, str]] = {
    "no headers": {},
    "a timestamp in words": {"X-Slack-Request-Timestamp": "yesterday"},
    "an endless timestamp": {"X-Slack-Request-Timestamp": "9" * 5000},
    "an old timestamp": {"X-Slack-Request-Timestamp": "1"},
    "another secret": signature_headers("wrong", "{}"),
    "a signature of strange letters": {"X-Slack-Signature": "v0=\u00e9"},
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED.keys())
async def test_what_slack_did_not_sign_is_turned_away(
    http_server: str, desk: Desk, headers: dict[str, str]
) -> None:
    """With 401, whatever nonsense the headers hold."""
    body = "{}"
    sent = signature_headers(SECRET, body) | headers if headers else {}
    async with (
        aiohttp.ClientSession() as session,
        session.post(http_server, data=body, headers=sent) as answer,
    ):
        assert answer.status == 401
    assert desk.tries == 0


async def test_bytes_that_are_no_text_are_turned_away(http_server: str) -> None:
    """The signature is made of text."""
    headers = signature_headers(SECRET, "{}")
    async with (
        aiohttp.ClientSession() as session,
        session.post(http_server, data=b"\xff\xfe", headers=headers) as answer,
    ):
        assert answer.status == 401


async def test_before_it_is_ready_slack_is_told_to_come_again(
    client: AsyncWebClient, desk: Desk
) -> None:
    """503, so that nothing is acknowledged that nobody stores."""
    body = json.dumps({"type": "event_callback", "event": {"type": "message"}})
    async with (
        served(listener_to(client, desk, signing_secret=SECRET)) as url,
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=signature_headers(SECRET, body)) as answer,
    ):
        assert answer.status == 503
