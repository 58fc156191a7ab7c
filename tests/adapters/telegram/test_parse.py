"""What Telegram sends, as the desk understands it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.telegram.parse import parse_update
from core.contact import Identity
from core.events import (
    Command,
    CustomerChose,
    CustomerCommanded,
    CustomerEdited,
    CustomerLeft,
    CustomerReturned,
    CustomerWrote,
)
from core.message import Attachment, AttachmentKind
from core.ports import FromCustomer, Incoming
from core.richtext import Mark, Span

AT = datetime(2026, 11, 23, 9, 0, 30, tzinfo=UTC)
SENT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CHAT = {"id": 7_100_000_001, "type": "private", "first_name": "Ana"}
ANA = {"id": 7_100_000_001, "is_bot": False, "first_name": "Ana", "language_code": "sr"}
FILE = {"file_id": "F1", "file_unique_id": "U1", "file_size": 2048}
PLACE = {"latitude": 44.8, "longitude": 20.5}
BOT = {"id": 7, "is_bot": True, "first_name": "Podrška", "username": "podrska_bot"}


def parsed(kind: str, content: Any) -> Incoming | None:
    return parse_update({"update_id": 42, kind: content}, AT)


def message(**content: Any) -> dict[str, Any]:
    base = {"message_id": 5, "date": int(SENT.timestamp()), "chat": CHAT, "from": ANA}
    return {**base, **content}


def wrote(**content: Any) -> CustomerWrote:
    incoming = parsed("message", message(**content))
    assert incoming is not None
    assert isinstance(incoming.event, CustomerWrote)
    return incoming.event


def command(text: str, **more: Any) -> dict[str, Any]:
    length = len(text.split()[0])
    return message(
        text=text, entities=[{"type": "bot_command", "offset": 0, "length": length}], **more
    )


def test_a_text_says_who_when_and_what() -> None:
    """The event has its own time, the customer's time, and the message's own key."""
    incoming = parsed("message", message(text="Sajt ne radi"))
    assert incoming is not None
    assert incoming.key == "telegram:7100000001:5"
    assert incoming.origin == FromCustomer(
        identity=Identity("telegram", "7100000001"), name="Ana", language="sr"
    )
    event = incoming.event
    assert isinstance(event, CustomerWrote)
    assert (event.at, event.sent_at) == (AT, SENT)
    assert event.message_id == "telegram:7100000001:5"
    assert event.text.text == "Sajt ne radi"
    assert not event.forwarded


def test_marks_lie_where_telegram_meant_them() -> None:
    """Telegram counts in UTF-16 units; an emoji before a word moves nothing."""
    event = wrote(text="😀 važno", entities=[{"type": "bold", "offset": 3, "length": 5}])
    assert event.text.spans == (Span(2, 7, Mark.BOLD),)


def test_a_name_is_one_safe_line() -> None:
    """What people call themselves cannot turn a line around or break it."""
    user = {**ANA, "first_name": "Ana\u202e\n", "last_name": "Petrović"}
    incoming = parsed("message", message(text="x", **{"from": user}))
    assert incoming is not None
    assert isinstance(incoming.origin, FromCustomer)
    assert incoming.origin.name == "Ana Petrović"


def test_a_forward_is_told_from_own_words() -> None:
    """Somebody else's words are no answer to a question, and no command."""
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "Iva"}
    assert wrote(text="Vaš račun", forward_origin=origin).forwarded
    incoming = parsed("message", command("/end", forward_origin=origin))
    assert incoming is not None
    assert isinstance(incoming.event, CustomerWrote)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/start", Command.START),
        ("/start site-42", Command.START),
        ("/Status@podrska_bot", Command.STATUS),
        ("/END ", Command.END),
    ],
)
def test_commands(text: str, meant: Command) -> None:
    """Commands are known however they are written, with a payload or the bot's name."""
    incoming = parsed("message", command(text))
    assert incoming is not None
    assert incoming.event == CustomerCommanded(at=AT, command=meant)


