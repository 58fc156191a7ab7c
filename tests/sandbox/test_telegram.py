"""The sandbox's Telegram, used by the real python-telegram-bot over real HTTP."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReactionTypeEmoji,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.request import HTTPXRequest

from sandbox.clock import Clock
from sandbox.faults import Fault, FaultKind
from sandbox.telegram import (
    DOWNLOAD,
    SECRET_HEADER,
    UNLIMITED,
    Customer,
    Limits,
    TelegramServer,
)
from tests.support.ports import held_port
from tests.support.waiting import PATIENCE

# The library's retry_after is a timedelta for those who ask for it, a warning for the others.
os.environ.setdefault("PTB_TIMEDELTA", "1")

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
YES_NO = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("Da", callback_data="yes"),
            InlineKeyboardButton("Ne", callback_data="no"),
        ]
    ]
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[TelegramServer]:
    with held_port() as port:
        server = TelegramServer(clock, port=port)
        await server.start()
        yield server
        await server.stop()


def bot_of(server: TelegramServer, token: str = "") -> Bot:
    return Bot(
        token or server.token,
        base_url=f"{server.url}/bot",
        base_file_url=f"{server.url}/file/bot",
        request=HTTPXRequest(read_timeout=PATIENCE),
        get_updates_request=HTTPXRequest(read_timeout=PATIENCE),
    )


def refused(words: str) -> pytest.RaisesExc[BadRequest]:
    """Expect a refusal in these words, whose capitals the library does not keep."""
    return pytest.raises(BadRequest, match=re.compile(re.escape(words), re.IGNORECASE))


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with bot_of(server) as bot:
        yield bot


@pytest.fixture
def ana(server: TelegramServer) -> Customer:
    """Return a customer who has already pressed Start."""
    ana = server.customer("Ana", language_code="sr", username="ana_bg")
    ana.write("/start")
    return ana


async def next_update(bot: Bot, offset: int | None = None) -> Update:
    updates = await bot.get_updates(offset=offset, timeout=50, allowed_updates=Update.ALL_TYPES)
    return updates[-1]


# Receiving


async def test_an_update_comes_again_until_an_offset_confirms_it(bot: Bot, ana: Customer) -> None:
    """Unconfirmed updates are handed out again, in order; an offset confirms all below it."""
    ana.write("Dobar dan")
    first, second = await bot.get_updates()
    assert [first.update_id, second.update_id] == [u.update_id for u in await bot.get_updates()]
    assert second.update_id == first.update_id + 1
    (left,) = await bot.get_updates(offset=second.update_id)
    assert left.message is not None
    assert left.message.text == "Dobar dan"
    assert await bot.get_updates(offset=second.update_id + 1) == ()
    assert await bot.get_updates() == ()


async def test_a_negative_offset_keeps_only_the_latest(bot: Bot, ana: Customer) -> None:
    """As documented, -1 returns the latest update and forgets those before it."""
    ana.write("jedan")
    ana.write("dva")
    (latest,) = await bot.get_updates(offset=-1)
    assert latest.message is not None
    assert latest.message.text == "dva"
    assert len(await bot.get_updates()) == 1


async def test_limit_hands_out_the_oldest_first(bot: Bot, ana: Customer) -> None:
    """A batch is as long as the bot asked for."""
    ana.write("dva")
    (first,) = await bot.get_updates(limit=1)
    assert first.message is not None
    assert first.message.text == "/start"


async def test_a_long_poll_answers_as_soon_as_something_is_written(bot: Bot, ana: Customer) -> None:
    """A poll that waits gets the next message, with who wrote it."""
    (start,) = await bot.get_updates()
    poll = asyncio.create_task(next_update(bot, start.update_id + 1))
    await bot.get_me()  # the poll is on its way
    ana.write("Ne radi mi sajt 🙂")
    message = (await poll).message
    assert message is not None
    assert message.from_user is not None
    assert (message.text, message.chat_id) == ("Ne radi mi sajt 🙂", ana.chat_id)
    assert (message.from_user.first_name, message.from_user.language_code) == ("Ana", "sr")


async def test_a_newer_poll_ends_the_older(server: TelegramServer, bot: Bot) -> None:
    """Two pollers on one token: the older one is told of the conflict."""
    async with bot_of(server) as other:
        older = asyncio.create_task(bot.get_updates(timeout=50))
        while not [call for call in server.calls if call.method == "getUpdates"]:
            await bot.get_me()
        newer = asyncio.create_task(other.get_updates(timeout=50))
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await older
        server.customer("Ana").write("Zdravo")
        assert len(await newer) == 1


async def test_commands_and_addresses_are_marked_by_the_platform(bot: Bot, ana: Customer) -> None:
    """Telegram finds commands, links and e-mail addresses by itself, and counts in UTF-16."""
    ana.write("🙂 /help pisite na ana@example.com ili https://example.com/a?b=1.")
    message = (await bot.get_updates())[-1].message
    assert message is not None
    assert [(e.type, text) for e, text in message.parse_entities().items()] == [
        ("bot_command", "/help"),
        ("email", "ana@example.com"),
        ("url", "https://example.com/a?b=1"),
    ]


async def test_everything_a_phone_can_send_is_understood_by_the_library(
    server: TelegramServer, bot: Bot, ana: Customer
) -> None:
    """Each kind of message arrives as the kind it is."""
    text = ana.write("pitanje")
    ana.write("odgovor", reply_to=text)
    ana.send_photo(PNG, caption="slika")
    ana.send_album([PNG, PNG], caption="dve")
    ana.send_document("račun.pdf", b"%PDF-1.7", caption="račun")
    ana.send_voice(7)
    ana.send_sticker("😀")
    ana.send_location()
    ana.send_contact()
    ana.send_poll("Kada?", ["sad", "posle"])
    ana.forward("prosleđeno", "Mika")
    messages = [update.message for update in (await bot.get_updates())[2:]]
    reply, photo, one, two, document, voice, sticker, location, contact, poll, forward = messages
    assert reply and reply.reply_to_message
    assert reply.reply_to_message.text == "pitanje"
    assert photo and photo.caption == "slika" and photo.photo[-1].file_size == len(PNG)
    assert one and two and one.media_group_id == two.media_group_id
    assert (one.caption, two.caption) == ("dve", None)
    assert document and document.document
    assert (document.document.file_name, document.document.mime_type) == (
        "račun.pdf",
        "application/pdf",
    )
    assert voice and voice.voice and voice.voice.duration == timedelta(seconds=7)
    assert sticker and sticker.sticker and sticker.sticker.emoji == "😀"
    assert location and location.location
    assert contact and contact.contact and contact.contact.user_id == ana.chat_id
    assert poll and poll.poll and [o.text for o in poll.poll.options] == ["sad", "posle"]
    assert forward and forward.forward_origin and forward.forward_origin.type == "hidden_user"


async def test_edits_blocks_and_reactions_come_as_their_own_updates(
    bot: Bot, ana: Customer
) -> None:
    """Reactions come only to a bot that asked for them."""
    (start,) = await bot.get_updates(allowed_updates=Update.ALL_TYPES)
    message = ana.write("Zdarvo")
    ana.edit(message, "Zdravo")
    ana.react(message, "👍")
    ana.block()
    ana.unblock()
    updates = await bot.get_updates(offset=start.update_id + 2)
    edited, reaction, blocked, unblocked = updates
    assert edited.edited_message and edited.edited_message.text == "Zdravo"
    assert edited.edited_message.edit_date
    assert reaction.message_reaction
    assert reaction.message_reaction.new_reaction == (ReactionTypeEmoji("👍"),)
    assert blocked.my_chat_member and unblocked.my_chat_member
    assert blocked.my_chat_member.new_chat_member.status == "kicked"
    assert unblocked.my_chat_member.new_chat_member.status == "member"
    assert ana.messages[-1].edited


async def test_updates_grow_old(clock: Clock, bot: Bot, ana: Customer) -> None:
    """A press is gone after 150 seconds, a message after a day."""
    await bot.send_message(ana.chat_id, "Da li radi?", reply_markup=YES_NO)
    ana.press("Da")
    assert len(await bot.get_updates()) == 2
    clock.move(timedelta(seconds=151))
    assert [bool(update.message) for update in await bot.get_updates()] == [True]
    clock.move(timedelta(hours=24))
    assert await bot.get_updates() == ()


async def test_an_update_can_come_twice(server: TelegramServer, bot: Bot, ana: Customer) -> None:
    """A repeated update has its old id, even if that was confirmed."""
    (start,) = await bot.get_updates()
    assert await bot.get_updates(offset=start.update_id + 1) == ()
    server.repeat_last_update()
    (again,) = await bot.get_updates(offset=start.update_id + 1)
    assert again.update_id == start.update_id
    assert await bot.get_updates(offset=start.update_id + 1) == ()


async def test_a_restart_of_the_server_forgets_nothing(
    server: TelegramServer, bot: Bot, ana: Customer
) -> None:
    """While the platform is away calls fail; afterwards all is as it was, at the same address."""
    await server.stop()
    with pytest.raises(NetworkError):
        await bot.send_message(ana.chat_id, "ima li koga")
    ana.write("halo?")
    await server.start()
    assert len(await bot.get_updates()) == 2
    await bot.send_message(ana.chat_id, "ima")
    await ana.sees("ima")


# Sending


async def test_what_the_bot_sends_is_seen(bot: Bot, ana: Customer) -> None:
    """Text, formatting, reply and buttons arrive on the phone, with an id to edit them by."""
    question = ana.messages[-1]
    bold = MessageEntity(MessageEntity.BOLD, offset=3, length=5)
    sent = await bot.send_message(
        ana.chat_id,
        "🙂 Zdravo, Ana",
        entities=[bold],
        reply_markup=YES_NO,
        reply_parameters=ReplyParameters(question.id),
    )
    assert sent.parse_entity(bold) == "Zdravo"[:5]
    seen = await ana.sees("Zdravo, Ana")
    assert (seen.id, seen.from_bot, seen.reply_to) == (sent.message_id, True, question.id)
    assert seen.entities == ({"type": "bold", "offset": 3, "length": 5},)
    assert [[(b.text, b.data) for b in row] for row in seen.buttons] == [
        [("Da", "yes"), ("Ne", "no")]
    ]


async def test_sees_goes_forward_and_never_back(bot: Bot, ana: Customer) -> None:
    """Calls of sees in a row state an order; an edit counts as newly said."""
    first = await bot.send_message(ana.chat_id, "prvo")
    await bot.send_message(ana.chat_id, "drugo")
    await ana.sees("drugo")
    with pytest.raises(AssertionError, match="'prvo' was not seen") as failure:
        await ana.sees("prvo", timeout=0.01)
    assert "you#1: /start" in str(failure.value)
    await bot.edit_message_text("prvo, ispravljeno", ana.chat_id, first.message_id)
    assert (await ana.sees("prvo")).edited


async def test_sees_waits(bot: Bot, ana: Customer) -> None:
    """A message that comes later is seen when it comes."""
    waiting = asyncio.create_task(ana.sees("stiže"))
    await bot.send_message(ana.chat_id, "odgovor stiže")
    assert (await waiting).text == "odgovor stiže"


async def test_a_press_is_answered_once_in_time(
    server: TelegramServer, clock: Clock, bot: Bot, ana: Customer
) -> None:
    """A press comes with its data; its answer is shown; after 150 seconds it is too late."""
    await bot.send_message(ana.chat_id, "Da li radi?", reply_markup=YES_NO)
    press = ana.press("no")
    query = (await bot.get_updates())[-1].callback_query
    assert query and query.message
    assert (query.data, query.message.chat.id) == ("no", ana.chat_id)
    await query.answer("Zabeleženo", show_alert=True)
    answer = await ana.answer(press)
    assert (answer.text, answer.alert) == ("Zabeleženo", True)
    assert server.alerts == ["Zabeleženo"]
    clock.move(timedelta(seconds=151))
    with refused("Query is too old"):
        await query.answer()
    with refused("query ID is invalid"):
        await bot.answer_callback_query("1")


async def test_a_button_that_is_not_there_cannot_be_pressed(bot: Bot, ana: Customer) -> None:
    """The error says which buttons there are."""
    await bot.send_message(ana.chat_id, "Da li radi?", reply_markup=YES_NO)
    with pytest.raises(AssertionError, match=r"no button 'Možda'; buttons seen: \['Da', 'Ne'\]"):
        ana.press("Možda")


async def test_editing_and_deleting(bot: Bot, ana: Customer) -> None:
    """An edit replaces text and buttons; the same again, or of what is gone, is refused."""
    sent = await bot.send_message(ana.chat_id, "Da li radi?", reply_markup=YES_NO)
    chat, message = ana.chat_id, sent.message_id
    with refused("Message is not modified"):
        await bot.edit_message_text("Da li radi?", chat, message, reply_markup=YES_NO)
    await bot.edit_message_reply_markup(chat, message, reply_markup=None)
    assert (ana.messages[-1].buttons, ana.messages[-1].edited) == ((), False)
    await bot.edit_message_text("Radi.", chat, message)
    assert (ana.messages[-1].text, ana.messages[-1].edited) == ("Radi.", True)
    with refused("there is no caption"):
        await bot.edit_message_caption(chat, message, caption="opis")
    with refused("Message can't be edited"):
        await bot.edit_message_text("tuđe", chat, ana.messages[0].id)
    await bot.delete_message(chat, message)
    assert [m.id for m in ana.messages] == [1]
    with refused("Message to edit not found"):
        await bot.edit_message_text("?", chat, message)
    with refused("Message to delete not found"):
        await bot.delete_message(chat, message)


async def test_an_old_message_cannot_be_deleted(clock: Clock, bot: Bot, ana: Customer) -> None:
    """After 48 hours a message stays."""
    sent = await bot.send_message(ana.chat_id, "ostaje")
    clock.move(timedelta(hours=49))
    with refused("Message can't be deleted"):
        await bot.delete_message(ana.chat_id, sent.message_id)


async def test_the_length_is_counted_in_code_points_after_trimming(bot: Bot, ana: Customer) -> None:
    """4096 emoji fit, although they are 8192 UTF-16 units; blanks around them do not count."""
    sent = await bot.send_message(ana.chat_id, "  " + "🙂" * 4096 + "\n")
    assert sent.text == "🙂" * 4096
    with refused("Message is too long"):
        await bot.send_message(ana.chat_id, "🙂" * 4097)
    with refused("Message caption is too long"):
        await bot.send_photo(ana.chat_id, PNG, caption="a" * 1025)


@pytest.mark.parametrize(
    ("text", "offset", "length", "refusal"),
    [
        ("🙂", 1, 1, "begins in a middle of a UTF-16 symbol"),
        ("🙂", 0, 1, "ends in a middle of a UTF-16 symbol"),
        ("hello", 0, 100, "ends after the end of the text at UTF-16 offset 100"),
        ("hello", 100, 1, "begins after the end of the text at UTF-16 offset 100"),
    ],
)
async def test_an_entity_that_does_not_fit_is_refused(
    bot: Bot, ana: Customer, text: str, offset: int, length: int, refusal: str
) -> None:
    """Telegram repairs no offsets: it refuses the message."""
    entity = MessageEntity(MessageEntity.BOLD, offset=offset, length=length)
    with refused(refusal):
        await bot.send_message(ana.chat_id, text, entities=[entity])


async def test_entities_move_with_the_text_that_is_cleaned(bot: Bot, ana: Customer) -> None:
    """Carriage returns and outer blanks go, entities keep their words."""
    bold = MessageEntity(MessageEntity.BOLD, offset=7, length=6)
    sent = await bot.send_message(ana.chat_id, "  a\r\n🙂mir \r\n", entities=[bold])
    assert sent.text == "a\n🙂mir"
    assert [sent.parse_entity(e) for e in sent.entities] == ["mir"]


async def test_what_is_not_allowed_is_refused(
    server: TelegramServer, bot: Bot, ana: Customer
) -> None:
    """The refusals that the desk must understand, in the platform's words."""
    stranger = server.customer("Mika")
    with refused("Message text is empty"):
        await bot.send_message(ana.chat_id, "")
    with refused("Text must be non-empty"):
        await bot.send_message(ana.chat_id, " \n ")
    with refused("Chat not found"):
        await bot.send_message(12345, "?")
    with refused("Chat not found"):
        await bot.send_message(stranger.chat_id, "bot ne piše prvi")
    with refused("Message to be replied not found"):
        await bot.send_message(ana.chat_id, "?", reply_parameters=ReplyParameters(999))
    with refused("BUTTON_DATA_INVALID"):
        button = InlineKeyboardButton("Da", callback_data="š" * 33)
        await bot.send_message(ana.chat_id, "?", reply_markup=InlineKeyboardMarkup([[button]]))
    with refused("parse_mode"):
        await bot.send_message(ana.chat_id, "<b>?</b>", parse_mode="HTML")
    ana.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ana.chat_id, "?")
    ana.unblock()
    await bot.send_message(ana.chat_id, "hvala")


