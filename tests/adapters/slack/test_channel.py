"""What agents are told, as it arrives in a Slack workspace."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from adapters.files import Files
from adapters.slack.channel import SlackChannel, make_client
from adapters.slack.errors import translated
from adapters.slack.places import read_place
from adapters.slack.rooms import Rooms
from core.channel_port import CanFind, Channel
from core.conversation import Conversation, Stage
from core.effects import OpenThread, Piece, Relay, RelayEdit, TellAgents, UpdateCard, Words
from core.errors import DeliveryError, GiveUp, InDoubt, Retry
from core.ids import MessageId, Thread
from core.message import Attachment, AttachmentKind, Message, Side
from core.outbox import Outgoing
from core.phrases import Phrase
from core.wording import Phrasebook
from sandbox.clock import Clock
from sandbox.faults import Fault, FaultKind
from sandbox.slack import Agent, Room, SlackServer
from tests.support.agents_side import attachment, conversation, department, message, outgoing
from tests.support.unreachable import UNREACHABLE, Unreachable

EMPTY = "nothing"
BOOK = Phrasebook({"en": NullTranslations()})


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    server = SlackServer(Clock())
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def channel(server: SlackServer, session: aiohttp.ClientSession, files: Files) -> SlackChannel:
    return channel_to(server.url, session, files)


def channel_to(url: str, session: aiohttp.ClientSession, files: Files) -> SlackChannel:
    client = make_client("xoxb-sandbox", url, session)
    channel = SlackChannel(client, BOOK, "en", files, Rooms(client))
    files.fetch_with({"agents": channel, "telegram": Telegram()})
    return channel


class Telegram:
    """A channel whose attachments contain what they are called."""

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        yield b"" if attachment.ref == EMPTY else attachment.ref.encode()


@pytest.fixture
def marko(server: SlackServer) -> Agent:
    return server.agent("Marko", display_name="marko")


@pytest.fixture
def room(server: SlackServer, marko: Agent) -> Room:
    return server.room("support", [marko])


def made_now(out: Outgoing) -> Outgoing:
    return replace(out, delivery=replace(out.delivery, created_at=datetime.now(UTC)))


def opening(room: str = "#support", id: str = "d0") -> Outgoing:
    return made_now(outgoing(OpenThread(), of=message(), to=department(room), id=id))


async def opened(channel: SlackChannel) -> Conversation:
    """Return a conversation whose card has been posted."""
    delivered = await channel.deliver(opening())
    return conversation(thread=delivered.thread)


def relay(about: Conversation, of: Message, piece: Piece, id: str = "d1") -> Outgoing:
    effect = Relay(to=Side.AGENTS, message_id=of.id, piece=piece)
    return made_now(outgoing(effect, of=of, about=about, id=id))


async def error_of(channel: SlackChannel, out: Outgoing) -> DeliveryError:
    with pytest.raises(DeliveryError) as failed:
        await channel.deliver(out)
    return failed.value


# Posting


@pytest.mark.parametrize("name", ["#support", "support"])
async def test_a_card_opens_a_thread_in_the_room(
    channel: SlackChannel, room: Room, name: str
) -> None:
    """Wherever it is posted by name, the thread is known by the room's id."""
    delivered = await channel.deliver(opening(name))
    (card,) = room.messages
    assert "Customer: Ana" in card.shown
    assert delivered.thread == Thread(f"{room.id}:{card.ts}")
    assert delivered.receipt == f"{room.id}:{card.ts}"


async def test_a_room_can_be_given_by_its_id(channel: SlackChannel, room: Room) -> None:
    """No name has to be looked up then."""
    await channel.deliver(opening(room.id))
    assert len(room.messages) == 1


async def test_a_room_that_cannot_be_looked_up_is_posted_to_by_name(
    server: SlackServer, channel: SlackChannel, room: Room
) -> None:
    """Reading the list of channels needs a right that posting does not."""
    server.faults.plan("conversations.list", Fault(kind=FaultKind.REFUSE, error="missing_scope"))
    delivered = await channel.deliver(opening())
    assert delivered.thread == Thread(f"{room.id}:{room.messages[0].ts}")


