"""Deliveries to customers, over real HTTP, and what becomes of them when Telegram does not play."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from telegram.error import TelegramError

from adapters.files import Files
from adapters.telegram.channel import TelegramChannel
from adapters.telegram.request import RawBot, open_bot
from core.contact import Contact, Identity
from core.conversation import Conversation
from core.effects import Button, Effect, Piece, Relay, RelayEdit, Say, Words
from core.errors import DeliveryError, GiveUp, InDoubt, Retry
from core.hours import WorkingHours
from core.ids import ContactId, ConversationId, DeliveryId, MessageId, Receipt
from core.message import Attachment, AttachmentKind, Message, Part, Side
from core.outbox import Delivery, Outgoing
from core.pace import Pace
from core.phrases import Phrase
from core.policy import Department
from core.richtext import plain
from core.wording import Phrasebook
from sandbox.clock import Clock
from sandbox.faults import Fault, FaultKind
from sandbox.telegram import DOWNLOAD, TOKEN, UNLIMITED, Customer, TelegramServer
from tests.support.unreachable import UNREACHABLE, Unreachable

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
HELLO = Say(words=Words(phrase=Phrase.GREETING))


class Shelf:
    """Files of agents, kept in memory, which the channel asks for."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        yield self.contents[attachment.ref]

    def file(self, ref: str, content: bytes, kind: AttachmentKind, name: str) -> Attachment:
        self.contents[ref] = content
        return Attachment(kind=kind, channel="agents", ref=ref, name=name, size=len(content))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[TelegramServer]:
    server = TelegramServer(clock, limits=UNLIMITED)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[RawBot]:
    async with open_bot(server.token, server.url) as bot:
        yield bot


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def channel(bot: RawBot, shelf: Shelf, tmp_path: Path) -> TelegramChannel:
    files = Files(tmp_path)
    channel = TelegramChannel(bot, Phrasebook({}), files)
    files.fetch_with({"agents": shelf, "telegram": channel})
    return channel


@pytest.fixture
def ana(server: TelegramServer) -> Customer:
    ana = server.customer("Ana")
    ana.write("/start")
    return ana


def outgoing(to: Customer, effect: Effect, message: Message | None = None) -> Outgoing:
    place = str(to.chat_id)
    conversation = Conversation(
        id=ConversationId("c1"),
        contact=Contact(id=ContactId("p1"), language="en"),
        identity=Identity("telegram", place),
        opened_at=AT,
    )
    return Outgoing(
        delivery=Delivery(
            id=DeliveryId("d1"),
            conversation_id=conversation.id,
            channel="telegram",
            lane=f"telegram:{place}",
            place=place,
            effect=effect,
            created_at=AT,
            due_at=AT,
        ),
        conversation=conversation,
        department=Department(
            key="support", name="Support", room="C1", hours=WorkingHours(week="24/7", zone="UTC")
        ),
        message=message,
    )


def answer(text: str, *attachments: Attachment) -> Message:
    return Message(
        id=MessageId("m1"),
        conversation_id=ConversationId("c1"),
        side=Side.AGENTS,
        author="Marko",
        at=AT,
        part=Part.TALK,
        text=plain(text),
        attachments=attachments,
    )


def relay(to: Customer, message: Message, piece: Piece) -> Outgoing:
    return outgoing(to, Relay(to=Side.CUSTOMER, message_id=message.id, piece=piece), message)


def edit(
    to: Customer, message: Message, piece: Piece | None, *receipts: Receipt, number: int = 0
) -> Outgoing:
    effect = RelayEdit(to=Side.CUSTOMER, message_id=message.id, number=number, piece=piece)
    return replace(outgoing(to, effect, message), receipts=receipts)


async def failure(channel: TelegramChannel, to: Customer) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await channel.deliver(outgoing(to, HELLO))
    assert TOKEN not in repr(caught.value)
    return caught.value


# What arrives