async def test_a_reply_to_nothing_is_sent_if_the_bot_says_so(bot: Bot, ana: Customer) -> None:
    """With allow_sending_without_reply the message goes out all the same."""
    reply = ReplyParameters(999, allow_sending_without_reply=True)
    await bot.send_message(ana.chat_id, "svejedno", reply_parameters=reply)
    assert (await ana.sees("svejedno")).reply_to is None


async def test_a_wrong_token_and_a_wrong_method(server: TelegramServer, bot: Bot) -> None:
    """401 for the token, 404 for the method."""
    with pytest.raises(InvalidToken):
        async with bot_of(server, token="123:wrong"):
            pass
    async with aiohttp.ClientSession() as session:
        answer = await session.get(f"{server.url}/bot123:wrong/getMe")
        assert (answer.status, await answer.json()) == (
            401,
            {"ok": False, "error_code": 401, "description": "Unauthorized"},
        )
        answer = await session.get(f"{server.url}/bot{server.token}/getCoffee")
        assert (answer.status, (await answer.json())["description"]) == (404, "Not Found")


async def test_parameters_come_as_json_form_or_query(server: TelegramServer, ana: Customer) -> None:
    """The three encodings mean the same, and a method's case does not matter."""
    url = f"{server.url}/bot{server.token}/SENDmessage"
    said = {"chat_id": str(ana.chat_id), "text": "isto"}
    async with aiohttp.ClientSession() as session:
        for encoded in ({"json": said}, {"data": said}, {"params": said}):
            answer = await session.post(url, **encoded)  # type: ignore[arg-type]
            assert (await answer.json())["ok"]
    assert [m.text for m in ana.messages[1:]] == ["isto"] * 3
    assert [call.method for call in server.calls] == ["sendMessage"] * 3


