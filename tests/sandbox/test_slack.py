"""The sandbox's Slack, spoken to by the real clients: slack_sdk and Bolt."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import Clock
from sandbox.faults import Fault, FaultKind
from sandbox.slack import Agent, NoAnswerError, Room, SlackServer
from tests.support.waiting import PATIENCE

Json = dict[str, Any]


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
        yield AsyncWebClient(
            "xoxb-sandbox", base_url=server.url, session=session, retry_handlers=[]
        )


@pytest.fixture
def marko(server: SlackServer) -> Agent:
    return server.agent("Marko", display_name="marko")


@pytest.fixture
def room(server: SlackServer, marko: Agent) -> Room:
    return server.room("support", [marko])


@asynccontextmanager
async def over_sockets(app: AsyncApp, server: SlackServer) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(app, "xapp-sandbox", ping_interval=1)
    await handler.client.connect()  # type: ignore[no-untyped-call]
    await server.connected()
    try:
        yield handler
    finally:
        await handler.client.close()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def over_http(application: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(application, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()


def listening(client: AsyncWebClient) -> tuple[AsyncApp, asyncio.Queue[Json]]:
    """Return an app that puts every message event's body into the queue beside it."""
    app = AsyncApp(client=client, ignoring_self_events_enabled=False, signing_secret="s")
    heard: asyncio.Queue[Json] = asyncio.Queue()

    @app.event("message")
    async def on_message(body: Json) -> None:
        heard.put_nowait(body)

    return app, heard


async def next_of(queue: asyncio.Queue[Json]) -> Json:
    async with asyncio.timeout(PATIENCE):
        return await queue.get()


async def error_of(call: Awaitable[object]) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


