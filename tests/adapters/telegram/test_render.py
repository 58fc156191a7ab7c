"""What the desk does for a customer, as calls to Telegram."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from telegram import MessageEntity

from adapters.telegram.render import (
    FITS,
    Call,
    Delete,
    EditText,
    Key,
    Nothing,
    SendFile,
    SendText,
    receipt_for,
    render,
)
from core.contact import Contact, Identity
from core.conversation import Conversation
from core.effects import Button, Effect, OpenThread, Piece, Relay, RelayEdit, Say, Words
from core.hours import WorkingHours
from core.ids import ContactId, ConversationId, DeliveryId, MessageId, Receipt
from core.message import MEGABYTE, Attachment, AttachmentKind, Message, Part, Side
from core.outbox import Delivery, Outgoing
from core.phrases import Phrase
from core.policy import Department
from core.richtext import Mark, RichText, Span, plain, rich
from core.wording import Phrasebook

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PHRASES = Phrasebook({})
HEADER = MessageEntity(MessageEntity.BOLD, 0, 6)


def outgoing(effect: Effect, message: Message | None = None, *receipts: str) -> Outgoing:
    conversation = Conversation(
        id=ConversationId("c1"),
        contact=Contact(id=ContactId("p1"), language="en"),
        identity=Identity("telegram", "7"),
        opened_at=AT,
    )
    return Outgoing(
        delivery=Delivery(
            id=DeliveryId("d1"),
            conversation_id=conversation.id,
            channel="telegram",
            lane="telegram:7",
            place="7",
            effect=effect,
            created_at=AT,
            due_at=AT,
        ),
        conversation=conversation,
        department=Department(
            key="support", name="Support", room="C1", hours=WorkingHours(week="24/7", zone="UTC")
        ),
        message=message,
        receipts=tuple(Receipt(receipt) for receipt in receipts),
    )


def answer(text: RichText | str = "", *attachments: Attachment) -> Message:
    return Message(
        id=MessageId("m1"),
        conversation_id=ConversationId("c1"),
        side=Side.AGENTS,
        author="Marko",
        at=AT,
        part=Part.TALK,
        text=plain(text) if isinstance(text, str) else text,
        attachments=attachments,
    )


def relayed(message: Message, piece: Piece) -> Call:
    effect = Relay(to=Side.CUSTOMER, message_id=message.id, piece=piece)
    return render(outgoing(effect, message), PHRASES)


def edited(message: Message, number: int, piece: Piece | None, *receipts: str) -> Call:
    effect = RelayEdit(to=Side.CUSTOMER, message_id=message.id, number=number, piece=piece)
    return render(outgoing(effect, message, *receipts), PHRASES)


def keyboard(*buttons: Button) -> tuple[tuple[Key, ...], ...]:
    say = Say(words=Words(phrase=Phrase.ASK_NAME), buttons=buttons)
    call = render(outgoing(say), PHRASES)
    assert isinstance(call, SendText)
    return call.keyboard


def test_the_desk_speaks_in_paragraphs() -> None:
    """What is said together comes as one message, without marks."""
    say = Say(words=Words(phrase=Phrase.NOTED), more=(Words(phrase=Phrase.ASK_NAME),))
    expected = f"{Phrase.NOTED}\n\n{Phrase.ASK_NAME}"
    assert render(outgoing(say), PHRASES) == SendText(text=expected)


def test_short_buttons_stand_side_by_side() -> None:
    """Two or three short answers share a row; long ones, or many, have a row each."""
    ana, iva = Button("name:Ana", label="Ana"), Button("name:Iva", label="Iva")
    assert keyboard(ana, iva) == (
        (Key(label="Ana", token="name:Ana"), Key(label="Iva", token="name:Iva")),
    )
    long = Button("dept:web", label="Websites and servers")
    assert [len(row) for row in keyboard(ana, long)] == [1, 1]
    assert [len(row) for row in keyboard(*[ana] * 4)] == [1, 1, 1, 1]


def test_a_button_with_a_phrase_names_the_suggestion() -> None:
    """The desk's own label is in the customer's language, with what it is about in it."""
    yes = Button("email-yes:", Phrase.BUTTON_EMAIL_YES, "ana@gmail.com")
    assert keyboard(yes) == ((Key(label="Yes, ana@gmail.com", token="email-yes:"),),)


def test_an_answer_says_who_wrote_it() -> None:
    """The agent's name stands in bold above the first piece, and the marks move with the text."""
    message = answer(rich("😀 evo", [Span(2, 5, Mark.ITALIC)]))
    call = relayed(message, Piece(0, 5))
    assert isinstance(call, SendText)
    assert call.text == "Marko:\n😀 evo"
    # The library's own equality is that of before the entities were moved.
    assert [entity.to_dict() for entity in call.entities] == [
        {"type": "bold", "offset": 0, "length": 6},
        {"type": "italic", "offset": 10, "length": 3},
    ]