@pytest.mark.parametrize(
    ("method", "name", "value"),
    [
        ("sendMessage", "entities", "{bad"),
        ("sendMessage", "entities", '["bold"]'),
        ("sendMessage", "reply_markup", "7"),
        ("sendMessage", "reply_markup", '{"inline_keyboard": [7]}'),
        ("sendMessage", "reply_markup", '{"inline_keyboard": [[{"text": "Da"}]]}'),
        ("sendMessage", "reply_parameters", '{"message_id": [1]}'),
        ("sendPhoto", "photo", "attach://nothing"),
        ("setMyCommands", "commands", '["help"]'),
        ("setMessageReaction", "reaction", '["👍"]'),
        ("setWebhook", "url", "ftp://example.com"),
        ("getUpdates", "offset", "first"),
    ],
)
async def test_garbled_parameters_are_refused(
    server: TelegramServer, ana: Customer, method: str, name: str, value: str
) -> None:
    """Whatever a call says wrong, it is told so with a 400."""
    said = {"chat_id": str(ana.chat_id), "message_id": "1", "text": "?"} | {name: value}
    async with aiohttp.ClientSession() as session:
        answer = await session.post(f"{server.url}/bot{server.token}/{method}", data=said)
        assert (answer.status, (await answer.json())["ok"]) == (400, False)