def section(text: str, **more: object) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(text: str = "Take", **more: object) -> Json:
    label = {"type": "plain_text", "text": text}
    return {"type": "button", "action_id": "take", "text": label, "value": "1", **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


# Posting


async def test_a_post_and_its_thread_are_read_back_with_metadata(
    client: AsyncWebClient, room: Room
) -> None:
    """What was posted comes back from history and replies; metadata only when asked for."""
    metadata = {"event_type": "delivery", "event_payload": {"id": "d1"}}
    root = await client.chat_postMessage(channel=room.id, text="Ana asks", metadata=metadata)
    reply = await client.chat_postMessage(channel=room.id, text="more", thread_ts=root["ts"])

    history = await client.conversations_history(channel=room.id, include_all_metadata=True)
    replies = await client.conversations_replies(channel=room.id, ts=root["ts"])

    assert [m["metadata"] for m in history["messages"]] == [metadata]
    assert history["messages"][0]["latest_reply"] == reply["ts"]
    assert [m["ts"] for m in replies["messages"]] == [root["ts"], reply["ts"]]
    assert "metadata" not in replies["messages"][0]
    assert replies["messages"][0]["reply_count"] == 1
    assert [m.shown for m in room.thread(room.messages[0])] == ["more"]


async def test_replies_come_in_pages(client: AsyncWebClient, room: Room) -> None:
    """A cursor leads from page to page; `oldest` leaves out what is known, but the parent."""
    root = await client.chat_postMessage(channel=room.id, text="root")
    sent = [
        await client.chat_postMessage(channel=room.id, text=str(n), thread_ts=root["ts"])
        for n in range(4)
    ]

    pages = [
        [m["text"] for m in page["messages"]]
        async for page in await client.conversations_replies(
            channel=room.id, ts=root["ts"], limit=2
        )
    ]
    newer = await client.conversations_replies(channel=room.id, ts=root["ts"], oldest=sent[2]["ts"])

    assert pages == [["root", "0"], ["1", "2"], ["3"]]
    assert [m["text"] for m in newer["messages"]] == ["root", "3"]


async def test_updates_and_deletions_change_what_is_shown(
    client: AsyncWebClient, room: Room
) -> None:
    """An update replaces the text; deleting an answered message leaves a tombstone."""
    root = await client.chat_postMessage(channel=room.id, text="first")
    reply = await client.chat_postMessage(channel=room.id, text="reply", thread_ts=root["ts"])
    message = room.messages[0]

    await client.chat_update(channel=room.id, ts=root["ts"], text="second")
    assert (message.shown, bool(message.edited)) == ("second", True)

    await client.chat_delete(channel=room.id, ts=root["ts"])
    assert (message.deleted, message.shown) == (True, "This message was deleted.")

    await client.chat_delete(channel=room.id, ts=reply["ts"])
    assert room.thread(message) == []


async def test_what_is_not_allowed_is_refused_by_name(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """Wrong tokens, rooms, texts and messages get the errors of Slack's reference."""
    post, here = client.chat_postMessage, room.id
    outside, hidden = server.room("outside", bot=False), server.room("x", private=True, bot=False)
    archived = server.room("old")
    archived.archive()
    theirs = await marko.write(room, "mine")
    stranger = AsyncWebClient("xoxb-wrong", base_url=server.url)

    assert await error_of(stranger.auth_test()) == "invalid_auth"
    assert await error_of(client.api_call("no.such")) == "unknown_method"
    assert await error_of(post(channel="C404", text="a")) == "channel_not_found"
    assert await error_of(post(channel=hidden.id, text="a")) == "channel_not_found"
    assert await error_of(post(channel=outside.id, text="a")) == "not_in_channel"
    assert await error_of(post(channel=archived.id, text="a")) == "is_archived"
    assert await error_of(client.api_call("chat.postMessage", json={"channel": here})) == "no_text"
    assert await error_of(post(channel=here, text="a", thread_ts="x")) == "invalid_thread_ts"
    update = client.chat_update
    assert await error_of(update(channel=here, ts="1.1", text="a")) == "message_not_found"
    assert await error_of(update(channel=here, ts=theirs.ts, text="a")) == "cant_update_message"
    own = await post(channel=here, text="own")
    assert await error_of(update(channel=here, ts=own["ts"], text="a" * 4001)) == "msg_too_long"


async def test_rich_text_stays_rich_text(client: AsyncWebClient, room: Room) -> None:
    """Blocks of rich text cannot be replaced with blocks without any."""
    line = {"type": "rich_text_section", "elements": [{"type": "text", "text": "hello"}]}
    rich = [{"type": "rich_text", "elements": [line]}]
    posted = await client.chat_postMessage(channel=room.id, text="hello", blocks=rich)
    plainer = {"channel": room.id, "ts": posted["ts"], "text": "b", "blocks": [section("b")]}
    assert await error_of(client.chat_update(**plainer)) == "block_mismatch"


INVALID_BLOCKS = {
    "text too long": [section("a" * 3001)],
    "too many blocks": [{"type": "divider"}] * 51,
    "header too long": [{"type": "header", "text": {"type": "plain_text", "text": "a" * 151}}],
    "button text too long": [actions(button("a" * 76))],
    "button value too long": [actions(button(value="a" * 2001))],
    "action_id missing": [actions(button(action_id=""))],
    "action_id twice": [actions(button(), button())],
    "unknown block": [{"type": "sectoin"}],
    "empty text": [section("")],
    "unknown key": [section("a", colour="red")],
    "rich text without parts": [{"type": "rich_text", "elements": [{"type": "text"}]}],
    "empty rich text": [
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]},
            ],
        }
    ],
}


@pytest.mark.parametrize("wrong", INVALID_BLOCKS.values(), ids=INVALID_BLOCKS.keys())
async def test_invalid_blocks_are_refused(
    client: AsyncWebClient, room: Room, wrong: list[Json]
) -> None:
    """Each limit of Block Kit is kept, and the answer says where it was broken."""
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=room.id, text="a", blocks=wrong)
    assert refused.value.response["error"] == "invalid_blocks"
    assert "[json-pointer:/blocks" in refused.value.response["errors"][0]
    assert room.messages == []


async def test_too_many_characters_in_blocks_are_refused(
    client: AsyncWebClient, room: Room
) -> None:
    """Blocks that are each in order may be too long together."""
    blocks = [section("a" * 2900)] * 5
    call = client.chat_postMessage(channel=room.id, text="a", blocks=blocks)
    assert await error_of(call) == "msg_blocks_too_long"