@pytest.mark.parametrize("text", ["/pomoc", "/help sajt mi ne radi", "/pomoc sajt"])
def test_no_word_is_lost_to_a_command(text: str) -> None:
    """What is no command, or says more than one, is something that the customer wrote."""
    incoming = parsed("message", command(text))
    assert incoming is not None
    assert isinstance(incoming.event, CustomerWrote)
    assert incoming.event.text.text == text


def test_an_edit_names_the_message() -> None:
    """An edited caption or text comes under the id of the first version."""
    edited = message(caption="Nova slika", photo=[{**FILE, "width": 9, "height": 9}], edit_date=1)
    incoming = parsed("edited_message", edited)
    assert incoming is not None
    assert isinstance(incoming.event, CustomerEdited)
    assert incoming.event.message_id == "telegram:7100000001:5"
    assert incoming.event.text.text == "Nova slika"


def test_a_live_location_that_moves_is_no_edit() -> None:
    """Every step of a shared walk would be an edit otherwise."""
    assert parsed("edited_message", message(location=PLACE, edit_date=1)) is None


def test_a_pressed_button() -> None:
    """The token comes back, from the chat in which the button was."""
    query = {"id": "9", "from": ANA, "chat_instance": "1", "data": "dept:sales"}
    incoming = parsed("callback_query", {**query, "message": message(text="Ko?")})
    assert incoming is not None
    assert incoming.event == CustomerChose(at=AT, token="dept:sales")
    too_old = {"chat": CHAT, "message_id": 5, "date": 0}
    incoming = parsed("callback_query", {**query, "message": too_old})
    assert incoming is not None
    assert incoming.event == CustomerChose(at=AT, token="dept:sales")


@pytest.mark.parametrize(
    ("status", "event"),
    [("kicked", CustomerLeft(at=AT)), ("member", CustomerReturned(at=AT))],
)
def test_leaving_and_coming_back(status: str, event: object) -> None:
    """Blocking the bot is leaving, letting it in is coming back."""
    member = {"chat": CHAT, "from": ANA, "date": 1, "old_chat_member": {"user": BOT}}
    old = {"user": BOT, "status": "left"}
    new = {"user": BOT, "status": status, "until_date": 0}
    incoming = parsed("my_chat_member", {**member, "old_chat_member": old, "new_chat_member": new})
    assert incoming is not None
    assert incoming.event == event


def test_groups_and_other_news_are_nothing() -> None:
    """Only private chats are customers; reactions and Telegram's own notes say nothing."""
    group = {"id": -5, "type": "group", "title": "Tim"}
    assert parsed("message", message(text="x", chat=group)) is None
    assert parsed("message", message(pinned_message=message(text="x"))) is None
    reaction = {"chat": CHAT, "message_id": 5, "date": 1, "old_reaction": [], "new_reaction": []}
    assert parsed("message_reaction", reaction) is None
    assert parse_update({"update_id": 1, "unheard_of": {}}, AT) is None


def test_a_photo_in_its_largest_size() -> None:
    """Of the sizes that Telegram offers the largest is taken, with the caption as the text."""
    sizes = [
        {**FILE, "file_id": "small", "width": 90, "height": 60},
        {**FILE, "file_id": "large", "width": 900, "height": 600},
    ]
    event = wrote(photo=sizes, caption="Greška")
    assert event.text.text == "Greška"
    assert event.attachments == (
        Attachment(
            kind=AttachmentKind.PHOTO,
            channel="telegram",
            ref="large",
            mime="image/jpeg",
            size=2048,
        ),
    )


def test_a_file_keeps_its_ending() -> None:
    """A long or misleading name is cut and cleaned, and its ending stays."""
    name = "../" + "račun " * 30 + "\u202e.pdf"
    (found,) = wrote(
        document={**FILE, "file_name": name, "mime_type": "application/pdf"}
    ).attachments
    assert found.kind is AttachmentKind.DOCUMENT
    assert found.name.startswith("račun račun")
    assert found.name.endswith(".pdf")
    assert len(found.name) <= 64
    assert (found.ref, found.mime, found.size) == ("F1", "application/pdf", 2048)


SIZE = {"width": 5, "height": 5}
STICKER = {"type": "regular", "is_animated": False, "is_video": False, "emoji": "👍"}