# Files


async def test_files_go_both_ways(server: TelegramServer, bot: Bot, ana: Customer) -> None:
    """What one side uploads the other can download, byte by byte."""
    ana.send_document("zapis.txt", "čćžšđ".encode())
    document = (await bot.get_updates())[-1].message
    assert document and document.document
    file = await bot.get_file(document.document.file_id)
    assert bytes(await file.download_as_bytearray()) == "čćžšđ".encode()

    await bot.send_document(ana.chat_id, b"%PDF-1.7", filename="račun.pdf", caption="Račun")
    seen = await ana.sees("[document račun.pdf] Račun")
    assert seen.media
    stored = server.file(seen.media.file_id)
    assert (stored.content, stored.mime, stored.name) == (
        b"%PDF-1.7",
        "application/pdf",
        "račun.pdf",
    )


async def test_every_kind_of_media_can_be_sent(bot: Bot, ana: Customer) -> None:
    """Each is seen as what it is, can be sent again by its id, and its caption edited."""
    photo = await bot.send_photo(ana.chat_id, PNG)
    await bot.send_photo(ana.chat_id, photo.photo[-1].file_id, caption="opet")
    await ana.sees("[photo] opet")
    await bot.send_voice(ana.chat_id, b"OggS")
    await ana.sees("[voice]")
    await bot.send_audio(ana.chat_id, b"ID3", filename="a.mp3")
    await ana.sees("[audio a.mp3]")
    await bot.send_video(ana.chat_id, b"mp4", filename="a.mp4")
    await ana.sees("[video a.mp4]")
    film = await bot.send_animation(ana.chat_id, b"GIF89a", filename="a.gif")
    await ana.sees("[animation a.gif]")
    await bot.edit_message_caption(ana.chat_id, film.message_id, caption="mačka")
    assert (await ana.sees("mačka")).edited