async def test_posts_are_limited_room_by_room(
    server: SlackServer, client: AsyncWebClient, room: Room
) -> None:
    """After a burst a room takes one post a second, and says when to come back."""
    other = server.room("sales")
    for n in range(10):
        await client.chat_postMessage(channel=room.id, text=str(n))

    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=room.id, text="one too many")
    await client.chat_postMessage(channel=other.id, text="elsewhere")

    assert refused.value.response["error"] == "ratelimited"
    assert refused.value.response.headers["Retry-After"] == "1"
    assert len(room.messages) == 10


async def test_live_syntax_is_found_out(client: AsyncWebClient, room: Room, marko: Agent) -> None:
    """Mentions and masked links that a text smuggles in are resolved and recorded."""
    live = f"<!channel> <@{marko.id}> <http://evil.example|bank.example> &lt;!here&gt; *bold*"
    await client.chat_postMessage(channel=room.id, text=live)
    message = room.messages[0]
    assert message.text == live
    assert message.shown == "@channel @marko bank.example <!here> bold"
    assert message.mentions == ["<!channel>", f"<@{marko.id}>"]
    assert message.links == [("http://evil.example", "bank.example")]


async def test_plain_text_and_rich_text_are_not_live(client: AsyncWebClient, room: Room) -> None:
    """What stands in plain_text or in a rich_text's text calls nobody."""
    part = {"type": "text", "text": "<!channel>"}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [part]}]}
    plain = {"type": "section", "text": {"type": "plain_text", "text": "<!here> *a*"}}
    await client.chat_postMessage(channel=room.id, text="fallback", blocks=[rich, plain])
    assert room.messages[0].shown == "<!channel>\n<!here> *a*"
    assert room.messages[0].mentions == []


async def test_reactions_are_added_once(client: AsyncWebClient, room: Room, marko: Agent) -> None:
    """A reaction twice is refused, and so is taking back what is not there."""
    message = await marko.write(room, "hello")
    where = {"channel": room.id, "timestamp": message.ts, "name": "eyes"}
    await client.reactions_add(**where)
    assert list(message.reactions) == ["eyes"]
    assert await error_of(client.reactions_add(**where)) == "already_reacted"
    await client.reactions_remove(**where)
    assert await error_of(client.reactions_remove(**where)) == "no_reaction"


async def test_people_rooms_and_groups_can_be_looked_up(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """The app finds rooms by name, their members, who they are, and who is on call."""
    server.group("oncall", [marko])
    rooms = await client.conversations_list(types="public_channel,private_channel", limit=1)
    members = await client.conversations_members(channel=room.id)
    user = await client.users_info(user=marko.id, include_locale=True)
    groups = await client.usergroups_list(include_users=True)
    auth = await client.auth_test()

    assert [(c["name"], c["is_member"]) for c in rooms["channels"]] == [("support", True)]
    assert members["members"] == [marko.id, auth["user_id"]]
    assert (user["user"]["tz"], user["user"]["locale"]) == ("Europe/Belgrade", "sr-RS")
    assert groups["usergroups"][0]["users"] == [marko.id]


# Faults


@pytest.mark.parametrize(
    ("kind", "status", "took_effect"),
    [
        (FaultKind.LIMIT, 429, False),
        (FaultKind.ERROR, 500, False),
        (FaultKind.ERROR_AFTER, 500, True),
        (FaultKind.REFUSE, 200, False),
        (FaultKind.CUT_BEFORE, None, False),
        (FaultKind.CUT_AFTER, None, True),
    ],
)
async def test_each_fault_goes_wrong_in_its_own_way(
    server: SlackServer,
    client: AsyncWebClient,
    room: Room,
    kind: FaultKind,
    status: int | None,
    took_effect: bool,
) -> None:
    """A planned fault meets one call, with or without an effect; the next one passes."""
    server.faults.plan("chat.postMessage", Fault(kind=kind, seconds=7, error="fatal_error"))

    with pytest.raises((SlackApiError, aiohttp.ClientError)) as failed:
        await client.chat_postMessage(channel=room.id, text="hello")
    await client.chat_postMessage(channel=room.id, text="again")

    error = failed.value
    assert (error.response.status_code if isinstance(error, SlackApiError) else None) == status
    if kind is FaultKind.LIMIT and isinstance(error, SlackApiError):
        assert error.response.headers["Retry-After"] == "7"
    assert [m.text for m in room.messages] == ["hello"] * took_effect + ["again"]
    assert [c.method for c in server.calls] == ["chat.postMessage"] * 2


async def test_a_slow_answer_comes_after_the_effect(
    server: SlackServer, client: AsyncWebClient, room: Room
) -> None:
    """A slow call has long taken effect when its answer comes."""
    server.faults.plan("chat.postMessage", Fault(kind=FaultKind.SLOW, seconds=30))
    call = asyncio.create_task(client.chat_postMessage(channel=room.id, text="hello"))
    await room.sees("hello")
    assert not call.done()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)