async def test_words_and_buttons_arrive(channel: TelegramChannel, ana: Customer) -> None:
    """The desk's words come with buttons whose press brings the token back."""
    say = replace(HELLO, buttons=(Button("name:Ana", label="Ana"),))
    delivered = await channel.deliver(outgoing(ana, say))
    seen = await ana.sees(Phrase.GREETING)
    assert delivered.receipt == str(seen.id)
    assert [(b.text, b.data) for b in seen.buttons[0]] == [("Ana", "name:Ana")]


async def test_a_long_answer_arrives_in_order_under_one_name(
    channel: TelegramChannel, ana: Customer
) -> None:
    """The name is in bold above the first piece only, and no link opens a preview."""
    message = answer("😀 https://example.com i još")
    for piece in (Piece(0, 21), Piece(22, 27)):
        await channel.deliver(relay(ana, message, piece))
    first = await ana.sees("Marko:\n😀 https://example.com")
    assert {"type": "bold", "offset": 0, "length": 6} in first.entities
    second = await ana.sees("i još")
    assert second.text == "i još"


async def test_previews_are_off(
    channel: TelegramChannel, server: TelegramServer, ana: Customer
) -> None:
    """An agent's link does not grow into somebody else's picture."""
    await channel.deliver(outgoing(ana, HELLO))
    assert '"is_disabled": true' in server.calls[-1].params["link_preview_options"]


async def test_files_arrive_with_their_names(
    channel: TelegramChannel, server: TelegramServer, shelf: Shelf, ana: Customer
) -> None:
    """Photos and files come as such, byte for byte, with names in any script."""
    photo = shelf.file("F1", PNG, AttachmentKind.PHOTO, "slika.png")
    paper = shelf.file("F2", b"%PDF" * 50_000, AttachmentKind.DOCUMENT, 'Рачун "č".pdf')
    message = answer("", photo, paper)
    await channel.deliver(relay(ana, message, Piece(attachment=0)))
    delivered = await channel.deliver(relay(ana, message, Piece(attachment=1)))
    seen = await ana.sees("[photo] Marko:")
    assert seen.media is not None
    assert server.file(seen.media.file_id).content == PNG
    seen = await ana.sees("Рачун 'č'.pdf")
    assert seen.media is not None
    assert server.file(seen.media.file_id).content == b"%PDF" * 50_000
    assert delivered.receipt == f"attachment:{seen.id}"


async def test_a_picture_that_telegram_cannot_show_goes_as_a_file(
    channel: TelegramChannel, shelf: Shelf, ana: Customer
) -> None:
    """What only looks like a photo arrives all the same."""
    odd = shelf.file("F1", b"no picture at all", AttachmentKind.PHOTO, "a.heic")
    await channel.deliver(relay(ana, answer("evo", odd), Piece(attachment=0)))
    seen = await ana.sees("a.heic")
    assert seen.media is not None
    assert seen.media.kind == "document"


async def test_an_edit_changes_what_was_sent(channel: TelegramChannel, ana: Customer) -> None:
    """The customer's copy changes in place, and the same again is no failure."""
    sent = await channel.deliver(relay(ana, answer("u 8"), Piece(0, 3)))
    await ana.sees("u 8")
    now = answer("u 9")
    for _ in range(2):
        delivered = await channel.deliver(edit(ana, now, Piece(0, 3), sent.receipt))
        assert delivered.receipt == sent.receipt
    seen = await ana.sees("Marko:\nu 9")
    assert seen.edited
    assert str(seen.id) == sent.receipt


async def test_an_edit_of_what_is_gone_is_sent_anew(
    channel: TelegramChannel, ana: Customer
) -> None:
    """A correction reaches the customer even if the message was deleted meanwhile."""
    delivered = await channel.deliver(edit(ana, answer("u 9"), Piece(0, 3), Receipt("999")))
    seen = await ana.sees("Marko:\nu 9")
    assert delivered.receipt == str(seen.id)