async def test_rooms_are_looked_up_once(
    server: SlackServer, channel: SlackChannel, room: Room
) -> None:
    """Many cards at a time ask for the list once."""
    await asyncio.gather(*(channel.deliver(opening(id=f"d{n}")) for n in range(5)))
    assert len(room.messages) == 5
    assert [call.method for call in server.calls].count("conversations.list") == 1


async def test_a_conversation_goes_on_in_its_thread(channel: SlackChannel, room: Room) -> None:
    """Messages and the desk's own words are replies; the card changes in place."""
    about = await opened(channel)
    await channel.deliver(relay(about, message("It is <urgent>"), Piece(0, 14)))
    words = Words(phrase=Phrase.AGENTS_TAKEN, values={"agent": "Marko"})
    await channel.deliver(outgoing(TellAgents(words=words), about=about))
    over = about.evolve(stage=Stage.RESOLVED, resolved_at=about.opened_at)
    await channel.deliver(outgoing(UpdateCard(), of=message(), about=over))

    (card,) = room.messages
    assert card.shown.startswith("✅ Resolved")
    assert [reply.shown for reply in room.thread(card)] == [
        "Ana\nIt is <urgent>",
        "Marko takes this.",
    ]
    assert [reply.links for reply in room.thread(card)] == [[], []]


async def test_posts_ask_slack_to_look_at_no_link(
    server: SlackServer, channel: SlackChannel, room: Room
) -> None:
    """Neither previews nor names made of words: what was typed is what is shown."""
    await channel.deliver(opening())
    asked = server.calls[-1].arguments
    assert (asked["unfurl_links"], asked["unfurl_media"]) == (False, False)
    assert (asked["parse"], asked["link_names"]) == ("none", False)


async def test_an_edit_changes_what_was_said(channel: SlackChannel, room: Room) -> None:
    """The message that stands in the thread says it anew."""
    about = await opened(channel)
    said = await channel.deliver(relay(about, message("helo"), Piece(0, 4)))
    effect = RelayEdit(to=Side.AGENTS, message_id=MessageId("m1"), piece=Piece(0, 5))
    edit = outgoing(effect, of=message("hello"), about=about, receipts=[said.receipt])
    again = await channel.deliver(edit)
    (reply,) = room.thread(room.messages[0])
    assert (reply.shown, again.receipt) == ("Ana\nhello", said.receipt)


async def test_a_channel_is_all_that_the_dispatcher_needs(channel: SlackChannel) -> None:
    """Posts are counted by room, changes all together; what is in doubt can be looked for."""
    port: Channel = channel
    assert isinstance(port, CanFind)
    (toll,) = port.tolls(opening().delivery)
    assert (toll.key, toll.per_second) == ("agents:#support", 1.0)
    (toll,) = port.tolls(outgoing(UpdateCard()).delivery)
    assert toll.key == "agents:update"


# Failures


REFUSALS = {
    "not_in_channel": (Phrase.WHY_NOT_IN_ROOM, True),
    "is_archived": (Phrase.WHY_ROOM_ARCHIVED, True),
    "channel_not_found": (Phrase.WHY_NO_ROOM, True),
    "msg_too_long": (Phrase.WHY_REFUSED, False),
    "message_not_found": (Phrase.WHY_REFUSED, False),
    "invalid_blocks": (Phrase.WHY_REFUSED, False),
}


@pytest.mark.parametrize("error", REFUSALS)
async def test_a_refusal_is_final_and_says_why(
    server: SlackServer, channel: SlackChannel, room: Room, error: str
) -> None:
    """Slack's own word is told to people, and whether the room itself is gone."""
    server.faults.plan("chat.postMessage", Fault(kind=FaultKind.REFUSE, error=error))
    failed = await error_of(channel, opening())
    assert isinstance(failed, GiveUp)
    assert (failed.why.phrase, failed.gone) == REFUSALS[error]
    if failed.why.phrase is Phrase.WHY_REFUSED:
        assert failed.why.values == {"platform": "Slack", "detail": error}


@pytest.mark.parametrize(
    "error", ["invalid_auth", "token_revoked", "account_inactive", "missing_scope"]
)
async def test_what_the_operator_can_mend_is_tried_again(
    server: SlackServer, channel: SlackChannel, room: Room, error: str
) -> None:
    """A wrong token loses no message."""
    server.faults.plan("chat.postMessage", Fault(kind=FaultKind.REFUSE, error=error))
    assert isinstance(await error_of(channel, opening()), Retry)