# Events


async def test_agents_messages_reach_the_app_as_slack_tells_them(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """A reply comes as escaped mrkdwn and a rich_text block; edits and deletions follow."""
    root = await client.chat_postMessage(channel=room.id, text="Ana asks")
    app, heard = listening(client)
    async with over_sockets(app, server):
        await next_of(heard)  # the app's own post, told late
        reply = await marko.reply(room.messages[0], "*Yes* & see https://example.com/a")
        said = (await next_of(heard))["event"]
        await marko.edit(reply, "No")
        edited = (await next_of(heard))["event"]
        await marko.delete(reply)
        deleted = (await next_of(heard))["event"]

    assert (said["user"], said["thread_ts"]) == (marko.id, root["ts"])
    assert said["text"] == "*Yes* &amp; see <https://example.com/a>"
    assert said["blocks"][0]["elements"][0]["elements"] == [
        {"type": "text", "text": "Yes", "style": {"bold": True}},
        {"type": "text", "text": " & see "},
        {"type": "link", "url": "https://example.com/a"},
    ]
    assert (edited["subtype"], edited["message"]["text"]) == ("message_changed", "No")
    assert edited["previous_message"]["text"] == said["text"]
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", reply.ts)


async def test_the_apps_own_posts_come_back(
    server: SlackServer, client: AsyncWebClient, room: Room
) -> None:
    """Own posts are events too; under a name of their own they have no user."""
    app, heard = listening(client)
    async with over_sockets(app, server):
        await client.chat_postMessage(channel=room.id, text="plain")
        plain = (await next_of(heard))["event"]
        await client.chat_postMessage(channel=room.id, text="named", username="Ana")
        named = (await next_of(heard))["event"]
    assert (plain["user"], plain["bot_id"]) == (server.bot_user, named["bot_id"])
    assert (named["subtype"], named["username"], "user" in named) == ("bot_message", "Ana", False)


@NEVER_ANSWERED
async def test_an_event_is_told_again_until_it_is_acknowledged(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """A listener that fails does not acknowledge: the same event comes again, with its id."""
    app = AsyncApp(client=client, process_before_response=True)
    tries: asyncio.Queue[Json] = asyncio.Queue()

    @app.event("message")
    async def fail_once(body: Json, request: AsyncBoltRequest) -> None:
        (attempt,) = request.headers["x-slack-retry-num"]
        tries.put_nowait({"id": body["event_id"], "attempt": attempt})
        if attempt == "0":
            raise RuntimeError("the first time fails")

    server.events.retry_after = (0.02,) * 20
    async with over_sockets(app, server):
        await marko.write(room, "hello")
        first, second = await next_of(tries), await next_of(tries)
        await server.events.settled()
    assert first["id"] == second["id"]
    assert (first["attempt"], second["attempt"]) == ("0", "1")
    assert server.events.lost == []


async def test_events_that_nobody_takes_are_lost(
    server: SlackServer, room: Room, marko: Agent
) -> None:
    """Without a connection an event waits for its retries, and is then given up."""
    await marko.write(room, "hello")
    await server.events.settled()
    assert [body["event"]["text"] for body in server.events.lost] == ["hello"]


async def test_after_a_refresh_the_client_connects_anew(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """Told to refresh, the client opens another connection and goes on hearing."""
    app, heard = listening(client)
    async with over_sockets(app, server):
        await server.sockets.disconnect("refresh_requested")
        await server.until(lambda: connections(server) == 2 and server.sockets.connected == 1)
        await marko.write(room, "after")
        assert (await next_of(heard))["event"]["text"] == "after"


async def test_what_is_said_while_the_line_is_cut_is_told_later(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """A cut socket loses nothing that the retries outlast."""
    server.events.retry_after = (0.1,) * 300
    app, heard = listening(client)
    async with over_sockets(app, server):
        server.sockets.cut()
        assert server.sockets.connected == 0
        await marko.write(room, "meanwhile")
        assert (await next_of(heard))["event"]["text"] == "meanwhile"


@NEVER_ANSWERED
async def test_a_silent_socket_swallows_events(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """A zombie is open and tells nothing; a connection made after it does."""
    app, heard = listening(client)
    async with over_sockets(app, server):
        server.events.retry_after = ()
        server.sockets.silence()
        await marko.write(room, "unheard")
        await server.events.settled()
        assert (server.sockets.connected, len(server.events.lost), heard.empty()) == (1, 1, True)


def connections(server: SlackServer) -> int:
    return sum(call.method == "apps.connections.open" for call in server.calls)


async def test_events_can_come_twice_and_out_of_order(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """The last event can be repeated, and held events released in another order."""
    app, heard = listening(client)
    async with over_sockets(app, server):
        server.events.hold()
        await marko.write(room, "one")
        await marko.write(room, "two")
        server.events.release([1, 0])
        assert [(await next_of(heard))["event"]["text"] for _ in range(2)] == ["two", "one"]

        await marko.write(room, "three")
        server.events.repeat(1, same_id=True)
        server.events.repeat(1, same_id=False)
        ids = [(await next_of(heard))["event_id"] for _ in range(3)]
    assert (ids[0], len(set(ids))) == (ids[1], 2)


# Interactivity


async def test_a_button_reaches_the_app_and_its_response_url_works(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """A press brings the message along; the answer may replace the message, or whisper."""
    app = AsyncApp(client=client)

    @app.action("take")
    async def take(ack: Any, body: Json, respond: Any) -> None:
        await ack()
        await respond(text="taken", replace_original=True)
        await respond(text=f"by {body['user']['id']}", replace_original=False)

    async with over_sockets(app, server):
        blocks = [section("Ana asks"), actions(button("Take"))]
        await client.chat_postMessage(channel=room.id, text="Ana asks", blocks=blocks)
        message = await room.sees("[Take]")
        await marko.press(message, "Take")
        assert (await room.sees("taken")) is message
        await marko.sees_ephemeral(f"by {marko.id}")


FORM = {
    "type": "modal",
    "callback_id": "hours",
    "title": {"type": "plain_text", "text": "Hours"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "opens",
            "label": {"type": "plain_text", "text": "Opens"},
            "element": {"type": "timepicker", "action_id": "at", "initial_time": "08:00"},
        },
        {
            "type": "input",
            "block_id": "days",
            "label": {"type": "plain_text", "text": "Days"},
            "element": {
                "type": "checkboxes",
                "action_id": "on",
                "options": [
                    {"text": {"type": "plain_text", "text": "Monday"}, "value": "mo"},
                    {"text": {"type": "plain_text", "text": "Tuesday"}, "value": "tu"},
                ],
            },
        },
    ],
}


async def test_a_command_opens_a_form_that_can_be_refused_and_accepted(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """A slash command opens a modal; errors stay beside their fields until it is accepted."""
    app = AsyncApp(client=client)
    saved: list[Json] = []

    @app.command("/podrska")
    async def on_command(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack(f"one moment: {body['text']}")
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.view("hours")
    async def on_form(ack: Any, view: Json) -> None:
        values = view["state"]["values"]
        if values["opens"]["at"]["selected_time"] == "25:00":
            await ack(response_action="errors", errors={"opens": "There is no such hour"})
            return
        saved.append(values)
        await ack()

    async with over_sockets(app, server):
        await marko.command("/podrska", "hours", room)
        await marko.sees_ephemeral("one moment: hours")
        view = await marko.sees_view("== Hours ==")

        assert list(await marko.submit(view, {})) == ["days"]  # Slack's own: nothing was ticked
        wrong = {"opens/at": "25:00", "Days": ["mo"]}
        assert await marko.submit(view, wrong) == {"opens": "There is no such hour"}
        assert "! There is no such hour" in marko.view_text()

        assert await marko.submit(view, {"Days": ["mo", "Tuesday"]}) == {}
    assert marko.view is None
    assert saved[0]["opens"] == {"at": {"type": "timepicker", "selected_time": "08:00"}}
    assert [o["value"] for o in saved[0]["days"]["on"]["selected_options"]] == ["mo", "tu"]


async def test_triggers_are_used_once_and_views_have_limits(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """A trigger works once; forms with too long titles, or without a trigger, are refused."""
    app = AsyncApp(client=client)
    errors: list[str] = []
    too_long = {**FORM, "title": {"type": "plain_text", "text": "a" * 25}}

    @app.command("/podrska")
    async def on_command(ack: Any, body: Json) -> None:
        trigger = body["trigger_id"]
        errors.append(await error_of(client.views_open(trigger_id=trigger, view=too_long)))
        await client.views_open(trigger_id=trigger, view=FORM)
        errors.append(await error_of(client.views_open(trigger_id=trigger, view=FORM)))
        errors.append(await error_of(client.views_open(trigger_id="1.2.x", view=FORM)))
        await ack()

    async with over_sockets(app, server):
        await marko.command("/podrska", "", room)
    assert errors == ["invalid_arguments", "exchanged_trigger_id", "invalid_trigger_id"]


async def test_a_trigger_expires() -> None:
    """Whoever opens a form too late is told that the trigger has expired."""
    server = SlackServer(Clock(), trigger_seconds=0)
    await server.start()
    marko = server.agent("Marko")
    room = server.room("support", [marko])
    late = AsyncWebClient("xoxb-sandbox", base_url=server.url)
    app = AsyncApp(client=late)
    errors: list[str] = []

    @app.command("/podrska")
    async def on_command(ack: Any, body: Json) -> None:
        await ack()
        errors.append(await error_of(late.views_open(trigger_id=body["trigger_id"], view=FORM)))
        await late.chat_postMessage(channel=room.id, text="too late")

    async with over_sockets(app, server):
        await marko.command("/podrska", "hours", room)
        await room.sees("too late")
    await server.stop()
    assert errors == ["expired_trigger_id"]


async def test_an_interaction_without_an_answer_fails_for_the_person(
    room: Room, marko: Agent
) -> None:
    """Interactions are not repeated: without a connection the person sees an error."""
    with pytest.raises(NoAnswerError):
        await marko.command("/podrska", "hours", room)
    assert "failed" in marko.ephemerals[0].shown


async def test_the_home_tab_is_published_per_person(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """A published home tab belongs to one person, and its buttons reach the app."""
    app = AsyncApp(client=client)
    pressed: list[str] = []

    @app.event("app_home_opened")
    async def show(event: Json) -> None:
        view = {"type": "home", "blocks": [section("Hello"), actions(button("Hours"))]}
        await client.views_publish(user_id=event["user"], view=view)

    @app.action("take")
    async def take(ack: Any, body: Json) -> None:
        pressed.append(body["view"]["id"])
        await ack()

    async with over_sockets(app, server):
        await marko.open_home()
        await server.until(lambda: marko.home is not None)
        assert marko.home is not None
        await marko.press(marko.home, "Hours")
    assert pressed == [marko.home.id]


# Files


async def test_files_go_up_and_are_shared_in_the_thread(
    server: SlackServer, client: AsyncWebClient, room: Room
) -> None:
    """The three steps of an upload end in a file_share message, of which files.info knows."""
    root = await client.chat_postMessage(channel=room.id, text="root")
    done = await client.files_upload_v2(
        channel=room.id, thread_ts=root["ts"], filename="a.txt", content="hi", initial_comment="see"
    )
    message = await room.sees("a.txt", thread=room.messages[0])
    info = await client.files_info(file=done["file"]["id"])

    assert server.file(done["file"]["id"]).data == b"hi"
    assert (message.text, message.subtype) == ("see", "file_share")
    assert info["file"]["shares"]["public"][room.id][0]["ts"] == message.ts
    empty = client.files_getUploadURLExternal(filename="a.txt", length=0)
    assert await error_of(empty) == "missing_argument"


async def test_files_come_down_with_the_token_only(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """Without the token Slack answers 200 with its login page."""
    root = await marko.write(room, "root")
    message = await marko.upload(root, "slika.png", b"\x89PNG", "image/png")
    told = await client.files_info(file=message.files[0].id)
    url = told["file"]["url_private_download"]
    token = {"Authorization": "Bearer xoxb-sandbox"}
    async with aiohttp.ClientSession() as session:
        async with session.get(url, headers=token) as answer:
            assert (answer.content_type, await answer.read()) == ("image/png", b"\x89PNG")
        async with session.get(url) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")


# HTTP


async def test_over_http_everything_is_signed_and_told_again(
    server: SlackServer, room: Room, marko: Agent
) -> None:
    """Posts carry a signature that slack_sdk accepts; a 500 brings the event back."""
    verifier = SignatureVerifier("sandbox-signing-secret")
    retries: list[tuple[str | None, str | None]] = []

    async def take(request: web.Request) -> web.Response:
        assert verifier.is_valid_request(await request.read(), dict(request.headers))
        headers = request.headers
        retries.append((headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason")))
        return web.Response(status=500 if len(retries) == 1 else 200)

    application = web.Application()
    application.router.add_post("/slack/events", take)
    async with over_http(application) as url:
        server.use_http(url)
        await marko.write(room, "hello")
        await server.events.settled()
    assert retries == [(None, None), ("1", "http_error")]


async def test_bolt_is_served_over_http(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """Events, commands and the URL's verification work with Bolt's own web application."""
    app = AsyncApp(client=client, signing_secret="sandbox-signing-secret")
    heard: asyncio.Queue[Json] = asyncio.Queue()

    @app.event("message")
    async def on_message(event: Json) -> None:
        heard.put_nowait(event)

    @app.command("/podrska")
    async def on_command(ack: Any) -> None:
        await ack("open until eight")

    async with over_http(app.web_app("/slack/events")) as url:
        server.use_http(url)
        assert await server.verify_url()
        await marko.write(room, "hello")
        assert (await next_of(heard))["text"] == "hello"
        await marko.command("/podrska", "hours", room)
        await marko.sees_ephemeral("open until eight")


# What people see


async def test_what_is_seen_is_seen_once(client: AsyncWebClient, room: Room) -> None:
    """Waiting for the same words again waits for another message or another version."""
    posted = await client.chat_postMessage(channel=room.id, text="Ana, new")
    first = await room.sees("Ana")
    with pytest.raises(AssertionError, match=r"#support did not show 'Ana'"):
        await room.sees("Ana", timeout=0.01)
    await client.chat_update(channel=room.id, ts=posted["ts"], text="Ana, answered")
    assert await room.sees("Ana") is first


async def test_the_snapshot_tells_all_that_people_see(
    server: SlackServer, client: AsyncWebClient, room: Room, marko: Agent
) -> None:
    """Rooms, threads, ephemerals: as plain JSON, and the watcher is told of each change."""
    changes: list[int] = []
    server.on_change(lambda: changes.append(1))
    root = await marko.write(room, "hello\n• one\n• two")
    await marko.reply(root, "> so\n```x = 1```", broadcast=True)
    await client.chat_postEphemeral(channel=room.id, user=marko.id, text="psst")

    told = server.snapshot()
    (shown,) = told["rooms"][0]["messages"]
    assert shown["shown"] == "hello\n• one\n• two"
    assert [reply["shown"] for reply in shown["thread"]] == ["> so\nx = 1"]
    assert [e["shown"] for e in told["agents"][0]["ephemerals"]] == ["psst"]
    assert len(changes) == 3
    assert "Marko" not in room.transcript()
    assert "marko: hello" in room.transcript()