async def test_files_that_telegram_does_not_take(bot: Bot, ana: Customer) -> None:
    """A photo must be a picture of at most 10 MB; downloads end at 20 MB."""
    with refused("IMAGE_PROCESS_FAILED"):
        await bot.send_photo(ana.chat_id, b"not a picture")
    with refused("too big for a photo"):
        await bot.send_photo(ana.chat_id, PNG + bytes(10 * 2**20))
    with refused("Wrong file_id"):
        await bot.get_file("nothing")
    ana.send_document("velika.bin", bytes(20 * 2**20 + 1))
    message = (await bot.get_updates())[-1].message
    assert message and message.document
    with refused("File is too big"):
        await bot.get_file(message.document.file_id)


# The bot itself


async def test_the_menu_of_commands_by_language(server: TelegramServer, bot: Bot) -> None:
    """Commands are kept by scope and language; the private chats' own come first."""
    help_en, help_sr = BotCommand("help", "Help"), BotCommand("help", "Помоћ")
    await bot.set_my_commands([help_en])
    await bot.set_my_commands([help_sr], scope=BotCommandScopeAllPrivateChats(), language_code="sr")
    assert await bot.get_my_commands() == (help_en,)
    assert await bot.get_my_commands(language_code="sr") == ()
    assert server.commands == {"": [help_en.to_dict()], "sr": [help_sr.to_dict()]}
    await bot.delete_my_commands()
    assert list(server.commands) == ["sr"]
    with pytest.raises(BadRequest):
        await bot.set_my_commands([BotCommand("Help", "capital letters")])