async def test_slacks_patience_is_asked_for_to_the_second(
    server: SlackServer, channel: SlackChannel, room: Room
) -> None:
    """Retry-After is passed on."""
    server.faults.plan("chat.postMessage", Fault(kind=FaultKind.LIMIT, seconds=7))
    failed = await error_of(channel, opening())
    assert isinstance(failed, Retry)
    assert failed.after == 7


DOUBTS = [
    Fault(kind=FaultKind.ERROR),
    Fault(kind=FaultKind.ERROR_AFTER),
    Fault(kind=FaultKind.CUT_BEFORE),
    Fault(kind=FaultKind.CUT_AFTER),
    Fault(kind=FaultKind.REFUSE, error="internal_error"),
    Fault(kind=FaultKind.REFUSE, error="fatal_error"),
    Fault(kind=FaultKind.REFUSE, error="request_timeout"),
]


@pytest.mark.parametrize("fault", DOUBTS, ids=lambda f: f"{f.kind}{f.error}")
async def test_a_post_whose_answer_is_lost_is_looked_for(
    server: SlackServer, channel: SlackChannel, room: Room, fault: Fault
) -> None:
    """It is in doubt; then it is found if, and only if, it took effect."""
    took_effect = fault.kind in (FaultKind.ERROR_AFTER, FaultKind.CUT_AFTER)
    server.faults.plan("chat.postMessage", fault)
    out = opening()
    assert isinstance(await error_of(channel, out), InDoubt)

    found = await channel.find(out)

    assert [m.method for m in server.calls].count("chat.postMessage") == 1
    assert len(room.messages) == took_effect
    assert (found is not None) == took_effect
    if found is not None:
        assert found.thread == Thread(f"{room.id}:{room.messages[0].ts}")


async def test_a_slow_answer_leaves_it_in_doubt(
    server: SlackServer, channel: SlackChannel, files: Files, room: Room
) -> None:
    """When the session's patience ends, nobody knows; looking settles it."""
    server.faults.plan("chat.postMessage", Fault(kind=FaultKind.SLOW, seconds=5))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.3)) as session:
        hasty = channel_to(server.url, session, files)
        assert isinstance(await error_of(hasty, opening()), InDoubt)
    assert await channel.find(opening()) is not None


async def test_a_reply_is_found_in_its_thread_among_others(
    server: SlackServer, channel: SlackChannel, room: Room, marko: Agent
) -> None:
    """By the delivery's id, however alike the others are."""
    about = await opened(channel)
    await channel.deliver(relay(about, message("same"), Piece(0, 4), id="d1"))
    server.faults.plan("chat.postMessage", Fault(kind=FaultKind.CUT_AFTER))
    lost = relay(about, message("same"), Piece(0, 4), id="d2")
    await error_of(channel, lost)
    await marko.reply(room.messages[0], "same")

    found = await channel.find(lost)

    assert found is not None
    assert read_place(found.receipt).ts == room.thread(room.messages[0])[1].ts
    assert await channel.find(relay(about, message("same"), Piece(0, 4), id="d3")) is None


async def test_when_slack_cannot_be_asked_it_stays_in_doubt(
    server: SlackServer, channel: SlackChannel, room: Room
) -> None:
    """Otherwise it would be posted again without having been looked for."""
    server.faults.plan("conversations.history", Fault(kind=FaultKind.LIMIT, seconds=3))
    with pytest.raises(InDoubt):
        await channel.find(opening())


async def test_an_update_is_simply_made_again(
    server: SlackServer, channel: SlackChannel, room: Room
) -> None:
    """Twice shows the same as once."""
    about = await opened(channel)
    update = outgoing(UpdateCard(), of=message(), about=about)
    server.faults.plan("chat.update", Fault(kind=FaultKind.CUT_AFTER))
    assert isinstance(await error_of(channel, update), Retry)
    assert await channel.find(update) is None
    await channel.deliver(update)