async def test_a_piece_of_which_nothing_is_left_disappears(
    channel: TelegramChannel, clock: Clock, ana: Customer
) -> None:
    """It is deleted, or emptied where Telegram no longer deletes; twice is no failure."""
    sent = await channel.deliver(relay(ana, answer("prvo"), Piece(0, 4)))
    old = await channel.deliver(relay(ana, answer("drugo"), Piece(0, 5)))
    for _ in range(2):
        await channel.deliver(edit(ana, answer(""), None, sent.receipt))
    clock.move(timedelta(hours=49))
    await channel.deliver(edit(ana, answer(""), None, old.receipt))
    assert [message.text for message in ana.messages if message.from_bot] == ["…"]


# What goes wrong


async def test_a_limit_is_obeyed(
    channel: TelegramChannel, server: TelegramServer, ana: Customer
) -> None:
    """Telegram says when to come back, and the dispatcher is told."""
    server.faults.plan("sendMessage", Fault(kind=FaultKind.LIMIT, seconds=3))
    failed = await failure(channel, ana)
    assert isinstance(failed, Retry)
    assert failed.after == 3


@pytest.mark.parametrize(
    ("refusal", "phrase", "gone"),
    [
        ("Forbidden: bot was blocked by the user", Phrase.WHY_BLOCKED, True),
        ("Forbidden: user is deactivated", Phrase.WHY_GONE, True),
        ("Bad Request: chat not found", Phrase.WHY_GONE, True),
        ("Bad Request: message is too long", Phrase.WHY_REFUSED, False),
    ],
)
async def test_a_refusal_is_final(
    channel: TelegramChannel,
    server: TelegramServer,
    ana: Customer,
    refusal: str,
    phrase: Phrase,
    gone: bool,
) -> None:
    """Some refusals mean that nothing will arrive there any more; each has its words."""
    server.faults.plan("sendMessage", Fault(kind=FaultKind.REFUSE, error=refusal))
    failed = await failure(channel, ana)
    assert isinstance(failed, GiveUp)
    assert (failed.why.phrase, failed.gone) == (phrase, gone)
    assert Phrasebook({}).say("en", failed.why)


async def test_who_blocked_the_bot_is_gone(channel: TelegramChannel, ana: Customer) -> None:
    """Somebody who blocks the bot is not tried again."""
    ana.block()
    failed = await failure(channel, ana)
    assert isinstance(failed, GiveUp)
    assert failed.gone


@pytest.mark.parametrize(
    "kind", [FaultKind.ERROR, FaultKind.ERROR_AFTER, FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER]
)
async def test_a_call_that_broke_off_is_in_doubt(
    channel: TelegramChannel, server: TelegramServer, ana: Customer, kind: FaultKind
) -> None:
    """Nobody can tell whether it took effect, and the call is made once."""
    server.faults.plan("sendMessage", Fault(kind=kind))
    assert isinstance(await failure(channel, ana), InDoubt)
    assert [call.method for call in server.calls] == ["sendMessage"]


@pytest.mark.parametrize("way", UNREACHABLE)
async def test_without_a_name_a_line_or_a_certificate_nothing_was_sent(
    way: Unreachable, ana: Customer, tmp_path: Path
) -> None:
    """The call certainly did not leave this machine: it is no doubt, and is tried again."""
    async with way() as url, open_bot(TOKEN, url) as bot:
        channel = TelegramChannel(bot, Phrasebook({}), Files(tmp_path))
        assert isinstance(await failure(channel, ana), Retry)


async def test_a_slow_answer_leaves_doubt(
    bot: RawBot, server: TelegramServer, ana: Customer
) -> None:
    """Who stops waiting does not know; the error names no address."""
    server.faults.plan("sendMessage", Fault(kind=FaultKind.SLOW, seconds=5))
    with pytest.raises(TelegramError, match="Timed out") as caught:
        await bot.send_message(ana.chat_id, "x", read_timeout=0.05)
    assert caught.value.__cause__ is None