async def test_the_bot_says_what_it_is(bot: Bot) -> None:
    """Name and descriptions can be set by language."""
    await bot.set_my_short_description("Подршка", language_code="sr")
    assert (await bot.get_my_short_description("sr")).short_description == "Подршка"
    assert (await bot.get_my_name()).name == "Podrška"


async def test_reactions_and_typing(bot: Bot, ana: Customer) -> None:
    """The bot reacts with one of the emoji that Telegram has for it."""
    message = ana.messages[-1].id
    await bot.set_message_reaction(ana.chat_id, message, "👀")
    assert ana.messages[-1].reactions == ("👀",)
    await bot.set_message_reaction(ana.chat_id, message)
    assert not ana.messages[-1].reactions
    with pytest.raises(BadRequest):
        await bot.set_message_reaction(ana.chat_id, message, "🧦")
    await bot.send_chat_action(ana.chat_id, "typing")


# Limits and faults


async def test_who_speaks_too_fast_has_to_wait() -> None:
    """After the burst a chat gets 429 with a time, and other chats are not held up."""
    server = TelegramServer(Clock(), limits=Limits(chat_burst=2))
    await server.start()
    ana, mika = server.customer("Ana"), server.customer("Mika")
    ana.write("/start")
    mika.write("/start")
    async with bot_of(server) as bot:
        await bot.send_message(ana.chat_id, "1")
        await bot.send_message(ana.chat_id, "2")
        with pytest.raises(RetryAfter) as refusal:
            await bot.send_message(ana.chat_id, "3")
        assert refusal.value.retry_after == timedelta(seconds=1)
        await bot.send_message(mika.chat_id, "1")
    assert [m.text for m in ana.messages] == ["/start", "1", "2"]
    await server.stop()