@pytest.mark.parametrize("way", UNREACHABLE)
async def test_without_a_name_a_line_or_a_certificate_nothing_was_sent(
    session: aiohttp.ClientSession, files: Files, way: Unreachable
) -> None:
    """The call certainly did not leave this machine: it is no doubt, and is tried again."""
    async with way() as url:
        nowhere = channel_to(f"{url}/api/", session, files)
        assert isinstance(await error_of(nowhere, opening("C00000001")), Retry)


async def test_an_answer_that_is_no_json_is_a_doubt(session: aiohttp.ClientSession) -> None:
    """A page of a proxy's says nothing of what Slack did: the post is looked for."""
    async with stand_in({"chat.postMessage": "<html>"}) as url:
        client = make_client("t", url, session)
        with pytest.raises(InDoubt), translated():
            await client.chat_postMessage(channel="C1", text="a")


async def test_an_ok_that_does_not_say_where_the_post_stands_is_a_doubt(
    session: aiohttp.ClientSession, files: Files
) -> None:
    """`ok: true` without a `ts`: the post may be there, so it is looked for first."""
    async with stand_in({"chat.postMessage": {}}) as url:
        channel = channel_to(url, session, files)
        assert isinstance(await error_of(channel, opening("C00000001")), InDoubt)


# Files


async def test_a_customers_file_is_uploaded_into_the_thread(
    server: SlackServer, channel: SlackChannel, room: Room
) -> None:
    """Its bytes, its name, and who sent it."""
    about = await opened(channel)
    file = attachment(ref="the bytes", name="račun.pdf", size=9)
    delivered = await channel.deliver(relay(about, message("", file), Piece(attachment=0)))

    (reply,) = room.thread(room.messages[0])
    assert reply.text == "Ana: račun.pdf"
    assert (reply.files[0].name, reply.files[0].data) == ("račun.pdf", b"the bytes")
    assert delivered.receipt == f"attachment:{reply.files[0].id}"


async def test_an_empty_file_is_given_up(channel: SlackChannel, room: Room) -> None:
    """Slack takes none, and where no size was announced that shows only now."""
    about = await opened(channel)
    nothing = attachment(ref=EMPTY, name="a.txt")
    failed = await error_of(channel, relay(about, message("", nothing), Piece(attachment=0)))
    assert isinstance(failed, GiveUp)


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload"])
@pytest.mark.parametrize("kind", [FaultKind.CUT_AFTER, FaultKind.ERROR])
async def test_until_it_is_shared_an_upload_can_be_repeated(
    server: SlackServer, channel: SlackChannel, room: Room, method: str, kind: FaultKind
) -> None:
    """Nobody has seen anything yet: no doubt."""
    about = await opened(channel)
    out = relay(about, message("", attachment(ref="b", name="a.txt")), Piece(attachment=0))
    server.faults.plan(method, Fault(kind=kind))
    assert isinstance(await error_of(channel, out), Retry)
    await channel.deliver(out)
    assert len(room.thread(room.messages[0])) == 1


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("kind", [FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER])
async def test_a_shared_file_whose_answer_is_lost_is_looked_for(
    server: SlackServer,
    session: aiohttp.ClientSession,
    files: Files,
    channel: SlackChannel,
    room: Room,
    kind: FaultKind,
    restarted: bool,
) -> None:
    """By its id, or after a restart by its name and size; looking twice finds the same."""
    about = await opened(channel)
    out = relay(about, message("", attachment(ref="b", name="a.txt")), Piece(attachment=0))
    server.faults.plan("files.completeUploadExternal", Fault(kind=kind))
    assert isinstance(await error_of(channel, out), InDoubt)
    if restarted:
        channel = channel_to(server.url, session, files)

    found = await channel.find(out)

    if kind is FaultKind.CUT_BEFORE:
        assert found is None
        assert await channel.find(out) is None
        await channel.deliver(out)
    (reply,) = room.thread(room.messages[0])
    assert found is None or found.receipt == f"attachment:{reply.files[0].id}"


async def test_an_agents_file_comes_down(
    channel: SlackChannel, files: Files, room: Room, marko: Agent
) -> None:
    """With the app's token, in pieces, as it was."""
    data = bytes(range(256)) * 1000
    root = await marko.write(room, "root")
    sent = await marko.upload(root, "slika.png", data, "image/png")
    path = await files.path(theirs(sent.files[0].id))
    assert path.read_bytes() == data