def test_what_was_deleted_before_it_was_sent_is_not_sent() -> None:
    """Nor is a piece of which an edit has left nothing."""
    assert relayed(answer(plain("")), Piece(0, 5)) == Nothing()
    assert relayed(answer(plain("short now")), Piece(4000, 5000)) == Nothing()


def test_later_pieces_go_on_without_the_name() -> None:
    """A long answer is one answer."""
    assert relayed(answer("prvo drugo"), Piece(5, 10)) == SendText(text="drugo")


def test_the_longest_piece_fits_whatever_is_in_it() -> None:
    """Destinations that Telegram does not link are written out, but never beyond its limit."""
    words = " ".join(["write"] * (FITS.text // 6))
    target = f"mailto:{'x' * 60}@example.com"
    links = [Span(at, at + 5, Mark.LINK, target) for at in range(0, len(words), 6)]
    call = relayed(answer(rich(words, links)), Piece(0, len(words)))
    assert isinstance(call, SendText)
    assert call.text == f"Marko:\n{words}"


PHOTO = Attachment(kind=AttachmentKind.PHOTO, channel="agents", ref="F1", size=1000)
FILE = Attachment(kind=AttachmentKind.DOCUMENT, channel="agents", ref="F2", name="a.pdf", size=9)


def test_files_follow_the_text() -> None:
    """Photos go as photos, other files as files; the text has said already who sends them."""
    message = answer("evo", PHOTO, FILE)
    assert relayed(message, Piece(attachment=0)) == SendFile(attachment=PHOTO, as_photo=True)
    assert relayed(message, Piece(attachment=1)) == SendFile(attachment=FILE, as_photo=False)


def test_a_file_alone_says_who_sent_it() -> None:
    """Without a text the name is the caption of the first file."""
    message = answer("", FILE, FILE)
    expected = SendFile(attachment=FILE, as_photo=False, caption="Marko:", entities=(HEADER,))
    assert relayed(message, Piece(attachment=0)) == expected
    assert relayed(message, Piece(attachment=1)) == SendFile(attachment=FILE, as_photo=False)


def test_a_large_photo_goes_as_a_file() -> None:
    """Telegram takes photos of up to 10 MB, files of up to 50."""
    large = replace(PHOTO, size=11 * MEGABYTE)
    call = relayed(answer("evo", large), Piece(attachment=0))
    assert call == SendFile(attachment=large, as_photo=False)


@pytest.mark.parametrize(
    ("attachment", "words"),
    [
        (replace(FILE, size=51 * MEGABYTE), "Marko sent a file: a.pdf"),
        (Attachment(kind=AttachmentKind.POLL, channel="agents", detail="?"), "Marko sent a poll"),
    ],
)
def test_what_cannot_be_carried_is_named(attachment: Attachment, words: str) -> None:
    """The customer learns of what did not come."""
    call = relayed(answer("", attachment), Piece(attachment=0))
    assert isinstance(call, SendText)
    assert call.text.startswith(words)


def test_an_edit_changes_its_own_piece() -> None:
    """The first piece keeps the name; pieces are counted past files and earlier edits."""
    message = answer("prvo drugo")
    first = edited(message, 0, Piece(0, 4), "11", "12")
    assert first == EditText(
        message_id=11, instead=SendText(text="Marko:\nprvo", entities=(HEADER,))
    )
    receipts = ("11", "attachment:12", "11", "13", "<mail@example.com>")
    second = edited(message, 1, Piece(5, 10), *receipts)
    assert second == EditText(message_id=13, instead=SendText(text="drugo"))


def test_an_edit_that_grew_or_shrank() -> None:
    """More pieces than before are sent; those that nothing is left for are deleted."""
    message = answer("prvo drugo")
    assert edited(message, 1, Piece(5, 10), "11") == SendText(text="drugo")
    assert edited(message, 1, None, "11", "12") == Delete(12)
    assert edited(message, 1, None, "11") == Nothing()


def test_only_texts_leave_receipts_to_edit() -> None:
    """A file is never mistaken for a text when the message is edited."""
    message = answer("evo", FILE)
    relay = Relay(to=Side.CUSTOMER, message_id=message.id, piece=Piece(0, 3))
    assert receipt_for(outgoing(relay, message), 5) == "5"
    relay = replace(relay, piece=Piece(attachment=0))
    assert receipt_for(outgoing(relay, message), 6) == "attachment:6"


def test_what_is_not_for_customers_is_refused() -> None:
    """A mistake in the wiring shows at once."""
    with pytest.raises(ValueError, match="OpenThread"):
        render(outgoing(OpenThread()), PHRASES)
