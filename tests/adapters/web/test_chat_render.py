"""What the desk does for a visitor, as entries of their log."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.web.render import render, segments
from core.contact import Contact, Identity
from core.conversation import Conversation
from core.effects import Button, Effect, OpenThread, Piece, Relay, RelayEdit, Say, Words
from core.ids import ContactId, ConversationId, DeliveryId, MessageId, Receipt
from core.message import Attachment, AttachmentKind, Message, Part, Side
from core.outbox import Delivery, Outgoing
from core.phrases import Phrase
from core.richtext import Mark, RichText, Span, plain, rich
from core.wording import Phrasebook
from tests.support.stored import SUPPORT

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PHRASES = Phrasebook({})
FILE = Attachment(kind=AttachmentKind.DOCUMENT, channel="slack", ref="F1", name="a.txt", size=3)
VOICE = Attachment(kind=AttachmentKind.VOICE, channel="slack", ref="F2", seconds=12)


def outgoing(effect: Effect, message: Message | None = None, *receipts: str) -> Outgoing:
    conversation = Conversation(
        id=ConversationId("c1"),
        contact=Contact(id=ContactId("p1"), language="en"),
        identity=Identity("web", "a1"),
        opened_at=AT,
    )
    delivery = Delivery(
        id=DeliveryId("d1"),
        conversation_id=conversation.id,
        channel="web",
        lane="web:a1",
        place="a1",
        effect=effect,
        created_at=AT,
        due_at=AT,
    )
    return Outgoing(
        delivery=delivery,
        conversation=conversation,
        department=SUPPORT,
        message=message,
        receipts=tuple(map(Receipt, receipts)),
    )


def from_marko(text: str, *attachments: Attachment) -> Message:
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


def relay(piece: Piece) -> Relay:
    return Relay(to=Side.CUSTOMER, message_id=MessageId("m1"), piece=piece)


def shown(found: Outgoing, file: Attachment | None = None) -> dict[str, Any]:
    body = render(found, PHRASES, file)
    assert body is not None
    loaded: dict[str, Any] = json.loads(body.json)
    return loaded


def test_the_desk_s_words_come_with_their_buttons() -> None:
    """In its own name, paragraph by paragraph."""
    say = Say(
        words=Words(phrase=Phrase.GREETING),
        more=(Words(phrase=Phrase.ASK_NAME),),
        buttons=(Button("name:", label="Ana"), Button("change-name:", Phrase.BUTTON_CHANGE_NAME)),
    )
    body = shown(outgoing(say))
    assert (body["kind"], body["id"], body["by"], body["name"]) == ("said", "d1", "desk", "")
    assert body["text"] == [{"t": f"{Phrase.GREETING.value}\n\n{Phrase.ASK_NAME.value}"}]
    assert body["buttons"][0] == {"token": "name:", "label": "Ana"}
    assert body["buttons"][1]["label"] == Phrase.BUTTON_CHANGE_NAME.value


def test_an_agent_s_words_come_under_their_name() -> None:
    """A long message comes in pieces, each an entry of its own."""
    found = outgoing(relay(Piece(6, 11)), from_marko("Hello world"))
    body = shown(found)
    assert (body["by"], body["name"], body["text"]) == ("agent", "Marko", [{"t": "world"}])
    rendered = render(found, PHRASES, None)
    assert rendered is not None
    assert (rendered.receipt, rendered.answer) == ("d1", "m1")


def test_a_file_comes_as_itself_or_in_words() -> None:
    """What cannot be carried is named."""
    carried = outgoing(relay(Piece(attachment=0)), from_marko("", FILE))
    assert shown(carried, FILE)["files"] == [
        {
            "id": "d1",
            "name": "a.txt",
            "size": 3,
            "mime": "application/octet-stream",
            "picture": False,
        }
    ]
    named = outgoing(relay(Piece(attachment=0)), from_marko("", VOICE))
    assert "voice message of 12 s" in shown(named)["text"][0]["t"]


@pytest.mark.parametrize(
    ("piece", "receipts", "kind", "id_"),
    [
        (Piece(0, 5), ("d0",), "changed", "d0"),
        (Piece(0, 5), ("attachment:d9", "d0", "d0"), "changed", "d0"),
        (Piece(0, 5), (), "said", "d1"),
        (None, ("d0",), "gone", "d0"),
    ],
)
def test_an_edit_changes_what_was_shown(
    piece: Piece | None, receipts: tuple[str, ...], kind: str, id_: str
) -> None:
    """The text that was sent, never a file; what was not shown before is shown now."""
    edit = RelayEdit(to=Side.CUSTOMER, message_id=MessageId("m1"), piece=piece)
    body = shown(outgoing(edit, from_marko("Hello"), *receipts))
    assert (body["kind"], body["id"]) == (kind, id_)


def test_what_was_never_shown_need_not_be_taken_back() -> None:
    """Nothing is added to the log."""
    edit = RelayEdit(to=Side.CUSTOMER, message_id=MessageId("m1"), piece=None)
    assert render(outgoing(edit, from_marko("")), PHRASES, None) is None


def test_what_is_for_agents_is_never_shown() -> None:
    """It is an error, not an entry."""
    with pytest.raises(ValueError, match="not for a customer"):
        render(outgoing(OpenThread()), PHRASES, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (plain(""), []),
        (plain("<b>x</b>"), [{"t": "<b>x</b>"}]),
        (
            rich("a bold word", [Span(2, 6, Mark.BOLD)]),
            [{"t": "a "}, {"t": "bold", "m": ["bold"]}, {"t": " word"}],
        ),
        (
            rich("here", [Span(0, 4, Mark.LINK, "https://example.com"), Span(0, 2, Mark.ITALIC)]),
            [
                {"t": "he", "m": ["italic"], "href": "https://example.com"},
                {"t": "re", "href": "https://example.com"},
            ],
        ),
        (rich("here", [Span(0, 4, Mark.LINK, "javascript:alert(1)")]), [{"t": "here"}]),
        (rich("here", [Span(0, 4, Mark.LINK, "tg://user?id=1")]), [{"t": "here"}]),
    ],
)
def test_a_text_comes_in_stretches(text: RichText, expected: list[dict[str, Any]]) -> None:
    """Words, marks and harmless destinations: there is no markup to be taken for any."""
    assert segments(text) == expected