@pytest.mark.parametrize(
    ("content", "kind", "seconds", "detail", "ref"),
    [
        ({"voice": {**FILE, "duration": 7}}, "voice", 7, "", "F1"),
        ({"audio": {**FILE, "duration": 8}}, "audio", 8, "", "F1"),
        ({"video": {**FILE, **SIZE, "duration": 9}}, "video", 9, "", "F1"),
        ({"video_note": {**FILE, "length": 5, "duration": 4}}, "video", 4, "", "F1"),
        (
            {"animation": {**FILE, **SIZE, "duration": 2}, "document": FILE},
            "animation",
            2,
            "",
            "F1",
        ),
        ({"sticker": {**FILE, **SIZE, **STICKER}}, "sticker", None, "👍", "F1"),
        ({"location": PLACE}, "location", None, "44.8, 20.5", ""),
        (
            {
                "location": PLACE,
                "venue": {"location": PLACE, "title": "Kod nas", "address": "Ulica 1"},
            },
            "location",
            None,
            "Kod nas, Ulica 1 (44.8, 20.5)",
            "",
        ),
        (
            {"contact": {"phone_number": "+3816", "first_name": "Iva"}},
            "contact",
            None,
            "Iva +3816",
            "",
        ),
        ({"dice": {"emoji": "🎲", "value": 4}}, "other", None, "🎲 4", ""),
        ({"story": {"chat": CHAT, "id": 1}}, "other", None, "", ""),
        ({"something_of_next_year": {}}, "other", None, "", ""),
    ],
)
def test_things_without_text(
    content: dict[str, Any], kind: str, seconds: int | None, detail: str, ref: str
) -> None:
    """Whatever comes is named, so that agents know that something came."""
    (found,) = wrote(**content).attachments
    assert (found.kind, found.seconds, found.detail, found.ref) == (kind, seconds, detail, ref)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("message", 3),
        ("message", None),
        ("message", []),
        ("message", {}),
        ("message", {"message_id": 5, "text": "neither a chat nor a date"}),
        ("message", message(text=["?"])),
        ("message", message(text="x", date="now")),
        ("message", message(text="x", date=10**20)),
        ("message", message(text="x", chat=7)),
        ("message", message(text="x", chat={"id": "7", "type": "private"})),
        ("message", message(text="x", **{"from": {"first_name": 7}})),
        ("message", message(text="x", entities={"type": "bold"})),
        ("message", message(text="x", entities=[3])),
        ("message", message(text="x", entities=[{"type": "bold", "offset": "0", "length": 1}])),
        ("message", message(photo=[{"width": 9}])),
        ("message", message(photo="?")),
        ("message", message(document={"file_id": None})),
        ("message", message(location={"latitude": "north"})),
        ("edited_message", message(caption={})),
        ("callback_query", {"id": 9, "from": ANA, "data": "x", "message": message()}),
        ("callback_query", {"id": "9", "from": ANA, "data": ["x"], "message": message()}),
        ("my_chat_member", {"chat": CHAT, "from": ANA, "new_chat_member": "kicked"}),
    ],
)
def test_what_is_not_as_documented_is_told(kind: str, content: Any) -> None:
    """It is never taken for something else: whoever reads it learns that it cannot be read."""
    with pytest.raises((LookupError, AttributeError, TypeError, ValueError, OverflowError)):
        parsed(kind, content)


@pytest.mark.parametrize("field", ["game", "paid_media", "live_photo", "story"])
def test_an_unknown_thing_with_a_caption_is_named(field: str) -> None:
    """Agents learn that something came beside the words."""
    event = wrote(**{field: {"id": 1}}, caption="Pogledajte")
    assert event.text.text == "Pogledajte"
    assert [each.kind for each in event.attachments] == [AttachmentKind.OTHER]


def test_a_press_somewhere_else_is_nothing() -> None:
    """A button under a message that Telegram does not name belongs to no chat with the desk."""
    query = {"id": "9", "from": ANA, "chat_instance": "1", "data": "dept:sales"}
    assert parsed("callback_query", query) is None
    assert parsed("callback_query", {**query, "data": "", "message": message()}) is None