async def test_a_wrong_token_is_the_operators_trouble(
    server: TelegramServer, ana: Customer, tmp_path: Path
) -> None:
    """Nothing is given up because of a setting; it waits until that is mended."""
    async with open_bot("1:wrong", server.url) as bot:
        channel = TelegramChannel(bot, Phrasebook({}), Files(tmp_path))
        with pytest.raises(Retry) as caught:
            await channel.deliver(outgoing(ana, HELLO))
    assert "wrong" not in repr(caught.value)


async def test_a_bot_can_ask_who_it_is(server: TelegramServer) -> None:
    """Who checks the settings wants the answer, or the refusal, at once."""
    async with open_bot(server.token, f"{server.url}/") as bot:
        assert (await bot.get_me()).username == "podrska_sandbox_bot"
    async with open_bot("1:wrong", server.url) as stranger:
        with pytest.raises(TelegramError):
            await stranger.get_me()


# Files of customers


async def test_a_customers_file_is_fetched(
    channel: TelegramChannel, server: TelegramServer, ana: Customer
) -> None:
    """It comes in pieces, byte for byte."""
    content = bytes(range(256)) * 1000
    ana.send_document("a.bin", content)
    chunks = [chunk async for chunk in channel.fetch(sent_by(ana))]
    assert b"".join(chunks) == content
    assert len(chunks) > 1


def sent_by(customer: Customer) -> Attachment:
    media = customer.messages[-1].media
    assert media is not None
    return Attachment(kind=AttachmentKind.DOCUMENT, channel="telegram", ref=media.file_id)


async def fetching(channel: TelegramChannel, attachment: Attachment) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        async for _ in channel.fetch(attachment):
            pass
    assert TOKEN not in repr(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


async def test_a_file_that_is_not_handed_out(channel: TelegramChannel, ana: Customer) -> None:
    """Too big or unknown: there is a reason for people."""
    ana.send_document("big.bin", bytes(21 * 2**20))
    for attachment in (sent_by(ana), replace(sent_by(ana), ref="unknown")):
        failed = await fetching(channel, attachment)
        assert isinstance(failed, GiveUp)
        assert failed.why.phrase is Phrase.WHY_FILE_GONE


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("getFile", Fault(kind=FaultKind.CUT_AFTER)),
        ("getFile", Fault(kind=FaultKind.LIMIT, seconds=2)),
        (DOWNLOAD, Fault(kind=FaultKind.ERROR)),
        (DOWNLOAD, Fault(kind=FaultKind.CUT_BEFORE)),
    ],
)
async def test_a_broken_download_is_tried_again(
    channel: TelegramChannel, server: TelegramServer, ana: Customer, method: str, fault: Fault
) -> None:
    """Fetching changes nothing, so it may be repeated whatever happened."""
    ana.send_document("a.bin", b"abc")
    # The HTTP library itself repeats a GET whose connection broke, once.
    broken = fault.kind is FaultKind.CUT_BEFORE
    server.faults.plan(method, fault, times=2 if broken else 1)
    assert isinstance(await fetching(channel, sent_by(ana)), Retry)
    assert b"".join([chunk async for chunk in channel.fetch(sent_by(ana))]) == b"abc"


# How fast


async def test_tolls_are_telegrams_rates(channel: TelegramChannel, ana: Customer) -> None:
    """A chat takes a burst and then one a second; all chats together thirty a second."""
    delivery = outgoing(ana, HELLO).delivery
    pace = Pace()
    for _ in range(4):
        assert pace.free_at(channel.tolls(delivery), 0) == 0
        pace.spend(channel.tolls(delivery), 0)
    assert pace.free_at(channel.tolls(delivery), 0) == 1
    assert pace.free_at(channel.tolls(replace(delivery, place="8")), 0) == 0


async def test_many_at_once_share_the_connections(
    channel: TelegramChannel, server: TelegramServer
) -> None:
    """A burst far beyond the number of connections is carried without a failure."""
    people = [server.customer(f"P{number}") for number in range(150)]
    for person in people:
        person.write("x")
    await asyncio.gather(*(channel.deliver(outgoing(person, HELLO)) for person in people))
    assert all(person.messages[-1].from_bot for person in people)