async def test_limits_can_be_lifted() -> None:
    """A test that is about something else need not wait."""
    server = TelegramServer(Clock(), limits=UNLIMITED)
    await server.start()
    ana = server.customer("Ana")
    ana.write("/start")
    async with bot_of(server) as bot:
        for number in range(70):
            await bot.send_message(ana.chat_id, str(number))
    await server.stop()


@pytest.mark.parametrize(
    ("fault", "error", "arrives"),
    [
        (Fault(kind=FaultKind.LIMIT, seconds=7), RetryAfter, False),
        (Fault(kind=FaultKind.ERROR), NetworkError, False),
        (Fault(kind=FaultKind.ERROR_AFTER), NetworkError, True),
        (Fault(kind=FaultKind.CUT_BEFORE), NetworkError, False),
        (Fault(kind=FaultKind.CUT_AFTER), NetworkError, True),
        (Fault(kind=FaultKind.SLOW, seconds=5), TimedOut, True),
        (Fault(kind=FaultKind.REFUSE, error="PEER_FLOOD"), BadRequest, False),
        (
            Fault(kind=FaultKind.REFUSE, error="Forbidden: user is deactivated"),
            Forbidden,
            False,
        ),
    ],
    ids=lambda value: str(value.kind) if isinstance(value, Fault) else None,
)
async def test_a_planned_fault_meets_one_call(
    server: TelegramServer, ana: Customer, fault: Fault, error: type[Exception], arrives: bool
) -> None:
    """Each kind fails the next call in its way, with or without an effect, and no further one."""
    patience = 0.3 if fault.kind is FaultKind.SLOW else PATIENCE
    async with bot_of(server) as bot:
        server.faults.plan("sendMessage", fault)
        with pytest.raises(error):
            await bot.send_message(ana.chat_id, "prva", read_timeout=patience)
        assert [m.text for m in ana.messages[1:]] == (["prva"] if arrives else [])
        await bot.send_message(ana.chat_id, "druga")
        await ana.sees("druga")