async def test_a_file_that_is_gone_is_given_up(channel: SlackChannel, files: Files) -> None:
    """People are told that it can no longer be fetched."""
    with pytest.raises(GiveUp) as failed:
        await files.path(theirs("F404"))
    assert failed.value.why.phrase is Phrase.WHY_FILE_GONE


def theirs(file_id: str) -> Attachment:
    return Attachment(kind=AttachmentKind.DOCUMENT, channel="agents", ref=file_id)


@asynccontextmanager
async def stand_in(
    answers: dict[str, Any], seen: list[tuple[str, str | None]] | None = None
) -> AsyncIterator[str]:
    """Serve fixed answers under /api/, and redirects, pages and files beside it."""
    seen = [] if seen is None else seen

    async def api(request: web.Request) -> web.Response:
        answer = answers[request.match_info["method"]]
        if isinstance(answer, str):
            return web.Response(text=answer, content_type="application/json")
        return web.json_response({"ok": True, **answer})

    async def page(request: web.Request) -> web.Response:
        seen.append((request.path, request.headers.get("Authorization")))
        if request.path == "/moved":
            return web.Response(status=302, headers={"Location": "/file"})
        if request.path == "/away":
            return web.Response(status=302, headers={"Location": "http://localhost:9/file"})
        if request.path == "/round":
            return web.Response(status=302, headers={"Location": "/round"})
        kind = "text/html" if request.path == "/login" else "text/plain"
        return web.Response(text="content", content_type=kind)

    application = web.Application()
    application.router.add_route("*", "/api/{method}", api)
    application.router.add_get("/{page}", page)
    runner = web.AppRunner(application, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    finally:
        await runner.cleanup()


async def downloaded(session: aiohttp.ClientSession, page: str) -> tuple[bytes, list[Any]]:
    answers: dict[str, Any] = {}
    seen: list[tuple[str, str | None]] = []
    async with stand_in(answers, seen) as url:
        target = page if "://" in page else url.replace("/api/", page)
        answers["files.info"] = {"file": {"id": "F1", "url_private_download": target}}
        client = make_client("xoxb-secret", url, session)
        channel = SlackChannel(client, BOOK, "en", Files(Path("unused")), Rooms(client))
        stream = channel.fetch(theirs("F1"))
        return b"".join([chunk async for chunk in stream]), seen


async def test_the_token_is_shown_again_after_a_redirect(session: aiohttp.ClientSession) -> None:
    """HTTP clients drop it on the way; Slack would answer with its login page."""
    data, seen = await downloaded(session, "/moved")
    assert data == b"content"
    assert seen == [("/moved", "Bearer xoxb-secret"), ("/file", "Bearer xoxb-secret")]


@pytest.mark.parametrize("page", ["/login", "/away", "/round", "http://evil.example/file"])
async def test_the_token_is_shown_to_nobody_else(session: aiohttp.ClientSession, page: str) -> None:
    """A login page is no file, and a redirect to elsewhere, or round and round, leads nowhere."""
    with pytest.raises(GiveUp) as failed:
        await downloaded(session, page)
    assert failed.value.why.phrase is Phrase.WHY_FILE_GONE


async def test_words_about_another_thread_lead_to_it(channel: SlackChannel, room: Room) -> None:
    """By the address that Slack gives it; where it is gone, the words come without."""
    here = await opened(channel)
    there = await channel.deliver(opening(id="other"))
    other = room.messages[1]
    words = Words(phrase=Phrase.AGENTS_MERGED, values={"agent": "Mila", "ticket": "MNT-1"})
    for number, thread in enumerate((there.thread, Thread(f"{room.id}:1.000001"))):
        told = TellAgents(words=words, leads_to=thread)
        await channel.deliver(made_now(outgoing(told, about=here, id=f"told{number}")))

    linked, bare = room.thread(room.messages[0])
    assert f"/archives/{room.id}/p{other.ts.replace('.', '')}" in linked.shown
    assert "archives" not in bare.shown
    assert "Mila merged this into MNT-1" in bare.shown