async def test_a_download_can_break(server: TelegramServer, bot: Bot, ana: Customer) -> None:
    """Faults of downloads are planned under their own name."""
    ana.send_document("a.txt", b"a")
    message = (await bot.get_updates())[-1].message
    assert message and message.document
    file = await bot.get_file(message.document.file_id)
    server.faults.plan(DOWNLOAD, Fault(kind=FaultKind.CUT_BEFORE))
    with pytest.raises(NetworkError):
        await file.download_as_bytearray()
    assert bytes(await file.download_as_bytearray()) == b"a"


# Webhook


class Endpoint:
    """The bot's own web server: takes updates, or refuses as often as it was told to."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[tuple[dict[str, Any], str | None]] = asyncio.Queue()
        self.refusals = 0
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=500)
        await self.received.put((await request.json(), request.headers.get(SECRET_HEADER)))
        return web.Response()

    async def next(self) -> dict[str, Any]:
        update, _ = await asyncio.wait_for(self.received.get(), PATIENCE)
        return update


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_post("/hook", endpoint.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield endpoint
    await runner.cleanup()


async def test_a_webhook_gets_what_waits_with_its_secret(
    bot: Bot, ana: Customer, endpoint: Endpoint
) -> None:
    """Updates go to the address with the secret; polling is refused until it is deleted."""
    await bot.set_webhook(endpoint.url, secret_token="tajna")
    update, secret = await asyncio.wait_for(endpoint.received.get(), PATIENCE)
    assert (update["message"]["text"], secret) == ("/start", "tajna")
    with pytest.raises(Conflict, match="while webhook is active"):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).url == endpoint.url
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_a_webhook_that_fails_gets_everything_later_and_in_order(
    bot: Bot, ana: Customer, endpoint: Endpoint
) -> None:
    """What is refused comes again; later messages of the chat wait for it."""
    endpoint.refusals = 3
    await bot.set_webhook(endpoint.url)
    ana.edit(ana.write("dva"), "dva!")
    ana.write("tri")
    updates = [await endpoint.next() for _ in range(4)]
    said = [(u.get("message") or u["edited_message"])["text"] for u in updates]
    assert said == ["/start", "dva", "dva!", "tri"]
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"


async def test_a_webhook_outlives_a_restart_of_the_server(
    server: TelegramServer, bot: Bot, ana: Customer, endpoint: Endpoint
) -> None:
    """What was written while the platform was away is delivered when it is back."""
    await bot.set_webhook(endpoint.url)
    await endpoint.next()
    await server.stop()
    ana.write("dok vas nije bilo")
    await server.start()
    assert (await endpoint.next())["message"]["text"] == "dok vas nije bilo"


# The demo page


async def test_a_page_is_told_of_every_change(
    server: TelegramServer, bot: Bot, ana: Customer
) -> None:
    """Watchers hear of each change; the snapshot is plain JSON and names the files' addresses."""
    heard: list[int] = []
    server.on_change(lambda customer: heard.append(customer.chat_id))
    await bot.send_photo(ana.chat_id, PNG, caption="slika", reply_markup=YES_NO)
    ana.write("lepo")
    assert heard == [ana.chat_id] * 2
    assert server.customers == [ana]
    page = json.loads(json.dumps(ana.snapshot()))
    photo = page["messages"][1]
    assert (page["name"], photo["text"], photo["buttons"][0][0]["data"]) == ("Ana", "slika", "yes")
    file_id = photo["media"]["url"].removeprefix("/telegram/files/")
    assert server.file(file_id).content == PNG
